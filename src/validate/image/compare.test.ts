// Platforms of index entries and images are held against each other as clients do it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { normalizePlatform } from '../rules/platform-words.ts';
import { comparePlatforms, lengthsDiffer } from './compare.ts';

function rulesOf(entry: JsonObject, image: JsonObject): string[] {
  const found: string[] = [];
  const reference = {
    descriptor: { platform: entry },
    pointer: '',
    mediaType: '',
    digest: '',
    size: 0,
  };
  comparePlatforms(reference, image, (rule, pointer) => found.push(`${rule.id} ${pointer}`));
  return found;
}

function linux(architecture: string, variant?: string): JsonObject {
  return { os: 'linux', architecture, ...(variant !== undefined && { variant }) };
}

describe('the same to containerd', () => {
  test.each([
    [linux('arm'), linux('arm', 'v7')],
    [linux('armhf'), linux('arm', 'v7')],
    [linux('armel'), linux('arm', 'v6')],
    [linux('arm', '6'), linux('arm', 'v6')],
    [linux('aarch64'), linux('arm64', 'v8')],
    [linux('arm64', 'v8.0'), linux('arm64')],
    [linux('x86_64'), linux('amd64', 'v1')],
    [linux('AMD64'), linux('amd64')],
    [linux('i386', 'x'), linux('386')],
    [
      { os: 'macOS', architecture: 'arm64' },
      { os: 'darwin', architecture: 'arm64' },
    ],
    [linux('ppc64le', 'power9'), linux('ppc64le')],
  ])('%j and %j', (entry, image) => {
    expect(rulesOf(entry, image)).toEqual([]);
    expect(rulesOf(image, entry)).toEqual([]);
  });
});

describe('not the same', () => {
  test.each([
    [linux('arm', 'v6'), linux('arm'), 'platform-variant-mismatch /platform/variant'],
    [linux('arm'), linux('arm', 'v6'), 'platform-variant-mismatch /platform'],
    [linux('arm', 'v5'), linux('armel'), 'platform-variant-mismatch /platform/variant'],
    [linux('arm64', 'v8.2'), linux('arm64'), 'platform-variant-mismatch /platform/variant'],
    [linux('amd64'), linux('amd64', 'v2'), 'platform-variant-mismatch /platform'],
    [
      linux('ppc64le', 'power9'),
      linux('ppc64le', 'power8'),
      'platform-variant-mismatch /platform/variant',
    ],
    [linux('aarch64'), linux('x86_64'), 'platform-mismatch /platform/architecture'],
    [linux('arm', 'v8'), linux('arm64'), 'platform-mismatch /platform/architecture'],
  ])('%j and %j', (entry, image, found) => {
    expect(rulesOf(entry, image)).toEqual([found]);
  });
});

test('one layer is one layer', () => {
  expect(lengthsDiffer(1, 2)).toBe('there is 1 layer, the config has 2 diff_ids');
  expect(lengthsDiffer(0, 1)).toBe('there are 0 layers, the config has 1 diff_id');
});

test('an attestation is for no machine', () => {
  expect(rulesOf({ os: 'unknown', architecture: 'unknown' }, linux('arm', 'v6'))).toEqual([]);
});

test('names that are read once are read the same again', () => {
  const word = fc.oneof(
    fc.constantFrom('arm', 'armhf', 'ARM64', 'i386', 'v8', '8', ''),
    fc.string(),
  );
  fc.assert(
    fc.property(word, word, word, (os, architecture, variant) => {
      const once = normalizePlatform({ os, architecture, variant });
      expect(normalizePlatform(once)).toEqual(once);
    }),
  );
});
