// Documents that are no image documents: how they are recognised, placed, and kept secret.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DocumentResult } from '../../reports/results.ts';
import { rightAuthFile } from './cases/auth-file.ts';
import { rightRegistriesConf } from './cases/registries-conf.ts';
import { rightReplies } from './cases/reply.ts';
import { rightSettings } from './cases/settings.ts';
import { type Kind, validateDocument } from './index.ts';

function judge(text: string, path = 'x', kind?: Kind): DocumentResult {
  return validateDocument(Buffer.from(text), { path, ...(kind && { kind }) });
}

const places = ({ findings }: DocumentResult) =>
  findings.map(({ ruleId, pointer, line, column }) => [ruleId, pointer, line, column]);

describe('the kind is found', () => {
  test.each([
    ...Object.entries(rightReplies).map(([kind, reply]) => [kind, JSON.stringify(reply)]),
    ['auth-file', JSON.stringify(rightAuthFile)],
    ['registries-conf', rightRegistriesConf],
    ['registries-conf', '# comment\n\n[registries.block]\nregistries = []\n'],
    ['registries-conf', '[[ registry ]]\nlocation = "h"\n'],
    ['registries-conf', '[[registry.mirror]]\nlocation = "h"\n'],
    ['registries-conf', '[aliases]\n  # short\n  "app" = "h.test/app"\n'],
    ['registries-conf', 'credential-helpers = ["pass"]\n'],
    ['registries-conf', 'additional-layer-store-auth-helper = "store"\n'],
    ['registries-conf', '\ufeffshort-name-mode = "enforcing"\n'],
    ['dockercfg', '{"https://h.test:5000": {"auth": "dTpw", "email": "me@h.test"}}'],
    ['dockercfg', '{"h.test": {"username": "u", "password": "p"}, "h:1": {"auth": "dTpw"}}'],
    ['pullproof-config', rightSettings],
  ])('from the content: %s', (kind, text) => {
    expect(judge(text).kind).toBe(kind);
  });

  test.each([
    ['registries-conf', '/etc/containers/registries.conf', '# nothing\n'],
    ['registries-conf', 'registries.conf.d/000-shortnames.conf', '[aliases]\n"a" = "h.test/a"\n'],
    ['registries-conf', 'cache/containers/short-name-aliases.conf', ''],
    ['registries-conf', 'shortnames.conf', '# nothing\n'],
    ['dockercfg', 'home/.dockercfg', '{}'],
    ['pullproof-config', 'a/.pullproof.yaml', ''],
    ['pullproof-config', '.pullproof.yml', '# nothing yet\n'],
    ['auth-file', '/run/containers/0/auth.json', '{}'],
    ['auth-file', 'home/.docker/config.json', '{"psFormat":""}'],
    ['oci-layout', 'layout/oci-layout', '{}'],
  ])('from the name: %s', (kind, path, text) => {
    expect(judge(text, path).kind).toBe(kind);
  });

  test.each([
    ['a string with lines of registries.conf', '{"x":"[[registry]]"}'],
    ['an array', '[\n["registry"]]'],
    ['YAML of another program', 'apiVersion: v1\nkind: Pod\n'],
    ['TOML of another program', '[package]\nname = "x"\n'],
    ['a name that only ends so', 'not-registries.conf'],
    ['aliases of another program', '[core]\nx = 1\n[aliases]\nco = "checkout"\n'],
    ['objects with a member auth', '{"server": {"auth": "basic"}, "h.test": {"port": 1}}'],
  ])('and not in %s', (_, text) => {
    expect(judge(text).kind).toBe('unknown');
  });
});

test('findings in TOML have their line and column', () => {
  const text = [
    '[[registry]]',
    'prefix = "https://h.test"',
    'location = "h.test"',
    '  [[registry.mirror]]',
    '  insecure =  "yes"',
    '',
    '[[registry]]',
    'insecure = true',
  ].join('\n');
  expect(places(judge(text))).toEqual([
    ['registries-name', '/registry/0/prefix', 2, 10],
    ['registries-mirror-location', '/registry/0/mirror/0', 4, 3],
    ['registries-flag', '/registry/0/mirror/0/insecure', 5, 15],
    ['registries-location-missing', '/registry/1', 7, 1],
  ]);
});

test('findings in YAML have their line and column', () => {
  const text =
    'rules:\n  json-bom: loud\n  json-bomb: off\nvalidate:\n  strict: {a: 1}\n  strict: true\n';
  expect(places(judge(text))).toEqual([
    ['settings-rule-level', '/rules/json-bom', 2, 13],
    ['settings-rule-unknown', '/rules/json-bomb', 3, 3],
    ['yaml-syntax', '', 6, 3],
  ]);
});

test('a name that is nearly right is answered by the right one', () => {
  const messages = (text: string, path?: string) =>
    judge(text, path).findings.map(({ message }) => message);
  expect(messages('rules: { jsn-bom: off }')).toEqual([expect.stringContaining('json-bom')]);
  expect(messages('validat: {}', '.pullproof.yaml')).toEqual([
    expect.stringContaining('perhaps validate'),
  ]);
  expect(messages('[[registry]]\nlocaton = "h"\nlocation = "h"')).toEqual([
    expect.stringContaining('perhaps location'),
  ]);
});

