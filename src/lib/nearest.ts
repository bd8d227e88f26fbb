// "Did you mean …?": the nearest of known names to one that a person wrote.

/** Names longer than this are compared by their beginning. */
const nameCharsMax = 80;

/** The nearest name, however far it is; undefined when there is none to choose from. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  return nearest(written, names, () => nameCharsMax);
}

/** The nearest name when it is near enough to have been meant: about one edit in three characters. */
export function meantName(written: string, names: Iterable<string>): string | undefined {
  return nearest(written, names, (name) => Math.max(1, Math.floor(name.length / 3)));
}

/**
 * As `meantName`, for where most unknown names are meant as they are: one edit in four characters. In a short name
 * no character may be another one: `url` is urls, but `date` is not data.
 */
export function misspeltName(written: string, names: Iterable<string>): string | undefined {
  const near = [...names].filter((name) => name.length > 4 || haveSameLetters(written, name));
  return nearest(written, near, (name) =>
    Math.max(name.length > 2 ? 1 : 0, Math.floor(name.length / 4)),
  );
}

/** Whether all letters of one are in the other. */
function haveSameLetters(one: string, other: string): boolean {
  const [short = '', long = ''] = [one, other]
    .map((it) => it.toLowerCase())
    .sort((a, b) => a.length - b.length);
  return [...short].every((letter) => long.includes(letter));
}

/** The nearest name within a number of edits. */
export function nameWithin(
  edits: number,
  written: string,
  names: Iterable<string>,
): string | undefined {
  return nearest(written, names, () => edits);
}

function nearest(
  written: string,
  names: Iterable<string>,
  editsMaxOf: (name: string) => number,
): string | undefined {
  let best: string | undefined;
  let bestEdits = nameCharsMax + 1;
  for (const name of names) {
    const edits = editDistance(written, name, Math.min(editsMaxOf(name), bestEdits - 1));
    if (edits !== undefined) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

/**
 * Characters to add, drop, replace, or swap with their neighbour, without regard to case (the optimal string
 * alignment), one row at a time; undefined above the maximum.
 */
function editDistance(written: string, known: string, max: number): number | undefined {
  const from = written.slice(0, nameCharsMax).toLowerCase();
  const to = known.slice(0, nameCharsMax).toLowerCase();
  if (Math.abs(from.length - to.length) > max) return undefined;
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : replaced;
      const edits = Math.min(replaced, swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(edits);
      least = Math.min(least, edits);
    }
    // Rows get smaller again by a swap alone, which takes one more edit.
    if (least > max + 1) return undefined;
    before = row;
    row = next;
  }
  const edits = row[to.length] ?? 0;
  return edits <= max ? edits : undefined;
}
