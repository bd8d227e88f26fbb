// The three forms of an HTTP-date (RFC 9110 section 5.6.7), Retry-After, and what is neither.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateOf, parseHttpDate, parseRetryAfter, retryAfterMs } from './http-date.ts';

/** The example of RFC 9110. */
const example = Date.UTC(1994, 10, 6, 8, 49, 37);
const now = Date.UTC(2026, 10, 21);

describe('HTTP dates', () => {
  test.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', example],
    ['Sunday, 06-Nov-94 08:49:37 GMT', example],
    ['Sun Nov  6 08:49:37 1994', example],
    ['Wed Nov 16 08:49:37 1994', Date.UTC(1994, 10, 16, 8, 49, 37)],
    ['Thu, 29 Feb 2024 23:59:60 GMT', Date.UTC(2024, 2, 1)],
    // The name of the day is not held against the date.
    ['Mon, 06 Nov 1994 08:49:37 GMT', example],
  ])('%s', (text, ms) => {
    expect(parseHttpDate(text, now)).toBe(ms);
  });

  test.each([
    ...['', 'soon 12 GMT', 'Sun, 06 Nov 1994 08:49:37', 'Sun, 06 Nov 1994 08:49:37 UTC'],
    ...[
      'Sun, 06 Nov 1994 08:49:37 +0000',
      'Sun, 6 Nov 1994 08:49:37 GMT',
      '06 Nov 1994 08:49:37 GMT',
    ],
    ...[
      'sun, 06 Nov 1994 08:49:37 GMT',
      'Sun, 06 NOV 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 08:49 GMT',
    ],
    ...[
      'Sun, 06 Nov 94 08:49:37 GMT',
      'Sun, 31 Nov 1994 08:49:37 GMT',
      'Sun, 29 Feb 2023 08:49:37 GMT',
    ],
    ...[
      'Sun, 06 Nov 1994 24:00:00 GMT',
      'Sun, 06 Nov 1994 08:60:00 GMT',
      'Sun, 00 Nov 1994 08:00:00 GMT',
    ],
    ...[
      'Sun, 06 Nov 1994 08:49:61 GMT',
      'Sunday, 06 Nov 1994 08:49:37 GMT',
      'Sun, 06-Nov-94 08:49:37 GMT',
    ],
    ...['Sun Nov 6 08:49:37 1994', 'Sun Nov 06 08:49:37 1994 GMT', 'Day, 06 Nov 1994 08:49:37 GMT'],
    ...['1994-11-06T08:49:37Z', '784111777', 'Sun, 06 Nov 1994 08:49:37 GMT\n', '12 GMT'],
  ])('%j is none', (text) => {
    expect(parseHttpDate(text, now)).toBeUndefined();
  });

  test.each([
    ['76', 2076],
    ['77', 1977],
    ['00', 2000],
    ['26', 2026],
  ])('a year of two digits is at most 50 years ahead: %s', (year, full) => {
    expect(parseHttpDate(`Sunday, 06-Nov-${year} 08:49:37 GMT`, now)).toBe(
      Date.UTC(full, 10, 6, 8, 49, 37),
    );
  });

  test('in the fiftieth year the day decides', () => {
    expect(parseHttpDate('Monday, 28-Dec-76 00:00:00 GMT', now)).toBe(Date.UTC(1976, 11, 28));
  });

  const range = { min: new Date(Date.UTC(1000, 0, 1)), max: new Date(Date.UTC(9999, 11, 31)) };
  const moments = fc.date({ ...range, noInvalidDate: true });

  test('what is written is read, in each form', () => {
    fc.assert(
      fc.property(moments, (date) => {
        const ms = Math.floor(date.getTime() / 1000) * 1000;
        const fixed = date.toUTCString();
        expect(parseHttpDate(fixed)).toBe(ms);
        const [day = '', date2 = '', month = '', year = '', time = ''] = fixed.split(/,? /);
        const padded = date2.replace(/^0/, ' ');
        expect(parseHttpDate(`${day} ${month} ${padded} ${time} ${year}`)).toBe(ms);
      }),
    );
  });

  test('a year of two digits is the nearest one, whatever the time is', () => {
    const years = { min: new Date(Date.UTC(1980, 0, 1)), max: new Date(Date.UTC(2400, 0, 1)) };
    const clock = fc.date({ ...years, noInvalidDate: true });
    fc.assert(
      fc.property(clock, fc.integer({ min: -49, max: 49 }), (date, ahead) => {
        const full = date.getUTCFullYear() + ahead;
        const text = `Sunday, 06-Nov-${String(full).slice(2)} 08:49:37 GMT`;
        expect(parseHttpDate(text, date.getTime())).toBe(Date.UTC(full, 10, 6, 8, 49, 37));
      }),
    );
  });

  test('any text is a moment or none', () => {
    const nearly = moments.map((date) => date.toUTCString());
    const broken = fc.tuple(nearly, fc.nat(30), fc.string({ maxLength: 2 }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), broken), (text) => {
        const [whole = '', at = 0, put = ''] = typeof text === 'string' ? [text] : text;
        const ms = parseHttpDate(whole.slice(0, at) + put + whole.slice(at + 1));
        expect(ms === undefined || Number.isInteger(ms)).toBe(true);
      }),
    );
  });
});

describe('Retry-After', () => {
  test.each([
    ['0', { seconds: 0 }],
    ['120', { seconds: 120 }],
    ['999999999', { seconds: 999_999_999 }],
    ['Sun, 06 Nov 1994 08:49:37 GMT', { atMs: example }],
    ['1234567890', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.5', undefined],
    ['1 ', undefined],
    ['1, 2', undefined],
    ['', undefined],
    ['soon', undefined],
    ['soon 12 GMT', undefined],
  ])('%j', (value, expected) => {
    expect(parseRetryAfter(value)).toEqual(expected);
  });

  const replyOf = (headers: Record<string, string>) => ({
    header: (name: string) => headers[name],
  });
  const later = 'Sun, 06 Nov 1994 08:49:47 GMT';
  const earlier = 'Sun, 06 Nov 1994 08:49:37 GMT';

  test.each([
    [{ 'Retry-After': '2' }, 2000],
    [{ 'Retry-After': later, Date: earlier }, 10_000],
    [{ 'Retry-After': earlier, Date: later }, 0],
    [{ 'Retry-After': later }, undefined],
    [{ 'Retry-After': later, Date: 'today' }, undefined],
    [{ Date: later }, undefined],
  ])('%j asks to wait %s ms', (headers, ms) => {
    expect(retryAfterMs(replyOf(headers as Record<string, string>))).toBe(ms);
  });

  test('the reply says when it was made', () => {
    expect(dateOf(replyOf({ Date: earlier }))).toBe(example);
    expect(dateOf(replyOf({}))).toBeUndefined();
  });
});
