import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  choosePlatform,
  formatPlatform,
  type Platform,
  type PlatformEntry,
  type PlatformRule,
  parsePlatform,
} from './platform.ts';

const rules: readonly PlatformRule[] = ['containers', 'containerd', 'crane', 'regclient', 'oras'];

/** `linux/amd64`, `-` for an entry without platform, `+zstd` behind it for podman's annotation. */
function entriesOf(list: string): (PlatformEntry & { text: string })[] {
  return list.split(' ').map((text) => {
    const [name = ''] = text.split('+');
    const platform = parsePlatform(name);
    return {
      text,
      ...(platform && { platform }),
      ...(text.endsWith('+zstd') && {
        annotations: { 'io.github.containers.compression.zstd': 'true' },
      }),
    };
  });
}

function chosen(list: string, wanted: string | undefined, rule: PlatformRule): string | undefined {
  const platform = wanted === undefined ? undefined : parsePlatform(wanted);
  return choosePlatform(entriesOf(list), platform, rule)?.text;
}

const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,10}$/);
const platform: fc.Arbitrary<Platform> = fc.record(
  { os: name, architecture: name, variant: name },
  { requiredKeys: ['os', 'architecture'] },
);

describe('platform names', () => {
  test('are read back', () => {
    fc.assert(
      fc.property(platform, (one) => {
        expect(parsePlatform(formatPlatform(one))).toEqual(one);
      }),
    );
  });

  test.each([
    '',
    'linux',
    'linux/',
    '/amd64',
    'a/b/c/d',
    'a/b/',
    'a b/c',
    'a/b\n',
    `a/${'b'.repeat(65)}`,
  ])('refuses %j', (text) => {
    expect(parsePlatform(text)).toBeUndefined();
  });

  test('an empty variant is none', () => {
    expect(formatPlatform({ os: 'linux', architecture: 'arm', variant: '' })).toBe('linux/arm');
  });
});

