// The doctor's network as data: which names resolve to what, which ports answer, who trusts which certificate, what a
// proxy lets through. HTTP itself is left to a function, such as our mock in process. Nothing is waited for: what
// takes time says so in its figures.
import { isIP } from 'node:net';
import { problemOf } from '../../src/doctor/certificate-rules.ts';
import type {
  Dial,
  Family,
  Greeting,
  Handshake,
  Lookup,
  Reading,
  TrustStore,
  Way,
  Wire,
} from '../../src/doctor/wire.ts';
import type { Perform } from '../../src/drivers/drive.ts';
import { makeReply } from '../../src/drivers/reply.ts';
import type {
  FailureReason,
  HeaderLine,
  HttpReply,
  HttpRequest,
  TransportFailure,
} from '../../src/protocol/talk.ts';
import {
  addressesOf,
  chainOf,
  type HostScript,
  type PortScript,
  type PortState,
  type ProxyScript,
  type TlsScript,
  type World,
} from './scripted-world.ts';

export type { HostScript, PortScript, World } from './scripted-world.ts';

/** Asked things, one line each, in order. */
export interface ScriptedWire extends Wire {
  readonly asked: string[];
  /** Every request with the way that it took. */
  readonly requests: { readonly request: HttpRequest; readonly way: Way }[];
}

/** Bytes of a chain of certificates, which do not fit into a few packets. */
const chainBytes = 3000;
const tookMs = 1;

export function scriptedWire(world: World): ScriptedWire {
  return new Scripted(world);
}

type Failed = Pick<Handshake, 'failure' | 'reason' | 'words'> & {
  readonly ms: number;
  /** What a proxy answers in the place of the host. */
  readonly status?: string;
};
type Connected = { readonly address: string; readonly port: PortScript; readonly ms: number };

class Scripted implements ScriptedWire {
  readonly asked: string[] = [];
  readonly requests: { readonly request: HttpRequest; readonly way: Way }[] = [];
  readonly #world: World;
  readonly #trueNow = Date.now();

  constructor(world: World) {
    this.#world = world;
  }

