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

/** Levenshtein's distance without regard to case, one row at a time; undefined above the maximum. */
function editDistance(written: string, known: string, max: number): number | undefined {
  const from = written.slice(0, nameCharsMax).toLowerCase();
  const to = known.slice(0, nameCharsMax).toLowerCase();
  if (Math.abs(from.length - to.length) > max) return undefined;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      const edits = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(edits);
      least = Math.min(least, edits);
    }
    // Rows never get smaller again.
    if (least > max) return undefined;
    row = next;
  }
  const edits = row[to.length] ?? 0;
  return edits <= max ? edits : undefined;
}
