// Cases for the rules about the text, whatever the kind.

import { config, descriptor, index, manifest } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

/** A right manifest with an extension member, in this spelling. */
const extended = (member: string) => `{${member}, ${JSON.stringify(manifest()).slice(1)}`;
const negative = descriptor({ mediaType: 'a/b', size: -1 });
const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => [...Buffer.from(part as string)]));

export const jsonCases: readonly RuleCase[] = [
  {
    rule: 'document-limits',
    bad: () => extended(`"x": ${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    good: () => extended(`"x": ${'['.repeat(500)}${']'.repeat(500)}`),
  },
  {
    rule: 'document-limits',
    bad: () => extended(`"x": "${'A'.repeat(5_000_000)}"`),
    good: () => JSON.stringify(config({ author: 'A'.repeat(4_000_000) })),
  },
  {
    rule: 'document-limits',
    bad: () => extended(`"x": [${'0,'.repeat(300_000)}0]`),
    good: () => extended(`"x": [${'0,'.repeat(200_000)}0]`),
  },
  { rule: 'document-limits', bad: () => ' '.repeat(33_600_000), good: manifest() },
  {
    rule: 'json-utf8',
    bad: bytes('{"x":"\ufffd', [0xe9], '",', JSON.stringify(manifest()).slice(1)),
    good: extended('"x": "\ufffd\u00e9"'),
  },
  {
    rule: 'json-utf8',
    kind: 'manifest',
    bad: bytes([0x1f, 0x8b, 0x08, 0x00]),
    good: manifest(),
  },
  {
    rule: 'json-utf8',
    bad: () => Buffer.from(JSON.stringify(manifest()), 'utf16le'),
    good: manifest(),
  },
  {
    rule: 'json-bom',
    bad: `\ufeff${JSON.stringify(manifest())}`,
    good: ` ${extended('"\ufeff":1')}`,
  },
  { rule: 'json-syntax', bad: JSON.stringify(manifest()).slice(0, -1), good: manifest() },
  { rule: 'json-syntax', kind: 'manifest', bad: '', good: manifest() },
  { rule: 'json-syntax', bad: extended('"x": "\u0000"'), good: extended('"x": "\\u0000"') },
  { rule: 'json-syntax', bad: extended('"x": 01'), good: extended('"x": 0') },
  { rule: 'json-syntax', kind: 'manifest', bad: 'x', good: manifest() },
  { rule: 'json-syntax', bad: '{"a": 1,}', good: manifest() },
  {
    rule: 'json-trailing-data',
    bad: `${JSON.stringify(manifest())}{}`,
    good: `${JSON.stringify(manifest())}\r\n\t `,
  },
  {
    rule: 'json-duplicate-key',
    bad: extended('"x": 1, "\\u0078": 2'),
    good: extended('"X": {"X": 2}'),
  },
  {
    rule: 'json-duplicate-key',
    bad: extended('"__proto__": 1, "__proto__": 2'),
    good: extended('"__proto__": {}'),
  },
  {
    rule: 'json-number-precision',
    bad: extended('"x": 9007199254740993'),
    good: extended('"x": 9007199254740991'),
  },
  { rule: 'json-number-precision', bad: extended('"x": -1e400'), good: extended('"x": 1.5e-300') },
  {
    rule: 'json-number-precision',
    bad: extended('"x": 0.1000000000000000000001'),
    good: extended('"x": 0.1000000000000001'),
  },
  { rule: 'json-integer-spelling', bad: extended('"x": 2.0'), good: extended('"x": 2.5') },
  { rule: 'json-integer-spelling', bad: extended('"x": 1e3'), good: extended('"x": "1e3"') },
  {
    rule: 'json-surrogate',
    bad: extended('"x": "\\ud83d"'),
    good: extended('"x": "\\ud83d\\ude00"'),
  },
  { rule: 'json-surrogate', bad: extended('"\\uDE00": 1'), good: extended('"\\\\uDE00": 1') },
  { rule: 'json-surrogate', bad: extended('"x": "\\uFFFE"'), good: extended('"x": "\\uFFFD"') },
  {
    rule: 'json-surrogate',
    bad: extended('"x": "\u{1ffff}"'),
    good: extended('"x": "\u{1f7ff}"'),
  },
  {
    rule: 'kind-unknown',
    bad: { name: 'x', version: '1' },
    good: manifest({ name: 'x', version: '1' }),
  },
  { rule: 'kind-unknown', bad: '[]', good: manifest() },
  { rule: 'kind-unknown', bad: '<html><title>Sign in</title></html>', good: manifest() },
  {
    rule: 'kind-unknown',
    bad: { Ref: 'h/app', Descriptor: {}, OCIManifest: {} },
    good: manifest(),
  },
  {
    rule: 'findings-capped',
    kind: 'index',
    besides: ['descriptor-size'],
    bad: () => index({ manifests: Array.from({ length: 1_500 }, () => negative) }),
    good: () => index({ manifests: Array.from({ length: 900 }, () => negative) }),
  },
];
