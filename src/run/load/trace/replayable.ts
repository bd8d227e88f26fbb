// Which requests of a trace can be made again, when, and against what.
import type { TraceRequest } from '../../../../scenarios/lib/plan.ts';
import type { SetUp } from '../set-up.ts';
import type { Recorded, TraceText } from './formats.ts';

const requestsMax = 1_000_000;

/** What there is to pull in place of what the trace names. */
export type Pullable = Pick<SetUp, 'images' | 'blobs'>;

interface Found {
  readonly request: TraceRequest;
  /** Body bytes of the recorded reply. */
  readonly bytes: number | undefined;
}

export interface Replayable {
  readonly requests: readonly Found[];
  /** Names in it stand for something else: they are hashes. */
  readonly hashed: boolean;
  /** Why others are not among them, counted. */
  readonly skipped: ReadonlyMap<string, number>;
}

/** What can be made again, in order and from 0 on. */
export function replayable({ format, recorded, unread }: TraceText, speed: number): Replayable {
  const skipped = new Map<string, number>();
  const skip = (reason: string, count = 1) =>
    skipped.set(reason, (skipped.get(reason) ?? 0) + count);
  if (unread > 0) skip('lines that are no request', unread);
  const answered = answeredPaths(recorded);
  const found: Found[] = [];
  for (const one of recorded) {
    const request = requestOf(one, answered);
    if (typeof request === 'string') skip(request);
    else if (found.length >= requestsMax) skip(`beyond the first ${requestsMax}`);
    else found.push({ request, bytes: one.bytes });
  }
  found.sort((a, b) => a.request.atMs - b.request.atMs);
  const firstMs = found[0]?.request.atMs ?? 0;
  const requests = found.map(({ request, bytes }) => ({
    request: { ...request, atMs: Math.round((request.atMs - firstMs) / speed) },
    bytes,
  }));
  return { requests, hashed: format === 'registry-trace', skipped };
}

/** The requests for the registry of the set-up. */
export function requestsFor({ requests, hashed }: Replayable, setUp: Pullable): TraceRequest[] {
  if (!hashed) return requests.map(({ request }) => request);
  const standIn = standIns(setUp);
  return requests.map(({ request, bytes }) => standIn(request, bytes));
}

/** Those that were ever answered otherwise than by a challenge: their 401 was one. */
function answeredPaths(recorded: readonly Recorded[]): ReadonlySet<string> {
  return new Set(recorded.flatMap(({ path, status }) => (status === 401 ? [] : path)));
}

const apiPath =
  /^\/?v2\/([a-z0-9._\-/A-Z]{1,255})\/(?:(manifests|blobs)\/([A-Za-z0-9_][A-Za-z0-9._:+-]{0,255})|tags\/(list))$/;

/** What one asks again, or why not. */
function requestOf(
  { atMs, method, path, status, elsewhere }: Recorded,
  answered: ReadonlySet<string>,
): TraceRequest | string {
  if (elsewhere) return 'to token servers and CDNs, which the client asks by itself';
  if (/^\/?v2\/?$/.test(path)) return 'pings, which the client makes by itself';
  if (status === 401 && answered.has(path)) {
    return 'answered 401, the client authenticates by itself';
  }
  if (method !== 'GET' && method !== 'HEAD') return 'uploads and deletions';
  const match = apiPath.exec(path);
  const [, repository, kind, reference = ''] = match ?? [];
  if (repository === undefined) return 'to other paths';
  const what = kind === 'manifests' || kind === 'blobs' ? kind : 'tags';
  const request: TraceRequest = { atMs, method, what, repository, reference };
  return status >= refusedMin ? { ...request, status } : request;
}

/** From here on a status is a refusal, which may come again. */
const refusedMin = 400;

/**
 * Names in the IBM traces are hashes of what was: a manifest becomes always the same of the images given,
 * a blob the one among theirs that is nearest in size.
 */
function standIns({ images, blobs }: Pullable) {
  const bySize = images
    .flatMap(({ repository }, at) =>
      (blobs[at] ?? []).map(({ digest, size }) => ({ repository, reference: digest, size })),
    )
    .sort((a, b) => a.size - b.size);
  return (request: TraceRequest, bytes: number | undefined): TraceRequest => {
    if (request.what === 'blobs' && bySize.length > 0) {
      const near = nearestBySize(bySize, bytes ?? hashOf(request.reference) % (1 << 26));
      return { ...request, repository: near.repository, reference: near.reference };
    }
    const image = images[hashOf(request.repository + request.reference) % images.length];
    if (image === undefined) throw new Error('the set-up has no image');
    return { ...request, repository: image.repository, reference: image.reference };
  };
}

interface Sized {
  readonly repository: string;
  readonly reference: string;
  readonly size: number;
}

function nearestBySize(ascending: readonly Sized[], bytes: number): Sized {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as Sized).size < bytes) low = middle + 1;
    else high = middle;
  }
  const above = ascending[low] as Sized;
  const below = ascending[low - 1] ?? above;
  return bytes - below.size <= above.size - bytes ? below : above;
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  }
  return hash >>> 0;
}
