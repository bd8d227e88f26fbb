// How a worker has a request answered by the process that began: streams the body there, and the reply back
// into the hands of who sends replies.
import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import {
  type ByteSource,
  type CallHead,
  carriesBody,
  errorReply,
  noBytes,
  type Reply,
  shortBytesMax,
} from '../call.ts';
import { adminPath } from '../faults/admin.ts';
import type { Incoming } from '../http/incoming.ts';
import { bodyIdleMsDefault, chunksOf, isCut, unwantedBytesMax } from '../http/receive.ts';
import { writerTo } from '../http/send.ts';
import { type Arriving, type Elsewhere, endAfter } from '../http/serve.ts';
import type { Mock } from '../mock.ts';
import { routeOf } from '../registry/route.ts';
import { callHeader, headBytesMax, packCall, replyHeader, unpackReply } from './exchange.ts';

export class Forward implements Elsewhere {
  /** Whether the worker answers nothing by itself. */
  all = false;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #primaryPath: string;
  readonly #mock: Pick<Mock, 'hopOf'>;

  constructor(primaryPath: string, mock: Pick<Mock, 'hopOf'>) {
    this.#primaryPath = primaryPath;
    this.#mock = mock;
  }

  /** What may change anything, or belongs to an upload. Tokens depend on nothing that changes. */
  takes(head: CallHead): boolean {
    if (this.all) return true;
    if (this.#mock.hopOf(head) !== 'registry') return false;
    if (head.method !== 'GET' && head.method !== 'HEAD') return true;
    return head.path.startsWith(adminPath) || routeOf(head.path).endpoint === 'upload';
  }

  async answer(arriving: Arriving): Promise<Reply | undefined> {
    const { req, res, head, isWaiting } = arriving;
    const hasBody = carriesBody(head.method);
    const inner = this.#ask(req, head, hasBody && isWaiting);
    const exchange = new Exchange(inner);
    const { ms = bodyIdleMsDefault, onIdle = () => req.destroy() } = arriving.idle;
    const idle = setTimeout(onIdle, ms);
    req.on('error', () => undefined);
    try {
      if (!hasBody) inner.end();
      else if (!isWaiting || (await exchange.isWanted())) {
        if (isWaiting) res.writeContinue();
        const sent = pump(req, exchange, idle);
        // A reply may come before the body is whole; a client may go away before the reply.
        await Promise.race([sent, exchange.reply]);
        if (!exchange.isAnswered) await sent;
      } else endAfter(res);
      const reply = await readReply(await exchange.reply, head.method === 'HEAD');
      // Of a body that nobody wanted.
      if (!inner.writableEnded && reply.whenOver === undefined) inner.destroy();
      return reply;
    } catch {
      inner.destroy();
      if (req.destroyed || isCut(req)) return undefined;
      return errorReply(503, 'UNSUPPORTED', 'the mock cannot answer now');
    } finally {
      exchange.isOver = true;
      clearTimeout(idle);
    }
  }

  #ask(req: Incoming, head: CallHead, isWaiting: boolean): ClientRequest {
    const names = Object.keys(req.headers).filter((name) => !name.startsWith(':'));
    const inner = request({
      socketPath: this.#primaryPath,
      agent: this.#agent,
      method: carriesBody(head.method) ? 'POST' : 'GET',
      maxHeaderSize: headBytesMax,
      headers: {
        [callHeader]: packCall(head, names),
        ...(isWaiting && { Expect: '100-continue' }),
      },
    });
    inner.flushHeaders();
    return inner;
  }
}

/** One request to the process that began, and what has come of it. */
class Exchange {
  readonly inner: ClientRequest;
  /** Rejects when there will be none. */
  readonly reply: Promise<IncomingMessage>;
  isAnswered = false;
  /** The reply has been handed over: the rest of the body is nobody's. */
  isOver = false;

  constructor(inner: ClientRequest) {
    this.inner = inner;
    this.reply = once(inner, 'response').then(([response]) => {
      this.isAnswered = true;
      return response as IncomingMessage;
    });
    this.reply.catch(() => undefined);
    inner.on('error', () => undefined);
  }

  /** Resolves with whether the body is wanted, or else there is a reply. */
  async isWanted(): Promise<boolean> {
    const told = once(this.inner, 'continue').then(() => true);
    return await Promise.race([told, this.reply.then(() => false)]);
  }
}

/** Resolves when all has been sent; what comes after the reply goes nowhere. Rejects for a cut body. */
async function pump(req: Incoming, exchange: Exchange, idle: NodeJS.Timeout): Promise<void> {
  const { inner } = exchange;
  const patience = {
    refresh: () => (exchange.isOver ? idle : idle.refresh()),
  };
  const { write } = writerTo(inner);
  let unwantedBytes = 0;
  for await (const chunk of chunksOf(req, patience)) {
    if (exchange.isAnswered) {
      unwantedBytes += chunk.length;
      if (unwantedBytes > unwantedBytesMax) req.destroy();
    } else await write(chunk);
  }
  if (isCut(req)) throw new Error('the body is cut');
  if (exchange.isAnswered) inner.destroy();
  else inner.end();
}

async function readReply(response: IncomingMessage, isHead: boolean): Promise<Reply> {
  const plain = unpackReply(String(response.headers[replyHeader]));
  const { status, headers, wire, bytes } = plain;
  const shown = { status, headers, ...(wire && { wire }) };
  if (isHead) {
    response.resume();
    return { ...shown, body: noBytes };
  }
  if (bytes > shortBytesMax) {
    return { ...shown, body: streamed(response, bytes), whenOver: () => response.destroy() };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { ...shown, body: Buffer.concat(chunks) };
}

/** A body that comes once: its parts are to be read in order. */
function streamed(response: IncomingMessage, length: number): ByteSource {
  const chunks = response.iterator({ destroyOnReturn: false });
  let at = 0;
  let left: Uint8Array = noBytes;
  async function* read(begin: number, end: number): AsyncGenerator<Uint8Array> {
    while (at < end) {
      if (left.length === 0) {
        const { value, done } = await chunks.next();
        if (done) throw new Error('the reply ended early');
        left = value;
      }
      const piece = left.subarray(0, (at < begin ? begin : end) - at);
      left = left.subarray(piece.length);
      at += piece.length;
      if (at > begin) yield piece;
    }
  }
  const part = (begin: number, end: number): ByteSource => ({
    length: end - begin,
    subarray: (from = 0, to = end - begin) => part(begin + from, Math.min(end, begin + to)),
    chunks: () => read(begin, end),
  });
  return part(0, length);
}
