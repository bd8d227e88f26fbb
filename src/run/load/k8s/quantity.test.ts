import { expect, test } from 'vitest';
import {
  isDnsLabel,
  isLabelKey,
  isLabelValue,
  isSubdomain,
  mebibytes,
  parseQuantity,
} from './quantity.ts';

test.each([
  ['1', 1],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['2.', 2],
  ['500m', 0.5],
  ['1k', 1000],
  ['1Ki', 1024],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['2E', 2e18],
  ['2e3', 2000],
  ['2E-1', 0.2],
])('%s is a quantity', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value, 9);
});

test.each(['', '-1', '1 Gi', '1KB', '1K', '1ki', 'Mi', '1e', '1.2.3', '1Gib', '0x10'])(
  '%s is none',
  (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  },
);

test('memory is counted in MiB', () => {
  expect(mebibytes('1Gi')).toBe(1024);
});

test('names and labels are those that the API takes', () => {
  const accepted = (is: (text: string) => boolean, ...texts: string[]) =>
    texts.filter((text) => is(text));
  expect(accepted(isDnsLabel, 'a', 'team-1', '-a', 'a-', 'A', 'a.b', '', 'a'.repeat(64))).toEqual([
    'a',
    'team-1',
  ]);
  expect(accepted(isSubdomain, 'a.b-c', 'a..b', 'a_b', 'a.'.repeat(200))).toEqual(['a.b-c']);
  const keys = ['kubernetes.io/arch', 'My_key.1', 'a/b/c', '/b', 'a/', 'A/b', '-a', 'h:1/a'];
  expect(accepted(isLabelKey, ...keys)).toEqual(['kubernetes.io/arch', 'My_key.1']);
  expect(accepted(isLabelValue, '', 'a_B.1', '.a', 'a b', 'a'.repeat(64))).toEqual(['', 'a_B.1']);
});
