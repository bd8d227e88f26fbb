// A recorded trace as a load: its file looked at, and what k6 is to ask written down. Reading the formats is
// formats.ts, which of the requests can be made again replayable.ts.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Replay } from '../../../../reports/results.ts';
import type { PlannedShape } from '../../../../scenarios/lib/plan.ts';
import { docPage } from '../../../lib/doc-page.ts';
import { UserError } from '../../../lib/user-error.ts';
import { readTraceText } from './formats.ts';
import { type Pullable, type Replayable, replayable, requestsFor } from './replayable.ts';

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
/** How what logs are rotated into begins, and what unpacks it. */
const packings: readonly (readonly [magic: Buffer, tool: string])[] = [
  [Buffer.of(0x1f, 0x8b), 'gunzip'],
  [Buffer.of(0x28, 0xb5, 0x2f, 0xfd), 'unzstd'],
  [Buffer.of(0xfd, 0x37, 0x7a, 0x58, 0x5a), 'unxz'],
  [Buffer.from('BZh'), 'bunzip2'],
];
const vusDefault = 100;
/** As long as --duration may be. */
const hoursMax = 168;
/** What the last requests may still take. */
const tailSeconds = 300;

/** A trace that was looked at: what of it can be made again. */
export interface Trace {
  readonly found: Replayable;
  readonly told: Omit<Replay, 'late'>;
  readonly vus: number;
}

/** Looks at the file, before anybody is asked anything. @throws UserError (exit 2) for a trace without use */
export async function readTrace({ file, speed, vus = vusDefault }: TraceOptions): Promise<Trace> {
  const content = await textOf(file);
  if (content.trim() === '') {
    throw new UserError(
      'trace-empty',
      `--trace ${file}: the file is empty`,
      'Give a file with requests: logs may have been rotated just now, or be written with a delay.',
    );
  }
  const text = readTraceText(content);
  if (text === undefined) throw unreadable(file, 'it is none of the formats that can be replayed');
  const found = replayable(text, speed);
  const skipped = [...found.skipped].map(([reason, count]) => ({ reason, count }));
  const requests = found.requests.length;
  if (requests === 0) {
    const why = skipped.map(({ reason, count }) => `${count} ${reason}`).join(', ');
    throw unreadable(file, `none of its requests can be replayed (${why || 'it has none'})`);
  }
  refuseTooLong(file, found.requests.at(-1)?.request.atMs ?? 0, speed);
  return { found, told: { format: text.format, requests, speed, skipped }, vus };
}

/** Writes what k6 is to ask. */
export async function prepareReplay(
  { found, told, vus }: Trace,
  setUp: Pullable,
  outDir: string,
): Promise<Prepared> {
  const requests = requestsFor(found, setUp);
  const lastMs = requests.at(-1)?.atMs ?? 0;
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
    if (size > fileBytesMax) throw new Error(`it has more than ${fileBytesMax / 1024 ** 2} MiB`);
    const bytes = await readFile(file);
    const packed = packings.find(([magic]) => bytes.subarray(0, magic.length).equals(magic))?.[1];
    if (packed !== undefined) throw new Error(`it is compressed, so unpack it (${packed}) first`);
    // Windows writes UTF-16 from a pipe; a byte order mark is no part of the first line.
    const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
  } catch (error) {
    throw unreadable(file, (error as Error).message);
  }
}

function unreadable(file: string, why: string): UserError {
  return new UserError(
    'trace-unreadable',
    `--trace ${file}: ${why}`,
    `Give a log of \`pullproof mock --log\`, an access log in the combined form, in that of Envoy or as JSON (nginx, Caddy, Envoy, Traefik, distribution), a HAR file, or an IBM registry trace (${docPage('load.md')}).`,
  );
}
