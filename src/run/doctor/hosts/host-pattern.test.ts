import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fits, isHostPattern } from './host-pattern.ts';

describe('a pattern', () => {
  test.each([
    ['cdn.quay.io', 'cdn.quay.io', true],
    ['cdn.quay.io', 'cdn01.quay.io', false],
    ['*.quay.io', 'cdn.quay.io', true],
    ['*.quay.io', 'a.b.quay.io', true],
    ['*.quay.io', 'quay.io', false],
    ['*.quay.io', 'evilquay.io', false],
    ['*', 'anything.example', true],
    ['*', '127.0.0.1', true],
    ['*.dkr.ecr.*.amazonaws.com', '123.dkr.ecr.eu-west-1.amazonaws.com', true],
    ['*.dkr.ecr.*.amazonaws.com', '123.dkr.ecr.a.b.amazonaws.com', false],
    ['*-docker.pkg.dev', 'europe-docker.pkg.dev', true],
    ['*-docker.pkg.dev', 'x.europe-docker.pkg.dev', false],
    ['prod-*-bucket.s3.amazonaws.com', 'prod-eu-bucket.s3.amazonaws.com', true],
    ['prod-*-bucket.s3.amazonaws.com', 'prod-bucket.s3.amazonaws.com', false],
    ['*.0.0.1', '127.0.0.1', false],
  ])('%s against %s: %s', (pattern, host, fitting) => {
    expect(fits(pattern, host)).toBe(fitting);
  });

  const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

  test('without a star is itself alone; a star in front is whatever stands before', () => {
    fc.assert(
      fc.property(name, name, (host, before) => {
        expect(fits(host, host)).toBe(true);
        expect(fits(`*.${host}`, `${before}.${host}`)).toBe(true);
        expect(fits(`*.${host}`, host)).toBe(fits(host, host) && false);
        expect(isHostPattern(host) && isHostPattern(`*.${host}`)).toBe(true);
      }),
    );
  });

  test('of many stars is judged at once', () => {
    const pattern = `${'a*'.repeat(25)}b.example`;
    expect(fits(pattern, `${'a'.repeat(50)}.example`)).toBe(false);
  });
});

test.each(['', 'a b', '-a.example', 'a..b', 'http://a', 'a/b', 'x'.repeat(300)])(
  '%j is no host',
  (text) => {
    expect(isHostPattern(text)).toBe(false);
  },
);

test.each(['localhost', 'a_b.example', '10.0.0.1', '[::1]', '*', '*.a'])('%j is one', (text) => {
  expect(isHostPattern(text)).toBe(true);
});
