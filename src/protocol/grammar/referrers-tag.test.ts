import { expect, test } from 'vitest';
import { isReferrersTag, referrersTag } from './referrers-tag.ts';

const hex = 'ab'.repeat(32);

test.each([
  [`sha256:${hex}`, `sha256-${hex}`],
  [`sha512:${hex}${hex}`, `sha512-${hex}`],
  [`a+b:${'x='.repeat(40)}`, `a-b-${'x-'.repeat(32)}`],
])('the tag of %s', (digest, tag) => {
  expect(referrersTag(digest)).toBe(tag);
});

test.each([
  [`sha256-${hex}`, true],
  [`sha512-${hex}`, true],
  // What cosign names its own signatures, and what else may look like it.
  [`sha256-${hex}.sig`, false],
  [`sha256-${hex.slice(1)}`, false],
  [`SHA256-${hex}`, false],
  ['1.2-alpine', false],
])('%s is of that form: %s', (tag, expected) => {
  expect(isReferrersTag(tag)).toBe(expected);
});
