// Dates and times of RFC 3339, as documents, tokens, logs and our own results write them. The schema of
// configurations has the same as a pattern; src/validate/rules/date.test.ts holds the two together.
import { utcMs } from './calendar.ts';

const shape =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Milliseconds since 1970 of a date-time (RFC 3339 section 5.6), what is finer cut off; undefined for any
 * other text, for days that do not exist and for times without a zone. Leap seconds pass.
 */
export function parseDateTime(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = ''] = match;
  const [sign, offsetHours, offsetMinutes] = [
    match[8],
    Number(match[9] ?? 0),
    Number(match[10] ?? 0),
  ];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const ms = utcMs({
    ...{ year: Number(year), month: Number(month), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
  });
  if (ms === undefined) return undefined;
  const aheadMs = (offsetHours * 60 + offsetMinutes) * 60_000 * (sign === '-' ? -1 : 1);
  return ms - aheadMs + Number(fraction.slice(0, 3).padEnd(3, '0'));
}

/** Whether the text is a date-time of RFC 3339 on a day that exists. */
export function isDateTime(text: string): boolean {
  return parseDateTime(text) !== undefined;
}

/** What is nearly a date-time as RFC 3339 has it, in UTC where it does not say; undefined for other texts. */
export function dateTimeOf(value: string): string | undefined {
  const [, date, time = '00:00:00', zone = 'Z'] =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T_]([0-9:]{8}(?:\.[0-9]{1,9})?) ?(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?$/.exec(
      value,
    ) ?? [];
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^(...)([0-9])/, '$1:$2');
  const written = `${date}T${time}${offset}`;
  return date !== undefined && isDateTime(written) ? written : undefined;
}
