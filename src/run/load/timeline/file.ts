// The file of a timeline: its name in the folder of a run, how large it may be, and its lines.
import { createReadStream } from 'node:fs';
import { UserError } from '../../../lib/user-error.ts';

export const timelineName = 'timeline.ndjson';
export const timelineBytesMax = 4 * 1024 ** 3;
/** Histograms of a second at the largest rates have a hundredth of it. */
const lineCharsMax = 16 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/**
 * Its lines without their ends, up to `timelineBytesMax`, as many at a time as a read brings; the last may be cut.
 * @throws UserError `timeline-missing` (exit 2) at a line that is none of ours, else the system's error
 */
export async function* chunksOf(
  file: string,
  highWaterMark = chunkBytes,
): AsyncGenerator<readonly string[]> {
  const options = { encoding: 'utf8', highWaterMark, end: timelineBytesMax } as const;
  let partial = '';
  for await (const chunk of createReadStream(file, options)) {
    const lines = (partial + chunk).split('\n');
    partial = lines.pop() ?? '';
    if (partial.length > lineCharsMax) {
      throw timelineMissing(file, `a line of it has more than ${lineCharsMax} characters`);
    }
    yield lines;
  }
  if (partial !== '') yield [partial];
}

/** The same, one by one. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  for await (const lines of chunksOf(file)) yield* lines;
}

/** Exit 2: the figures of a run cannot be had. */
export function timelineMissing(file: string, problem: string): UserError {
  return new UserError(
    'timeline-missing',
    `the timeline ${file} cannot be read: ${problem}`,
    `Our build of k6 writes ${timelineName} beside results.json, and runs are joined by it; keep the two together. A run on a stock k6 (--engine stock), or whose set-up failed, has none.`,
  );
}
