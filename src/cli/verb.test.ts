import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostAccessOf } from './host-access.ts';
import { accessFlagsOf, accessOf, collect, readDurationMs, wholeNumber } from './verb.ts';

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1m500ms', 60_500],
    ['1.5s', 1500],
    ['0.5m', 30_000],
    ['10', 10_000],
    ['0.25', 250],
    ['168h', 604_800_000],
  ])('%s', (text, ms) => {
    expect(readDurationMs(text)).toBe(ms);
  });

  test.each([
    ...['', ' ', '0', '0s', '0.1ms', '-1s', '+1s', '1 s', '1d', '1S', 's', '1ms2', '1s-1ms', '.5s'],
    ...['1e3', '0x10', 'Infinity', 'NaN', '169h', '1s\n', `${'9'.repeat(400)}s`],
  ])('%j is refused', (text) => {
    expect(() => readDurationMs(text)).toThrow(InvalidArgumentError);
  });

  test('whole milliseconds come out, as timers and connections want them', () => {
    const parts = fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 0, max: 999_999 }));
    fc.assert(
      fc.property(parts, fc.constantFrom('ms', 's', 'm'), ([whole, fraction], unit) => {
        expect(Number.isInteger(readDurationMs(`${whole}.${fraction}${unit}`))).toBe(true);
      }),
    );
  });
});

describe('whole numbers', () => {
  test.each([
    ['1', 1],
    ['100', 100],
    ['007', 7],
  ])('%s', (text, value) => {
    expect(wholeNumber(1, 100)(text)).toBe(value);
  });

  test.each(['', '0', '101', '-1', '+1', '1.0', '1e1', '0x1', ' 1', '1 ', '١', 'one'])(
    '%j is refused',
    (text) => {
      expect(() => wholeNumber(1, 100)(text)).toThrow(InvalidArgumentError);
    },
  );
});

test('a repeatable flag keeps its order', () => {
  expect(['a', 'b'].reduce((all, value) => collect(value, all), [] as string[])).toEqual([
    'a',
    'b',
  ]);
});

describe('access', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-verb-'));
  const pem = join(folder, 'ca.pem');
  writeFileSync(pem, '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n');
  const none = join(folder, 'none.pem');
  writeFileSync(none, 'hello');

  test('limits and trust', async () => {
    expect(await accessOf({ timeout: 7 })).toEqual({ timeoutMs: 7, insecure: false });
    expect(await accessOf({ timeout: 7, insecure: true, ca: pem })).toMatchObject({
      insecure: true,
      ca: [expect.stringContaining('BEGIN CERTIFICATE')],
    });
  });

  test.each([none, join(folder, 'absent.pem'), folder])('no CA: %s', async (ca) => {
    await expect(accessOf({ timeout: 7, ca })).rejects.toMatchObject({ exitCode: 2 });
  });

  test.each(['ca', 'authfile', 'pullSecret'])(
    'of a file that is not there is wrong usage: %s',
    async (flag) => {
      const path = join(mkdtempSync(join(tmpdir(), 'verb-')), 'nowhere');
      const refused = accessFlagsOf({ timeout: 7, [flag]: path });
      await expect(refused).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(path),
      });
    },
  );

  test.each([{ username: 'u' }, { passwordStdin: true }])('half of credentials', async (flags) => {
    await expect(hostAccessOf(flags)).rejects.toMatchObject({ code: 'credentials-incomplete' });
  });
});
