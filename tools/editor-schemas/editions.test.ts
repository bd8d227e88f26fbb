// The editions of schemas for editors judge as the schemas do, whatever is made of a document.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editorSchemaUrl } from '../../src/run/init/commented.ts';
import { PlanFile } from '../../src/run/load/plan/file.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { kinds, rules, validateDocument } from '../../src/validate/index.ts';
import { inDraft07 } from './draft-07.ts';
import { editionOf, editions } from './editions.ts';

const sourceOf = (schema: string) =>
  JSON.parse(readFileSync(join(packageRoot, 'schemas', `${schema}.schema.json`), 'utf8'));

/** Documents that are valid and touch what the schemas have: each is changed at random below. */
const documents: Readonly<Record<string, readonly unknown[]>> = {
  config: [
    {
      rules: { 'manifest-size': 'off' },
      exclude: ['test/**'],
      baseline: 'known.json',
      overrides: [{ files: '*.json', kind: 'manifest', rules: { 'manifest-size': 'note' } }],
      validate: { strict: true, clients: ['podman@5'], maxLayerBytes: 1 },
    },
    null,
  ],
  plan: [
    {
      images: ['registry.example/app:1', { image: 'registry.example/web:2', weight: 3 }],
      zipf: 1,
      platforms: { 'linux/amd64': 8 },
      clients: { podman: 1 },
      mirrors: ['http://127.0.0.1:5000'],
      nodes: { count: 3, keep: 5 },
      thinkTime: { min: '1s', max: '2s' },
      stages: [{ duration: '10s', vus: 3 }],
      push: { repository: 'registry.example/push', bytes: { '1MiB': 2 }, upload: { chunked: 1 } },
      verify: 'sample',
      slo: ['pull.p95<2s'],
    },
    { images: ['registry.example/app:1'], shape: 'herd', vus: 5, rate: '5/s', duration: '1m' },
  ],
  'mock-images': [
    { images: [{ repository: 'a/b', tag: 'v', tags: 3, layers: 2, layerSize: '1MiB' }] },
    {
      images: [
        {
          repository: 'a/b',
          tags: ['x'],
          platforms: ['linux/amd64'],
          layers: { min: 1, max: 2 },
          layerSize: 5000,
        },
      ],
    },
  ],
  'registries-conf': [
    {
      'unqualified-search-registries': ['registry.example'],
      'short-name-mode': 'enforcing',
      registry: [
        { prefix: 'a.example', location: 'b.example', mirror: [{ location: 'c.example' }] },
      ],
      aliases: { app: 'registry.example/app' },
    },
  ],
  'auth-file': [
    {
      auths: { 'registry.example': { auth: 'dTpw' } },
      credHelpers: { 'a.example': 'pass' },
      credsStore: 'pass',
    },
  ],
};

const value = fc.oneof(
  fc.constantFrom(null, true, 0, 1, -1, 0.5, 3e9, '', '1s', '5/s', 'off', 'linux/amd64', [], {}),
  fc.string({ maxLength: 4 }),
  fc.array(fc.constantFrom('a', 1, {}), { maxLength: 3 }),
);

