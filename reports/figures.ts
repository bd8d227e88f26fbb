// Figures in the form that people read: thousands separated, three significant digits, decimal units.

/** Made when it is needed: it takes longer than most runs of `validate`. */
let thousands: Intl.NumberFormat | undefined;
const none = '–';

/** `18010` → `18,010`. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return none;
  if (value >= 0 && value < 999) return String(Math.round(value));
  thousands ??= new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
  return thousands.format(value);
}

/** `count` with its noun: `1 error`, `2 errors`, `2 queries`. */
export function plural(value: number, noun: string, nouns = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : nouns}`;
}

/** Three significant digits below a thousand, whole numbers above. */
function significant(value: number): string {
  if (Math.abs(value) >= 999.5) return count(value);
  return String(Number(value.toPrecision(3)));
}

/** A rate without its unit: `0.31`, `18.2`, `1,602`. */
export function rate(value: number): string {
  return Number.isFinite(value) ? significant(value) : none;
}

/** A duration given in milliseconds: `0.42 ms`, `18.2 ms`, `1.25 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return none;
  if (ms < 999.5) return `${significant(ms)} ms`;
  if (ms < 59_950) return `${significant(ms / 1000)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${count(Math.floor(seconds / 60))} min${rest === 0 ? '' : ` ${rest} s`}`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, as network people count: `1.9 GB`. */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return none;
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < byteUnits.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${significant(scaled)} ${byteUnits[unit]}`;
}

/** `2026-03-01T09:30:00.000Z` → `2026-03-01 09:30:00 UTC`; other text is returned as it is. */
export function moment(rfc3339: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/.exec(rfc3339);
  return match ? `${match[1]} ${match[2]} UTC` : rfc3339;
}

/** The middle of values; of an even number, the middle between the two; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
