// Dates of HTTP (RFC 9110 section 5.6.7) and Retry-After (section 10.2.3). Strict in form: what a generous
// reader makes of "soon 12 GMT" is a date that nobody sent.
import { utcMs } from '../../lib/calendar.ts';

const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const days = 'Mon|Tue|Wed|Thu|Fri|Sat|Sun';
const longDays = 'Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday';
const time = '(\\d\\d):(\\d\\d):(\\d\\d)';

/** `Sun, 06 Nov 1994 08:49:37 GMT`, which is what is sent today. */
const imfFixdate = new RegExp(`^(?:${days}), (\\d\\d) (${months}) (\\d{4}) ${time} GMT$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT`, of which recipients must still know. */
const rfc850Date = new RegExp(`^(?:${longDays}), (\\d\\d)-(${months})-(\\d\\d) ${time} GMT$`);
/** `Sun Nov  6 08:49:37 1994`, of C's asctime(), in UTC. */
const asctimeDate = new RegExp(`^(?:${days}) (${months}) ([ \\d]\\d) ${time} (\\d{4})$`);

/** Where no clock is at hand: years of two digits are then 1977 to 2076. */
const nowMsDefault = Date.UTC(2026, 0, 1);

/**
 * Milliseconds since 1970 of an HTTP-date in one of its three forms; undefined for other text and for days
 * that do not exist. Names are case-sensitive. The name of the day must be one, but is not held against the
 * date: it adds nothing, no client looks, and recipients are to be robust (section 5.6.7).
 *
 * @param nowMs by it a year of two digits more than 50 years ahead is the last such year that was
 */
export function parseHttpDate(text: string, nowMs: number = nowMsDefault): number | undefined {
  const fixed = imfFixdate.exec(text);
  if (fixed !== null) {
    const [, day, month, year, ...clock] = fixed;
    return msOf(Number(year), month, day, clock);
  }
  const old = rfc850Date.exec(text);
  if (old !== null) {
    const [, day, month, year, ...clock] = old;
    return ofTwoDigits(Number(year), nowMs, (full) => msOf(full, month, day, clock));
  }
  const [, month, day, hour, minute, second, year] = asctimeDate.exec(text) ?? [];
  return year === undefined ? undefined : msOf(Number(year), month, day, [hour, minute, second]);
}

function msOf(
  year: number,
  month: string | undefined,
  day: string | undefined,
  [hour, minute, second]: readonly (string | undefined)[],
): number | undefined {
  return utcMs({
    ...{ year, month: monthOf(month ?? ''), day: Number(day) },
    ...{ hour: Number(hour), minute: Number(minute), second: Number(second) },
  });
}

/** 1 to 12 by the English name of three letters, as dates of HTTP and access logs have it; 0 for others. */
export function monthOf(name: string): number {
  return months.split('|').indexOf(name) + 1;
}

const yearMs = 365.2425 * 86_400_000;

/** RFC 9110 section 5.6.7: the latest that is not more than 50 years ahead. */
function ofTwoDigits(
  year: number,
  nowMs: number,
  at: (year: number) => number | undefined,
): number | undefined {
  const century = Math.floor((1970 + nowMs / yearMs) / 100) * 100;
  for (const start of [century + 100, century, century - 100]) {
    const ms = at(start + year);
    if (ms !== undefined && ms <= nowMs + 50 * yearMs) return ms;
  }
  return undefined;
}

/** What a Retry-After asks for: so many seconds from now on, or a moment, in milliseconds since 1970. */
export type RetryAfter = { readonly seconds: number } | { readonly atMs: number };

/** Thirty years; a longer number is a mistake. */
const delaySeconds = /^\d{1,9}$/;

/** RFC 9110 section 10.2.3: delay-seconds of up to nine digits, or an HTTP-date; undefined for other text. */
export function parseRetryAfter(value: string): RetryAfter | undefined {
  if (delaySeconds.test(value)) return { seconds: Number(value) };
  const atMs = parseHttpDate(value);
  return atMs === undefined ? undefined : { atMs };
}

/** A reply's headers, by name. */
interface Headers {
  header(name: string): string | undefined;
}

/** When the reply was made, by its own `Date`, milliseconds since 1970; undefined without a good one. */
export function dateOf(reply: Headers): number | undefined {
  return parseHttpDate(reply.header('Date') ?? '');
}

/**
 * How long the Retry-After of a reply asks to wait, from 0 on, in milliseconds. A moment counts from the
 * reply's own `Date`, whose clock is the same; undefined without that, or without a Retry-After that is one.
 */
export function retryAfterMs(reply: Headers): number | undefined {
  const asked = parseRetryAfter(reply.header('Retry-After') ?? '');
  if (asked === undefined) return undefined;
  if ('seconds' in asked) return asked.seconds * 1000;
  const nowMs = dateOf(reply);
  return nowMs === undefined ? undefined : Math.max(0, asked.atMs - nowMs);
}