/** How a document is changed: at the place that `at` chooses, taken away, renamed or put in. */
const change = fc.record({
  at: fc.nat(1_000),
  how: fc.constantFrom('replace', 'remove', 'rename', 'add', '$schema'),
  value,
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(document: unknown, changes: readonly Change[]): unknown {
  const root: Record<string, unknown> = { document: structuredClone(document) };
  for (const { at, how, value } of changes) {
    const places: { holder: Record<string, unknown>; name: string }[] = [];
    const visit = (holder: Record<string, unknown>) => {
      for (const name of Object.keys(holder)) {
        places.push({ holder, name });
        const child = holder[name];
        if (typeof child === 'object' && child !== null) visit(child as Record<string, unknown>);
      }
    };
    visit(root);
    const { holder, name } = places[at % places.length] ?? { holder: root, name: 'document' };
    if (how === 'replace') holder[name] = value;
    else if (holder === root) continue;
    else if (how === 'add') holder[`${name}x`] = value;
    else if (how === '$schema') holder.$schema = 'https://schema.example';
    else {
      if (how === 'rename') holder[`${name}y`] = holder[name];
      if (Array.isArray(holder)) holder.splice(Number(name), 1);
      else delete holder[name];
    }
  }
  return root.document;
}

describe.each(editions)('$schema', (edition) => {
  const { schema } = edition;
  const wanted = new Ajv2020({ strict: false }).compile(sourceOf(schema));
  const plain = new Ajv({ strict: false }).compile(inDraft07(sourceOf(schema)) as object);

  test('is valid draft-07, described, without what only we understand', () => {
    const text = editionOf(edition);
    const whole = JSON.parse(text);
    const ajv = new Ajv({ strict: false });
    expect(ajv.validateSchema(whole)).toBe(true);
    const judge = ajv.compile(whole);
    for (const document of documents[schema] ?? []) expect(judge(document)).toBe(wanted(document));
    expect(text).not.toMatch(/"x-|\$defs|2020-12/);
    expect(whole.description.length).toBeGreaterThan(10);
  });

  test('judges as the schema of 2020-12 does', () => {
    expect(documents[schema]?.every((document) => wanted(document) === true)).toBe(true);
    const documentOf = fc.constantFrom(...(documents[schema] ?? []));
    fc.assert(
      fc.property(documentOf, fc.array(change, { maxLength: 3 }), (document, changes) => {
        const judged = changed(document, changes);
        expect(plain(judged), JSON.stringify(judged)).toBe(wanted(judged));
      }),
      { numRuns: 500 },
    );
  });
});

describe('names to choose from', () => {
  const judge = new Ajv({ strict: false }).compile(
    JSON.parse(editionOf(editions.find(({ schema }) => schema === 'config') as never)),
  );
  const isOurs = (document: unknown) =>
    validateDocument(new TextEncoder().encode(JSON.stringify(document)), {
      path: '.pullproof.yaml',
      kind: 'pullproof-config',
    }).valid;

  test.each(rules.map(({ id }) => id))('rule %s', (id) => {
    const document = { rules: { [id]: 'off' } };
    expect([judge(document), isOurs(document)]).toEqual([true, true]);
    expect(judge({ rules: { [id]: 'of' } })).toBe(false);
  });

  test.each([...kinds, 'manifests'])('kind %s', (kind) => {
    const document = { overrides: [{ files: '*', kind }] };
    expect(judge(document)).toBe(isOurs(document));
  });
});

describe('$schema, for editors of JSON', () => {
  test('is a key of settings', () => {
    const text = '$schema: ./config.schema.json\nrules: {}\n';
    const bytes = new TextEncoder().encode(text);
    expect(validateDocument(bytes, { path: 'x', kind: 'pullproof-config' }).findings).toEqual([]);
  });

  test('is a key of plans, and not offered as one', () => {
    const text = '{"$schema": "x", "images": ["registry.example/app:1"]}';
    expect(new PlanFile('p.json', text).document.images).toHaveLength(1);
    const failure = (() => {
      try {
        return new PlanFile('p.yaml', 'quite-unlike: 1');
      } catch (error) {
        return error;
      }
    })();
    expect((failure as { hint: string }).hint).not.toContain('$schema');
  });
});

test('the entries for the catalogue in docs/editors.md are of these editions', () => {
  const page = readFileSync(join(packageRoot, 'docs', 'editors.md'), 'utf8');
  const [, block = ''] = /```json\n(\[[\s\S]+?)```/.exec(page) ?? [];
  const told = JSON.parse(block).map(({ fileMatch, url }: Record<string, unknown>) => ({
    fileMatch,
    url,
  }));
  const named = editions.filter(({ fileMatch }) => fileMatch !== undefined);
  expect(told).toEqual(
    named.map(({ schema, fileMatch }) => ({ fileMatch, url: editorSchemaUrl(schema) })),
  );
});

describe('what draft-07 says otherwise', () => {
  test.each([
    [{ $defs: { a: true } }, { definitions: { a: true } }],
    [{ $ref: '#/$defs/a' }, { $ref: '#/definitions/a' }],
    [
      { $ref: '#/$defs/a', description: 'b' },
      { description: 'b', allOf: [{ $ref: '#/definitions/a' }] },
    ],
    [{ dependentRequired: { a: ['b'] } }, { dependencies: { a: ['b'] } }],
    [{ dependentSchemas: { a: { $defs: {} } } }, { dependencies: { a: { definitions: {} } } }],
    [{ prefixItems: [{ 'x-fix': 'y' }] }, { items: [{}] }],
    // Names of members and values are none of the keywords.
    [
      { properties: { $defs: { enum: ['x-rule'] } } },
      { properties: { $defs: { enum: ['x-rule'] } } },
    ],
  ])('%j', (schema, wanted) => {
    expect(inDraft07(schema)).toEqual(wanted);
  });

  test.each<[object]>([
    [{ unevaluatedProperties: false }],
    [{ $dynamicRef: '#a' }],
    [{ minContains: 2 }],
    [{ $ref: 'other.schema.json' }],
    [{ $ref: '#/$defs/a', allOf: [] }],
    [{ prefixItems: [], items: {} }],
    [{ items: { constructor: true } }],
  ])('%j is refused', (schema) => {
    expect(() => inDraft07(schema)).toThrow();
  });
});

test('the addresses are of the repository that package.json names, and of files that are there', () => {
  const { repository } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  const raw = repository.url
    .replace(/^git\+|\.git$/g, '')
    .replace('//github.com/', '//raw.githubusercontent.com/');
  for (const { schema } of editions) {
    const file = `schemas/editors/${schema}.schema.json`;
    expect(editorSchemaUrl(schema)).toBe(`${raw}/main/${file}`);
    expect(existsSync(join(packageRoot, file))).toBe(true);
  }
});
