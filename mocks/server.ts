// The mock over HTTP or HTTPS: the registry with its token endpoint on one address, of loopback if nothing else is
// said, the CDN on another. Puts the parts together; listening, reading, sending, shaping and logging are files of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Hop } from './call.ts';
import { type Listener, listen, type Patience } from './http/listen.ts';
import { RequestLog } from './http/log.ts';
import { hostsOf, originAs, type PlaceOptions, placesOf } from './http/places.ts';
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

export interface ServerOptions
  extends Omit<MockOptions, 'images' | 'store'>,
    PlaceOptions,
    Shaping,
    Patience {
  /** Folder of the store, made if there is none; default in memory. */
  readonly storeDir?: string | undefined;
  /** Folder of `tokenKeys` (tokens/token-keys.ts), made if there is none. */
  readonly tokenKeysDir?: string | undefined;
  /** What there is to pull, default three small images. */
  readonly images?: ImageOptions | undefined;
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
 * @throws UserError `fault-unknown`, `cannot-listen`, `log-unwritable`, and those of `placesOf`, `readImages`,
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
    const places = placesOf(given);
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
    const tls = options.tls ? makeTls(hostsOf(places)) : undefined;
    const listeners: Listener[] = [];
    for (const [index, { host, port }] of places.entries()) {
      const listener = await (pool?.listen(host, port, index, tls !== undefined) ??
        listen(host, port, tls, options));
      undo.push(() => listener.close());
      listeners.push(listener);
    }
    const called = listeners.map(({ origin }, at) => originAs(origin, places[at]?.name));
    const [registry = '', cdn = ''] = called;
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

/** Returns the file's path. Some clients take the file, some the folder. */
function writeCa(pem: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pullproof-mock-')), 'ca.crt');
  writeFileSync(file, pem);
  return file;
}
