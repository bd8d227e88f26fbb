// A blob in ranges side by side, as containerd reads it with concurrent_layer_fetch_buffer: asked for from its
// start to its end, and where that is more than a chunk, from the start of every further chunk to the end as well.
// Each of these bodies is dropped when its chunk was read. Downloads share the slots of the pull.
import type { ClientProfile, RangeTraits } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import type { Exchange } from '../redirect.ts';
import { paceMs } from '../retry.ts';
import { knownOf, type RequestShape, type Session } from '../session.ts';
import type { HttpReply, Talk } from '../talk.ts';
import {
  giveBack,
  type Order,
  orderFrom,
  reach,
  type Slots,
  slotsOf,
  take,
  until,
} from '../turns.ts';
import { type BlobResult, blobShape, checked, type Verification } from './blob.ts';
import { fromHosts, type Opened, opened } from './hosts.ts';

/** A registry that gives a little more each time is left after so many openings. */
const openingsMax = 1000;

/** Ready for a pull whose blobs come in ranges. */
export function rangesOf({ ranges }: ClientProfile): RangeTraits {
  if (ranges === undefined) throw new Error('the client reads no ranges');
  return ranges;
}

/** The slots of a pull. */
export function slotsOfPull(session: Session): Slots {
  session.slots ??= slotsOf(rangesOf(session.client).atOnceMax);
  return session.slots;
}

/** What came of a blob in one opening: without a gap from `start` on. */
interface Stretch extends Exchange {
  readonly start: number;
  readonly bytes: number;
  /** Of the blob, if it came to its end and was hashed. */
  readonly digest: string;
  /** Whose digest another opening may go on with. */
  readonly carrier: HttpReply;
  readonly cut: PullFailure | undefined;
}

/** @throws PullFailure */
export function* fetchInRanges(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const slots = slotsOfPull(session);
  try {
    return yield* read(session, descriptor, phase, verification);
  } catch (error) {
    if (error instanceof PullFailure) slots.failed ??= error;
    throw error;
  }
}

function* read(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const shape = blobShape(session, descriptor, phase, verification);
  const { resume } = session.client;
  let stretch: Stretch | undefined;
  let tries = 0;
  for (let openings = 1; openings <= openingsMax; openings++) {
    stretch = yield* readFrom(session, shape, descriptor.size, stretch);
    const { request, reply, start, bytes, digest, cut } = stretch;
    if (cut === undefined) {
      return checked(request, descriptor, verification, start + bytes, digest, reply);
    }
    tries = resume !== undefined && bytes >= resume.progressBytesMin ? 1 : tries + 1;
    if (resume === undefined || tries > resume.triesMax) throw cut;
    const waitMs = paceMs(resume, tries, session.random?.() ?? 0.5);
    yield { waitMs, why: 'back-off', after: cut };
  }
  throw stretch?.cut;
}

/** From where the last opening broke off to the end of the blob, or to where this one does. */
function* readFrom(
  session: Session,
  shape: RequestShape,
  size: number,
  before: Stretch | undefined,
): Talk<Stretch> {
  const { chunkBytes } = rangesOf(session.client);
  const slots = slotsOfPull(session);
  const from = before === undefined ? 0 : before.start + before.bytes;
  const asked: RequestShape = {
    ...shape,
    extra: [['Range', `bytes=${from}-`]],
    partBytesMax: chunkBytes,
    ...(before !== undefined && { resumes: before.carrier }),
  };
  const first = yield* inSlot(slots, () =>
    fromHosts(session.hosts ?? [session], (host) => opened(host, asked)),
  );
  const { request, reply } = first;
  const isWhole = reply.status !== 206;
  const start = isWhole ? 0 : from;
  const cut = cutOf(first, session, asked);
  const alone = { request, reply, start, bytes: reply.bytes, digest: reply.digest, carrier: reply };
  const left = lengthOf(reply) ?? size - from;
  if (cut !== undefined || isWhole || left <= chunkBytes) return { ...alone, cut };
  const rest = yield* readChunks(session, shape, first, { from, size: left });
  return { ...alone, ...rest, bytes: reply.bytes + rest.bytes };
}

