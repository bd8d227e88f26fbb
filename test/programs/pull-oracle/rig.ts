// A registry with its token server and its CDN for one pull, in this process and over TLS, in which one thing
// goes wrong. Replies that are right come from the mock; every request is noted.
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createRegistry, type MockRegistry } from '../../../mocks/index.ts';
import { certificates, hosts } from './certificates.ts';
import type { Fault, Listening } from './fault.ts';
import { blobOf, nameOf, pathOf } from './image.ts';

/** Whose server was asked. `port`, `subdomain` and `other`: where redirects lead that leave the usual way. */
export type HostKind =
  | 'registry'
  | 'token'
  | 'cdn'
  | 'port'
  | 'subdomain'
  | 'parent'
  | 'other'
  | 'plain';

/** What a request is for. `cdn-…`: at the host of a redirect. */
export type Place =
  | 'ping'
  | 'token'
  | 'tag'
  | 'index'
  | 'child'
  | 'config'
  | 'layer'
  | 'sibling'
  | 'cdn-config'
  | 'cdn-layer'
  | 'cdn-sibling'
  | 'none';

export interface Logged {
  readonly host: HostKind;
  readonly method: string;
  /** Digests by what they are of, no query. */
  readonly path: string;
  readonly authorization: '' | 'Basic' | 'Bearer';
  readonly range: string;
  readonly place: Place;
  /** On a connection that was kept, of HTTP/1.1. */
  readonly reused: boolean;
  readonly overHttp2: boolean;
  /** The connection or the stream ended before a reply. */
  ended: boolean;
  /** 0: no reply was made. */
  status: number;
  /** Since the rig was made. */
  readonly atMs: number;
}

export interface Reply {
  status: number;
  headers: Record<string, string | string[]>;
  body: Uint8Array;
}

type Request = IncomingMessage | Http2ServerRequest;
/** Of HTTP/2 too, whose replies can be written alike. */
type Response = ServerResponse;

/** One request, as a fault meets it. */
export interface Met {
  readonly rig: Rig;
  readonly host: HostKind;
  readonly place: Place;
  readonly request: Request;
  readonly response: Response;
  readonly body: Uint8Array;
  readonly logged: Logged;
  /** Which one it is that the fault meets, from 1. */
  readonly count: number;
  readonly tcp: Socket;
  readonly tls: TLSSocket | undefined;
  /** The reply that would be right. `without`: request headers that are not looked at. */
  right(without?: readonly string[]): Promise<Reply>;
  /** Sends it. */
  send(reply: Reply): void;
}

const bodyBytesMax = 64 * 1024;
/** A client that has made a connection for a request sends it at once. */
const idleMsMin = 30;

export class Rig {
  readonly fault: Fault;
  readonly log: Logged[] = [];
  readonly #servers = new Map<HostKind, Server>();
  readonly #sockets = new Set<Socket>();
  /** By the server's kind and the client's port. */
  readonly #tls = new Map<string, TLSSocket>();
  readonly #tcp = new Map<string, Socket>();
  readonly #start = performance.now();
  #registry: MockRegistry | undefined;
  #met = 0;
  #connections = 0;

  constructor(fault: Fault) {
    this.fault = fault;
  }

  static async open(fault: Fault): Promise<Rig> {
    const rig = new Rig(fault);
    const kinds: HostKind[] = ['registry', 'token', 'cdn', ...(fault.hosts ?? [])];
    await Promise.all(kinds.map((kind) => rig.#listen(kind)));
    rig.#registry = createRegistry({
      ...fault.mock,
      origins: {
        registry: rig.origin('registry'),
        token: rig.origin('token'),
        cdn: rig.origin('cdn'),
      },
    });
    if (fault.listens?.as === 'refused') rig.#servers.get(fault.listens.host)?.close();
    return rig;
  }

  /** `https://name:port`. */
  origin(kind: HostKind): string {
    return `${kind === 'plain' ? 'http' : 'https'}://${hosts[kind].name}:${this.port(kind)}`;
  }

  port(kind: HostKind): number {
    const port = this.#ports.get(kind);
    if (port === undefined) throw new Error(`this rig has no ${kind}`);
    return port;
  }
  readonly #ports = new Map<HostKind, number>();

  /** `name:port` of all its hosts: whatever names one of them is about this rig. */
  get hosts(): string[] {
    return [...this.#ports].map(([kind, port]) => `${hosts[kind].name}:${port}`);
  }

  get credentials(): { username: string; password: string } {
    const { username, password } = this.#registry as MockRegistry;
    return { username, password };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      [...this.#servers.values()].map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      ),
    );
  }

  #listening(kind: HostKind): Listening | undefined {
    const { listens } = this.fault;
    return listens?.host === kind ? listens.as : undefined;
  }

