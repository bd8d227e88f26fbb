// Collects one reply from undici's callbacks: hashes or keeps the body, unpacked where the client does that.
import { createHash, type Hash } from 'node:crypto';
import type { Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import type {
  FailureReason,
  HeaderLine,
  HttpReply,
  HttpRequest,
  TransportFailure,
} from '../protocol/talk.ts';
import { classify } from './failures.ts';
import type { Connected } from './network/connector.ts';
import { failureOfUnpacking, unpackerOf } from './unpack.ts';

/** Takes a body piece by piece, as it comes; the next piece waits until the promise is resolved. */
export type BodySink = (piece: Uint8Array) => Promise<void>;

type Parts = Omit<HttpReply, 'header' | 'remoteAddress'>;

/** Digests of bodies that may go on in another reply (HttpRequest.resumes). */
const hashes = new WeakMap<HttpReply, Hash>();

/** Kept of a part of a blob, or of a body that broke off: it may go on in another reply. */
export function keepHash(reply: HttpReply, hash: Hash): void {
  const { status, failure } = reply;
  if (status === 206 || (status === 200 && failure !== '')) hashes.set(reply, hash);
}

/** Kept of a body that nobody asked for as text, for messages. */
const excerptBytesMax = 1024;
const textual = /^(?:text\/|[^;]*(?:xml|json)\s*(?:;|$))/i;

export class Collector implements Dispatcher.DispatchHandler {
  readonly #request: HttpRequest;
  readonly #done: (parts: Parts, hash: Hash | undefined) => void;
  readonly #startedAt = performance.now();
  #hash: Hash | undefined;
  readonly #chunks: Buffer[] = [];
  #textBytesLeft = 0;
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
  /** A 407 is the proxy's. */
  isProxied = false;
  /** What the sink rejected with. */
  sinkError: unknown;
  /** No more of the body is read. */
  bytesMax = Number.POSITIVE_INFINITY;

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
    this.#textBytesLeft = this.#textBytesMax();
  }

  /** All of a text that is wanted; else the beginning of what is no blob, an error's body or a page. */
  #textBytesMax(): number {
    const { want, bodyBytesMax } = this.#request.ask;
    if (want === 'text') return bodyBytesMax;
    const type = this.#lines.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    return this.#status >= 400 || textual.test(type) ? excerptBytesMax : 0;
  }

  /** From the first piece on: nothing at all is nothing unpacked. */
  #unpack(controller: Dispatcher.DispatchController): void {
    const unpacker = unpackerOf(this.#request, this.#status, this.#lines);
    this.#unpacker = unpacker;
    unpacker?.on('data', (piece: Buffer) => {
      this.#take(piece);
      this.#isEnough();
    });
    unpacker?.on('drain', () => controller.resume());
    unpacker?.on('end', () => this.#complete());
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
    if (this.#finished || this.#isEnough()) return;
    if (left !== undefined && chunk.length > left) {
      this.#finish('', '');
      controller.abort(new Error('the rest of the part is not wanted'));
      return;
    }
    if (this.#sink !== undefined && this.#status === 200) this.#pass(controller, chunk);
  }

  #take(whole: Buffer): void {
    if (this.#finished) return;
    const piece = whole.subarray(0, this.bytesMax - this.#bytes);
    this.#bytes += piece.length;
    const { bodyBytesMax } = this.#request.ask;
    if (this.#bytes > bodyBytesMax) {
      this.abort('long-body', `the body goes on past ${bodyBytesMax} bytes`);
      return;
    }
    this.#hash?.update(piece);
    if (this.#textBytesLeft === 0) return;
    const kept = piece.subarray(0, this.#textBytesLeft);
    this.#textBytesLeft -= kept.length;
    this.#chunks.push(kept);
  }

  /** The beginning is all that is wanted. */
  #isEnough(): boolean {
    if (this.#bytes < this.bytesMax || this.#finished) return false;
    this.leaveRest();
    return true;
  }

  /** What came is taken for all; there is no digest. */
  leaveRest(): void {
    this.#hash = undefined;
    this.#finish('', '');
    this.#controller?.abort(new Error('the rest is not wanted'));
  }

  /** A body has begun to come, and may be left where it is. */
  get hasBegun(): boolean {
    return this.#status === 200 && this.#bytes > 0;
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
    if (this.#unpacker === undefined) this.#complete();
    else this.#unpacker.end();
  }

  #complete(): void {
    if (this.isProxied && this.#status === 407) {
      this.#status = 0; // no reply of the server
      this.#finish('proxy', 'the proxy answers 407 Proxy Authentication Required', 'proxy-auth');
    } else {
      this.#finish('', '');
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { failure, message, reason } = classify(error, this.#status !== 0);
    this.#finish(failure, message, reason);
  }

  abort(failure: TransportFailure, message: string): void {
    // A body that stands still is noticed by its pause: this one moves.
    const isHeadless = failure === 'stalled' && this.#status === 0;
    this.#finish(failure, message, isHeadless ? 'no-head' : undefined);
    this.#controller?.abort(new Error(message));
  }

  #finish(failure: '' | TransportFailure, failureMessage: string, reason?: FailureReason): void {
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
      reason,
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
