// A timeline as records among other lines of a log (k6/timeline/records.go): read back, held to their sums and their
// sequence. What is missing is told by a line that is none of a timeline's.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { chunksOf } from './file.ts';

/** Names of files that `kubectl logs` wrote. */
export const logEnding = '.log';

/** What `kubectl logs --prefix` and `--timestamps` put in front counts for nothing. */
const record =
  /^(?:\[pod\/[^\]\s]+\] )?(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) )?pullproof-timeline ([1-9]\d{0,6}) ([0-9a-f]{64}) ([A-Za-z0-9+/]+={0,2})\r?$/;
/** As the longest line of a timeline, and more than any record holds. */
const recordBytesMax = 32 * 1024 * 1024;
/** Logs keep their order; so many may have come before one that is late. */
const aheadMax = 8;

/** The lines of the timeline in a file, as many at a time as there are. @throws as `chunksOf` */
export async function* timelineChunksOf(
  file: string,
  highWaterMark?: number,
): AsyncGenerator<readonly string[]> {
  const chunks = chunksOf(file, highWaterMark);
  if (!file.endsWith(logEnding)) {
    yield* chunks;
    return;
  }
  const records = new Records();
  for await (const lines of chunks) {
    for (const line of lines) yield* records.take(line);
  }
  yield* records.end();
}

/** Puts records into their order, one log line at a time. */
export class Records {
  #next = 1;
  readonly #ahead = new Map<number, readonly string[]>();
  /** Sums of the records that were taken, by their number less one. */
  readonly #sums: string[] = [];

  /** What can be told now: of each record the lines. */
  *take(line: string): Generator<readonly string[]> {
    const [, number, sum = '', packed = ''] = record.exec(line) ?? [];
    if (number === undefined) return;
    const lines = unpacked(sum, packed);
    // It will be missed.
    if (lines === undefined) return;
    const at = Number(number);
    const known = this.#sums[at - 1];
    if (known !== undefined) {
      if (known !== sum) yield [`there are two records ${at}`];
      return;
    }
    if (at < this.#next) return;
    this.#sums[at - 1] = sum;
    this.#ahead.set(at, lines);
    yield* this.#told(aheadMax);
  }

  /** What waited for records that never came. */
  *end(): Generator<readonly string[]> {
    yield* this.#told(0);
  }

  /** Gives up on what is missing while more than `wait` are ahead of it. */
  *#told(wait: number): Generator<readonly string[]> {
    for (;;) {
      const lines = this.#ahead.get(this.#next);
      if (lines !== undefined) {
        this.#ahead.delete(this.#next);
        this.#next++;
        yield lines;
      } else if (this.#ahead.size > wait) {
        const found = Math.min(...this.#ahead.keys());
        yield [`records ${this.#next} to ${found - 1} are missing`];
        this.#next = found;
      } else return;
    }
  }
}

function unpacked(sum: string, base64: string): string[] | undefined {
  const packed = Buffer.from(base64, 'base64');
  if (createHash('sha256').update(packed).digest('hex') !== sum) return undefined;
  try {
    const text = gunzipSync(packed, { maxOutputLength: recordBytesMax }).toString();
    return text.endsWith('\n') ? text.slice(0, -1).split('\n') : undefined;
  } catch {
    return undefined;
  }
}
