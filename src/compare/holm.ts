// Many tests at once: the step-down of Holm.

/**
 * p adjusted for the others: whoever believes all that are at most 0.05 believes a false one in at most one
 * of twenty tables, whatever ties the tests together.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, at) => at).sort((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1));
  const adjusted = new Array<number>(ps.length).fill(1);
  let most = 0;
  order.forEach((at, rank) => {
    most = Math.max(most, Math.min(1, (ps.length - rank) * (ps[at] ?? 1)));
    adjusted[at] = most;
  });
  return adjusted;
}