  async #listen(kind: HostKind): Promise<void> {
    const as = this.#listening(kind);
    const server = createServer((socket) => this.#accept(kind, as, inner, socket));
    const inner = this.#serverOf(kind, as);
    this.#servers.set(kind, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, hosts[kind].address, () => resolve());
    });
    this.#ports.set(kind, (server.address() as AddressInfo).port);
  }

  #serverOf(kind: HostKind, as: Listening | undefined) {
    const handle = (request: Request, response: Response) =>
      void this.#handle(kind, request, response).catch(() => request.socket?.destroy());
    const options = { ...certificates(as), allowHTTP1: true };
    const server = createSecureServer(options, handle as never);
    server.on('secureConnection', (tls: TLSSocket) => {
      this.#tls.set(`${kind} ${tls.remotePort}`, tls);
      this.#readyMs.set(tls, performance.now());
      tls.on('error', () => undefined);
    });
    server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
    server.on('sessionError', () => undefined);
    server.on('tlsClientError', () => undefined);
    return { server, handle };
  }

  #accept(
    kind: HostKind,
    as: Listening | undefined,
    { server, handle }: { server: Server; handle: (q: Request, s: Response) => void },
    socket: Socket,
  ): void {
    this.#sockets.add(socket);
    this.#tcp.set(`${kind} ${socket.remotePort}`, socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    const { listens } = this.fault;
    const every = listens?.every ?? 1;
    const isHit = as !== undefined && ++this.#connections % every === 0;
    if (kind === 'plain' || (isHit && as === 'plain-http')) {
      createHttp(handle).emit('connection', socket);
    } else if (isHit && as === 'closes') socket.end();
    else if (isHit && as === 'resets') socket.resetAndDestroy();
    else if (isHit && as === 'cut-handshake') socket.once('data', () => socket.end());
    else if (isHit && as === 'reset-handshake') {
      socket.once('data', () => socket.resetAndDestroy());
    } else if (!isHit || as !== 'silent') server.emit('connection', socket);
  }

  async #handle(host: HostKind, request: Request, response: Response): Promise<void> {
    const connection = `${host} ${request.socket?.remotePort}`;
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bodyBytesMax) throw new Error('a body too long');
      chunks.push(chunk);
    }
    const path = new URL(request.url ?? '/', 'https://x').pathname;
    const place = placeOf(host, path);
    const logged: Logged = {
      host,
      method: request.method ?? '',
      path: nameOf(path),
      authorization: (request.headers.authorization ?? '').split(' ')[0] as Logged['authorization'],
      range: String(request.headers.range ?? ''),
      place,
      reused: this.#isReused(request, place),
      overHttp2: 'stream' in request,
      ended: false,
      status: 0,
      atMs: performance.now() - this.#start,
    };
    this.log.push(logged);
    const { at, times = Number.POSITIVE_INFINITY, does } = this.fault;
    const isMet = at?.includes(place) === true && ++this.#met <= times;
    const met: Met = {
      rig: this,
      host,
      place,
      request,
      response,
      body: Buffer.concat(chunks),
      logged,
      count: this.#met,
      tcp: this.#tcp.get(connection) as Socket,
      tls: this.#tls.get(connection),
      right: (without) => this.#right(met, without ?? []),
      send: (reply) => send(met, reply),
    };
    if (isMet && does !== undefined) return does(met);
    met.send(await met.right());
  }

  readonly #used = new WeakSet<object>();
  readonly #readyMs = new WeakMap<object, number>();

  /** Also of a connection that was made for another request, which then found one that was free. */
  #isReused(request: Request, place: Place): boolean {
    if ('stream' in request) return false;
    const { socket } = request;
    const idleMs = performance.now() - (this.#readyMs.get(socket) ?? 0);
    const isIdle = place.endsWith('layer') && idleMs > idleMsMin;
    const isReused = this.#used.has(socket) || isIdle;
    this.#used.add(socket);
    return isReused;
  }

  async #right({ host, request, body }: Met, without: readonly string[]): Promise<Reply> {
    if (host !== 'registry' && host !== 'token' && host !== 'cdn') return blobOf(request);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (name.startsWith(':') || value === undefined || without.includes(name)) continue;
      // Compression would change lengths that faults speak of.
      if (name === 'accept-encoding') continue;
      headers.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const method = request.method ?? 'GET';
    const url = `${this.origin(host)}${request.url}`;
    const init = { method, headers, ...(method === 'POST' && { body: Buffer.from(body) }) };
    const response = await (this.#registry as MockRegistry).fetch(
      new globalThis.Request(url, init),
    );
    const lines: Record<string, string | string[]> = {};
    for (const [name, value] of response.headers) lines[name] = value;
    return {
      status: response.status,
      headers: lines,
      body: new Uint8Array(await response.arrayBuffer()),
    };
  }
}

function send({ request, response, logged }: Met, { status, headers, body }: Reply): void {
  logged.status = status;
  response.writeHead(status, { 'content-length': String(body.length), ...headers });
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}

function placeOf(host: HostKind, path: string): Place {
  const what = pathOf(path);
  if (host === 'token') return 'token';
  if (host === 'registry') {
    if (path === '/v2/') return 'ping';
    return what;
  }
  if (what === 'config' || what === 'layer' || what === 'sibling') return `cdn-${what}`;
  return 'none';
}
