// The mock as a fetch function: Request in, Response out, routed by host. No network.
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { callOf, readBody } from './body.ts';
import {
  type Body,
  type Call,
  type CallHead,
  carriesBody,
  chunksOf,
  type Hop,
  noBytes,
  type Reply,
  type Tempo,
  type WireAction,
} from './call.ts';
import type { Mock } from './mock.ts';

/** Of a body that goes out slowly. */
const piecesPerSecond = 50;

/** Rejects as fetch does when the host is none of the mock's. */
export async function fetchFromMock(mock: Mock, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const hop = hopOf(mock, url);
  if (hop === undefined) {
    const cause = Object.assign(new Error(`getaddrinfo ENOTFOUND ${url.hostname}`), {
      code: 'ENOTFOUND',
    });
    throw new TypeError('fetch failed', { cause });
  }
  const head: CallHead = {
    hop,
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    origin: url.origin,
    header: (name) => request.headers.get(name) ?? undefined,
  };
  const hasBody = carriesBody(request.method) && request.body !== null;
  const call = hasBody ? await readBody(mock, head, request.body) : callOf(head, noBytes);
  const reply = await mock.serve(call);
  if (reply.whenOver !== undefined) {
    // Requests that were made side by side are under way together.
    await nextTurn();
    reply.whenOver();
  }
  if (reply.wire?.lateHead) await sleep(mock.tempo.slowMs);
  if (reply.wire?.noHead) {
    const cause = reply.wire.untrusted
      ? coded('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain')
      : coded('ECONNRESET', 'read ECONNRESET');
    throw new TypeError('fetch failed', { cause });
  }
  return responseOf(call, reply, mock.tempo);
}

/** By host alone: a redirect from https to http still finds the edge. */
function hopOf({ origins }: Mock, { host }: URL): Hop | undefined {
  const isAt = (origin: string) => origin !== '' && host === new URL(origin).host;
  if (isAt(origins.registry)) return 'registry';
  if (isAt(origins.token)) return 'token';
  return isAt(origins.cdn) ? 'edge' : undefined;
}

function responseOf(call: Call, { status, headers, body, wire }: Reply, tempo: Tempo): Response {
  const isBare = call.method === 'HEAD' || status === 204 || status === 304;
  const lines = headers.map(([name, value]): [string, string] => [name, value]);
  const init = { status, headers: lines };
  if (isBare) return new Response(null, init);
  if (wire === undefined && body instanceof Uint8Array) return new Response(body, init);
  const quit = new AbortController();
  return new Response(streamOf(delivery(body, wire ?? {}, tempo, quit.signal), quit), init);
}

/** What a client sees of a body, and of a connection that ends, breaks or goes silent meanwhile. */
async function* delivery(
  body: Body,
  wire: WireAction,
  tempo: Tempo,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const sound = Math.min(wire.afterBytes ?? body.length, body.length);
  const everyBytes = wire.checkpoint?.everyBytes ?? Number.POSITIVE_INFINITY;
  for (let at = 0; at < sound; at += everyBytes) {
    if (at > 0 && wire.checkpoint?.goesOn(at) === false) return;
    const part = body.subarray(at, Math.min(at + everyBytes, sound));
    if (wire.bytesPerSecond === undefined) yield* chunksOf(part);
    else yield* slowly(part, wire.bytesPerSecond, signal);
  }
  if (wire.then === 'drip') {
    for (let at = sound; at < body.length; at++) {
      await sleep(tempo.dripMs, undefined, { signal });
      yield* chunksOf(body.subarray(at, at + 1));
    }
  } else if (wire.then === 'bad-chunk') {
    throw coded('HPE_INVALID_CHUNK_SIZE', 'Invalid character in chunk size');
  } else if (wire.then === 'reset' || wire.then === 'stall') {
    if (wire.then === 'stall') await sleep(tempo.stallMs, undefined, { signal });
    throw coded('ECONNRESET', 'read ECONNRESET');
  }
}

async function* slowly(
  body: Body,
  bytesPerSecond: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const pieceBytes = Math.ceil(bytesPerSecond / piecesPerSecond);
  for (let at = 0; at < body.length; at += pieceBytes) {
    await sleep(1000 / piecesPerSecond, undefined, { signal });
    yield* chunksOf(body.subarray(at, at + pieceBytes));
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** Makes no chunk before it is asked for; whoever cancels ends all waiting. */
function streamOf(
  chunks: AsyncGenerator<Uint8Array>,
  quit: AbortController,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done) controller.close();
        // The source uses its memory again, and nobody says when this has been read.
        else controller.enqueue(new Uint8Array(value));
      },
      cancel() {
        quit.abort();
      },
    },
    { highWaterMark: 0 },
  );
}
