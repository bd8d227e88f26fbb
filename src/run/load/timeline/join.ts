// Several timelines read as one, second by second, in constant memory: lines go on to the joined timeline
// and into a file of their own, and each source is counted apart.
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { UserError } from '../../../lib/user-error.ts';
import { isPushPhase } from '../../../protocol/push-phase.ts';
import { Failures } from './failures.ts';
import { linesOf, timelineBytesMax, timelineMissing } from './file.ts';
import { numberOf, type Window, widen } from './line.ts';
import type { Timeline } from './timeline.ts';
import { Pending } from './unfinished.ts';

/** What one source of a joined timeline holds. */
export interface Tally extends Window {
  pullsStarted: number;
  pullsOk: number;
  /** Failed pulls. */
  readonly failures: Failures;
  /** What was under way at its end. */
  readonly pending: Pending;
  /** When its k6 was started, milliseconds since 1970; of several the first; NaN when it does not say. */
  startedMs: number;
  /** When its k6 ended; 0 when it does not say. */
  endMs: number;
  /** It was not cut short. */
  whole: boolean;
}

interface Source {
  readonly name: string;
  readonly tally: Tally;
  readonly lines: AsyncIterator<string>;
  /** A line was none of ours. */
  damaged: boolean;
  /** The next line with a second of its own; undefined at the end. */
  head: { readonly second: number; readonly text: string; readonly line: JsonObject } | undefined;
}

/**
 * Adds the files to `timeline` and writes their lines to `target`, ordered by second. A tally for each, in
 * their order.
 * @throws UserError `timeline-missing`, or `run-twice` when two files are of the same run
 */
export async function joinTimelines(
  files: readonly string[],
  timeline: Timeline,
  target: string,
): Promise<Tally[]> {
  for (const file of files) await refuseUnreadable(file);
  const out = createWriteStream(target);
  const ended = finished(out);
  // Told by the write that failed, or at the end.
  ended.catch(() => undefined);
  const heads = new Map<string, string>();
  const keep = async (text: string) => {
    if (out.errored !== null) throw out.errored;
    if (!out.write(`${text}\n`)) await Promise.race([drained(out), ended]);
  };
  const sources = files.map((name) => sourceOf(name));
  try {
    for (const source of sources) await advance(source, heads, timeline, keep);
    for (let next = earliest(sources); next !== undefined; next = earliest(sources)) {
      const { head, tally } = next;
      if (head === undefined) break;
      count(head.line, tally);
      timeline.take(head.line);
      await keep(head.text);
      await advance(next, heads, timeline, keep);
    }
  } finally {
    for (const { lines } of sources) await lines.return?.();
    out.end();
  }
  await ended;
  return sources.map(({ tally }) => tally);
}

/** k6 writes seconds in order, so that the earliest head of all comes next. */
function earliest(sources: readonly Source[]): Source | undefined {
  let first: Source | undefined;
  for (const source of sources) {
    if (source.head === undefined) continue;
    if (first?.head === undefined || source.head.second < first.head.second) first = source;
  }
  return first;
}

function sourceOf(name: string): Source {
  const tally = {
    ...{ pullsStarted: 0, pullsOk: 0, failures: new Failures(), pending: new Pending() },
    ...{ firstMs: 0, lastMs: 0, startedMs: Number.NaN, endMs: 0, whole: false },
  };
  return {
    ...{ name, tally, lines: linesOf(name) },
    ...{ damaged: false, head: undefined },
  };
}

/** Goes on to the next line that belongs to a second; first and last lines are dealt with on the way. */
async function advance(
  source: Source,
  heads: Map<string, string>,
  timeline: Timeline,
  keep: (text: string) => Promise<void>,
): Promise<void> {
  source.head = undefined;
  for (;;) {
    const { done, value: text } = await source.lines.next();
    if (done === true) return;
    const line = asObject(parseJson(text));
    if (line === undefined) {
      // What stood there is lost: without its line the counts may be short.
      source.damaged ||= text.trim() !== '';
      continue;
    }
    const second = asInteger(line.t);
    if (line.end === true) {
      source.tally.whole = !source.damaged;
      source.tally.endMs = numberOf(line.endMs);
      timeline.take(line);
    } else if (second !== undefined) {
      source.head = { second, text, line };
      return;
    } else if (typeof line.schema === 'string') {
      refuseTwice(text, source.name, heads);
      timeline.take(line);
      const startedMs = parseDateTime(asString(line.startedAt) ?? '') ?? Number.NaN;
      const { tally } = source;
      tally.startedMs = tally.startedMs <= startedMs ? tally.startedMs : startedMs;
    }
    await keep(text);
  }
}

/** The first line says when k6 started, in nanoseconds: no two runs share it. */
function refuseTwice(firstLine: string, name: string, heads: Map<string, string>): void {
  const earlier = heads.get(firstLine);
  heads.set(firstLine, name);
  if (earlier === undefined) return;
  throw new UserError(
    'run-twice',
    earlier === name ? `${name} holds a run twice` : `${earlier} and ${name} are the same run`,
    'Name each run once: counts would be added twice.',
  );
}

function count(line: JsonObject, tally: Tally): void {
  widen(tally, line);
  const sum = numberOf(line.sum);
  if (line.metric === 'pull_started') tally.pullsStarted += sum;
  if (line.metric === 'pull_ok') tally.pullsOk += sum;
  if (line.metric === 'pull_failed') tally.failures.add(line);
  if (line.series === 'pending' && !isPushPhase(asString(line.phase) ?? ''))
    tally.pending.add(line);
}

async function drained(out: NodeJS.WritableStream): Promise<void> {
  await new Promise((resolve) => out.once('drain', resolve));
}

async function refuseUnreadable(file: string): Promise<void> {
  const problem = await stat(file).then(
    ({ size }) =>
      size > timelineBytesMax ? `it has more than ${timelineBytesMax} bytes` : undefined,
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'it is not there' : error.message),
  );
  if (problem !== undefined) throw timelineMissing(file, problem);
}
