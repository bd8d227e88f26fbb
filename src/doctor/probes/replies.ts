// Probes that ask the same for another reply: a small and a large one, a part, the head alone; and what a port answers
// to the other protocol.

import { placeOf } from '../places.ts';
import type { Performed } from '../tracer.ts';
import type { Handshake, Reading } from '../wire.ts';
import type { Came, Probe } from './probe.ts';
import {
  type Asking,
  alike,
  cameBy,
  everyExchange,
  failedExchange,
  isAnswer,
  type Known,
  sample,
  sampleRequest,
  wayOf,
} from './probe.ts';

/** More than any MTU, and than the first window of TCP. */
const largeBytes = 64 * 1024;
const firstByte = [['Range', 'bytes=0-0']] as const;

function ask(
  known: Known,
  exchange: Performed,
  change: Parameters<typeof alike>[1],
  asked: string,
  reading: Reading,
  came: (reply: Parameters<typeof cameBy>[0]) => Came = cameBy,
): Asking {
  const { host, proxy, endpoint } = exchange;
  const request = alike(exchange, change);
  const way = wayOf(known, endpoint.trust, proxy);
  const run = async () => came(await known.means.wire.exchange(request, way, reading));
  return { host, asked, run };
}

/** Connected, and then nothing more: in the handshake, before the head, or in the body. */
function stalled(known: Known): Performed[] {
  const failed = failedExchange(known);
  return failed?.reply.failure === 'stalled' && failed.method === 'GET' ? [failed] : [];
}

const smallReply: Probe['asks'] = (known) =>
  stalled(known).map((exchange) =>
    ask(known, exchange, { headers: firstByte }, `the first byte of ${exchange.url}`, {
      bytesMax: 1,
    }),
  );

const largeReply: Probe['asks'] = (known) =>
  stalled(known).map((exchange) =>
    ask(known, exchange, {}, `the first ${largeBytes} bytes of ${exchange.url}`, {
      bytesMax: largeBytes,
    }),
  );

const head: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  if (failed === undefined || failed.hop === 'token' || failed.reply.status < 400) return [];
  const method = failed.method === 'HEAD' ? 'GET' : 'HEAD';
  const asked = `${method} ${failed.url}, where ${failed.method} brought HTTP ${failed.reply.status}`;
  const held = (reply: Parameters<typeof cameBy>[0]) => cameBy(reply, reply.status === 200);
  return [ask(known, failed, { method }, asked, { bytesMax: largeBytes }, held)];
};

/** Whoever keeps one of several lines leaves one type, and what is there may be of another. */
const oneAccept: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  if (failed === undefined || (failed.phase !== 'index' && failed.phase !== 'manifest')) return [];
  const { status } = failed.reply;
  const isMissed = status >= 400 && status < 500 && ![401, 403, 407, 429].includes(status);
  const types = failed.request.ask.headers.filter(([name]) => name === 'Accept');
  if (!isMissed || types.length < 2) return [];
  const headers = [['Accept', types.map(([, type]) => type).join(', ')]] as const;
  const asked = `${failed.method} ${failed.url} with its ${types.length} lines of Accept in one`;
  const held = (reply: Parameters<typeof cameBy>[0]) => cameBy(reply, reply.status === 200);
  return [ask(known, failed, { headers }, asked, { bytesMax: largeBytes }, held)];
};

/** Of each host that served a blob, one. */
const range: Probe['asks'] = (known) => {
  const served = everyExchange(known).filter(
    ({ blob, reply }) => blob !== undefined && reply.status === 200 && reply.failure === '',
  );
  const byHost = new Map(served.map((exchange) => [exchange.host, exchange]));
  const held = (reply: Parameters<typeof cameBy>[0]) =>
    cameBy(reply, isAnswer(reply) && reply.status === 206);
  return [...byHost.values()].map((exchange) => {
    const asked = `the first byte of ${exchange.url} by Range`;
    return ask(known, exchange, { headers: firstByte }, asked, { bytesMax: 1 }, held);
  });
};

/** Below HTTP, and after the connection stood. */
const brokenBelow = new Set(['tls', 'bad-http', 'reset', 'stalled', 'http2']);

const plainHttp: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  const place = failed && placeOf(failed.request.url);
  if (failed === undefined || place?.scheme !== 'https') return [];
  if (failed.reply.status !== 0 || !brokenBelow.has(failed.reply.failure)) return [];
  const url = `http://${place.at}/v2/`;
  const way = wayOf(known, failed.endpoint.trust, failed.proxy);
  const { wire } = known.means;
  const run = async () => cameBy(await wire.exchange(sampleRequest(url), way, sample));
  return [{ host: place.at, asked: `GET ${url}: what the port answers to plain HTTP`, run }];
};

const tls: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  const place = failed && placeOf(failed.request.url);
  if (failed === undefined || place?.scheme !== 'http') return [];
  const { status, failure } = failed.reply;
  if (status !== 400 && !brokenBelow.has(failure)) return [];
  const { host, port, at } = place;
  const way = wayOf(known, failed.endpoint.trust, failed.proxy);
  const run = async () => cameByHandshake(await known.means.wire.handshake({ host, port, way }));
  return [{ host: at, asked: `a TLS handshake with ${at}: what the port answers to TLS`, run }];
};

function cameByHandshake(handshake: Handshake): Came {
  const { failure, words, version, problem } = handshake;
  const held = failure === '';
  const answer = held ? `${version}${problem === '' ? '' : `, certificate: ${problem}`}` : words;
  return { handshake, answer, held };
}

export const replyProbes: readonly Probe[] = [
  { id: 'small-reply', asks: smallReply },
  { id: 'large-reply', asks: largeReply },
  { id: 'head', asks: head },
  { id: 'one-accept', asks: oneAccept },
  { id: 'range', asks: range },
  { id: 'plain-http', asks: plainHttp },
  { id: 'tls', asks: tls },
];
