// undici's agents as the Node driver needs them: one pool for connections that are kept, one for those
// that are not, and the same towards proxies; and what is known of the connections that they make.
import type { Socket } from 'node:net';
import { Agent, type Dispatcher } from 'undici';
import type { ProxyServer } from '../access/proxy-rules.ts';
import { type HttpRequest, headerLinesOf } from '../protocol/talk.ts';
import { type Connected, Network, type NetworkOptions } from './network/connector.ts';
import { proxyAuthorization } from './network/tunnel.ts';
import { writeHeadsAsGo } from './wire-head.ts';

const connectionsPerOriginMax = 32;
const headBytesMax = 64 * 1024;
/** Scheme and authority of an absolute URL, and what is asked of that server. */
const requestTarget = /^[a-z]+:\/\/[^/?#]*([^#]*)/i;

/** Where a request goes out. */
export interface Route {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: string[];
  /** By a proxy, for plain HTTP: it is who answers 407. */
  readonly isProxied: boolean;
  /** Of the connection that was made for this request; undefined for one that was there. */
  readonly takeConnected: () => Connected | undefined;
  /** `ip:port` of the last peer; '' before the first. */
  readonly peer: () => string;
}

const byProxy = 'by proxy';
type Kind = 'kept' | 'closing' | 'kept by proxy' | 'closing by proxy';

export class Agents {
  readonly #network: Network;
  readonly #timeoutMs: number;
  readonly #agents = new Map<Kind, Agent>();
  /** Connections made and not yet accounted to a request, by kind and origin. */
  readonly #fresh = new Map<string, Connected[]>();
  readonly #peers = new Map<string, string>();
  #closed = false;

  constructor(options: NetworkOptions) {
    this.#network = new Network(options);
    this.#timeoutMs = options.timeoutMs;
  }

  /** A proxy is asked for plain HTTP by whole URLs, for the rest to connect (network/tunnel.ts). */
  route(request: HttpRequest, url: URL): Route {
    // The path goes out as it is: a URL object would rewrite it, and a signature may cover it.
    const target = requestTarget.exec(request.url)?.[1] ?? '';
    const path = target.startsWith('/') ? target : `/${target}`;
    const isApart = request.ask.network?.connections === 'per-request';
    const headers: string[] = headerLinesOf(request).flat();
    const proxy = url.protocol === 'http:' ? this.#network.proxyFor(url) : undefined;
    if (proxy === undefined || !/^https?$/.test(proxy.scheme)) {
      return this.#to(isApart ? 'closing' : 'kept', url.origin, path, headers);
    }
    const authorization = proxyAuthorization(proxy);
    if (authorization !== undefined) headers.push('Proxy-Authorization', authorization);
    if (!headers.some((name, i) => i % 2 === 0 && /^host$/i.test(name))) {
      headers.push('Host', url.host);
    }
    const kind = isApart ? 'closing by proxy' : 'kept by proxy';
    return this.#to(kind, originOf(proxy), `http://${url.host}${path}`, headers);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#network.close();
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #to(kind: Kind, origin: string, path: string, headers: string[]): Route {
    const key = `${kind} ${origin}`;
    return {
      dispatcher: this.#agent(kind),
      origin,
      path,
      headers,
      isProxied: kind.endsWith(byProxy),
      takeConnected: () => this.#fresh.get(key)?.shift(),
      peer: () => this.#peers.get(key) ?? '',
    };
  }

  #agent(kind: Kind): Agent {
    let agent = this.#agents.get(kind);
    if (agent === undefined) {
      agent = this.#make(kind);
      this.#agents.set(kind, agent);
      if (this.#closed) void agent.destroy();
    }
    return agent;
  }

  #make(kind: Kind): Agent {
    const onConnected = (origin: string, connected: Connected, socket: Socket) => {
      writeHeadsAsGo(socket);
      const key = `${kind} ${origin}`;
      this.#fresh.set(key, [...(this.#fresh.get(key) ?? []), connected]);
      this.#peers.set(key, peerOf(socket));
    };
    return new Agent({
      connect: this.#network.connector(onConnected, kind.endsWith(byProxy)),
      connections: connectionsPerOriginMax,
      headersTimeout: this.#timeoutMs,
      bodyTimeout: this.#timeoutMs,
      maxHeaderSize: headBytesMax,
      ...(kind.startsWith('closing') && { pipelining: 0 }),
    });
  }
}

function originOf({ scheme, host, port }: ProxyServer): string {
  return new URL(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;
}

function peerOf(socket: Socket): string {
  const host = socket.remoteAddress ?? '';
  return host.includes(':') ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
}
