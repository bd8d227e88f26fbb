// The network as it is: lookups, connections, handshakes and requests of this host, by the drivers that everything else
// here goes by, but trusting what a Go client would trust.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  getCACertificates,
  type TLSSocket,
} from 'node:tls';
import type { Variables } from '../access/proxy-rules.ts';
import type { Trust } from '../access/route.ts';
import { classify } from '../drivers/failures.ts';
import { ConnectFailure } from '../drivers/network/connect-failure.ts';
import { Network, type NetworkOptions } from '../drivers/network/connector.ts';
import { certificatesIn, systemCertificates } from '../drivers/network/trust.ts';
import { NodeDriver } from '../drivers/node.ts';
import type { HttpReply, HttpRequest } from '../protocol/talk.ts';
import { problemOf } from './certificate-rules.ts';
import { placeOf } from './places.ts';
import { checkNames, described, readCertificate, Store, servedChain } from './wire/chain.ts';
import { Names } from './wire/names.ts';
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
} from './wire.ts';

export interface NodeWireOptions {
  /** Of the host whose stores count: SSL_CERT_FILE and SSL_CERT_DIR. */
  readonly variables?: Variables | undefined;
  /** Below which the system's store lies; '' for this host. */
  readonly root?: string | undefined;
  /** Ends everything under way. */
  readonly signal?: AbortSignal | undefined;
  /** In the place of the system's resolvers. */
  readonly resolvers?: readonly string[] | undefined;
}

/** As Go waits before it tries the other family (net.Dialer, FallbackDelay). */
const fallbackMs = 300;

export class NodeWire implements Wire {
  readonly #variables: Variables;
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;
  readonly #names: Names;
  /** Ways that differ in nothing share their connections. */
  readonly #drivers = new Map<string, NodeDriver>();
  readonly #networks = new Set<Network>();
  readonly #sockets = new Set<Socket>();
  #system: readonly string[] | undefined;
  readonly #stores = new Map<string, Store>();

  constructor({ variables = process.env, root = '', signal, resolvers }: NodeWireOptions = {}) {
    this.#variables = variables;
    this.#root = root;
    this.#signal = signal;
    this.#names = new Names(resolvers);
    signal?.addEventListener('abort', this.#interrupt);
  }

  now(): number {
    return Date.now();
  }

  lookup(host: string, family: Family, timeoutMs: number): Promise<Lookup> {
    return this.#names.lookup(host, family, timeoutMs);
  }

  dial(address: string, port: number, timeoutMs: number): Promise<Dial> {
    const startedAt = performance.now();
    const family: Family = isIP(address) === 6 ? 6 : 4;
    return new Promise((resolve) => {
      const socket = connectTcp({ host: address, port });
      this.#sockets.add(socket);
      const end = (met: Pick<Dial, 'failure' | 'reason' | 'words'>) => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
        socket.destroy();
        resolve({ address, port, family, ...met, ms: performance.now() - startedAt });
      };
      const late = `no connection within ${timeoutMs} ms`;
      const timer = setTimeout(() => end({ failure: 'dial-timeout', words: late }), timeoutMs);
      socket.once('connect', () => end({ failure: '', words: '' }));
      socket.once('close', () => end({ failure: 'interrupted', words: 'the run was stopped' }));
      socket.on('error', (error) => {
        const { failure, reason, message: words } = classify(error, false);
        end({ failure, reason, words });
      });
    });
  }

  async handshake({ host, port, way, besides = [] }: Greeting): Promise<Handshake> {
    const startedAt = performance.now();
    const nothing = { version: '', alpn: '', chain: [], trustedBy: [], problem: '' } as const;
    try {
      const socket = await this.#connect(host, port, way);
      const secured = await this.#greet(socket, host, way);
      const judged = this.#judge(secured, host, way.trust, besides);
      secured.destroy();
      return { failure: '', words: '', ...judged, ms: performance.now() - startedAt };
    } catch (error) {
      const { failure, reason, message: words } = classify(error, false);
      const isCut = failure === 'reset';
      const told = isCut ? ({ failure: 'tls', reason: 'cut' } as const) : { failure, reason };
      return { ...nothing, ...told, words, ms: performance.now() - startedAt };
    }
  }

  async exchange(request: HttpRequest, way: Way, reading: Reading = {}): Promise<HttpReply> {
    const driver = this.#driverFor(way);
    const { sink, ...limits } = reading;
    // What drips, byte by byte, moves for ever.
    const msMax = sink === undefined ? 2 * way.timeoutMs : Number.POSITIVE_INFINITY;
    const reply = await driver.perform(request, sink, undefined, { msMax, ...limits });
    const place = placeOf(request.url);
    if (reply.failure !== 'tls' || reply.reason === 'cut' || place === undefined) return reply;
    // OpenSSL looks for the issuer first, Go for dates and names.
    const { host, port } = place;
    const { problem } = await this.handshake({ host, port, way });
    return problem === '' ? reply : { ...reply, reason: problem };
  }

