// Timelines read side by side, second by second, in constant memory: what tells of the same thing is one line in the
// end, and each source is counted apart.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { isPushPhase } from '../../../protocol/push-phase.ts';
import { numberOf, type Window, widen } from './line.ts';
import { timelineChunksOf } from './records.ts';
import { tellsOfMachine } from './runners.ts';
import { type Line, Sums } from './sums.ts';

/** What one source holds, as plain data. */
export interface Counted extends Window {
  pullsStarted: number;
  pullsOk: number;
  /** When its k6 was started, milliseconds since 1970; of several the first; NaN when it does not say. */
  startedMs: number;
  /** When its k6 ended; 0 when it does not say. */
  endMs: number;
  /** How many runs it has the first lines of, and of how many the last. */
  runs: number;
  ends: number;
  /** A line was none of ours: without it the counts may be short. */
  damaged: boolean;
  /** From first lines to last ones, and nothing damaged. */
  whole: boolean;
  /** It says what the machine gave its k6. */
  hasRunner: boolean;
  /** By how much its clock was ahead of the registry's; NaN where nothing tells. */
  skewMs: number;
  /** First lines of the runs in it: they say when k6 started, in nanoseconds, which no two runs share. */
  heads: string[];
  /** Lines about failed pulls and about what was under way at the end, added up. */
  told: JsonObject[];
}

/** The next line with a second of its own. */
interface Head extends Line {
  readonly second: number;
}

interface Source {
  readonly counted: Counted;
  readonly told: Sums;
  readonly chunks: AsyncIterator<readonly string[]>;
  /** Lines that were read, and how many of them are dealt with. */
  lines: readonly string[];
  at: number;
  /** Undefined at the end. */
  head: Head | undefined;
}

/** Of each of many files so much is in memory. */
const chunkBytes = 64 * 1024;

/**
 * Writes what all files say to `target`, where lines that tell of the same thing become one, however many files there
 * are; `take` gets those lines, too.
 * @throws the system's error, or as `timelineChunksOf`
 */
export async function joinFiles(
  files: readonly string[],
  target: string,
  take: (line: JsonObject) => void,
): Promise<Counted[]> {
  const out = createWriteStream(target);
  const ended = finished(out);
  // Told by the write that failed, or at the end.
  ended.catch(() => undefined);
  const keep: Keep = async ({ text, line }) => {
    take(line);
    if (out.errored !== null) throw out.errored;
    if (!out.write(`${text}\n`)) await Promise.race([drained(out), ended]);
  };
  const sources = files.map((name) => sourceOf(name));
  try {
    for (const source of sources) await advance(source, keep);
    for (let second = earliest(sources); second !== undefined; second = earliest(sources)) {
      for (const sum of await sumsOf(sources, second, keep)) await keep(sum);
    }
  } finally {
    for (const { chunks } of sources) await chunks.return?.();
    out.end();
  }
  await ended;
  return sources.map(({ counted, told }) => ({
    ...counted,
    whole: isWhole(counted),
    told: told.told().map(({ line }) => line),
  }));
}

function isWhole({ runs, ends, damaged }: Counted): boolean {
  return runs > 0 && ends === runs && !damaged;
}

type Keep = (one: Line) => Promise<void>;

/** k6 writes seconds in order, so that the earliest head of all comes next. */
function earliest(sources: readonly Source[]): number | undefined {
  let first: number | undefined;
  for (const { head } of sources) {
    if (head !== undefined && (first === undefined || head.second < first)) first = head.second;
  }
  return first;
}

/** What all of them say of a second; of earlier ones, too, where k6 was late with something. */
async function sumsOf(sources: readonly Source[], second: number, keep: Keep): Promise<Line[]> {
  const sums = new Sums();
  for (const source of sources) {
    for (let { head } = source; head !== undefined && head.second <= second; { head } = source) {
      count(head.line, source);
      sums.take(head);
      if (!step(source)) await advance(source, keep);
    }
  }
  return sums.told();
}

function sourceOf(name: string): Source {
  const counted = {
    ...{ pullsStarted: 0, pullsOk: 0, firstMs: 0, lastMs: 0, startedMs: Number.NaN, endMs: 0 },
    ...{ runs: 0, ends: 0, damaged: false, whole: false, heads: [], told: [] },
    ...{ hasRunner: false, skewMs: Number.NaN },
  };
  return {
    ...{ counted, told: new Sums(), chunks: timelineChunksOf(name, chunkBytes) },
    ...{ lines: [], at: 0, head: undefined },
  };
}

/** Goes on to the next line where that is one of a second, and was read already: most are. */
function step(source: Source): boolean {
  const text = source.lines[source.at];
  if (text === undefined) return false;
  const line = asObject(parseJson(text));
  const second = line?.end === true ? undefined : asInteger(line?.t);
  if (line === undefined || second === undefined) return false;
  source.at++;
  source.head = { second, text, line };
  return true;
}

/** Goes on to the next line that belongs to a second; all others are dealt with on the way. */
async function advance(source: Source, keep: Keep): Promise<void> {
  source.head = undefined;
  while (!step(source)) {
    const text = source.lines[source.at];
    if (text === undefined) {
      const { done, value } = await source.chunks.next();
      if (done === true) return;
      source.lines = value;
      source.at = 0;
      continue;
    }
    source.at++;
    const line = asObject(parseJson(text));
    if (line === undefined) source.counted.damaged ||= text.trim() !== '';
    else if (countOutside(source, text, line)) await keep({ text, line });
  }
}

/** The first or the last line of a run; false for any other. */
function countOutside({ counted }: Source, text: string, line: JsonObject): boolean {
  if (line.end === true) {
    counted.ends++;
    counted.endMs = numberOf(line.endMs);
    return true;
  }
  if (typeof line.schema !== 'string') return false;
  const startedMs = parseDateTime(asString(line.startedAt) ?? '') ?? Number.NaN;
  counted.startedMs = counted.startedMs <= startedMs ? counted.startedMs : startedMs;
  counted.heads.push(text);
  counted.runs++;
  return true;
}

function count(line: JsonObject, { counted, told }: Source): void {
  widen(counted, line);
  const sum = numberOf(line.sum);
  if (line.series === 'runner') countRunner(counted, line);
  if (line.metric === 'pull_started') counted.pullsStarted += sum;
  if (line.metric === 'pull_ok') counted.pullsOk += sum;
  if (isTold(line)) told.take({ line: { ...line, t: 0 }, text: '' });
}

function countRunner(counted: Counted, line: JsonObject): void {
  counted.hasRunner ||= tellsOfMachine(line);
  const { skewMs } = line;
  if (typeof skewMs === 'number' && !(counted.skewMs <= skewMs)) counted.skewMs = skewMs;
}

function isTold({ metric, series, phase }: JsonObject): boolean {
  return metric === 'pull_failed' || (series === 'pending' && !isPushPhase(asString(phase) ?? ''));
}

async function drained(out: NodeJS.WritableStream): Promise<void> {
  await new Promise((resolve) => out.once('drain', resolve));
}
