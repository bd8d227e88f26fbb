// A registry whose blobs lie on edges of a CDN, each an address of its own, by no name of our mock: for loads that
// are told which of them limits. What an edge does wrong is set while it runs.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRegistry } from '../../mocks/index.ts';

/** How an edge answers; changed at will. */
export interface Edge {
  /** Before the first byte. */
  lateMs: number;
  /** Every so many-th body breaks off in its middle; 0: none. */
  cutEvery: number;
  /** Answers with this instead, where it is not 200. */
  status: number;
  /** Body of such an answer. */
  text: string;
  /** Says nothing at all. */
  silent: boolean;
}

const sound: Edge = { lateMs: 0, cutEvery: 0, status: 200, text: '', silent: false };

export class TwoHosts {
  /** `127.0.0.1:port`. */
  host = '';
  /** Blobs come from the registry itself without edges. */
  redirects = true;
  /** Answers of the registry are this late. */
  registryLateMs = 0;
  readonly edges: readonly Edge[];
  readonly #registry = createRegistry({ auth: 'none', redirect: 'none' });
  readonly #servers: Server[] = [];
  readonly #edgeHosts: string[] = [];
  #asked = 0;
  #bodies = 0;

  private constructor(edges: number) {
    this.edges = Array.from({ length: edges }, () => ({ ...sound }));
  }

  static async open(edges = 1): Promise<TwoHosts> {
    const hosts = new TwoHosts(edges);
    hosts.host = await hosts.#listen('127.0.0.1', hosts.#answer);
    for (const [at, edge] of hosts.edges.entries()) {
      const serve = (request: IncomingMessage, reply: ServerResponse) =>
        hosts.#serveBlob(request, reply, edge, at);
      hosts.#edgeHosts.push(await hosts.#listen(`127.0.0.${at + 2}`, serve));
    }
    return hosts;
  }

  /** `http://…/demo/app:latest`, an index with layers of several sizes. */
  get image(): string {
    return `http://${this.host}/demo/app:latest`;
  }

  edgeHost(at: number): string {
    return this.#edgeHosts[at] ?? '';
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  async #listen(
    address: string,
    answer: (request: IncomingMessage, reply: ServerResponse) => Promise<void>,
  ): Promise<string> {
    const server = createServer((request, reply) => {
      answer(request, reply).catch(() => reply.destroy());
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    return `${address}:${(server.address() as AddressInfo).port}`;
  }

  readonly #answer = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    if (this.registryLateMs > 0) await sleep(this.registryLateMs);
    const { url = '', method = 'GET' } = request;
    if (this.redirects && method === 'GET' && url.includes('/blobs/')) {
      const edge = this.#edgeHosts[this.#asked++ % this.#edgeHosts.length];
      reply.writeHead(307, { Location: `http://${edge}${url}?Signature=secret` }).end();
      return;
    }
    await this.#pass(request, reply);
  };

  async #pass({ url = '', method = 'GET', headers }: IncomingMessage, reply: ServerResponse) {
    const lines = new Headers();
    for (const name of ['accept', 'range']) {
      const value = headers[name];
      if (typeof value === 'string') lines.set(name, value);
    }
    const [path] = url.split('?');
    const asked = new Request(this.#registry.origins.registry + path, { method, headers: lines });
    const right = await this.#registry.fetch(asked);
    right.headers.delete('server');
    const body = Buffer.from(await right.arrayBuffer());
    reply.writeHead(right.status, [...right.headers].flat());
    reply.end(method === 'HEAD' ? undefined : body);
  }

  async #serveBlob(
    request: IncomingMessage,
    reply: ServerResponse,
    edge: Edge,
    at: number,
  ): Promise<void> {
    if (edge.silent) return;
    if (edge.lateMs > 0) await sleep(edge.lateMs);
    reply.setHeader('X-Amz-Cf-Pop', `EDGE${at + 1}-P1`);
    reply.setHeader('X-Cache', 'Hit from cloudfront');
    if (edge.status !== 200) {
      reply.writeHead(edge.status, { 'Content-Type': 'application/xml' }).end(edge.text);
      return;
    }
    this.#bodies++;
    const isCut = edge.cutEvery > 0 && this.#bodies % edge.cutEvery === 0;
    if (!isCut || request.headers.range !== undefined) {
      await this.#pass(request, reply);
      return;
    }
    const [path] = (request.url ?? '').split('?');
    const asked = new Request(this.#registry.origins.registry + path);
    const body = Buffer.from(await (await this.#registry.fetch(asked)).arrayBuffer());
    reply.writeHead(200, { 'Content-Length': body.length });
    reply.write(body.subarray(0, body.length >> 1), () => reply.destroy());
  }
}
