// Files that were met and not judged: how many, why, and the first of each reason.
import type { SkippedFiles } from '../../../../reports/results.ts';

/** Why a file, or a folder with all below it, is left out; in the words of the report. */
const skipReasons = {
  other: 'no document that pullproof knows',
  ignored: 'ignored by git',
  excluded: 'excluded',
  foreign: 'dependencies and version control',
  link: 'a link that leads to no file',
  special: 'no regular file',
  deep: 'below too many folders',
  large: 'larger than documents are',
} as const;

export type SkipReason = keyof typeof skipReasons;

/** Paths that are kept of each reason. */
const pathsMax = 1_000;

export class Skipped {
  readonly #found = new Map<SkipReason, { count: number; paths: string[] }>();

  add(reason: SkipReason, path: string): void {
    const found = this.#found.get(reason) ?? { count: 0, paths: [] };
    this.#found.set(reason, found);
    found.count++;
    if (found.paths.length < pathsMax) found.paths.push(path);
  }

  get count(): number {
    return [...this.#found.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** In the order of `skipReasons`. */
  list(): SkippedFiles[] {
    return (Object.keys(skipReasons) as SkipReason[]).flatMap((id) => {
      const found = this.#found.get(id);
      return found === undefined ? [] : [{ reason: skipReasons[id], ...found }];
    });
  }
}
