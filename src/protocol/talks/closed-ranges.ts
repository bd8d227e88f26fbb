// A layer as SOCI pulls it in parallel: two bytes tell whether it is served in ranges and where it lies, then its
// chunks are read there, with as many requests under way as the pull has slots. A small layer comes at once.
import type { ClientProfile } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { originOf } from '../grammar/uri.ts';
import type { Exchange } from '../redirect.ts';
import { retryPause } from '../retry.ts';
import {
  authenticate,
  exchange,
  knownOf,
  openSession,
  type RequestShape,
  registryRequest,
  type Session,
  settle,
} from '../session.ts';
import type { HttpReply, HttpRequest, Talk } from '../talk.ts';
import { giveBack, type Order, orderFrom, reach, slotsOf, take, until } from '../turns.ts';
import { type BlobResult, blobShape, checked, type Verification } from './blob.ts';
import { inSlot, rangesOf, slotsOfPull } from './ranges.ts';

/** The dealings of whoever reads the layers: over connections and with a token of its own. */
export function layerSessionOf(session: Session): Session {
  const { registryUrl, repository, credentials, client } = session;
  const by: ClientProfile | undefined = client.ranges?.by;
  if (by === undefined) return session;
  const reader = openSession(registryUrl, repository, by, credentials);
  reader.clock = session.clock;
  reader.random = session.random;
  reader.slots = slotsOf(rangesOf(client).atOnceMax);
  reader.signingIn = slotsOf(1);
  return reader;
}

/** @throws PullFailure */
export function* fetchInClosedRanges(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const slots = slotsOfPull(session);
  const shape = blobShape(session, descriptor, phase, verification);
  try {
    if (descriptor.size > rangesOf(session.client).chunkBytes) {
      const probe = yield* probed(session, shape);
      if (probe.reply.header('Accept-Ranges') === 'bytes') {
        return yield* readChunks(session, shape, descriptor, verification, probe);
      }
    }
    const whole = yield* inSlot(slots, () => asked(session, shape));
    if (whole.reply.failure !== '' || whole.reply.status !== 200) throw failure(whole, descriptor);
    const { bytes, digest } = whole.reply;
    return checked(whole.request, descriptor, verification, bytes, digest, whole.reply);
  } catch (error) {
    if (error instanceof PullFailure) slots.failed ??= error;
    throw error;
  }
}

/** Neither is content: they are measured apart from layers. */
function* probed(session: Session, shape: RequestShape): Talk<Exchange> {
  const probe: RequestShape = { ...shape, want: 'none', phase: 'other' };
  const part = yield* asked(session, { ...probe, extra: [['Range', 'bytes=0-1']] });
  if (isContent(part.reply)) return part;
  const whole = yield* asked(session, probe);
  if (isContent(whole.reply)) return whole;
  throw failureOf(whole.request, whole.reply, knownOf(session, probe));
}

/** `exchange`, but where many are refused at once, one asks for a token and the others wait for it. */
function* asked(session: Session, shape: RequestShape): Talk<Exchange> {
  const { signingIn } = session;
  if (session.authorization !== '' || signingIn === undefined) {
    return yield* exchange(session, shape);
  }
  const request = registryRequest(session, shape);
  const reply: HttpReply = yield request;
  if (reply.status !== 401) return yield* settle(session, shape, request, reply);
  yield* take(signingIn);
  try {
    if (session.authorization === '') yield* authenticate(session, request, reply);
  } finally {
    giveBack(signingIn);
  }
  return yield* exchange(session, shape);
}

