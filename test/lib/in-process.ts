// Performs the requests of conversations against a fetch handler in the same process: as the Node driver
// would, but without sockets. It also holds replies to what HTTP/1.1 clients would see of them.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Perform } from '../../src/drivers/drive.ts';
import { classify } from '../../src/drivers/failures.ts';
import { makeReply } from '../../src/drivers/reply.ts';
import { failureOfUnpacking, unpackerOf } from '../../src/drivers/unpack.ts';
import {
  type HeaderLine,
  type HttpReply,
  type HttpRequest,
  headerLinesOf,
  heldBody,
  type TransportFailure,
} from '../../src/protocol/talk.ts';

/** A body that is silent for this long counts as stalled; nothing in process takes so long. */
const silenceMsMax = 250;
const silenceWaits = 10;

type Fetch = (request: Request) => Promise<Response>;

export function inProcess(fetch: Fetch): Perform {
  return async (request) => {
    const start = performance.now();
    let response: Response;
    try {
      response = await fetch(toRequest(request));
    } catch (error) {
      return reply(request, start, { ...nothing, ...failure(error, false) });
    }
    const announced = response.headers.get('content-length');
    // No HTTP client gets past a Content-Length that is no number.
    if (announced !== null && !/^\d+$/.test(announced)) {
      const failureMessage = `Content-Length: ${announced}`;
      return reply(request, start, { ...nothing, failure: 'bad-http', failureMessage });
    }
    const lines: HeaderLine[] = [...response.headers];
    const head = { status: response.status, lines };
    if (request.ask.method === 'HEAD') return reply(request, start, { ...nothing, ...head });
    const body = await readBody(
      request,
      head,
      response,
      announced === null ? undefined : +announced,
    );
    return reply(request, start, { ...head, ...body });
  };
}

interface Parts {
  readonly status: number;
  readonly lines: readonly HeaderLine[];
  readonly bytes: number;
  readonly text: string;
  readonly digest: string;
  readonly failure: '' | TransportFailure;
  readonly failureMessage: string;
}

const nothing: Parts = {
  status: 0,
  lines: [],
  bytes: 0,
  text: '',
  digest: '',
  failure: '',
  failureMessage: '',
};

function reply(request: HttpRequest, start: number, parts: Parts): HttpReply {
  const { lines: headerLines, ...rest } = parts;
  const totalMs = performance.now() - start;
  return makeReply({
    ...rest,
    headerLines,
    remoteAddress: new URL(request.url).host,
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: totalMs, totalMs },
  });
}

function toRequest(request: HttpRequest): Request {
  const headers = new Headers();
  for (const [name, value] of headerLinesOf(request)) headers.append(name, value);
  const { method } = request.ask;
  const body = heldBody(request);
  const carriesBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  if (carriesBody && request.chunked === undefined) {
    headers.set('Content-Length', String(Buffer.byteLength(body ?? '')));
  }
  return new Request(request.url, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  });
}

/** The bytes as a client of HTTP/1.1 gets them: as many as announced at most, fewer are an error. */
async function readBody(
  request: HttpRequest,
  head: Pick<Parts, 'status' | 'lines'>,
  response: Response,
  announced: number | undefined,
): Promise<Omit<Parts, 'status' | 'lines'>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let failed = { failure: '' as '' | TransportFailure, failureMessage: '' };
  const reader = response.body?.getReader();
  try {
    const { partBytesMax } = request.ask;
    const isPart = head.status === 206 && partBytesMax !== undefined;
    const wanted = Math.min(
      announced ?? Number.POSITIVE_INFINITY,
      isPart ? partBytesMax : Number.POSITIVE_INFINITY,
    );
    while (reader !== undefined && bytes < wanted) {
      const { value, done } = await orStall(reader.read());
      if (done) break;
      const left = wanted - bytes;
      const chunk = value.subarray(0, Math.min(value.length, left));
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > request.ask.bodyBytesMax) {
        failed = {
          failure: 'long-body',
          failureMessage: `more than ${request.ask.bodyBytesMax} bytes`,
        };
        break;
      }
    }
    if (failed.failure === '' && announced !== undefined && bytes < wanted) {
      failed = { failure: 'short-body', failureMessage: `${bytes} of ${announced} bytes` };
    }
  } catch (error) {
    failed = failure(error, true);
  }
  reader?.cancel().catch(() => undefined);
  let body = Buffer.concat(chunks);
  const unpacker = bytes > 0 ? unpackerOf(request, head.status, head.lines) : undefined;
  if (unpacker !== undefined && failed.failure === '') {
    try {
      body = Buffer.concat(await Readable.from([body]).compose(unpacker).toArray());
    } catch (error) {
      const { message: failureMessage } = error as Error;
      failed = { failure: failureOfUnpacking(error as Error), failureMessage };
    }
  }
  return {
    bytes: body.length,
    text: request.ask.want === 'text' ? body.toString('utf8') : '',
    digest:
      request.ask.want === 'none' || request.joins !== undefined
        ? ''
        : `${request.ask.algorithm}:${createHash(request.ask.algorithm).update(body).digest('hex')}`,
    ...failed,
  };
}

function orStall<T>(reading: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let waits = silenceWaits;
    // One after the other: a machine that lets us wait is behind in one of them, and no body is taken for silent.
    const timer = setInterval(() => {
      waits--;
      if (waits > 0) return;
      clearInterval(timer);
      reject(new Stalled('no byte came'));
    }, silenceMsMax / silenceWaits);
    reading.then(resolve, reject).finally(() => clearInterval(timer));
  });
}

class Stalled extends Error {}

function failure(error: unknown, started: boolean): Pick<Parts, 'failure' | 'failureMessage'> {
  if (error instanceof Stalled) return { failure: 'stalled', failureMessage: error.message };
  const { failure, message } = classify(error, started);
  return { failure, failureMessage: message };
}
