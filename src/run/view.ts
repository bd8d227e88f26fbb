// What a run shows of itself while it goes on: for who watches, a view that a terminal lays out (src/cli/view-rows.ts);
// for logs, one line.

/** All texts may be somebody else's; who shows them makes them harmless. */
export interface View {
  /** What is being done. */
  readonly title: string;
  /** How far it is: a share from 0 to 1 where that is known, and the same in words. */
  readonly place?: { readonly share?: number | undefined; readonly words: string } | undefined;
  /** The most important first: where there is no room, the last are left out. */
  readonly rows: readonly ViewRow[];
  /** All that matters of it in one line. */
  readonly line: string;
}

export interface ViewRow {
  /** One short word. */
  readonly label: string;
  readonly text: string;
  readonly tone?: 'bad' | 'warn' | undefined;
  /** What it was of late, the latest last, for a graph from 0 to the highest. */
  readonly values?: readonly number[] | undefined;
}

/** The same, with words in front that say of what it is a part. */
export function prefixed(told: string | View, words: string): string | View {
  if (typeof told === 'string') return words + told;
  return { ...told, title: words + told.title, line: words + told.line };
}

/** Values that a row keeps: one a second of the last minute. */
export const viewValuesMax = 60;
