// The mock over HTTP or HTTPS: the registry with its token endpoint on one loopback address, the CDN on
// another. Puts the parts together; listening, reading, sending, shaping and logging are files of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Hop } from './call.ts';
import { type Listener, listen, type Patience } from './http/listen.ts';
import { RequestLog } from './http/log.ts';
import { Connections, handlerOf, type Serving } from './http/serve.ts';
import { type Shaping, shaper } from './http/shaping.ts';
import { makeTls, type TlsFiles } from './http/tls.ts';
import { type ImageOptions, type ImageSet, readImages } from './images.ts';
import { Mock, type MockOptions } from './mock.ts';
import { randomOf } from './random.ts';
import type { Origins } from './site.ts';
import { openStore } from './store/open.ts';
import type { Keeper, Store } from './store.ts';
import { tokenIssuer } from './tokens/jwt.ts';
import { certificateFile, openTokenKeys } from './tokens/token-keys.ts';
import { tokenPath } from './tokens/token-server.ts';
import { isForOne, type PoolSetup, WorkerPool } from './workers/pool.ts';
import { openTemporaryStore, sharing } from './workers/sharing.ts';

export interface ServerOptions extends Omit<MockOptions, 'images' | 'store'>, Shaping, Patience {
  /** Folder of the store, made if there is none; default in memory. */
  readonly storeDir?: string | undefined;
  /** Folder of `tokenKeys` (tokens/token-keys.ts), made if there is none. */
  readonly tokenKeysDir?: string | undefined;
  /** What there is to pull, default three small images. */
  readonly images?: ImageOptions | undefined;
  /** Port of the registry; 0, the default, takes a free one. */
  readonly port?: number | undefined;
  readonly cdnPort?: number | undefined;
  /** Address to listen on, default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Address of the CDN with `cdnPlace: 'host'`, default 127.0.0.2: another origin, as in real life. */
  readonly cdnHost?: string | undefined;
  /**
   * Where the CDN is: an address of its own (the default), another port of the registry's address, or
   * the registry's own origin, to which redirects are then relative.
   */
  readonly cdnPlace?: 'host' | 'port' | 'relative' | undefined;
  /**
   * Host name by which redirects name the CDN, such as a subdomain of the registry's; that it resolves to
   * the CDN's address is for the clients' resolver to see to. Default: the address.
   */
  readonly cdnName?: string | undefined;
  /** Processes that answer side by side (workers/pool.ts), default 1: this one alone. */
  readonly workers?: number | undefined;
  /** HTTPS with a CA of this run, and HTTP/2 for clients that offer it. */
  readonly tls?: boolean | undefined;
  /** File to which a JSON line per request is appended. */
  readonly log?: string | undefined;
  /** Leave credentials, tokens and signatures in the log. */
  readonly logSecrets?: boolean | undefined;
}

export interface TokenTrust {
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** Path of a PEM file. */
  readonly certificate: string;
}

/** References in `images`, so that the line that tells them stays short. */
const imagesShownMax = 100;

