// Remembering what was worked out before: a load test asks the same things of the same few texts at every
// pull, in an engine where a regular expression costs more than a request's whole bookkeeping.
//
// No WeakMap: that of k6's engine (sobek) knows a key by its address alone, so that a new object is now and
// then taken for a dead one that lay there. A Map keeps its keys alive, hence the bounds.

/** Entries that a memory keeps unless it says otherwise. */
const entriesMax = 256;

/** A pure function of one text that remembers its answers, `countMax` of them; past that it starts anew. */
export function remember<R>(work: (text: string) => R, countMax = entriesMax): (text: string) => R {
  return rememberBy(work, countMax);
}

/**
 * A pure function of one object that never changes, which remembers its answers as `remember` does, and
 * the object with each.
 */
export function rememberByObject<O extends object, R>(
  work: (object: O) => R,
  countMax = entriesMax,
): (object: O) => R {
  return rememberBy(work, countMax);
}

function rememberBy<K, R>(work: (key: K) => R, countMax: number): (key: K) => R {
  const known = new Map<K, R>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = work(key);
    keep(known, key, result, countMax);
    return result;
  };
}

/** Adds to a memory of at most `countMax` entries, which starts anew when it is full. */
export function keep<K, V>(known: Map<K, V>, key: K, value: V, countMax = entriesMax): void {
  if (known.size >= countMax && !known.has(key)) known.clear();
  known.set(key, value);
}
