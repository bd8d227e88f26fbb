import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descriptor, manifest, rightDocuments } from './cases/documents.ts';
import type { RuleCase, Source } from './cases/rule-case.ts';
import { ruleCases } from './cases/rule-cases.ts';
import { imageCases, rulesElsewhere } from './image/cases/image-cases.ts';
import { kinds, rules, validateDocument } from './index.ts';
import { detectKind } from './kinds.ts';

function bytesOf(source: Source): Uint8Array {
  const made = typeof source === 'function' ? source() : source;
  if (made instanceof Uint8Array) {
    return made;
  }
  return Buffer.from(typeof made === 'string' ? made : JSON.stringify(made));
}

/** Notes about what is legal and not for every client: cases of other rules may have them. */
const aside = ['digest-algorithm', 'artifact-unmarked', 'index-entry-type'];

function rulesBroken(
  source: Source,
  { rule, kind, contentType, besides = [] }: Partial<RuleCase> = {},
  path = 'x',
): string[] {
  const options = {
    path,
    ...(kind && { kind }),
    ...(contentType !== undefined && { contentType }),
  };
  const { findings } = validateDocument(bytesOf(source), options);
  const broken = new Set(findings.map(({ ruleId }) => ruleId));
  return [...broken].filter((id) => id === rule || ![...besides, ...aside].includes(id));
}

describe('every rule', () => {
  test.each(ruleCases.map((it, at) => [it.rule, at, it] as const))('%s (%i): bad', (_, __, it) => {
    const besides = it.besides?.filter((id) => id !== it.rule) ?? [];
    expect(rulesBroken(it.bad, { ...it, besides }, it.paths?.bad)).toEqual([it.rule]);
  });

  test.each(ruleCases.map((it, at) => [it.rule, at, it] as const))('%s (%i): good', (_, __, it) => {
    expect(rulesBroken(it.good, it, it.paths?.good)).toEqual([]);
  });

  test('has a case, an id of its own, and all that a finding needs', () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const tested = [...[...ruleCases, ...imageCases].map(({ rule }) => rule), ...rulesElsewhere];
    expect([...new Set(tested)].sort()).toEqual([...ids].sort());
    for (const rule of rules) {
      expect(rule.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(rule.spec).toMatch(
        /^(image-spec|distribution-spec|docker-registry|docker-image-spec|containers-config|toml|yaml|pullproof|rfc\d+)[/#]/,
      );
      expect(rule.summary).toMatch(/\.$/);
      expect(rule.fix).toMatch(/[.;]$/);
    }
  });
});

describe('kinds', () => {
  test.each(Object.entries(rightDocuments))('%s is told from its content', (kind, document) => {
    expect(detectKind(document)).toBe(kind);
  });

  test('a document that does not say its media type is known by what it refers to', () => {
    const { mediaType: _, ...list } = rightDocuments['docker-manifest-list'];
    const { mediaType: __, ...image } = rightDocuments['docker-manifest'];
    expect(detectKind(list)).toBe('docker-manifest-list');
    expect(detectKind(image)).toBe('docker-manifest');
    const { mediaType: ___, ...index } = rightDocuments.index;
    expect(detectKind(index)).toBe('index');
  });

  test('the transport speaks for a document that says and shows nothing', () => {
    const type = 'application/vnd.oci.image.index.v1+json; charset=utf-8';
    expect(detectKind({ schemaVersion: 2 }, type)).toBe('index');
    expect(detectKind({ schemaVersion: 2 })).toBeUndefined();
    expect(detectKind({ rootfs: {}, layers: [] })).toBe('config');
    // A slip in the version makes no schema 1 of it.
    expect(detectKind({ schemaVersion: 1, config: {}, layers: [] })).toBe('manifest');
    expect(detectKind({ schemaVersion: 1, manifests: [] })).toBe('index');
    expect(detectKind({ schemaVersion: 1, history: [] })).toBe('docker-schema1');
  });

  test('a kind that was asked for is the measure', () => {
    for (const kind of kinds) {
      // A list of no images is one.
      const text = kind === 'docker-save' ? '{}' : '[]';
      const { kind: judged, valid } = validateDocument(Buffer.from(text), { path: 'x', kind });
      expect(judged).toBe(kind);
      expect(valid).toBe(false);
    }
  });
});

describe('findings', () => {
  const text = `{"schemaVersion": 2, "x": 1.0,\n  "layers": [{\n\t"size": -1, "digest": "sha256:A"}]}`;
  const { findings } = validateDocument(Buffer.from(text), { path: 'x' });

  test('tell the place of what is wrong', () => {
    const places = findings.map(({ ruleId, pointer, line, column }) => [
      ruleId,
      pointer,
      line,
      column,
    ]);
    expect(places).toEqual([
      ['manifest-config', '', 1, 1],
      ['manifest-media-type-missing', '', 1, 1],
      ['json-integer-spelling', '/x', 1, 27],
      ['descriptor-media-type', '/layers/0', 2, 14],
      ['descriptor-size', '/layers/0/size', 3, 10],
      ['digest-encoding', '/layers/0/digest', 3, 24],
    ]);
  });

  test('quote what an untrusted document says in printable ASCII, and cut it', () => {
    const broken = manifest({ mediaType: `\u001b[31m\u202e${'x'.repeat(10_000)}` });
    const result = validateDocument(bytesOf(broken), { path: 'x' });
    const [message = ''] = result.findings.map((finding) => finding.message);
    expect(message).toMatch(/^[\x20-\x7e…]{20,400}$/);
  });

  test('of level warning make a document invalid only when strict', () => {
    const bytes = bytesOf(manifest({ layers: [] }));
    expect(validateDocument(bytes, { path: 'x' })).toMatchObject({ valid: true });
    const strict = validateDocument(bytes, { path: 'x', strict: true });
    expect(strict).toMatchObject({ valid: false, findings: [{ level: 'error' }] });
  });
});

describe('bad input', () => {
  test('any bytes make a result with a reason', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const { valid, findings } = validateDocument(bytes, { path: 'x' });
        expect(valid).toBe(false);
        expect(findings.length).toBeGreaterThan(0);
      }),
    );
  });

  test('any JSON in any place of any kind makes sorted findings, none told twice', () => {
    const name = fc.constantFrom(
      ...['config', 'layers', 'manifests', 'subject', 'platform', 'os', 'data', 'digest', 'size'],
      ...[
        'mediaType',
        'history',
        'rootfs',
        'diff_ids',
        'annotations',
        'Env',
        'ExposedPorts',
        '__proto__',
      ],
    );
    const anything = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium' },
        fc.jsonValue({ maxDepth: 0 }),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(name, tie('value'), { maxKeys: 4 }),
      ),
    })).value;
    fc.assert(
      fc.property(anything, fc.constantFrom(...kinds), (value, kind) => {
        const { findings } = validateDocument(Buffer.from(JSON.stringify(value)), {
          path: 'x',
          kind,
        });
        const keys = findings.map(({ ruleId, pointer }) => `${ruleId} ${pointer}`);
        expect(new Set(keys).size).toBe(keys.length);
        const columns = findings.map(({ column }) => column);
        expect(columns).toEqual(columns.toSorted((a, b) => a - b));
      }),
      { numRuns: 5_000, examples: [[{ config: { size: -0.5 } }, 'manifest']] },
    );
  });

  test.each([
    ['nesting that never closes', '[{"a":'.repeat(1_000_000)],
    ['NUL bytes', '\u0000'.repeat(1_000_000)],
    ['quotes', '"'.repeat(1_000_001)],
    ['backslashes', `"${'\\'.repeat(4_000_000)}`],
    ['digits', '9'.repeat(4_000_000)],
    ['a digest that never ends', `{"digest":"${'a+'.repeat(2_000_000)}","size":1}`],
    ['a URL that never ends', `{"digest":"","urls":["x:${'%41'.repeat(1_300_000)}"]}`],
    [
      'a host that never ends',
      `{"digest":"","urls":["x://${'%41'.repeat(650_000)}${'a'.repeat(2_000_000)}"]}`,
    ],
    ['a user that never ends', `{"digest":"","urls":["x://${'a:'.repeat(2_000_000)}"]}`],
    [
      'licences, references and URLs',
      `{"digest":"","annotations":{${['licenses', 'ref.name', 'url', 'base.name', 'created']
        .map((name) => `"org.opencontainers.image.${name}":"${'(a+'.repeat(300_000)}"`)
        .join()}}}`,
    ],
    [
      'signatures',
      `{"schemaVersion":1,"signatures":[${`{"protected":"${Buffer.from(
        '{"formatLength":3000000,"formatTail":""}',
      ).toString('base64url')}"},`.repeat(40_000)}5]}`,
    ],
    [
      'a date that never ends',
      `{"rootfs":1,"created":"2024-01-01T00:00:00.${'0'.repeat(4_000_000)}"}`,
    ],
    ['entries of nothing', `{"manifests":[${'{},'.repeat(80_000)}{}]}`],
  ])('megabytes of %s', (_, text) => {
    const { valid, findings } = validateDocument(Buffer.from(text), { path: 'x' });
    expect(valid).toBe(false);
    expect(findings.length).toBeLessThanOrEqual(1_001);
  });
});

