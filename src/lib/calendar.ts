// The days of the calendar, for the readers of dates: which exist, and how long ago they are. No clock, no
// `Date`: it runs in k6's engine too, and reads nothing that its grammar did not.

/** A moment as it is written down, in UTC. */
export interface Moment {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 60 is a leap second. */
  readonly second: number;
}

const dayMs = 86_400_000;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Milliseconds since 1970; undefined for a day or time that does not exist. A leap second passes at any
 * minute, because tables of them end, and is the first second of the next one.
 */
export function utcMs({ year, month, day, hour, minute, second }: Moment): number | undefined {
  const exists =
    isWithin(year, 0, 9999) &&
    isWithin(month, 1, 12) &&
    isWithin(day, 1, daysOf(year, month)) &&
    isWithin(hour, 0, 23) &&
    isWithin(minute, 0, 59) &&
    isWithin(second, 0, 60);
  if (!exists) return undefined;
  return daysSince1970(year, month, day) * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
}

function daysOf(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (monthDays[month - 1] ?? 0);
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Years are counted from March, so that the day that is sometimes missing is the last. */
function daysSince1970(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const months = (month + 9) % 12;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const dayOfYear = Math.floor((153 * months + 2) / 5) + day - 1;
  return 365 * years + leapDays + dayOfYear - daysFromMarch0To1970;
}

const daysFromMarch0To1970 = 719_468;

function isWithin(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