describe('manifest.json of docker save by itself', () => {
  const image = { Config: 'a.json', RepoTags: ['h.test/a:1'], Layers: ['a/layer.tar'] };
  const rulesOf = (...images: unknown[]) =>
    judge(JSON.stringify(images), 'manifest.json').findings.map(({ ruleId }) => ruleId);

  test('is known, and right without its files', () => {
    expect(judge(JSON.stringify([image]))).toMatchObject({ kind: 'docker-save', valid: true });
    expect(rulesOf(image, { Config: 'b.json', RepoTags: null, Layers: null })).toEqual([]);
  });

  test.each([
    ['an image that is none', [image, 7], ['save-manifest']],
    ['Layers that are no list', [{ ...image, Layers: 'x' }], ['save-manifest']],
    ['a tag without name', [{ ...image, RepoTags: [':1'] }], ['save-repo-tag']],
    ['a tag twice', [image, image], ['save-repo-tag']],
  ])('%s', (_, images, rules) => expect(rulesOf(...images)).toEqual(rules));

  test('can be asked for', () => {
    const { findings } = judge('{"schemaVersion":2}', 'x.json', 'docker-save');
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(['save-manifest']);
  });
});

describe('entries without auths', () => {
  const text = '{"h.test": {"auth": "dTpw"}}';
  const rulesOf = (path: string) => judge(text, path).findings.map(({ ruleId }) => ruleId);

  test('are right in .dockercfg, and where no name is known', () => {
    for (const path of ['.dockercfg', 'home/.dockercfg', 'ci.dockercfg', '-']) {
      expect(rulesOf(path)).toEqual([]);
    }
  });

  test('are told of once in every other file', () => {
    for (const path of ['.docker/config.json', 'auth.json', 'x.json', '.dockerconfigjson']) {
      expect(rulesOf(path)).toEqual(['dockercfg-name']);
    }
  });

  test('are judged as those below auths are', () => {
    const found = judge('{"h.test": {"auth": "u:p"}, "h.test/a": {}, "*.h": 1}', '.dockercfg');
    const rules = new Set(found.findings.map(({ ruleId }) => ruleId));
    expect(rules).toEqual(new Set(['auth-encoding', 'auth-key', 'auth-missing', 'auth-entry']));
  });
});

describe('secrets are not repeated', () => {
  /** 12 letters that appear nowhere by chance. */
  const secret = fc.string({ unit: fc.constantFrom(...'QZXJKWV'), minLength: 12, maxLength: 12 });

  test('whatever is wrong with an auth file', () => {
    const shapes = (it: string): unknown[] => [
      it,
      [it],
      { [`x${it.length}`]: it },
      { auth: it },
      { auth: `${it}*` },
      { auth: Buffer.from(it).toString('base64') },
      { auth: [it], identitytoken: { it } },
      { username: it, password: it, other: it },
      { identitytoken: it },
      null,
    ];
    const file = fc.tuple(secret, fc.nat(9), fc.constantFrom('auths', 'credHelpers', 'credsStore'));
    fc.assert(
      fc.property(file, fc.boolean(), ([it, shape, member], broken) => {
        const key = shape % 2 === 0 ? 'h:1' : `https://user:${it}@h:1/a`;
        const value = { [key]: shapes(it)[shape], [`${key}:${it}@h`]: it };
        const document = { auths: {}, [member]: member === 'credsStore' ? [it] : value, more: it };
        const text = JSON.stringify(document);
        const result = judge(broken ? text.slice(0, -1) : text, 'auth.json');
        expect(result.findings.length).toBeGreaterThan(0);
        expect(JSON.stringify(result)).not.toContain(it);
        expect(JSON.stringify(result)).not.toContain(Buffer.from(it).toString('base64'));
      }),
    );
  });

  test.each([
    ['a number', '{"auths":{"h":{"auth":12345678901234567890}}}', '1234567890'],
    ['half a surrogate pair', '{"auths":{"h":{"auth":"QZX\\ud800"}}}', 'QZX'],
    ['a key told twice', '{"auths":{"u:QZX@h":{},"u:QZX@h":{}}}', 'QZX'],
    ['a token with a blank', '{"token":"QZX QZX","access_token":"QZX"}', 'QZX'],
    ['a token that is no string', '{"token":[1],"access_token":9876543210123}', '9876543210123'],
    ['user and password of a mirror', '[[registry]]\nlocation = "u:QZX@h"', 'QZX'],
  ])('%s', (_, text, it) => {
    const result = judge(text);
    expect(result.findings.length).toBeGreaterThan(0);
    expect(JSON.stringify(result)).not.toContain(it);
  });
});

test('any text of any of these kinds makes a result', () => {
  const line = fc.constantFrom(
    ...['[[registry]]', '[registry]', '[[registry.mirror]]', '[aliases]', 'location = "h.test/a"'],
    ...['prefix = "*.h.test"', 'prefix = 1', 'insecure = true', 'blocked = true', 'a."b".c = []'],
    ...['mirror = [{location="h"}]', 'unqualified-search-registries = ["h.test", 1]', '"a"="b:1"'],
    ...['rules:', ' json-bom: off', 'validate: {strict: 1}', '- &a [*a]', '? {}', '"', '# \u00e9'],
  );
  const text = fc.array(fc.oneof(line, fc.string({ maxLength: 8 })), { maxLength: 12 });
  const kinds = ['registries-conf', 'pullproof-config', 'auth-file', 'token-reply'] as const;
  fc.assert(
    fc.property(text, fc.constantFrom(...kinds), (lines, kind) => {
      const result = judge(lines.join('\n'), 'x', kind);
      const keys = result.findings.map(({ ruleId, pointer, line: at, column }) =>
        [ruleId, pointer, at, column].join(' '),
      );
      expect(result.kind).toBe(kind);
      expect(new Set(keys).size).toBe(keys.length);
    }),
    { numRuns: 2_000 },
  );
});
