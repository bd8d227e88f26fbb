// What the check of rate limits takes for a Retry-After, and what not.
import { expect, test } from 'vitest';
import { check } from '../../../test/lib/tiny-registry.ts';

test.each([
  ['', 'warn'],
  ['0', 'pass'],
  ['120', 'pass'],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 'pass'],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 'pass'],
  ['Sun Nov  6 08:49:37 1994', 'pass'],
  ['soon', 'warn'],
  ['soon 12 GMT', 'warn'],
  ['12 GMT', 'warn'],
  ['Sun, 31 Feb 2027 08:49:37 GMT', 'warn'],
  ['1.5', 'warn'],
  ['-1', 'warn'],
])('a 429 with Retry-After: %s', async (value, verdict) => {
  const headers: Record<string, string> = value === '' ? {} : { 'Retry-After': value };
  const results = await check(
    {
      answer: (_path, _request, { status }) =>
        status === 404 ? new Response('', { status: 429, headers }) : undefined,
    },
    ['rate-limit-retry-after'],
    { pause: async () => undefined },
  );
  expect(results.get('rate-limit-retry-after')?.verdict).toBe(verdict);
});
