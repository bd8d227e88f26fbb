// What all benches share: verdicts on targets, and how figures are written. Pure.

/** A figure against its target. */
export interface Verdict {
  readonly what: string;
  readonly observed: number;
  readonly target: number;
  /** Whether the target is the least or the most that holds. */
  readonly bound: 'min' | 'max';
  readonly held: boolean;
}

export function verdict(
  what: string,
  observed: number,
  target: number,
  bound: Verdict['bound'],
): Verdict {
  const held = bound === 'min' ? observed >= target : observed <= target;
  return { what, observed, target, bound, held };
}

export function renderVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ what, observed, target, bound, held }) => {
      const sign = bound === 'min' ? '≥' : '≤';
      const limit = target.toLocaleString('en-US');
      return `${held ? 'held  ' : 'MISSED'} ${what}: ${format(observed, 2)} (target ${sign} ${limit})\n`;
    })
    .join('');
}

/** A row of a table: its name, and figures in columns. */
export function line(name: string, ...cells: readonly string[]): string {
  return name.padEnd(nameChars) + cells.map((cell) => cell.padStart(13)).join('');
}
const nameChars = 26;

export function format(value: number, digits: number): string {
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
