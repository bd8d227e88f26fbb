// Dates as signed URLs have them: those of AWS and Google in X-Amz-Date and X-Goog-Date, those of Azure's
// shared access signatures in `se`.
import { utcMs } from '../../lib/calendar.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';

/**
 * `20260131T235959Z`, ISO 8601's basic form in UTC (AWS Signature Version 4), in milliseconds since 1970;
 * undefined for other text.
 */
export function parseStamp(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map(Number);
  return utcMs({ year, month, day, hour, minute, second });
}

/**
 * A moment of a shared access signature in milliseconds since 1970: RFC 3339, without its seconds, or the
 * day alone, which then ends the URL as it begins; undefined for other text.
 */
export function parseSasDate(text: string): number | undefined {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return parseDateTime(`${text}T00:00:00Z`);
  const minutes = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:\d\d)$/.exec(text);
  return parseDateTime(minutes === null ? text : `${minutes[1]}:00${minutes[2]}`);
}
