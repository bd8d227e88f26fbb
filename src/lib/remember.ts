// Remembering what was worked out before: a load test asks the same things of the same few texts at every
// pull, in an engine where a regular expression costs more than a request's whole bookkeeping.

/** Entries that a memory keeps unless it says otherwise. */
const entriesMax = 256;

/** A pure function of one text that remembers its answers, `countMax` of them; past that it starts anew. */
export function remember<R>(work: (text: string) => R, countMax = entriesMax): (text: string) => R {
  const known = new Map<string, R>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const result = work(text);
    if (known.size >= countMax) known.clear();
    known.set(text, result);
    return result;
  };
}

/** A pure function of one object that never changes, which remembers its answers as long as that lives. */
export function rememberByObject<O extends object, R>(work: (object: O) => R): (object: O) => R {
  const known = new WeakMap<O, R>();
  return (object) => {
    const before = known.get(object);
    if (before !== undefined) return before;
    const result = work(object);
    known.set(object, result);
    return result;
  };
}
