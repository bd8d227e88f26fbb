// The mock over HTTP or HTTPS: the registry with its token endpoint on one loopback address, the CDN on
// another. Puts the parts together; listening, reading, sending, shaping and logging are files of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callOf } from './body.ts';
import { type Call, type CallHead, carriesBody, noBytes, type Reply, type Role } from './call.ts';
import { type Handler, type Listener, listen } from './http/listen.ts';
import { RequestLog } from './http/log.ts';
import { headOf, type Incoming, isHttp2, readCall } from './http/receive.ts';
import { deliver } from './http/send.ts';
import { type Pace, type Shaping, shaper } from './http/shaping.ts';
import { makeTls } from './http/tls.ts';
import { type ImageOptions, readImages } from './images.ts';
import { Mock, type MockOptions } from './mock.ts';
import { randomOf } from './random.ts';
import { openStore } from './store/open.ts';
import { tokenPath } from './tokens/token-server.ts';

export interface ServerOptions extends Omit<MockOptions, 'images' | 'store'>, Shaping {
  /** Folder of the store, made if there is none; default in memory. */
  readonly storeDir?: string | undefined;
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
  /** HTTPS with a CA of this run, and HTTP/2 for clients that offer it. */
  readonly tls?: boolean | undefined;
  /** File to which a JSON line per request is appended. */
  readonly log?: string | undefined;
  /** Leave credentials, tokens and signatures in the log. */
  readonly logSecrets?: boolean | undefined;
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
  /** Ends all connections. */
  close(): Promise<void>;
}

/**
 * Resolves when all servers listen.
 * @throws UserError `fault-unknown`, `cannot-listen`, `log-unwritable`, and those of `readImages`
 * and `openStore`
 */
export async function startMock(options: ServerOptions = {}): Promise<RunningMock> {
  const undo: (() => unknown)[] = [];
  const close = async () => {
    // The last first: what connections have to say at their end still goes into the log.
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { log: file, logSecrets = false } = options;
    const log = file === undefined ? undefined : new RequestLog(file, logSecrets);
    if (log !== undefined) undo.push(() => log.close());
    const { storeDir, storeBytesMax } = options;
    const store = storeDir === undefined ? undefined : openStore(storeDir, storeBytesMax);
    if (store !== undefined) undo.push(() => store.close());
    const seed = options.seed ?? 1;
    const imageSet = options.images && (await readImages(options.images, seed));
    if (imageSet !== undefined) undo.push(() => imageSet.close());
    const places = placesOf(options);
    const tls = options.tls ? makeTls([...places.map(({ host }) => host), 'localhost']) : undefined;
    const listeners: Listener[] = [];
    for (const { host, port } of places) {
      const listener = await listen(host, port, tls);
      undo.push(() => listener.close());
      listeners.push(listener);
    }
    const [registry = '', cdn = ''] = listeners.map(({ origin }) => origin);
    const inside = { ...options, images: imageSet, store };
    const mock = new Mock({ registry, cdn, token: registry }, inside);
    if (!mock.store.isSettled) options.images?.progress?.('writing new images into the store');
    await mock.store.settle();
    const paces = shaper(options, randomOf(seed, 'latency'));
    const serving: Serving = { mock, log, paces, connections: new Connections() };
    const roles: readonly Role[] = ['registry', 'edge'];
    for (const [index, listener] of listeners.entries()) {
      listener.handler = handlerOf(serving, roles[index] ?? 'edge', listener.origin);
    }
    const ca = tls === undefined ? undefined : writeCa(tls.ca);
    if (ca !== undefined) undo.push(() => rmSync(join(ca, '..'), { recursive: true }));
    const { username, password } = mock;
    const host = registry.slice(registry.indexOf('//') + 2);
    const shown = mock.images.slice(0, imagesShownMax);
    const images = shown.map(({ repository, tag }) => `${host}/${repository}:${tag}`);
    const imageCount = mock.images.length;
    const token = registry + tokenPath;
    const said = { registry, cdn: cdn || registry, token, username, password };
    return { ...said, images, imageCount, ca, close };
  } catch (error) {
    await close();
    throw error;
  }
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

interface Serving {
  readonly mock: Mock;
  readonly log: RequestLog | undefined;
  readonly paces: Readonly<Partial<Record<Role, Pace>>>;
  readonly connections: Connections;
}

/** Numbers connections from 1, in the order in which they are first used. */
class Connections {
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  numberOf(req: Incoming): number {
    const connection = (isHttp2(req) ? req.stream.session : undefined) ?? req.socket;
    let number = this.#numbers.get(connection);
    if (number === undefined) {
      number = ++this.#last;
      this.#numbers.set(connection, number);
    }
    return number;
  }
}

function handlerOf(serving: Serving, role: Role, ownOrigin: string): Handler {
  const { mock, log, paces, connections } = serving;
  return (req, res, isWaiting) => {
    const time = log === undefined ? '' : new Date().toISOString();
    const head = headOf(req, role, ownOrigin, connections.numberOf(req));
    const send = (reply: Reply) => {
      const hop = mock.roleOf(head);
      const onOver =
        log === undefined
          ? undefined
          : (bodyBytes: number) => log.add(entryOf(req, head, hop, time, reply.status, bodyBytes));
      const isHead = head.method === 'HEAD';
      deliver(res, { reply, isHead, tempo: mock.tempo, pace: paces[hop], onOver });
    };
    const answer = async (call: Call) => {
      const reply = mock.serve(call);
      send(reply instanceof Promise ? await reply : reply);
    };
    if (!carriesBody(head.method)) return answer(callOf(head, noBytes));
    return receive(mock, { req, res, head, isWaiting }).then((call) => call && answer(call));
  };
}

interface Arriving {
  readonly req: Incoming;
  readonly res: Parameters<Handler>[1];
  readonly head: CallHead;
  readonly isWaiting: boolean;
}

/** A client that waits to be told sends no body that nobody wants. */
function receive(mock: Mock, { req, res, head, isWaiting }: Arriving): Promise<Call | undefined> {
  if (!isWaiting) return readCall(req, head, mock);
  const plan = mock.planFor(head);
  if (plan !== 'unread') res.writeContinue();
  // The body may come or not, so that nothing can follow on the connection (RFC 9110 10.1.1).
  else if ('shouldKeepAlive' in res) res.shouldKeepAlive = false;
  return readCall(req, head, mock, plan);
}

function entryOf(
  req: Incoming,
  { method, path, query, connection = 0 }: CallHead,
  role: Role,
  time: string,
  status: number,
  bodyBytes: number,
) {
  const { rawHeaders: raw } = req;
  const headers = Array.from({ length: raw.length >> 1 }, (_, index) => {
    return [raw[2 * index] ?? '', raw[2 * index + 1] ?? ''] as const;
  });
  return { time, role, method, path, query, status, headers, bodyBytes, connection };
}