  /** A text of a peer as it may be shown: without what requests showed, and what replies gave. */
  shown(text: string): string {
    const drivers = [...this.#drivers.values()];
    return drivers.reduce((left, { redactor }) => redactor.text(left), text);
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#interrupt);
    this.#interrupt();
    await Promise.all([...this.#drivers.values()].map((driver) => driver.close()));
  }

  readonly #interrupt = (): void => {
    for (const driver of this.#drivers.values()) driver.interrupt();
    for (const network of this.#networks) network.close();
    for (const socket of this.#sockets) socket.destroy();
  };

  #driverFor(way: Way): NodeDriver {
    const key = keyOf(way);
    let driver = this.#drivers.get(key);
    if (driver === undefined) {
      driver = new NodeDriver(this.#optionsOf(way));
      this.#drivers.set(key, driver);
      if (this.#signal?.aborted === true) driver.interrupt();
    }
    return driver;
  }

  #optionsOf({ family, proxy, trust, timeoutMs, connectMs }: Way): NetworkOptions {
    return {
      timeoutMs,
      connectMs,
      family,
      nextAddressMs: fallbackMs,
      proxy: proxy.proxy ?? 'none',
      insecure: trust.unverified !== undefined,
      trusted: { certificates: this.#trustedBy(trust), check: checkNames },
      client: usable(trust.client),
      lookup: this.#names.find,
    };
  }

  #trustedBy({ ca }: Trust): string[] {
    this.#system ??= systemCertificates(this.#variables, this.#root);
    return [...this.#system, ...certificatesIn(ca.map(({ pem }) => pem))];
  }

  /** Through the proxy, where there is one. */
  #connect(host: string, port: number, way: Way): Promise<Socket> {
    const network = new Network(this.#optionsOf(way));
    this.#networks.add(network);
    const name = host.includes(':') ? `[${host}]` : host;
    const target = {
      protocol: 'http:',
      hostname: name,
      host: `${name}:${port}`,
      port: String(port),
    };
    const connect = network.connector(() => undefined, false);
    return new Promise<Socket>((resolve, reject) => {
      connect(target, (error, socket) => {
        if (error === null) resolve(socket as Socket);
        else reject(error);
      });
    }).finally(() => this.#networks.delete(network));
  }

  /** Nothing is verified: what is served is to be looked at. */
  #greet(socket: Socket, host: string, way: Way): Promise<TLSSocket> {
    const timeoutMs = way.connectMs ?? way.timeoutMs;
    const shown = usable(way.trust.client);
    return new Promise((resolve, reject) => {
      const secured = connectTls({
        socket,
        ...(isIP(host) === 0 && { servername: host }),
        ALPNProtocols: ['h2', 'http/1.1'],
        rejectUnauthorized: false,
        // No roots of ours may join the chain.
        ca: [],
        ...shown,
      });
      this.#sockets.add(secured);
      const late = `the handshake did not end within ${timeoutMs} ms`;
      const timer = setTimeout(
        () => fail(new ConnectFailure('stalled', 'no-head', late)),
        timeoutMs,
      );
      const fail = (error: Error) => {
        clearTimeout(timer);
        this.#sockets.delete(secured);
        secured.destroy();
        reject(error);
      };
      secured.once('secureConnect', () => {
        clearTimeout(timer);
        this.#sockets.delete(secured);
        resolve(secured);
      });
      secured.on('error', fail);
      secured.once('close', () => fail(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
    });
  }

  #judge(secured: TLSSocket, host: string, trust: Trust, besides: readonly Uint8Array[]) {
    const served = servedChain(secured.getPeerX509Certificate());
    const known = [...served, ...besides.flatMap(readCertificate)];
    const chain = served.map(described);
    const nowMs = this.now();
    const stores = this.#storesOf(trust)
      .filter(({ store }) => store.vouchesFor(known, nowMs))
      .map(({ name }) => name);
    const isTrusted = stores.some((name) => name !== 'bundle');
    const problem = problemOf(chain[0], host, nowMs, isTrusted);
    const isTrustedHere = problem === '' || problem === 'unknown-ca';
    return {
      version: secured.getProtocol() ?? '',
      alpn: secured.alpnProtocol || '',
      chain,
      trustedBy: isTrustedHere ? stores : [],
      problem: trust.unverified === undefined ? problem : ('' as const),
    };
  }

  #storesOf({ ca }: Trust): { readonly name: TrustStore; readonly store: Store }[] {
    this.#system ??= systemCertificates(this.#variables, this.#root);
    const isFlag = ({ written }: Trust['ca'][number]) => written.in === '--ca';
    const texts = (all: Trust['ca']) => certificatesIn(all.map(({ pem }) => pem));
    const sets: [TrustStore, readonly string[]][] = [
      ['system', this.#system],
      ['bundle', getCACertificates('bundled')],
      ['certs.d', texts(ca.filter((one) => !isFlag(one)))],
      ['--ca', texts(ca.filter(isFlag))],
    ];
    return sets.map(([name, pems]) => ({ name, store: this.#storeOf(name, pems) }));
  }

  #storeOf(name: TrustStore, pems: readonly string[]): Store {
    const key = name === 'system' || name === 'bundle' ? name : pems.join('');
    let store = this.#stores.get(key);
    if (store === undefined) {
      store = new Store(pems);
      this.#stores.set(key, store);
    }
    return store;
  }
}

/** The same for ways that differ in nothing. Holds secrets. */
function keyOf({ family, proxy, trust, timeoutMs, connectMs }: Way): string {
  const { unverified, ca, client } = trust;
  const pems = ca.map(({ pem }) => pem);
  const isUnverified = unverified !== undefined;
  return JSON.stringify([
    [family, timeoutMs, connectMs, isUnverified],
    [proxy.proxy, pems, client?.cert, client?.key],
  ]);
}

/** One that cannot be read is none: what is wrong with it is told by those who read the configuration. */
function usable(client: Trust['client']): { cert: string; key: string } | undefined {
  if (client === undefined) return undefined;
  const { cert, key } = client;
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch {
    return undefined;
  }
}
