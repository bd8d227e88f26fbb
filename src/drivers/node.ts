// The Node driver: performs the requests of conversations over undici, one exchange each, and records them.
import { createHash, type Hash } from 'node:crypto';
import { lookup } from 'node:dns';
import type { Socket } from 'node:net';
import { Readable, type Transform } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Exchange } from '../../reports/results.ts';
import {
  type HeaderLine,
  type HttpReply,
  type HttpRequest,
  headerLinesOf,
  heldBody,
  type Talk,
  type TransportFailure,
  type Wait,
} from '../protocol/talk.ts';
import { drive, type Pause } from './drive.ts';
import { toExchange } from './evidence.ts';
import { classify } from './failures.ts';
import { Redactor } from './redact.ts';
import { makeReply } from './reply.ts';
import { failureOfUnpacking, unpackerOf } from './unpack.ts';
import { writeHeadsAsGo } from './wire-head.ts';

/** Exchanges kept per recorder; a check that needs more has run away. */
const exchangesMax = 500;
/** A reply that still drips after this many time limits is given up as stalled. */
const totalTimeoutFactor = 10;
const connectionsPerOriginMax = 32;
/** What a timer of Node can hold; a longer one would fire at once. */
const timerMsMax = 2 ** 31 - 1;
/** Scheme and authority of an absolute URL, and what is asked of that server. */
const requestTarget = /^[a-z]+:\/\/[^/?#]*([^#]*)/i;

export interface NodeDriverOptions {
  /** Limit for connecting, for the reply's head, and for each pause in a body, milliseconds. */
  readonly timeoutMs: number;
  /** PEM certificates to trust besides the system's. */
  readonly ca?: string[] | undefined;
  /** Accept any certificate. */
  readonly insecure?: boolean | undefined;
  /** Told of every pause before it begins. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
}

/** Takes a body piece by piece, as it comes; the next piece waits until the promise is resolved. */
export type BodySink = (piece: Uint8Array) => Promise<void>;

/** Where `run` puts what it saw; give one to keep the evidence. */
export type Recording = Exchange[];

export class NodeDriver {
  readonly redactor = new Redactor();
  readonly #options: NodeDriverOptions;
  readonly #agent: Agent;
  /** For clients that close each connection after its request: so each of theirs is a new one. */
  readonly #closing: Agent;
  /** Connections made and not yet accounted to a request, by origin. */
  readonly #fresh = new Map<string, Connected[]>();
  readonly #peers = new Map<string, string>();
  readonly #abort = new AbortController();

  constructor(options: NodeDriverOptions) {
    const timeoutMs = Math.min(Math.max(1, Math.round(options.timeoutMs)), timerMsMax);
    this.#options = { ...options, timeoutMs };
    const settings = {
      connect: this.#connector(),
      connections: connectionsPerOriginMax,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxHeaderSize: 64 * 1024,
    };
    this.#agent = new Agent(settings);
    this.#closing = new Agent({ ...settings, pipelining: 0 });
  }

  /** Runs a conversation; rejects with what it throws. `sink` is given the bodies of its 200 replies. */
  run<T>(talk: Talk<T>, recording?: Recording, sink?: BodySink): Promise<T> {
    const perform = async (request: HttpRequest) => {
      const isContent = request.hop !== 'token';
      const reply = await this.perform(request, isContent ? sink : undefined);
      if (recording !== undefined && recording.length < exchangesMax) {
        recording.push(toExchange(request, reply, this.redactor));
      }
      return reply;
    };
    return drive(talk, perform, this.#pause);
  }

  /** Ends early when the run is stopped: the next request says so. */
  readonly #pause: Pause = async (ms, wait) => {
    if (wait !== undefined) this.#options.onWait?.(wait);
    const { signal } = this.#abort;
    if (ms > 0) await sleep(Math.min(ms, timerMsMax), undefined, { signal }).catch(() => undefined);
  };

  /** Ends every request under way as `interrupted`. */
  interrupt(): void {
    this.#abort.abort();
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.destroy(), this.#closing.destroy()]);
  }

  #connector(): buildConnector.connector {
    const { ca, insecure, timeoutMs } = this.#options;
    let dnsMs = 0;
    const connect = buildConnector({
      timeout: timeoutMs,
      rejectUnauthorized: insecure !== true,
      // Node takes `ca` instead of its own list, but a CDN has a public certificate beside a private one.
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ...ca] }),
      lookup: (host, options, done) => {
        const start = performance.now();
        lookup(host, options, (...answer) => {
          dnsMs = performance.now() - start;
          done(...answer);
        });
      },
    });
    return (options, done) => {
      const start = performance.now();
      const origin = `${options.protocol}//${options.host}`;
      const secure = options.protocol === 'https:';
      let tcpAt = 0;
      const socket = connect(options, (...result) => {
        const [error, connection] = result;
        if (error === null && connection !== null) {
          writeHeadsAsGo(connection);
          const end = performance.now();
          const connected = {
            dnsMs,
            connectMs: (tcpAt || end) - start,
            tlsMs: secure ? end - tcpAt : 0,
          };
          this.#fresh.set(origin, [...(this.#fresh.get(origin) ?? []), connected]);
          this.#peers.set(origin, peerOf(connection));
        }
        done(...result);
      }) as unknown as Socket | undefined;
      socket?.once('connect', () => {
        tcpAt = performance.now();
      });
    };
  }

  /** Performs one request; resolves also when it fails. Rejects only with what `sink` rejects with. */
  async perform(request: HttpRequest, sink?: BodySink, signal?: AbortSignal): Promise<HttpReply> {
    this.redactor.learn(request);
    const reply = await this.#dispatch(request, sink, signal);
    this.redactor.learn(request, reply);
    // undici frees a connection in the next turn of the event loop; a request before then dials anew.
    await nextTurn();
    return reply;
  }

  #dispatch(
    request: HttpRequest,
    sink: BodySink | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HttpReply> {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    const body = heldBody(request);
    const origin = url === undefined ? '' : `${url.protocol}//${url.host}`;
    return new Promise((resolve, reject) => {
      const collector = new Collector(request, sink, (parts, hash) => {
        clearTimeout(timer);
        this.#abort.signal.removeEventListener('abort', interrupted);
        signal?.removeEventListener('abort', overdue);
        if (collector.sinkError !== undefined) reject(collector.sinkError);
        const reply = makeReply({ ...parts, remoteAddress: this.#peers.get(origin) ?? '' });
        if (hash !== undefined && mayGoOn(parts)) hashes.set(reply, hash);
        resolve(reply);
      });
      collector.onConnected = () => this.#fresh.get(origin)?.shift();
      const interrupted = () => collector.abort('interrupted', 'the run was stopped');
      const overdue = () => collector.abort('stalled', 'the reply was not waited for any longer');
      const timer = setTimeout(
        () => collector.abort('stalled', 'the reply did not end within the time limit'),
        Math.min(this.#options.timeoutMs * totalTimeoutFactor, timerMsMax),
      );
      this.#abort.signal.addEventListener('abort', interrupted);
      if (this.#abort.signal.aborted) return interrupted();
      signal?.addEventListener('abort', overdue);
      if (signal?.aborted) return overdue();
      // Servers name hosts that no URL can have, such as 1.2.3.4.5.
      if (url === undefined) return collector.abort('dns', 'the URL has no valid host');
      // The path goes out as it is: a URL object would rewrite it, and a signature may cover it.
      const path = requestTarget.exec(request.url)?.[1] ?? '';
      const isApart = request.ask.network?.connections === 'per-request';
      (isApart ? this.#closing : this.#agent).dispatch(
        {
          origin: url.origin,
          path: path.startsWith('/') ? path : `/${path}`,
          method: request.ask.method,
          headers: headerLinesOf(request).flat(),
          ...(body !== undefined && { body: bodyOf(body, request.chunked) }),
        },
        collector,
      );
    });
  }
}

/** A stream has no length that could be announced, so it goes out in chunks. */
function bodyOf(body: string | Uint8Array, chunked: true | undefined) {
  if (chunked === undefined || body.length === 0) return body;
  const bytes = Buffer.from(body);
  const middle = bytes.length >> 1;
  return Readable.from([bytes.subarray(0, middle), bytes.subarray(middle)], { objectMode: false });
}

interface Connected {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
}

function peerOf(socket: Socket): string {
  const host = socket.remoteAddress ?? '';
  return host.includes(':') ? `[${host}]:${socket.remotePort}` : `${host}:${socket.remotePort}`;
}

type Parts = Omit<HttpReply, 'header' | 'remoteAddress'>;

/** Digests of bodies that may go on in another reply (HttpRequest.resumes). */
const hashes = new WeakMap<HttpReply, Hash>();

/** A part of a blob, or a body that broke off. */
function mayGoOn({ status, failure }: Parts): boolean {
  return status === 206 || (status === 200 && failure !== '');
}

/** Collects one reply from undici's callbacks: hashes or keeps the body, unpacked where the client does that. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #done: (parts: Parts, hash: Hash | undefined) => void;
  readonly #startedAt = performance.now();
  #hash: Hash | undefined;
  readonly #chunks: Buffer[] = [];
  #unpacker: Transform | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #connected: Connected = { dnsMs: 0, connectMs: 0, tlsMs: 0 };
  #sentAt = 0;
  #firstByteAt = 0;
  #status = 0;
  #lines: HeaderLine[] = [];
  #bytes = 0;
  #finished = false;
  readonly #sink: BodySink | undefined;
  /** Resolved when the sink has taken everything that came. */
  #passed: Promise<void> = Promise.resolve();
  #waiting = 0;
  onConnected: () => Connected | undefined = () => undefined;
  /** What the sink rejected with. */
  sinkError: unknown;

  constructor(
    request: HttpRequest,
    sink: BodySink | undefined,
    done: (parts: Parts, hash: Hash | undefined) => void,
  ) {
    this.#request = request;
    this.#sink = sink;
    this.#done = done;
    // Parts that come side by side are hashed by our k6 alone.
    const isHashed = request.ask.want !== 'none' && request.joins === undefined;
    this.#hash = isHashed ? createHash(request.ask.algorithm) : undefined;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentAt = performance.now();
    this.#connected = this.onConnected() ?? this.#connected;
    if (this.#finished) controller.abort(new Error('given up'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return;
    this.#firstByteAt = performance.now();
    this.#status = status;
    if (status === 206) this.#hash = this.#continued(this.#hash);
    this.#lines = headerLines(controller.rawHeaders);
  }

  /** From the first piece on: nothing at all is nothing unpacked. */
  #unpack(controller: Dispatcher.DispatchController): void {
    const unpacker = unpackerOf(this.#request, this.#status, this.#lines);
    this.#unpacker = unpacker;
    unpacker?.on('data', (piece: Buffer) => this.#take(piece));
    unpacker?.on('drain', () => controller.resume());
    unpacker?.on('end', () => this.#finish('', ''));
    unpacker?.on('error', (error) => {
      this.abort(failureOfUnpacking(error), `the body cannot be unpacked: ${error.message}`);
    });
  }

  /** The digest of the part before goes on; a reply that was not kept for that has none. */
  #continued(hash: Hash | undefined): Hash | undefined {
    const { resumes } = this.#request;
    return resumes === undefined ? hash : hashes.get(resumes)?.copy();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#finished) return;
    const isFirst = this.#bytes === 0 && this.#unpacker === undefined;
    if (isFirst && this.#sink === undefined) this.#unpack(controller);
    if (this.#unpacker !== undefined) {
      if (!this.#unpacker.write(chunk)) controller.pause();
      return;
    }
    const { partBytesMax } = this.#request.ask;
    const left =
      this.#status === 206 && partBytesMax !== undefined ? partBytesMax - this.#bytes : undefined;
    this.#take(left === undefined ? chunk : chunk.subarray(0, left));
    if (this.#finished) return;
    if (left !== undefined && chunk.length > left) {
      this.#finish('', '');
      controller.abort(new Error('the rest of the part is not wanted'));
      return;
    }
    if (this.#sink !== undefined && this.#status === 200) this.#pass(controller, chunk);
  }

  #take(piece: Buffer): void {
    if (this.#finished) return;
    this.#bytes += piece.length;
    const { bodyBytesMax } = this.#request.ask;
    if (this.#bytes > bodyBytesMax) {
      this.abort('long-body', `the body goes on past ${bodyBytesMax} bytes`);
      return;
    }
    this.#hash?.update(piece);
    if (this.#request.ask.want === 'text') this.#chunks.push(piece);
  }

  /** Pieces may come although we pause; they are passed on one after the other. */
  #pass(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    controller.pause();
    const sink = this.#sink as BodySink;
    this.#waiting++;
    this.#passed = this.#passed
      .then(() => (this.sinkError === undefined ? sink(chunk) : undefined))
      // undici's parser must have come to rest before it is resumed, or it repeats itself for ever.
      .then(() => nextTurn())
      .then(
        () => {
          this.#waiting--;
          if (this.#waiting === 0 && !this.#finished) controller.resume();
        },
        (error) => {
          this.sinkError ??= error;
          this.abort('interrupted', 'the body is not wanted any more');
        },
      );
  }

  onResponseEnd(): void {
    if (this.#unpacker === undefined) this.#finish('', '');
    else this.#unpacker.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { failure, message } = classify(error, this.#status !== 0);
    this.#finish(failure, message);
  }

  abort(failure: TransportFailure, message: string): void {
    this.#finish(failure, message);
    this.#controller?.abort(new Error(message));
  }

  #finish(failure: '' | TransportFailure, failureMessage: string): void {
    if (this.#finished) return;
    this.#finished = true;
    const end = performance.now();
    const bodiless = this.#request.ask.method === 'HEAD' || [0, 204, 304].includes(this.#status);
    const hash = failure === '' && !bodiless ? this.#hash : undefined;
    // What may go on must not be closed.
    const ended = this.#status === 206 ? hash?.copy() : hash;
    const parts: Parts = {
      status: this.#status,
      headerLines: this.#lines,
      text: Buffer.concat(this.#chunks).toString('utf8'),
      bytes: this.#bytes,
      digest: ended === undefined ? '' : `${this.#request.ask.algorithm}:${ended.digest('hex')}`,
      failure,
      failureMessage,
      timings: {
        ...this.#connected,
        ttfbMs: this.#firstByteAt === 0 ? 0 : this.#firstByteAt - this.#sentAt,
        totalMs: end - this.#startedAt,
      },
    };
    this.#unpacker?.destroy();
    // An offset into packed bytes says nothing of where the unpacked ones go on.
    if (this.#unpacker !== undefined) this.#done(parts, undefined);
    else if (this.#sink === undefined) this.#done(parts, this.#hash);
    else void this.#passed.then(() => this.#done(parts, this.#hash));
  }
}

/** undici hands raw headers as a flat list of names and values, those of HTTP/2 as an object. */
function headerLines(raw: Dispatcher.DispatchController['rawHeaders']): HeaderLine[] {
  const text = (part: Buffer | string | undefined) =>
    typeof part === 'string' ? part : (part?.toString('latin1') ?? '');
  if (!Array.isArray(raw)) {
    return Object.entries(raw ?? {}).flatMap(([name, values]) =>
      [values].flat().map((value): HeaderLine => [name, text(value)]),
    );
  }
  const lines: HeaderLine[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) lines.push([text(raw[i]), text(raw[i + 1])]);
  return lines;
}
