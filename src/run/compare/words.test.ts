import { expect, test } from 'vitest';
import { lastingWords } from './words.ts';

const hex = (digit: string, length = 64) => digit.repeat(length);

test.each([
  [`sha256:${hex('a')}`, `sha256:${hex('b')}`],
  ['127.0.0.1:43567 said 404', '127.0.0.1:5000 said 404'],
  ['upload 2f3a9c1e-0d4b-4c5e-9f6a-112233445566', 'upload 00000000-0d4b-4c5e-9f6a-aabbccddeeff'],
  ['200 with 17 bytes', '200 with 18,010 bytes'],
  ['no answer in 12.4 ms', 'no answer in 1.3 s'],
  ['Date: 2026-03-01T09:30:00Z', 'Date: 2026-04-01T10:31:00Z'],
  ['tag pullproof-1a2b3c4d5e6f', 'tag pullproof-99887766aabb'],
  ['p__und7714ba35: pushed', 'p__und05d3b897: pushed'],
  ['end7714ba35/tags/v2: pushed', 'end05d3b897/tags/v2: pushed'],
  ['205 tags in order', '207 tags in order'],
  ['6 tags, then 7', '17 tags, then 18'],
  ['tags-new-7714ba35 among 200', 'tags-new-05d3b897 among 198'],
])('%j and %j are the same', (one, other) => {
  expect(lastingWords(one)).toBe(lastingWords(other));
});

test.each([
  ['404', '500'],
  ['status 200', 'status 206'],
  ['2 tags', '3 tags'],
  ['0 tags in order', '207 tags in order'],
  ['Location is missing', 'Location is relative'],
  ['text/html', 'application/json'],
])('%j and %j differ', (one, other) => {
  expect(lastingWords(one)).not.toBe(lastingWords(other));
});
