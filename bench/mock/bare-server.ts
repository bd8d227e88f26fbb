// The baseline of the mock: a bare `node:http` server that sends one reply, given as JSON on the command
// line, to whatever is asked. Prints its origin when it listens.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const { status, headers, body } = JSON.parse(process.argv[2] ?? '{}');
const bytes = Buffer.from(body, 'base64');

const server = createServer((request, reply) => {
  reply.writeHead(status, headers);
  reply.end(request.method === 'HEAD' ? undefined : bytes);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ registry: `http://127.0.0.1:${port}` })}\n`);
});