  now(): number {
    return Date.now() + (this.#world.clockAheadMs ?? 0);
  }

  async close(): Promise<void> {}

  async lookup(host: string, family: Family, timeoutMs: number): Promise<Lookup> {
    this.asked.push(`lookup ${host} ${family}`);
    return this.#lookup(host, family, timeoutMs);
  }

  async dial(address: string, port: number, timeoutMs: number): Promise<Dial> {
    this.asked.push(`dial ${address} ${port}`);
    const state = this.#stateOf(this.#hostAt(address), address, port);
    const family = isIP(address) === 6 ? 6 : 4;
    return { address, port, family, ...dialled(state, `${address}:${port}`, timeoutMs) };
  }

  async handshake({ host, port, way, besides = [] }: Greeting): Promise<Handshake> {
    this.asked.push(`handshake ${host}:${port}`);
    const nothing = { version: '', alpn: '', chain: [], trustedBy: [], problem: '' } as const;
    const met = this.#connect(host, port, way);
    if ('failure' in met) return { ...nothing, ...met };
    const tls = this.#tlsOf(met.port, port, way);
    if (tls === 'none') {
      const reason = 'http-to-https-client';
      return { ...nothing, ...failed('bad-http', reason, 'the peer does not speak TLS') };
    }
    const broken = tls.failure ?? stalledTls(met.port);
    if (broken !== undefined) return { ...nothing, ...failed(broken.failure, broken.reason) };
    if (tls.wantsCertificate && way.trust.client === undefined) {
      return { ...nothing, ...failed('tls', 'client-certificate', 'certificate required') };
    }
    const root = tls.root ?? 'public';
    const isCompleted = besides.some((one) => Buffer.from(one).toString().includes(root));
    return this.#greeted(tls, host, way, isCompleted);
  }

  async exchange(request: HttpRequest, way: Way, reading: Reading = {}): Promise<HttpReply> {
    this.asked.push(`${request.ask.method} ${request.url.split('?', 1)[0]}`);
    this.requests.push({ request, way });
    if (!URL.canParse(request.url)) {
      return replyOf(failed('dns', undefined, 'the URL has no valid host'));
    }
    const url = new URL(request.url);
    const isTls = url.protocol === 'https:';
    const port = Number(url.port) || (isTls ? 443 : 80);
    const met = this.#connect(url.hostname, port, way);
    if ('failure' in met) {
      return met.status === undefined || isTls ? replyOf(met) : forbidden(met.status);
    }
    const tls = this.#tlsOf(met.port, port, way);
    const broken = isTls ? await this.#secured(url.hostname, port, way) : plainTo(tls);
    if (broken !== undefined) return replyOf(broken, met.address);
    const reply = await (met.port.perform ?? issuing(request) ?? this.#world.perform)(request);
    const dated = withDate({ ...reply, remoteAddress: met.address }, this.#trueNow);
    return await received(dated, met.port, request, reading);
  }

  async #secured(host: string, port: number, way: Way): Promise<Failed | undefined> {
    const greeted = await this.handshake({ host, port, way });
    this.asked.pop();
    if (greeted.failure !== '') return greeted;
    if (greeted.problem === '' || way.trust.unverified !== undefined) return undefined;
    return failed('tls', greeted.problem, `certificate: ${greeted.problem}`);
  }

  #lookup(host: string, family: Family, timeoutMs: number, hosts = this.#world.hosts): Lookup {
    const script = hosts[host];
    const resolver = script?.resolver ?? this.#world.resolver ?? '192.0.2.53:53';
    const cnames = script?.cnames ?? [];
    const found = addressesOf(host, script, family);
    const isFailure = typeof found === 'string';
    const failure = isFailure ? found : found.length === 0 ? 'empty' : '';
    const ms = failure === 'no-answer' ? timeoutMs : tookMs;
    const addresses = isFailure ? [] : found;
    return { host, family, addresses, cnames, failure, resolver, ms };
  }

  /** The port that answers, by a proxy or the first address that does. */
  #connect(name: string, port: number, way: Way): Connected | Failed {
    const { proxy } = way.proxy;
    const host = name.replace(/^\[|\]$/g, '').toLowerCase();
    if (proxy === undefined) return this.#reach(host, port, way);
    const authority = `${proxy.host}:${proxy.port}`;
    const by = this.#world.proxies?.[authority];
    const state = this.#stateOf(this.#world.hosts[proxy.host], proxy.host, proxy.port);
    if (by === undefined || (this.#world.hosts[proxy.host] !== undefined && state !== 'open')) {
      const { words, ms } = dialled(by === undefined ? 'refused' : state, authority, way.timeoutMs);
      return { ...failed('proxy', 'proxy-unreachable', `proxy ${authority}: ${words}`), ms };
    }
    if (by.leaves?.includes(host)) {
      const words = `proxy ${authority}: it closed the connection`;
      return failed('proxy', 'proxy-unreachable', words);
    }
    const refused = refusalOf(by, host);
    if (refused !== undefined) {
      const reason = refused.startsWith('407') ? 'proxy-auth' : 'proxy-refused';
      const words = `proxy ${authority}: it answers CONNECT by ${refused}`;
      return { ...failed('proxy', reason, words), status: refused };
    }
    const beyond = this.#reach(host, port, { ...way, proxy: {} }, by.hosts);
    if (!('failure' in beyond)) return { ...beyond, address: authority };
    const status = '503 Service Unavailable';
    const words = `proxy ${authority}: it answers CONNECT by ${status}`;
    return { ...failed('proxy', 'proxy-refused', words), status };
  }

  #reach(host: string, port: number, way: Way, hosts = this.#world.hosts): Connected | Failed {
    const script = hosts[host];
    const families: readonly Family[] = way.family === undefined ? [6, 4] : [way.family];
    const looked = families.map((family) => this.#lookup(host, family, way.timeoutMs, hosts));
    const addresses = looked.flatMap((one) => one.addresses);
    if (addresses.length === 0) return unresolved(looked);
    let last: Failed | undefined;
    for (const address of addresses) {
      const state = this.#stateOf(script, address, port);
      const at = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
      if (state === 'open') return { address: at, port: script?.ports?.[port] ?? {}, ms: tookMs };
      const { failure, reason, words, ms } = dialled(state, at, way.connectMs ?? way.timeoutMs);
      // As connecting side by side tells it: time that ran out is said where nothing else is.
      if (last === undefined || failure !== 'dial-timeout')
        last = { ...failed(failure as TransportFailure, reason, words), ms };
    }
    return last as Failed;
  }

  #hostAt(address: string): HostScript | undefined {
    const entries = Object.entries(this.#world.hosts);
    return entries.find(([name, script]) =>
      ([4, 6] as const).some((family) => {
        const found = addressesOf(name, script, family);
        return name === address || (typeof found !== 'string' && found.includes(address));
      }),
    )?.[1];
  }

  #stateOf(host: HostScript | undefined, address: string, port: number): PortState {
    if (host === undefined) return 'dropped';
    const own = host.addresses?.[address];
    if (own !== undefined) return own;
    if (host.ports === undefined) return port === 443 || port === 80 ? 'open' : 'refused';
    const script = host.ports[port];
    return script === undefined ? 'refused' : (script.state ?? 'open');
  }

