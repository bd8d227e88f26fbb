// A small HTTP proxy on loopback, for tests: it leads every name to one server, or refuses.
import { request as ask, createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TestProxy {
  readonly port: number;
  /** `CONNECT host:port` and `GET URL`, in the order in which they came. */
  readonly asked: string[];
  /** Values of Proxy-Authorization. */
  readonly authorizations: (string | undefined)[];
  close(): void;
}

/** The port on loopback that everything leads to, and hosts that get none; or the status of every refusal. */
export type ProxyRule = { port: number; forbids?: string } | { status: string };

export async function startProxy(to: ProxyRule): Promise<TestProxy> {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, reply) => {
    asked.push(`${request.method} ${request.url}`);
    authorizations.push(request.headers['proxy-authorization']);
    if ('status' in to) return void reply.writeHead(Number(to.status.slice(0, 3))).end('no');
    const { pathname, search } = new URL(request.url ?? '');
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const { method } = request;
    const onward = ask({ port: to.port, method, path: pathname + search, headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.pipe(reply);
    });
    onward.on('error', () => reply.destroy());
    request.pipe(onward);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    asked.push(`CONNECT ${request.url}`);
    authorizations.push(request.headers['proxy-authorization']);
    socket.on('error', () => undefined);
    if ('status' in to) return void socket.end(`HTTP/1.1 ${to.status}\r\n\r\n`);
    if (request.url?.split(':')[0] === to.forbids) {
      return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    }
    const onward = connect(to.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port: (server.address() as AddressInfo).port, asked, authorizations, close };
}
