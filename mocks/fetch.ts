// The mock as a fetch function: Request in, Response out, routed by host. No network.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Body,
  bodyBytesMax,
  type Call,
  carriesBody,
  chunksOf,
  formBytesMax,
  noBytes,
  type Reply,
  type Role,
  type Tempo,
  tooLargeReply,
  type WireAction,
} from './call.ts';
import type { Mock } from './mock.ts';
import { tokenPath } from './tokens/token-server.ts';

/** Rejects as fetch does when the host is none of the mock's. */
export async function fetchFromMock(mock: Mock, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const role = roleOf(mock, url);
  if (role === undefined) {
    const cause = Object.assign(new Error(`getaddrinfo ENOTFOUND ${url.hostname}`), {
      code: 'ENOTFOUND',
    });
    throw new TypeError('fetch failed', { cause });
  }
  const hasForm = request.method === 'POST' && url.pathname === tokenPath;
  const body = carriesBody(request.method) ? new Uint8Array(await request.arrayBuffer()) : noBytes;
  const call: Call = {
    role,
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    origin: url.origin,
    header: (name) => request.headers.get(name) ?? undefined,
    form: hasForm ? Buffer.from(body).toString('utf8', 0, formBytesMax) : '',
    body,
  };
  const reply = body.length > bodyBytesMax ? tooLargeReply() : mock.answer(call);
  if (reply.wire?.lateHead) await sleep(mock.tempo.slowMs);
  return responseOf(call, reply, mock.tempo);
}

/** By host alone: a redirect from https to http still finds the edge. */
function roleOf({ origins }: Mock, { host }: URL): Role | undefined {
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
  const sound = wire.afterBytes ?? body.length;
  yield* chunksOf(body.subarray(0, sound));
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
        else controller.enqueue(value);
      },
      cancel() {
        quit.abort();
      },
    },
    { highWaterMark: 0 },
  );
}