  #tlsOf(script: PortScript, port: number, { proxy }: Way): TlsScript | 'none' {
    const tls = script.tls ?? (port === 80 || port === 5000 ? 'none' : {});
    const by = proxy.proxy && this.#world.proxies?.[`${proxy.proxy.host}:${proxy.proxy.port}`];
    if (by?.intercepts === undefined || tls === 'none') return tls;
    return { root: by.intercepts };
  }

  #greeted(tls: TlsScript, host: string, { trust }: Way, isCompleted: boolean): Handshake {
    const root = tls.root ?? 'public';
    const chain = chainOf(tls, host, this.#trueNow);
    const stores: TrustStore[] = [];
    if (!tls.incomplete || isCompleted) {
      if ((this.#world.systemRoots ?? ['public']).includes(root)) stores.push('system');
      if ((this.#world.bundleRoots ?? ['public']).includes(root)) stores.push('bundle');
      for (const { pem, written } of trust.ca) {
        const store = written.in === '--ca' ? '--ca' : 'certs.d';
        if (pem.includes(root) && !stores.includes(store)) stores.push(store);
      }
    }
    const isTrusted = stores.some((store) => store !== 'bundle');
    const problem = problemOf(chain[0], host, this.now(), isTrusted);
    const trustedBy = problem === '' || problem === 'unknown-ca' ? stores : [];
    const version = tls.version ?? 'TLSv1.3';
    return {
      failure: '',
      words: '',
      version,
      alpn: 'http/1.1',
      chain,
      trustedBy,
      problem,
      ms: tookMs,
    };
  }
}

function unresolved(looked: readonly Lookup[]): Failed {
  const order: readonly Lookup['failure'][] = ['no-answer', 'servfail', 'refused', 'nxdomain'];
  const worst = order.find((one) => looked.some(({ failure }) => failure === one)) ?? 'nxdomain';
  const reason = worst === 'refused' ? 'servfail' : worst;
  const words = reason === 'nxdomain' ? 'getaddrinfo ENOTFOUND' : 'getaddrinfo EAI_AGAIN';
  const ms = Math.max(...looked.map((one) => one.ms));
  const host = looked[0]?.host ?? '';
  return { ...failed('dns', reason as FailureReason, `${words} ${host}`), ms };
}

function dialled(
  state: PortState,
  at: string,
  timeoutMs: number,
): Pick<Dial, 'failure' | 'reason' | 'words' | 'ms'> {
  switch (state) {
    case 'open':
      return { failure: '', words: '', ms: tookMs };
    case 'refused':
      return { failure: 'refused', words: `connect ECONNREFUSED ${at}`, ms: tookMs };
    case 'unreachable':
      return {
        failure: 'refused',
        reason: 'unreachable',
        words: `connect EHOSTUNREACH ${at}`,
        ms: tookMs,
      };
    case 'dropped': {
      const words = `no connection to ${at} within ${timeoutMs} ms`;
      return { failure: 'dial-timeout', words, ms: timeoutMs };
    }
  }
}

function failed(
  failure: TransportFailure,
  reason: FailureReason | undefined,
  words: string = reason ?? failure,
): Failed {
  return { failure, reason, words, ms: tookMs };
}

function stalledTls({ stallsAfter }: PortScript) {
  if (stallsAfter === undefined || stallsAfter >= chainBytes) return undefined;
  return { failure: 'stalled', reason: 'no-head' } as const;
}

/** What becomes of plain HTTP at a port that speaks TLS. */
function plainTo(tls: TlsScript | 'none'): Failed | undefined {
  if (tls === 'none') return undefined;
  return failed('bad-http', 'https-to-http-client', 'the peer speaks TLS');
}

function refusalOf(proxy: ProxyScript, host: string): string | undefined {
  if (proxy.wantsLogin) return '407 Proxy Authentication Required';
  if (proxy.status !== undefined) return proxy.status;
  const { allows } = proxy;
  if (allows === undefined || allows.some((pattern) => lets(pattern, host))) return undefined;
  return '403 Forbidden';
}

function lets(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}

function forbidden(status: string): HttpReply {
  const headerLines: HeaderLine[] = [
    ['Server', 'squid'],
    ['Content-Type', 'text/html'],
  ];
  const known = { ...nothingCame, status: Number(status.slice(0, 3)), headerLines };
  return makeReply({ ...known, text: '<html>Access Denied</html>', bytes: 26 });
}

const nothingCame: Omit<HttpReply, 'header'> = {
  status: 0,
  headerLines: [],
  text: '',
  bytes: 0,
  digest: '',
  failure: '',
  failureMessage: '',
  remoteAddress: '',
  timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: tookMs },
};

function replyOf({ failure, reason, words, ms }: Failed, remoteAddress = ''): HttpReply {
  const timings = { ...nothingCame.timings, totalMs: ms };
  return makeReply({
    ...nothingCame,
    failure,
    reason,
    failureMessage: words,
    remoteAddress,
    timings,
  });
}

/** Of the host of a root, its intermediate. */
function issuing({ url }: HttpRequest): Perform | undefined {
  const root = /^http:\/\/([\w-]+)\.example\/intermediate\.crt$/.exec(url)?.[1];
  if (root === undefined) return undefined;
  const text = `intermediate of ${root}`;
  return async () => makeReply({ ...nothingCame, status: 200, text, bytes: text.length });
}

/** Servers say what time it is. */
function withDate(reply: HttpReply, nowMs: number): HttpReply {
  if (reply.status === 0 || reply.header('Date') !== undefined) return reply;
  const line: HeaderLine = ['Date', new Date(nowMs).toUTCString()];
  return makeReply({ ...reply, headerLines: [...reply.headerLines, line] });
}

/** What of the reply gets through, and is read. */
async function received(
  reply: HttpReply,
  { stallsAfter = Number.POSITIVE_INFINITY }: PortScript,
  request: HttpRequest,
  { sink, bytesMax = Number.POSITIVE_INFINITY }: Reading,
): Promise<HttpReply> {
  const { ask } = request;
  if (reply.failure !== '' || ask.method === 'HEAD') return reply;
  if (sink !== undefined && reply.status === 200) await sink(Buffer.from(reply.text));
  if (reply.bytes > stallsAfter && stallsAfter < bytesMax) {
    const words = 'no more of the reply came within the time limit';
    return {
      ...reply,
      bytes: stallsAfter,
      digest: '',
      text: reply.text.slice(0, stallsAfter),
      failure: 'stalled',
      reason: 'no-progress',
      failureMessage: words,
    };
  }
  return reply.bytes > bytesMax ? { ...reply, bytes: bytesMax, digest: '' } : reply;
}