export interface RunningMock {
  /** `scheme://host:port`. */
  readonly registry: string;
  readonly cdn: string;
  /** URL of the token endpoint. */
  readonly token: string;
  readonly username: string;
  readonly password: string;
  /** Full references, `host:port/demo/app:latest`; of many images the first `imagesShownMax`. */
  readonly images: readonly string[];
  /** How many there are. */
  readonly imageCount: number;
  /** Path of the CA's PEM file with `tls`, called ca.crt in a folder of its own; gone after `close`. */
  readonly ca: string | undefined;
  /** What other registries must be told to accept the tokens, with `tokenKeysDir`. */
  readonly tokenTrust: TokenTrust | undefined;
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Resolves when all servers listen.
 * @throws UserError `fault-unknown`, `cannot-listen`, `log-unwritable`, and those of `readImages`,
 * `openStore` and `openTokenKeys`
 */
export async function startMock(given: ServerOptions = {}): Promise<RunningMock> {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    // The last first: what connections have to say at their end still goes into the log. Each of them,
    // whatever becomes of the others.
    const failures: unknown[] = [];
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const options = withTokenKeys(given);
    const { log: file, logSecrets = false, seed = 1 } = options;
    const log = file === undefined ? undefined : new RequestLog(file, logSecrets);
    if (log !== undefined) undo.push(() => log.close());
    const imageSet = options.images && (await readImages(options.images, seed));
    if (imageSet !== undefined) undo.push(() => imageSet.close());
    const pool = (options.workers ?? 1) > 1 ? new WorkerPool(options.workers ?? 1) : undefined;
    const { store, dir } = storeOf(options, imageSet, pool);
    if (store !== undefined) undo.push(() => store.close());
    if (pool !== undefined) undo.push(() => pool.close());
    const places = placesOf(options);
    const names = options.cdnName === undefined ? [] : [options.cdnName];
    const hosts = [...places.map(({ host }) => host), 'localhost', ...names];
    const tls = options.tls ? makeTls(hosts) : undefined;
    const listeners: Listener[] = [];
    for (const [index, { host, port }] of places.entries()) {
      const listener = await (pool?.listen(host, port, index, tls !== undefined) ??
        listen(host, port, tls, options));
      undo.push(() => listener.close());
      listeners.push(listener);
    }
    const [registry = '', cdnAddress = ''] = listeners.map(({ origin }) => origin);
    const cdn = named(cdnAddress, options.cdnName);
    const origins = { registry, cdn, token: registry };
    const mock = new Mock(origins, { ...options, images: imageSet, store });
    await mock.store.settle();
    if (pool === undefined) serve({ mock, log }, listeners, options);
    else await pool.begin({ mock, plan: planOf(options, { mock, origins, listeners, tls, dir }) });
    const ca = tls === undefined ? undefined : writeCa(tls.ca);
    if (ca !== undefined) undo.push(() => rmSync(join(ca, '..'), { recursive: true }));
    const { username, password } = mock;
    const host = registry.slice(registry.indexOf('//') + 2);
    const shown = mock.images.slice(0, imagesShownMax);
    const images = shown.map(({ repository, tag }) => `${host}/${repository}:${tag}`);
    const imageCount = mock.images.length;
    const token = registry + tokenPath;
    const said = { registry, cdn: cdn || registry, token, username, password };
    return { ...said, images, imageCount, ca, tokenTrust: tokenTrustOf(options), close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function withTokenKeys(given: ServerOptions): ServerOptions {
  const { tokenKeysDir } = given;
  return tokenKeysDir === undefined ? given : { ...given, tokenKeys: openTokenKeys(tokenKeysDir) };
}

function tokenTrustOf({ tokenKeysDir }: ServerOptions): TokenTrust | undefined {
  if (tokenKeysDir === undefined) return undefined;
  return { issuer: tokenIssuer, certificate: resolve(tokenKeysDir, certificateFile) };
}

/** The origin under another host name; '' stays what it is. */
function named(origin: string, name: string | undefined): string {
  if (name === undefined || origin === '') return origin;
  const { protocol, port } = new URL(origin);
  return `${protocol}//${name}${port === '' ? '' : `:${port}`}`;
}

/** Undefined for content in memory; `dir` is where workers find content. */
function storeOf(
  options: ServerOptions,
  images: ImageSet | undefined,
  pool: WorkerPool | undefined,
): { store: Store | undefined; dir: string } {
  const { storeDir, storeBytesMax, seed = 1 } = options;
  if (storeDir !== undefined) {
    const around = (own: Keeper) => (pool === undefined ? own : sharing(own, pool));
    const { signal, progress } = options.images ?? {};
    const how = { bytesMax: storeBytesMax, around, signal, progress };
    return { store: openStore(storeDir, how), dir: resolve(storeDir) };
  }
  if (pool === undefined) return { store: undefined, dir: '' };
  return openTemporaryStore(images, seed, pool, storeBytesMax);
}

/** Answers by itself. */
function serve(
  own: Pick<Serving, 'mock' | 'log'>,
  listeners: readonly Listener[],
  options: ServerOptions,
): void {
  const paces = shaper(options, randomOf(options.seed ?? 1, 'latency'));
  const serving = { ...own, paces, connections: new Connections(), patience: options };
  const hops: readonly Hop[] = ['registry', 'edge'];
  for (const [index, listener] of listeners.entries()) {
    listener.handler = handlerOf(serving, hops[index] ?? 'edge', listener.origin);
  }
}

interface Begun {
  readonly mock: Mock;
  readonly origins: Origins;
  readonly listeners: readonly Listener[];
  readonly tls: TlsFiles | undefined;
  readonly dir: string;
}

/** What workers are made of. */
function planOf(options: ServerOptions, begun: Begun): PoolSetup['plan'] {
  const { mock, origins, listeners, tls, dir } = begun;
  const { images, now: _, workers: __, ...plain } = options;
  const { sources = [], cacheFolder } = images ?? {};
  // Counters that are shown must add up.
  const isForEach = options.admin !== true && mock.activeFaults.every(isForOne);
  return {
    options: { ...plain, faults: isForEach ? (options.faults ?? []) : [] },
    origins,
    listening: listeners.map(({ origin }) => origin),
    tls,
    storeDir: dir,
    base: options.storeDir === undefined ? { sources, cacheFolder } : undefined,
  };
}

/** The registry's address, and the CDN's if it has one of its own. */
function placesOf(options: ServerOptions): { host: string; port: number }[] {
  const registry = { host: options.host ?? '127.0.0.1', port: options.port ?? 0 };
  const port = options.cdnPort ?? 0;
  if (options.cdnPlace === 'relative') return [registry];
  if (options.cdnPlace === 'port') return [registry, { host: registry.host, port }];
  return [registry, { host: options.cdnHost ?? '127.0.0.2', port }];
}

/** Returns the file's path. Some clients take the file, some the folder. */
function writeCa(pem: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pullproof-mock-')), 'ca.crt');
  writeFileSync(file, pem);
  return file;
}
