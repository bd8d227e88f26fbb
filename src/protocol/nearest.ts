// "Did you mean …?": the nearest of known names to one that a person wrote.

/** Names longer than this are compared by their beginning. */
const nameCharsMax = 80;

/** The nearest name, however far it is; undefined when there is none to choose from. */
export function nearestName(written: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let editsMin = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const edits = editDistance(written, name);
    if (edits < editsMin) {
      best = name;
      editsMin = edits;
    }
  }
  return best;
}

/** The nearest name when it is near enough to have been meant: about one edit in three characters. */
export function meantName(written: string, names: Iterable<string>): string | undefined {
  // Names of another length need more edits than that: no need to count them.
  const alike = [...names].filter(
    (name) => Math.abs(name.length - written.length) <= editsMaxOf(name),
  );
  const nearest = nearestName(written, alike);
  if (nearest === undefined) return undefined;
  return editDistance(written, nearest) <= editsMaxOf(nearest) ? nearest : undefined;
}

function editsMaxOf(name: string): number {
  return Math.max(1, Math.floor(name.length / 3));
}

/** Levenshtein's distance without regard to case, one row at a time. */
function editDistance(written: string, known: string): number {
  const from = written.slice(0, nameCharsMax).toLowerCase();
  const to = known.slice(0, nameCharsMax).toLowerCase();
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
