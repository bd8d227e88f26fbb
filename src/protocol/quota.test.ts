import { expect, test } from 'vitest';
import { quotaOf } from './quota.ts';

test('a burst at once, then so many a second, and never more than a burst', () => {
  let now = 0;
  const quota = quotaOf({ perSecond: 5, burst: 10 }, () => now);
  const taken = () => Array.from({ length: 20 }, quota).filter(Boolean).length;
  expect(taken()).toBe(10);
  expect(taken()).toBe(0);
  now = 1000;
  expect(taken()).toBe(5);
  now = 1_000_000;
  expect(taken()).toBe(10);
});
