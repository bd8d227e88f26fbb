// The mock over HTTP with every request kept as it came over the wire: for comparing clients.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRegistry, type MockRegistry, type RegistryOptions } from '../../mocks/index.ts';

export interface Seen {
  readonly role: 'registry' | 'cdn';
  readonly method: string;
  /** Path and query, signatures and other values that differ from pull to pull taken out. */
  readonly path: string;
  /** `name: value`, names in lower case, sorted; what concerns one connection only taken out. */
  readonly headers: readonly string[];
}

export interface Recorder {
  readonly registry: MockRegistry;
  readonly seen: Seen[];
  readonly registryUrl: string;
  close(): Promise<void>;
}

export async function startRecorder(options: RegistryOptions = {}): Promise<Recorder> {
  const seen: Seen[] = [];
  let registry: MockRegistry;
  const listen = async (role: Seen['role'], host: string) => {
    const server = createServer((req, res) => {
      seen.push(note(role, req));
      pass(registry, `http://${req.headers.host}`, req, res);
    });
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    return server;
  };
  const servers = [await listen('registry', '127.0.0.1'), await listen('cdn', '127.0.0.2')];
  const [registryUrl = '', cdn = ''] = servers.map(originOf);
  registry = createRegistry({
    ...options,
    origins: { registry: registryUrl, token: registryUrl, cdn },
  });
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };
  return { registry, seen, registryUrl, close };
}

function originOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}:${port}`;
}

/** Headers of one connection or hop, and those whose values change from run to run. */
const volatile = /^(?:host|connection|content-length|transfer-encoding)$/;

function note(role: Seen['role'], { method = '', url = '', rawHeaders }: IncomingMessage): Seen {
  const headers: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (!volatile.test(name)) headers.push(`${name}: ${withoutSecrets(rawHeaders[i + 1] ?? '')}`);
  }
  return { role, method, path: withoutSecrets(url), headers: headers.sort() };
}

function withoutSecrets(text: string): string {
  return text
    .replace(/\b(Expires|Signature|Key-Pair-Id)=[^&\s]*/g, '$1=…')
    .replace(/^Bearer .*/, 'Bearer …')
    .replace(/127\.0\.0\.\d(?::|%3A)\d+/g, 'host');
}

async function pass(
  registry: MockRegistry,
  origin: string,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  const headers = Object.entries(req.headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
  const request = new Request(origin + req.url, { method: req.method ?? 'GET', headers, ...body });
  const response = await registry.fetch(request);
  res.writeHead(response.status, [...response.headers].flat());
  res.end(Buffer.from(await response.arrayBuffer()));
}