describe('choosePlatform', () => {
  test.each(rules)('%s: the exact entry wins, wherever it stands', (rule) => {
    const list =
      'unknown/unknown windows/amd64 linux/arm64 linux/arm/v6 linux/arm/v7 linux/amd64 -';
    for (const wanted of ['linux/amd64', 'windows/amd64', 'linux/arm64', 'linux/arm/v7']) {
      expect(chosen(list, wanted, rule)).toBe(wanted);
    }
    expect(chosen(list, undefined, rule)).toBe('linux/amd64');
  });

  test.each(rules)('%s: attestations are never chosen, and nothing is made up', (rule) => {
    expect(chosen('unknown/unknown', 'unknown/unknown', rule)).toBeUndefined();
    expect(chosen('linux/s390x unknown/unknown', 'linux/amd64', rule)).toBeUndefined();
    expect(choosePlatform([], undefined, rule)).toBeUndefined();
    expect(chosen('linux/amd64', 'constructor/constructor/constructor', rule)).toBeUndefined();
  });

  test.each(rules)('%s: among equals the first, and only an entry that was offered', (rule) => {
    const entries = fc.array(
      fc.constantFrom('linux/amd64', 'linux/arm/v5', 'linux/arm/v7', 'linux/arm64', '-'),
      { minLength: 1 },
    );
    const wanted = fc.constantFrom('linux/amd64', 'linux/arm/v8', 'linux/arm64/v9.2');
    fc.assert(
      fc.property(entries, wanted, (list, want) => {
        const offered = entriesOf(list.join(' '));
        const choice = choosePlatform(offered, parsePlatform(want), rule);
        expect(offered.findIndex(({ text }) => text === choice?.text)).toBe(
          choice === undefined ? -1 : offered.indexOf(choice),
        );
      }),
    );
  });

  test.each([
    // From the wanted variant down, then none.
    ['linux/arm linux/arm/v5 linux/arm/v6', 'linux/arm/v7', 'linux/arm/v6'],
    ['linux/arm linux/arm/v8', 'linux/arm/v7', 'linux/arm'],
    ['linux/arm64', 'linux/arm64/v8', 'linux/arm64'],
    // Without a variant: none first, then what every machine of the architecture runs.
    ['linux/arm64/v8 linux/arm64', 'linux/arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64', 'linux/arm64/v8'],
    ['linux/arm/v7 linux/arm/v5', 'linux/arm', undefined],
    // No compatibility is assumed elsewhere.
    ['linux/amd64/v2 linux/amd64', 'linux/amd64/v3', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64', undefined],
    ['linux/386', 'linux/amd64', undefined],
    ['linux/arm64/v9', 'linux/arm64/v9', 'linux/arm64/v9'],
    // No platform is the last resort; zstd wins among equals only.
    ['- linux/arm64', 'linux/arm64/v8', 'linux/arm64'],
    ['linux/s390x - -', 'linux/amd64', '-'],
    ['linux/amd64 linux/amd64+zstd', 'linux/amd64', 'linux/amd64+zstd'],
    ['linux/arm64+zstd linux/arm64/v8', 'linux/arm64/v8', 'linux/arm64/v8'],
    ['-+zstd linux/amd64', 'linux/amd64', 'linux/amd64'],
  ])('containers: of %s for %s', (list, wanted, expected) => {
    expect(chosen(list, wanted, 'containers')).toBe(expected);
  });

  test.each([
    ['linux/386 linux/amd64/v1', 'linux/amd64', 'linux/amd64/v1'],
    ['linux/386', 'linux/amd64', 'linux/386'],
    ['linux/amd64 linux/amd64/v2 linux/amd64/v4', 'linux/amd64/v3', 'linux/amd64/v2'],
    ['linux/amd64/v2', 'linux/amd64', undefined],
    ['linux/x86_64', 'linux/amd64', 'linux/x86_64'],
    ['linux/arm/v5 linux/arm', 'linux/arm/v8', 'linux/arm'],
    ['linux/arm/v6', 'linux/arm', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7', 'linux/armhf'],
    ['linux/arm/v8', 'linux/arm/v7', undefined],
    ['linux/arm/v7 linux/arm64/v8', 'linux/arm64', 'linux/arm64/v8'],
    ['linux/arm/v7', 'linux/arm64', 'linux/arm/v7'],
    ['linux/arm64 linux/arm64/v8.7 linux/arm64/v9.1', 'linux/arm64/v9.2', 'linux/arm64/v9.1'],
    ['linux/arm64 linux/arm64/v8.7 linux/arm64/v8.8', 'linux/arm64/v9.2', 'linux/arm64/v8.7'],
    ['linux/arm64 linux/arm64/v8.1', 'linux/arm64/v8.2', 'linux/arm64/v8.1'],
    ['linux/arm64/v9', 'linux/arm64', undefined],
    ['- linux/386', 'linux/amd64', 'linux/386'],
    ['linux/s390x - -', 'linux/amd64', '-'],
    ['linux/amd64 linux/amd64+zstd', 'linux/amd64', 'linux/amd64'],
    ['macos/arm64', 'darwin/arm64', 'macos/arm64'],
  ])('containerd: of %s for %s', (list, wanted, expected) => {
    expect(chosen(list, wanted, 'containerd')).toBe(expected);
  });

  test.each([
    ['linux/arm64 linux/amd64/v2 linux/amd64', undefined, 'linux/amd64/v2'],
    ['linux/amd64 linux/amd64/v2', 'linux/amd64/v2', 'linux/amd64/v2'],
    ['linux/amd64', 'linux/amd64/v2', undefined],
    ['linux/arm/v6', 'linux/arm/v7', undefined],
    ['linux/arm/v6', 'linux/arm', 'linux/arm/v6'],
    ['- linux/amd64', 'linux/amd64', '-'],
    ['-', 'linux/arm64', undefined],
  ])('crane: of %s for %s', (list, wanted, expected) => {
    expect(chosen(list, wanted, 'crane')).toBe(expected);
  });

  test.each([
    ['linux/386 linux/amd64/v1', 'linux/amd64', 'linux/amd64/v1'],
    ['linux/386', 'linux/amd64', undefined],
    ['linux/amd64 linux/amd64/v2 linux/amd64/v4', 'linux/amd64/v3', 'linux/amd64/v2'],
    ['linux/arm/v5 linux/arm', 'linux/arm/v8', 'linux/arm'],
    ['linux/arm/v6', 'linux/arm', 'linux/arm/v6'],
    ['linux/arm/v7', 'linux/arm64', undefined],
    ['linux/arm/v7 linux/arm64/v8', 'linux/arm64', 'linux/arm64/v8'],
    ['linux/aarch64', 'linux/arm64', 'linux/aarch64'],
    ['- linux/amd64', 'linux/amd64', 'linux/amd64'],
    ['-', 'linux/amd64', undefined],
  ])('regclient: of %s for %s', (list, wanted, expected) => {
    expect(chosen(list, wanted, 'regclient')).toBe(expected);
  });

  test.each([
    ['linux/arm64 linux/amd64/v2 linux/amd64', undefined, 'linux/amd64/v2'],
    ['linux/amd64', 'linux/amd64/v2', undefined],
    ['linux/arm64', 'linux/arm64/v8', undefined],
    ['linux/arm/v6', 'linux/arm', 'linux/arm/v6'],
    ['linux/386', 'linux/amd64', undefined],
    ['linux/x86_64', 'linux/amd64', undefined],
    ['- linux/amd64', 'linux/amd64', 'linux/amd64'],
    ['-', 'linux/amd64', undefined],
  ])('oras: of %s for %s', (list, wanted, expected) => {
    expect(chosen(list, wanted, 'oras')).toBe(expected);
  });
});