function* readChunks(
  session: Session,
  shape: RequestShape,
  descriptor: Descriptor,
  verification: Verification,
  { request: target, reply: to }: Exchange,
): Talk<BlobResult> {
  const { chunkBytes, atOnceMax } = rangesOf(session.client);
  const { size } = descriptor;
  // A layer waits for one slot at a time, so that layers take turns.
  const order = orderFrom(0);
  const parallel: Talk<Exchange>[] = [];
  for (let from = 0; from < size; from += chunkBytes) {
    const end = Math.min(from + chunkBytes, size);
    const chunk: RequestShape = {
      ...shape,
      extra: [['Range', `bytes=${from}-${end - 1}`]],
      partBytesMax: end - from,
      joins: { to, offset: from, size },
    };
    parallel.push(readChunk(session, chunk, target, { order, i: from / chunkBytes }));
  }
  const chunks: Exchange[] = yield { parallel, limit: atOnceMax };
  let bytes = 0;
  let digest = '';
  for (const { reply } of chunks) {
    bytes += reply.bytes;
    digest ||= reply.digest;
  }
  const whole = chunks.find(({ reply }, i) => i > 0 && reply.status === 200);
  if (whole !== undefined) throw ignoredRange(whole);
  const { request, reply } = chunks.at(-1) as Exchange;
  return checked(request, descriptor, verification, bytes, digest, reply);
}

function* readChunk(
  session: Session,
  shape: RequestShape,
  target: HttpRequest,
  { order, i }: { readonly order: Order; readonly i: number },
): Talk<Exchange> {
  yield until(order, i);
  return yield* inSlot(slotsOfPull(session), function* () {
    reach(order, i + 1);
    const met =
      target.hop === 'edge'
        ? yield* readAt(session, target, shape)
        : yield* exchange(session, shape);
    const { request, reply } = met;
    if (!isContent(reply) || reply.failure !== '')
      throw failureOf(request, reply, knownOf(session, shape));
    if (reply.header('Accept-Ranges') !== 'bytes') {
      const message = `${requestLine(request)}: a part without Accept-Ranges: bytes`;
      throw new PullFailure('unexpected-status', request, reply.status, message, { reply });
    }
    if (reply.bytes < (shape.partBytesMax ?? 0))
      throw failure(met, { size: shape.partBytesMax ?? 0 });
    return met;
  });
}

/** Where the probe was led to, without another look at the registry. */
function* readAt(session: Session, target: HttpRequest, shape: RequestShape): Talk<Exchange> {
  const rule = session.client.retry?.request;
  const { ask, joins } = registryRequest(session, shape);
  // The token goes to the registry's own host and port, whatever the redirect was sent.
  const isHome = originOf(target.url) === originOf(session.registryUrl);
  const authorization = isHome ? session.authorization : '';
  const request: HttpRequest = {
    ...target,
    authorization,
    ask,
    ...(joins !== undefined && { joins }),
  };
  let statusBefore = 0;
  for (let tries = 1; ; tries++) {
    const reply: HttpReply = yield request;
    const { status, failure: broken } = reply;
    if (status >= 200 && status < 400) return { request, reply };
    const failed = { tries, status, failure: broken, statusBefore, reply };
    const pause = rule && retryPause(rule, failed, session.random?.() ?? 0.5);
    if (pause === undefined) return { request, reply };
    yield { ...pause, after: failureOf(request, reply, knownOf(session, shape)) };
    statusBefore = status;
  }
}

/** The client takes the beginning of the whole for its part, and sees it by the digest. */
function ignoredRange({ request, reply }: Exchange): PullFailure {
  const message = `${requestLine(request)}: asked for a part, got the beginning of the whole (HTTP 200)`;
  return new PullFailure('wrong-digest', request, reply.status, message, {
    reply,
    reason: 'range-ignored',
  });
}

const isContent = ({ status }: HttpReply): boolean => status === 200 || status === 206;

function failure({ request, reply }: Exchange, { size }: Pick<Descriptor, 'size'>): PullFailure {
  if (reply.failure !== '' || !isContent(reply)) {
    return failureOf(request, reply, { bytesExpected: size });
  }
  const message = `${requestLine(request)}: ${reply.bytes} of ${size} bytes of a part came`;
  return new PullFailure('short-body', request, reply.status, message, {
    reply,
    bytesExpected: size,
  });
}
