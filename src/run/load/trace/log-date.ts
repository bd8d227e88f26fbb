// The date of an access log in the common and the combined form (Apache's %t, nginx's $time_local).
import { utcMs } from '../../../lib/calendar.ts';
import { monthOf } from '../../../protocol/grammar/http-date.ts';

const shape = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)([0-5]\d)$/;

/** `21/Nov/2026:13:00:00 +0100` in milliseconds since 1970; undefined for other text. */
export function parseLogDate(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, day, month = '', year, hour, minute, second, sign, hours, minutes] = match;
  const ms = utcMs({
    ...{ year: Number(year), month: monthOf(month), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
  });
  if (ms === undefined || Number(hours) > 23) return undefined;
  const aheadMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return sign === '-' ? ms + aheadMs : ms - aheadMs;
}
