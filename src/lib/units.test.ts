// Sizes and durations: what is read, what is not, and the patterns of the schemas that say the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../run/package-root.ts';
import { parseDurationMs, parseSecondsMs, parseSizeBytes } from './units.ts';

/** Every pattern below a schema's node. */
function patternsIn(file: string): RegExp[] {
  const patterns: string[] = [];
  JSON.parse(readFileSync(join(packageRoot, 'schemas', file), 'utf8'), (key, value) => {
    if (key === 'pattern') patterns.push(value);
    return value;
  });
  return [...new Set(patterns)].map((pattern) => new RegExp(pattern, 'u'));
}

/** The one that takes the example. */
function patternOf(file: string, example: string): RegExp {
  const [found, ...more] = patternsIn(file).filter((pattern) => pattern.test(example));
  if (found === undefined || more.length > 0) throw new Error(`no pattern takes ${example} alone`);
  return found;
}

const decimal = fc
  .tuple(fc.nat(99_999), fc.option(fc.nat(999_999)))
  .map(([whole, fraction]) => (fraction === null ? `${whole}` : `${whole}.${fraction}`));
/** Near to a quantity, now and then one. */
const nearly = fc
  .array(
    fc.oneof(
      decimal,
      fc.constantFrom('ms', 's', 'm', 'h', 'B', 'kB', 'KB', 'MB', 'KiB', 'kiB', 'TiB', 'iB', 'b'),
      fc.constantFrom(' ', '.', '-', '+', 'e', '\n', ''),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const texts = fc.oneof(nearly, fc.string());

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1000000', 1e6],
    ['700B', 700],
    ['700 B', 700],
    ['3kB', 3000],
    ['3KB', 3000],
    ['96MB', 96e6],
    ['1.5GB', 1.5e9],
    ['2TB', 2e12],
    ['64KiB', 65_536],
    ['64kiB', 65_536],
    ['10MiB', 10 * 2 ** 20],
    ['1.5 GiB', 1.5 * 2 ** 30],
    ['1TiB', 2 ** 40],
    ['0.3B', 0],
    ['1.0005kB', 1001],
  ])('%s', (text, bytes) => {
    expect(parseSizeBytes(text)).toBe(bytes);
  });

  test.each([
    ...[
      '',
      ' ',
      'B',
      'MB',
      '1e3MB',
      '5iB',
      '50mb',
      '50Mb',
      '1k',
      '1M',
      '1Ki',
      '1GIB',
      '1PB',
      '1  MB',
    ],
    ...[
      '1 ',
      ' 1',
      '-1',
      '+1',
      '.5MB',
      '5.MB',
      '1MB\n',
      '0x10',
      'NaN',
      'Infinity',
      '1,5MB',
      '1_000',
    ],
    ...['1MB1', '1MB 1MB', '١MB', '9'.repeat(16), '99999TiB', '9007199254740993'],
  ])('%j is none', (text) => {
    expect(parseSizeBytes(text)).toBeUndefined();
  });

  test('what is written is read', () => {
    const units = { '': 1, B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2 };
    const unit = fc.constantFrom(...Object.entries(units));
    fc.assert(
      fc.property(fc.nat(100_000), unit, fc.boolean(), (number, [name, factor], blank) => {
        const text = `${number}${blank && name !== '' ? ' ' : ''}${name}`;
        expect(parseSizeBytes(text)).toBe(number * factor);
      }),
    );
  });

  test('any text is whole bytes or none', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = parseSizeBytes(text);
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0)).toBe(true);
      }),
    );
  });

  test.each(['plan.schema.json', 'mock-images.schema.json'])('%s has the same', (file) => {
    const pattern = patternOf(file, '1.5 GiB');
    fc.assert(
      fc.property(texts, (text) => {
        // What is too large to be counted is left to the code.
        if (pattern.test(text) && parseSizeBytes(text) === undefined) {
          expect(Number.parseFloat(text)).toBeGreaterThan(8000);
        } else expect(pattern.test(text)).toBe(parseSizeBytes(text) !== undefined);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('durations', () => {
  test.each([
    ['0ms', 0],
    ['500ms', 500],
    ['0.5ms', 0.5],
    ['1.5s', 1500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1m30s', 90_000],
    ['1m500ms', 60_500],
    ['0.5s', 500],
    ['168h', 604_800_000],
  ])('%s', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
    expect(parseSecondsMs(text)).toBe(ms);
  });

  test.each([
    ['10', 10_000],
    ['0.25', 250],
  ])('%s without unit is seconds, where that is taken', (text, ms) => {
    expect(parseSecondsMs(text)).toBe(ms);
    expect(parseDurationMs(text)).toBeUndefined();
  });

  test.each([
    ...['', ' ', 's', '1 s', '1d', '1S', '1MS', '1ms2', '-1s', '+1s', '.5s', '1.s', '1s-1ms'],
    ...[
      '1e3',
      '0x10',
      'Infinity',
      'NaN',
      '1s\n',
      ' 1s',
      '1us',
      '1µs',
      '9'.repeat(16),
      '1s1s1s1s1s1s1s1s1s',
    ],
  ])('%j is none', (text) => {
    expect(parseSecondsMs(text)).toBeUndefined();
    expect(parseDurationMs(text)).toBeUndefined();
  });

  test('what is written is read', () => {
    const part = fc.tuple(
      fc.nat(100_000),
      fc.constantFrom(
        ['ms', 1] as const,
        ['s', 1000] as const,
        ['m', 60e3] as const,
        ['h', 3.6e6] as const,
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.map(([number, [unit]]) => `${number}${unit}`).join('');
        const ms = parts.reduce((sum, [number, [, factor]]) => sum + number * factor, 0);
        expect(parseDurationMs(text)).toBe(ms);
      }),
    );
  });

  test('any text is a length of time or none', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const ms = parseSecondsMs(text);
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });

  test('the schema of plans has the same', () => {
    const pattern = patternOf('plan.schema.json', '1h30m');
    fc.assert(
      fc.property(texts, (text) => {
        expect(pattern.test(text)).toBe(parseSecondsMs(text) !== undefined);
      }),
      { numRuns: 1000 },
    );
  });
});