/** The chunks behind the first, in as many requests as may be under way. */
function* readChunks(
  session: Session,
  shape: RequestShape,
  first: Opened,
  { from, size }: { readonly from: number; readonly size: number },
): Talk<{ bytes: number; digest: string; cut: PullFailure | undefined }> {
  const { chunkBytes, atOnceMax } = rangesOf(session.client);
  const count = Math.ceil(size / chunkBytes);
  const limit = Math.min(atOnceMax, count);
  // What was read in order; a chunk is begun when the one `limit` places before it was.
  const run: Run = { order: orderFrom(1), done: new Set(), stopped: false };
  const parallel: Talk<Chunk>[] = [];
  for (let i = 1; i < count; i++) {
    const offset = i * chunkBytes;
    const asked: RequestShape = {
      ...shape,
      extra: [['Range', `bytes=${from + offset}-`]],
      partBytesMax: chunkBytes,
      joins: {
        to: first.reply,
        offset: offset - first.reply.bytes,
        size: size - first.reply.bytes,
      },
    };
    const wanted = { i, after: i - limit + 1 };
    parallel.push(readChunk(first.host, asked, slotsOfPull(session), run, wanted));
  }
  const chunks: Chunk[] = yield { parallel, limit };
  let bytes = 0;
  let cut: PullFailure | undefined;
  for (const chunk of chunks) {
    bytes += chunk.bytes;
    cut = chunk.cut;
    if (cut !== undefined) break;
  }
  return { bytes, cut, digest: chunks.find(({ digest }) => digest !== '')?.digest ?? '' };
}

interface Run {
  readonly order: Order;
  readonly done: Set<number>;
  /** One chunk was cut or refused: those that have not begun stay out. */
  stopped: boolean;
}

interface Chunk {
  readonly bytes: number;
  readonly digest: string;
  readonly cut?: PullFailure | undefined;
}

interface WantedChunk {
  readonly i: number;
  /** How many must have been read before. */
  readonly after: number;
}

function* readChunk(
  host: Session,
  asked: RequestShape,
  slots: Slots,
  run: Run,
  { i, after }: WantedChunk,
): Talk<Chunk> {
  yield until(run.order, after);
  try {
    if (run.stopped) return { bytes: 0, digest: '' };
    const met = yield* inSlot(slots, () => opened(host, asked));
    if (met.reply.status !== 206) throw noPart(met);
    const cut = cutOf(met, host, asked);
    if (cut === undefined) {
      done(run, i);
      return met.reply;
    }
    stop(run);
    return { bytes: met.reply.bytes, digest: '', cut };
  } catch (error) {
    stop(run);
    throw error;
  }
}

function done({ order, done: all }: Run, i: number): void {
  all.add(i);
  let reached = order.reached;
  while (all.delete(reached)) reached++;
  reach(order, reached);
}

function stop(run: Run): void {
  run.stopped = true;
  reach(run.order, Number.POSITIVE_INFINITY);
}

/** One of the downloads that may be under way. */
export function* inSlot<T>(slots: Slots, ask: () => Talk<T>): Talk<T> {
  yield* take(slots);
  try {
    return yield* ask();
  } finally {
    giveBack(slots);
  }
}

/** A body that broke off, after which the client goes on. @throws PullFailure for any other failure */
function cutOf(
  { request, reply }: Exchange,
  host: Session,
  asked: RequestShape,
): PullFailure | undefined {
  const { failure } = reply;
  if (failure === '') return undefined;
  const met = failureOf(request, reply, knownOf(host, asked));
  if (failure === 'short-body' || failure === 'reset') return met;
  throw met;
}

/** A client that asked for a part, and takes the beginning for it, has other bytes than it should. */
function noPart({ request, reply }: Exchange): PullFailure {
  const message = `${requestLine(request)}: asked for a part, got HTTP ${reply.status}`;
  return new PullFailure('wrong-digest', request, reply.status, message, { reply });
}

function lengthOf(reply: HttpReply): number | undefined {
  const length = reply.header('Content-Length');
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}
