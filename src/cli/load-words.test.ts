import { describe, expect, test } from 'vitest';
import { parseStart, parseStartIn } from './load-words.ts';

const nowMs = Date.UTC(2026, 10, 29, 12);

describe('when a load is to begin', () => {
  test.each([
    ['2026-11-29T12:00:00.5Z', 500],
    ['2026-11-29T14:01:00+02:00', 60_000],
    ['+90s', 90_000],
    ['+1h30m', 5_400_000],
    ['+24h', 86_400_000],
  ])('%s', (text, aheadMs) => {
    expect(parseStart(text, nowMs)).toBe(nowMs + aheadMs);
  });

  test.each([
    ['2026-11-29T12:00:00Z', 'has passed'],
    ['2026-11-29T11:59:59Z', 'has passed'],
    ['2026-11-30T12:00:01Z', '24 h'],
    ['+25h', '24 h'],
    ['+0s', 'has passed'],
    ['12:00', 'zone'],
    ['2026-11-29T12:00:00', 'zone'],
    ['2026-02-30T12:00:00Z', 'zone'],
    ['+', 'zone'],
    ['+90', 'zone'],
    ['-90s', 'zone'],
  ])('%s is refused', (text, why) => {
    expect(() => parseStart(text, nowMs)).toThrow(why);
  });

  test('is as far ahead at most where it is told from now on', () => {
    expect(parseStartIn('24h')).toBe(86_400_000);
    for (const text of ['25h', '+5m', '0s']) expect(() => parseStartIn(text), text).toThrow();
  });
});
