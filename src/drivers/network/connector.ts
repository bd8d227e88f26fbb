// Makes the connections of the Node driver: directly or through a proxy, with the certificates that are
// trusted everywhere (trust.ts), each step timed, and a failure told by the step that it struck. undici's
// own ProxyAgent tells neither, and has its own idea of Go's rules.
import { promises as dns, lookup } from 'node:dns';
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from 'node:net';
import { createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import {
  type ProxyRules,
  type ProxyServer,
  proxyRules,
  type Variables,
} from '../../access/proxy-rules.ts';
import { ConnectFailure, codeOf, rootOf } from './connect-failure.ts';
import { trustedCertificates } from './trust.ts';
import { hostOf, openTunnel, type Target } from './tunnel.ts';

/** PEM texts. */
export interface ShownCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface NetworkOptions {
  /** Limit for all of connecting, milliseconds. */
  readonly timeoutMs: number;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: readonly string[] | undefined;
  /** Client certificates, by `host[:port]` of who is shown them. */
  readonly shown?: Readonly<Record<string, ShownCertificate>> | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean | undefined;
  /** In the place of the environment's. */
  readonly variables?: Variables | undefined;
  /** Limit for all of connecting where it is another one. */
  readonly connectMs?: number | undefined;
  /** Every request goes by this proxy, or by none, whatever the variables say. */
  readonly proxy?: ProxyServer | 'none' | undefined;
  /** Addresses of this family alone. */
  readonly family?: 4 | 6 | undefined;
  /** A server of many addresses is tried at the next one after so long; default 1 s. */
  readonly nextAddressMs?: number | undefined;
  /** PEM certificates that are trusted alone, and whether a name is theirs: as another program does it. */
  readonly trusted?: TrustedAlone | undefined;
  /** PEM texts of what is shown to peers. */
  readonly client?: { readonly cert: string; readonly key: string } | undefined;
  /** In place of the system's. */
  readonly lookup?: LookupFunction | undefined;
}

export interface TrustedAlone {
  readonly certificates: readonly string[];
  /** What is wrong with the name of a certificate. */
  readonly check: (host: string, certificate: PeerCertificate) => Error | undefined;
}

export interface Connected {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
}

/** Told of each connection that was made. */
export type OnConnected = (origin: string, connected: Connected, socket: Socket) => void;

type Options = buildConnector.Options;

const usualNextAddressMs = 1000;
/** For a resolver that failed once to say how. */
const askAgainMs = 1000;

export class Network {
  readonly proxyFor: ProxyRules;
  readonly #options: NetworkOptions;
  readonly #variables: Variables;
  readonly #tls = new Map<string, buildConnector.connector>();
  readonly #attempts = new Set<Attempt>();
  readonly #shown: ReadonlyMap<string, ShownCertificate>;

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#variables = options.variables ?? process.env;
    const shown = Object.entries(options.shown ?? {});
    this.#shown = new Map(shown.map(([host, pair]) => [urlHost(host), pair]));
    const { proxy } = options;
    const only = proxy === 'none' ? undefined : proxy;
    this.proxyFor = proxy === undefined ? proxyRules(this.#variables) : () => only;
  }

  /**
   * For undici's agents. `toProxy`: what is asked for is connections to this proxy itself, for requests
   * of plain HTTP.
   */
  connector(onConnected: OnConnected, toProxy: boolean): buildConnector.connector {
    return (options, done) => {
      const attempt = new Attempt(this, this.#options, options, toProxy);
      this.#attempts.add(attempt);
      attempt
        .run()
        .finally(() => this.#attempts.delete(attempt))
        .then(
          (socket) => {
            onConnected(`${options.protocol}//${options.host}`, attempt.connected(), socket);
            done(null, socket);
          },
          (error: Error) => done(error, null),
        );
    };
  }

  /** Gives up what is under way. */
  close(): void {
    for (const attempt of this.#attempts) attempt.stop();
    this.#attempts.clear();
  }

  #context(own: ShownCertificate | undefined): SecureContext {
    const { ca, insecure, trusted, client = own } = this.#options;
    const shown = client === undefined ? {} : { cert: client.cert, key: client.key };
    if (insecure === true) return createSecureContext(shown);
    if (trusted === undefined) {
      return createSecureContext({ ca: trustedCertificates(this.#variables, ca), ...shown });
    }
    // Whatever is trusted is an end of chains.
    const alone = { ca: [...trusted.certificates], allowPartialTrustChain: true };
    return createSecureContext({ ...alone, ...shown });
  }

  /** TLS over a connection. The certificates are read when they are first needed. */
  secure(options: Options, socket: Socket, allowH2: boolean): Promise<Socket> {
    const host = urlHost(`${hostOf(options.hostname)}:${options.port || 443}`);
    const own = this.#shown.get(host);
    const key = `${allowH2} ${own === undefined ? '' : host}`;
    let upgrade = this.#tls.get(key);
    if (upgrade === undefined) {
      const { insecure, trusted } = this.#options;
      upgrade = buildConnector({
        timeout: 0, // that of the attempt holds
        allowH2,
        rejectUnauthorized: insecure !== true,
        secureContext: this.#context(own),
        ...(trusted !== undefined && { checkServerIdentity: trusted.check }),
      });
      this.#tls.set(key, upgrade);
    }
    const secured = upgrade;
    return new Promise((resolve, reject) => {
      secured({ ...options, httpSocket: socket }, (error, made) => {
        if (error === null) resolve(made as Socket);
        else reject(error);
      });
    });
  }
}

/** A host as it is compared: without the usual port, IPv6 without brackets. */
function urlHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]/, '$1')
    .replace(/:443$/, '');
}

/** One try to connect. */
class Attempt {
  readonly #network: Network;
  readonly #how: NetworkOptions;
  readonly #options: Options;
  readonly #timeoutMs: number;
  readonly #target: Target;
  readonly #proxy: ProxyServer | undefined;
  readonly #toProxy: boolean;
  readonly #startedAt = performance.now();
  #step: 'resolving' | 'dialling' | 'proxy' | 'tls' = 'dialling';
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dnsMs = 0;
  #tcpAt = 0;
  #tlsStartedAt = 0;
  #endedAt = 0;

  constructor(network: Network, how: NetworkOptions, options: Options, toProxy: boolean) {
    this.#network = network;
    this.#how = how;
    this.#timeoutMs = how.connectMs ?? how.timeoutMs;
    this.#options = options;
    this.#toProxy = toProxy;
    const standard = options.protocol === 'https:' ? 443 : 80;
    this.#target = { host: hostOf(options.hostname), port: Number(options.port) || standard };
    const url = new URL(`${options.protocol}//${options.host}`);
    this.#proxy = toProxy ? undefined : network.proxyFor(url);
  }

  connected(): Connected {
    return {
      dnsMs: this.#dnsMs,
      connectMs: this.#tcpAt - this.#startedAt,
      tlsMs: this.#tlsStartedAt === 0 ? 0 : this.#endedAt - this.#tlsStartedAt,
    };
  }

  async run(): Promise<Socket> {
    const overdue = new Promise<never>((_, reject) => {
      this.#timer = setTimeout(() => reject(this.#overdue()), this.#timeoutMs);
    });
    const steps = this.#steps();
    // Once overdue, its own end is nobody's business.
    steps.catch(() => undefined);
    try {
      const socket = await Promise.race([steps, overdue]);
      this.#endedAt = performance.now();
      return socket;
    } catch (error) {
      this.#socket?.destroy();
      throw await this.#explained(error);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  async #steps(): Promise<Socket> {
    let socket = await this.#dial(this.#proxy ?? this.#target);
    this.#tcpAt = performance.now();
    if (this.#proxy !== undefined) {
      this.#step = 'proxy';
      const { host, port, scheme } = this.#proxy;
      if (!['http', 'https', 'socks5'].includes(scheme)) {
        throw new ConnectFailure('proxy', 'proxy-unreachable', `no proxy speaks ${scheme}`);
      }
      if (scheme === 'https') {
        const options = { hostname: host, host, protocol: 'https:', port: String(port) };
        socket = await this.#network.secure(options, socket, false);
        this.#socket = socket;
      }
      await openTunnel(socket, this.#proxy, this.#target);
    }
    if (this.#options.protocol !== 'https:') return socket;
    this.#step = 'tls';
    this.#tlsStartedAt = performance.now();
    return await this.#network.secure(this.#options, socket, !this.#toProxy);
  }

  #dial({ host, port }: Target): Promise<Socket> {
    this.#step = isIP(host) === 0 ? 'resolving' : 'dialling';
    return new Promise((resolve, reject) => {
      const { family, lookup: find = lookup, nextAddressMs = usualNextAddressMs } = this.#how;
      const socket = connectTcp({
        host,
        port,
        ...(family !== undefined && { family }),
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        autoSelectFamilyAttemptTimeout: nextAddressMs,
        lookup: (name, options, done) => {
          find(name, options, (error, ...answer) => {
            this.#dnsMs = performance.now() - this.#startedAt;
            if (error === null) this.#step = 'dialling';
            done(error, ...answer);
          });
        },
      });
      this.#socket = socket;
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        // Who takes the socket has handlers of its own; between them none may be missing.
        socket.on('error', () => undefined);
        resolve(socket);
      });
    });
  }

  #overdue(): ConnectFailure {
    const within = `within ${this.#timeoutMs} ms`;
    const { host, port } = this.#proxy ?? this.#target;
    if (this.#step === 'resolving') {
      return new ConnectFailure(
        'dns',
        'no-answer',
        `no answer of the resolver on ${host} ${within}`,
      );
    }
    if (this.#step === 'dialling') {
      const message = `no connection to ${host}:${port} ${within}`;
      return new ConnectFailure('dial-timeout', undefined, message);
    }
    return new ConnectFailure('stalled', 'no-head', `the handshake did not end ${within}`);
  }

  /** A failure on the way to or by the proxy is the proxy's; of others, what only the step tells. */
  async #explained(error: unknown): Promise<unknown> {
    const cause = rootOf(error);
    if (this.#step !== 'tls' || this.#toProxy) {
      const proxy = this.#proxy ?? (this.#toProxy ? this.#target : undefined);
      if (proxy !== undefined) {
        const isRefusal = cause instanceof ConnectFailure && cause.failure === 'proxy';
        const reason = isRefusal ? cause.reason : 'proxy-unreachable';
        const words = cause.message || codeOf(cause);
        return new ConnectFailure('proxy', reason, `proxy ${proxy.host}:${proxy.port}: ${words}`);
      }
    }
    const code = codeOf(cause);
    if (code === 'EAI_AGAIN') {
      return new ConnectFailure('dns', await whyNoAddress(this.#target.host), cause.message);
    }
    if (this.#step === 'tls' && (code === 'ECONNRESET' || code === 'EPIPE')) {
      return new ConnectFailure('tls', 'cut', cause.message);
    }
    return error;
  }
}

/** The system says of a resolver that failed and of a silent one the same; only the resolver itself tells. */
async function whyNoAddress(host: string): Promise<'servfail' | 'no-answer'> {
  const resolver = new dns.Resolver({ timeout: askAgainMs, tries: 1 });
  const code = await resolver.resolve4(host).then(() => '', codeOf);
  return code === dns.TIMEOUT || code === dns.CONNREFUSED ? 'no-answer' : 'servfail';
}
