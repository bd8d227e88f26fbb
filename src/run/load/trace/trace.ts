// A recorded trace as a load: which of its requests can be made again, when, and against what. Reading the
// formats is formats.ts.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Replay } from '../../../../reports/results.ts';
import type { PlannedShape, TraceRequest } from '../../../../scenarios/lib/plan.ts';
import { UserError } from '../../../lib/user-error.ts';
import type { SetUp } from '../set-up.ts';
import { type Recorded, readTraceText, type TraceText } from './formats.ts';

export interface TraceOptions {
  readonly file: string;
  /** How many times faster than recorded. */
  readonly speed: number;
  /** Virtual users: requests under way at once. */
  readonly vus?: number | undefined;
}

export interface Prepared {
  readonly shape: PlannedShape;
  readonly told: Omit<Replay, 'late'>;
}

/** What k6 reads, in the folder of the run. */
export const replayName = 'replay.ndjson';

const fileBytesMax = 256 * 1024 * 1024;
const requestsMax = 1_000_000;
const vusDefault = 100;
/** As long as --duration may be. */
const hoursMax = 168;
/** What the last requests may still take. */
const tailSeconds = 300;

/** Reads the trace and writes what k6 is to ask. @throws UserError (exit 2) for a trace without use */
export async function prepareReplay(
  { file, speed, vus = vusDefault }: TraceOptions,
  setUp: Pullable,
  outDir: string,
): Promise<Prepared> {
  const text = readTraceText(await textOf(file));
  if (text === undefined) throw unreadable(file, 'it is none of the formats that can be replayed');
  const { requests, skipped } = replayable(text, setUp, speed);
  const told = {
    format: text.format,
    requests: requests.length,
    speed,
    skipped: [...skipped].map(([reason, count]) => ({ reason, count })),
  };
  if (requests.length === 0) {
    const why = told.skipped.map(({ reason, count }) => `${count} ${reason}`).join(', ');
    throw unreadable(file, `none of its requests can be replayed (${why || 'it has none'})`);
  }
  const lastMs = requests.at(-1)?.atMs ?? 0;
  refuseTooLong(file, lastMs, speed);
  // Absolute: a script's `open` goes by the place of the script.
  const replayFile = resolve(outDir, replayName);
  await writeFile(replayFile, requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
  const shape: PlannedShape = {
    kind: 'replay',
    file: replayFile,
    iterations: requests.length,
    vus: Math.min(vus, requests.length),
    durationSecondsMax: Math.ceil(lastMs / 1000) + tailSeconds,
  };
  return { shape, told };
}

/** Published traces are of months; one line of another year is enough, too. */
function refuseTooLong(file: string, lastMs: number, speed: number): void {
  const hours = lastMs / 3_600_000;
  if (hours <= hoursMax) return;
  throw new UserError(
    'trace-too-long',
    `--trace ${file}: at this speed it takes ${Math.round(hours)} hours, and a run at most ${hoursMax}`,
    `Give --speed ${Math.ceil((hours * speed) / hoursMax)}x or more, or a part of the trace.`,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > fileBytesMax) throw new Error(`it has more than ${fileBytesMax} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
}

function unreadable(file: string, why: string): UserError {
  return new UserError(
    'trace-unreadable',
    `--trace ${file}: ${why}`,
    'Give a log of `pullproof mock --log`, an access log of nginx or distribution in the combined form, a HAR file, or an IBM registry trace (docs/load.md).',
  );
}

/** What there is to pull in place of what the trace names. */
type Pullable = Pick<SetUp, 'images' | 'blobs'>;

interface Replayable {
  readonly requests: TraceRequest[];
  /** Why others are not among them, counted. */
  readonly skipped: Map<string, number>;
}

/** What can be made again, in order and from 0 on, for the registry of the set-up. */
export function replayable(
  { format, recorded, unread }: TraceText,
  setUp: Pullable,
  speed: number,
): Replayable {
  const skipped = new Map<string, number>();
  const skip = (reason: string, count = 1) =>
    skipped.set(reason, (skipped.get(reason) ?? 0) + count);
  if (unread > 0) skip('lines that are no request', unread);
  const ofImages = format === 'registry-trace' ? standIns(setUp) : undefined;
  const found: TraceRequest[] = [];
  for (const one of recorded) {
    const request = requestOf(one);
    if (typeof request === 'string') skip(request);
    else if (found.length >= requestsMax) skip(`beyond the first ${requestsMax}`);
    else found.push(ofImages === undefined ? request : ofImages(request, one.bytes));
  }
  found.sort((a, b) => a.atMs - b.atMs);
  const firstMs = found[0]?.atMs ?? 0;
  const requests = found.map((request) => ({
    ...request,
    atMs: Math.round((request.atMs - firstMs) / speed),
  }));
  return { requests, skipped };
}

const apiPath =
  /^\/?v2\/([a-z0-9._\-/A-Z]{1,255})\/(?:(manifests|blobs)\/([A-Za-z0-9_][A-Za-z0-9._:+-]{0,255})|tags\/(list))$/;

/** What one asks again, or why not. */
function requestOf({ atMs, method, path, status, elsewhere }: Recorded): TraceRequest | string {
  if (elsewhere) return 'to token servers and CDNs, which the client asks by itself';
  if (/^\/?v2\/?$/.test(path)) return 'pings, which the client makes by itself';
  if (status === 401) return 'answered 401, the client authenticates by itself';
  if (method !== 'GET' && method !== 'HEAD') return 'uploads and deletions';
  const match = apiPath.exec(path);
  const [, repository, kind, reference = ''] = match ?? [];
  if (repository === undefined) return 'to other paths';
  const what = kind === 'manifests' || kind === 'blobs' ? kind : 'tags';
  return { atMs, method, what, repository, reference };
}

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
