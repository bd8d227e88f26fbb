// A sound registry over HTTP that treats some requests as badly as a test wants: by their raw sockets.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createRegistry } from '../../mocks/index.ts';
import { runConform } from '../../src/run/conform/conform.ts';

/** What is done to the connection instead of an answer. */
export type Misdeed = (socket: Socket, request: IncomingMessage) => void;

export interface BadRegistry {
  readonly host: string;
  close(): void;
}

/** `pick` chooses the requests that are treated badly, by their number, from 1, and what they are. */
export async function badRegistry(
  misdeed: Misdeed,
  pick: (request: IncomingMessage, count: number) => boolean,
): Promise<BadRegistry> {
  const registry = createRegistry({ auth: 'none', redirect: 'none' });
  let count = 0;
  const server = createServer(async (request, reply) => {
    count++;
    if (pick(request, count)) {
      misdeed(request.socket, request);
      return;
    }
    const { method = 'GET', url = '/' } = request;
    const body =
      method === 'GET' || method === 'HEAD' ? undefined : Buffer.concat(await request.toArray());
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const sent = new Request(registry.origins.registry + url, {
      method,
      headers: headers as [string, string][],
      ...(body !== undefined && { body }),
    });
    const answer = await registry.fetch(sent);
    reply.writeHead(answer.status, [...answer.headers].flat());
    reply.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.on('connection', (socket) => socket.on('error', () => undefined));
  server.on('clientError', (_error, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close().closeAllConnections(),
  };
}

/** Reads the demo image, or pushes with `image: ''`, with limits short enough for a test. */
export async function conformBriefly(
  { host }: BadRegistry,
  only: readonly string[],
  image = 'demo/app:latest',
) {
  const [repository = '', reference = ''] = image.split(':');
  const target = {
    registryUrl: `http://${host}`,
    registry: host,
    repository,
    reference,
    text: host,
  };
  const access = { timeoutMs: 250, insecure: false };
  const limits = { checkMsMax: 1_000, jobs: 4, redirectPolicy: 'allowed', level: 'all' } as const;
  return await runConform(
    { target, access, only, skip: [], ...limits },
    {
      progress: () => undefined,
      work: () => undefined,
      signal: new AbortController().signal,
      seed: 1,
      command: 'pullproof conform',
    },
  );
}
