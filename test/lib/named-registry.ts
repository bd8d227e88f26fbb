// The mock under names that no resolver knows, on one port of loopback: for tests of proxies and of DNS.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsFiles } from '../../mocks/http/tls.ts';
import { createRegistry, type MockOptions, type MockRegistry } from '../../mocks/index.ts';

export const names = { registry: 'registry.test', token: 'auth.test', cdn: 'cdn.test' };

export interface NamedRegistry {
  readonly registry: MockRegistry;
  readonly port: number;
  close(): void;
}

interface Place {
  /** Served with TLS, by its names alone; else with plain HTTP, by names and port. */
  readonly tls?: TlsFiles;
  /** The one address that it listens on. */
  readonly address?: string;
  readonly mock?: MockOptions;
  /** Default `names`. */
  readonly called?: Readonly<typeof names>;
}

export async function startNamedRegistry(place: Place = {}): Promise<NamedRegistry> {
  const { tls, address = '127.0.0.1', mock, called = names } = place;
  let registry: MockRegistry | undefined;
  const answer = (request: IncomingMessage, reply: ServerResponse) => {
    void respond(registry as MockRegistry, tls === undefined ? 'http' : 'https', request, reply);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = (name: string) =>
    tls === undefined ? `http://${name}:${port}` : `https://${name}`;
  registry = createRegistry({
    ...mock,
    origins: {
      registry: origin(called.registry),
      token: origin(called.token),
      cdn: origin(called.cdn),
    },
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { registry, port, close };
}

async function respond(
  registry: MockRegistry,
  scheme: string,
  request: IncomingMessage,
  reply: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET' } = request;
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks);
  const url = `${scheme}://${request.headers.host}${request.url}`;
  const answer = await registry.fetch(new Request(url, { method, headers, body }));
  reply.writeHead(answer.status, [...answer.headers].flat());
  reply.end(Buffer.from(await answer.arrayBuffer()));
}