test.each([
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', 'version=0.2'],
  ['text/plain; charset=utf-8', 'charset=utf-8'],
  [' a/b', 'blanks'],
  ['ab', 'no slash'],
])('what is wrong with the media type %j is named', (mediaType, words) => {
  const text = JSON.stringify(manifest({ layers: [descriptor({ mediaType })] }));
  const { findings } = validateDocument(Buffer.from(text), { path: 'x.json' });
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(['media-type-grammar']);
  expect(findings[0]?.message).toContain(words);
});

test('of too many findings the gravest are shown', () => {
  const names = Array.from({ length: 1_500 }, (_, at) => `"org.opencontainers.image.x${at}":""`);
  const text = JSON.stringify(manifest({ annotations: {} }));
  // A name that comes twice is found last.
  const broken = text.replace('"annotations":{', `"annotations":{${names},"a":"","a":""`);
  const levels = { 'json-duplicate-key': 'error', 'annotation-reserved': 'warning' } as const;
  const { findings } = validateDocument(Buffer.from(broken), { path: 'x', levels });
  expect(findings.map(({ ruleId }) => ruleId)).toContain('json-duplicate-key');
  const [hidden] = findings.slice(-1);
  expect(hidden).toMatchObject({ ruleId: 'findings-capped', level: 'note' });
  expect(hidden?.message).toMatch(/^at least 50\d more findings/);
});

// What a fix asks of the top is asked of fixes alone: asked of every error it took minutes.
test('many members at the top beside many errors', () => {
  const members = Array.from({ length: 30_000 }, (_, at) => [`m${at}`, 1] as const);
  const layers = members.map(() => 1);
  const document = { schemaVersion: 2, layers, ...Object.fromEntries(members) };
  const { valid } = validateDocument(Buffer.from(JSON.stringify(document)), {
    path: 'a.json',
    kind: 'manifest',
  });
  expect(valid).toBe(false);
});
