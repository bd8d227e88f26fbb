import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { UserError } from '../../src/lib/user-error.ts';
import { randomOf } from '../random.ts';
import { presets } from './presets.ts';
import { drawSizeBytes } from './size.ts';
import { readSpec } from './spec.ts';

const schema = JSON.parse(
  readFileSync(new URL('../../schemas/mock-images.schema.json', import.meta.url), 'utf8'),
);
const bySchema = new Ajv2020({ strictRequired: false, strictTypes: false }).compile(schema);

function failure(yaml: string): UserError {
  try {
    readSpec(yaml, 'images.yaml');
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const least = 'repository: a, layers: 1, layerSize: 1MB';
const one = (more: string) => `images:\n  - { ${least}${more === '' ? '' : `, ${more}`} }\n`;

describe('what is accepted', () => {
  test.each(Object.entries(presets))('the preset %s, also by the published schema', (_, yaml) => {
    expect(readSpec(yaml, 'preset').length).toBeGreaterThan(0);
    expect(bySchema(parse(yaml)), JSON.stringify(bySchema.errors)).toBe(true);
  });

  test('everything that is left out has a default', () => {
    expect(readSpec(one(''), 'images.yaml')).toEqual([
      {
        repositories: ['a'],
        tags: ['latest'],
        images: 1,
        format: 'oci',
        isGzip: true,
        platforms: [{ os: 'linux', architecture: 'amd64' }],
        layersMin: 1,
        layersMax: 1,
        layerSize: { kind: 'fixed', bytes: 1_000_000 },
        shared: undefined,
      },
    ]);
  });

  test('names are numbered from 1', () => {
    const yaml =
      'images: [{repository: "x/{n}", repositories: 2, tag: "v{n}", tags: 3, layers: 1, layerSize: 4KB}]';
    const [group] = readSpec(yaml, '');
    expect(group?.repositories).toEqual(['x/1', 'x/2']);
    expect(group?.tags).toEqual(['v1', 'v2', 'v3']);
  });

  test('anchors and JSON are YAML', () => {
    const yaml = `images:\n  - {${least}, platforms: &p [linux/arm64]}\n  - {repository: b, layers: 1, layerSize: 1MB, platforms: *p}`;
    expect(readSpec(yaml, '')[1]?.platforms).toEqual([{ os: 'linux', architecture: 'arm64' }]);
    const json = { images: [{ repository: 'a', layers: 1, layerSize: 5000 }] };
    expect(readSpec(JSON.stringify(json, null, '  '), '')).toHaveLength(1);
  });
});

/** What is wrong, and in which line; the schema judges alike unless it says `code`. */
const wrong: readonly (readonly [what: string, yaml: string, line: number, by?: 'code'])[] = [
  ['no YAML', 'images: [', 1, 'code'],
  ['a tab', 'images:\n\t- {}', 2, 'code'],
  ['a key twice', 'images: []\nimages: []', 2, 'code'],
  ['empty', '', 1],
  ['a list', '- a', 1],
  ['no images', '{}', 1],
  ['images empty', 'images:\n', 1],
  ['no groups', 'images: []', 1],
  ['a group that is text', 'images:\n  - a', 2],
  ['an unknown key above', `${one('')}seeds: 1`, 3],
  ['an unknown key in a group', 'images:\n  - repository: a\n    layer: 3', 3],
  ['no layers', 'images:\n  - {repository: a, layerSize: 1MB}', 2],
  ['a number as a repository', 'images:\n  - {repository: 1, layers: 1, layerSize: 1MB}', 2],
  ['a bad repository', 'images:\n  - {repository: A/b, layers: 1, layerSize: 1MB}', 2, 'code'],
  ['a template without number', one('repositories: 2'), 2, 'code'],
  ['no repositories', one('repositories: 0'), 2],
  ['a tag that is none', one('tags: [a b]'), 2],
  ['a tag twice', one('tags: [a, a]'), 2],
  ['a tag and tags', one('tag: a, tags: [b]'), 2],
  ['half a tag', one('tags: 1.5'), 2],
  ['more images than tags', one('tags: 2, images: 3'), 2, 'code'],
  ['another format', one('format: appc'), 2],
  ['another compression', one('compression: zstd'), 2],
  ['a bad platform', one('platforms: [linux]'), 2],
  ['a platform twice', one('platforms: [linux/amd64, linux/amd64]'), 2],
  ['no platform', one('platforms: []'), 2],
  ['too many layers', 'images:\n  - {repository: a, layers: 128, layerSize: 1MB}', 2],
  [
    'a range upside down',
    'images:\n  - {repository: a, layers: {min: 2, max: 1}, layerSize: 1MB}',
    2,
    'code',
  ],
  ['half a range', 'images:\n  - {repository: a, layers: {min: 2}, layerSize: 1MB}', 2],
  [
    'a size without sense',
    'images:\n  - repository: a\n    layers: 1\n    layerSize: 96 parsecs',
    4,
  ],
  ['a size below 0', 'images:\n  - {repository: a, layers: 1, layerSize: -5MB}', 2],
  ['a size that is too small', 'images:\n  - {repository: a, layers: 1, layerSize: 5}', 2],
  [
    'a size that is too large',
    'images:\n  - {repository: a, layers: 1, layerSize: 5000GB}',
    2,
    'code',
  ],
  [
    'two distributions',
    'images:\n  - {repository: a, layers: 1, layerSize: {list: [1MB], uniform: {min: 1MB, max: 2MB}}}',
    2,
  ],
  ['no distribution', 'images:\n  - {repository: a, layers: 1, layerSize: {}}', 2],
  [
    'uniform upside down',
    'images:\n  - {repository: a, layers: 1, layerSize: {uniform: {min: 2MB, max: 1MB}}}',
    2,
    'code',
  ],
  [
    'lognormal without sigma',
    'images:\n  - {repository: a, layers: 1, layerSize: {lognormal: {median: 1MB}}}',
    2,
  ],
  [
    'a sigma below 0',
    'images:\n  - {repository: a, layers: 1, layerSize: {lognormal: {median: 1MB, sigma: -1}}}',
    2,
  ],
  [
    'a cut below the median',
    'images:\n  - {repository: a, layers: 1, layerSize: {lognormal: {median: 2MB, sigma: 1, max: 1MB}}}',
    2,
    'code',
  ],
  ['a list of no sizes', 'images:\n  - {repository: a, layers: 1, layerSize: {list: []}}', 2],
  ['shared without a number', one('shared: {stacks: 2}'), 2],
  ['shared twice', one('shared: {layers: 2, share: 0.5}'), 2],
  ['a share above 1', one('shared: {share: 1.5}'), 2],
  ['a bad name of a base', one('shared: {layers: 1, name: "a b"}'), 2],
  [
    'too many tags in all',
    'images:\n  - {repository: "a{n}", repositories: 10000, tags: 100, layers: 1, layerSize: 1MB}',
    2,
    'code',
  ],
  [
    'too many layers in all',
    'images:\n  - {repository: "a{n}", repositories: 10000, layers: 100, layerSize: 1MB}',
    2,
    'code',
  ],
];

describe('what is refused', () => {
  const cases = wrong.map(([what, yaml, line, by]) => ({ what, yaml, line, by }));

  test.each(cases)('$what: with the line', ({ yaml, line, by }) => {
    const { code, message, hint, exitCode } = failure(yaml);
    expect(code).toBe('images-invalid');
    expect(exitCode).toBe(2);
    expect(message).toMatch(new RegExp(`^images\\.yaml:${line}:\\d+: `));
    expect(hint).not.toBe('');
    if (by === undefined) expect(bySchema(parse(yaml))).toBe(false);
  });

  test('any text is accepted or refused with a place, never worse', () => {
    const words = fc.constantFrom(
      'images',
      'layers',
      ':',
      '- ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '1MB',
      '&a',
      '*a',
      '"',
      '? ',
      '!!map',
    );
    const text = fc.array(fc.oneof(words, fc.string({ maxLength: 4 })), { maxLength: 30 });
    fc.assert(
      fc.property(text, (parts) => {
        try {
          readSpec(parts.join(''), 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});

test('the published schema names itself and describes every property', () => {
  expect(schema.$id).toBe('urn:pullproof:schema:mock-images:v1');
  const silent: string[] = [];
  const walk = (node: unknown, at: string): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      const isProperty = /\/properties$/.test(at);
      if (isProperty && typeof child.description !== 'string') {
        // A definition may speak for the property.
        const name = String(child.$ref ?? '').replace('#/$defs/', '');
        if (typeof schema.$defs[name]?.description !== 'string') silent.push(`${at}/${key}`);
      }
      walk(child, `${at}/${key}`);
    }
  };
  walk(schema, '');
  expect(silent).toEqual([]);
});

describe('sizes', () => {
  test('each distribution keeps to its bounds', () => {
    const random = randomOf(1, 'test');
    const draw = (sizes: Parameters<typeof drawSizeBytes>[0]) =>
      Array.from({ length: 1000 }, (_, at) => drawSizeBytes(sizes, at, random));
    const uniform = draw({ kind: 'uniform', minBytes: 10, maxBytes: 20 });
    expect([Math.min(...uniform), Math.max(...uniform)]).toEqual([10, 20]);
    const lognormal = draw({ kind: 'lognormal', medianBytes: 1000, sigma: 1, maxBytes: 5000 });
    expect(Math.max(...lognormal)).toBe(5000);
    const below = lognormal.filter((bytes) => bytes < 1000).length;
    expect(below).toBeGreaterThan(400);
    expect(below).toBeLessThan(600);
    expect(draw({ kind: 'list', bytes: [1, 2, 3] }).slice(0, 4)).toEqual([1, 2, 3, 1]);
  });
});
