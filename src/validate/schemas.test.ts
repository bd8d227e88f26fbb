import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { rightDocuments } from './cases/documents.ts';
import { schemaFiles } from './kinds.ts';

interface SchemaNode {
  [keyword: string]: unknown;
}

function isNode(value: unknown): value is SchemaNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(relative: string): string {
  return readFileSync(new URL(relative, import.meta.url), 'utf8');
}

/** Every schema object below a node, with its place. */
function nodes(node: SchemaNode, at: string): [string, SchemaNode][] {
  const below = Object.entries(node).flatMap(([keyword, child]) => {
    const children = Array.isArray(child) ? child : [child];
    return children.filter(isNode).flatMap((it) => nodes(it, `${at}/${keyword}`));
  });
  return [[at, node], ...below];
}

describe.each(Object.values(schemaFiles))('%s', (file) => {
  const schema: SchemaNode = JSON.parse(readText(`../../schemas/${file}`));
  const all = nodes(schema, file);

  test('names itself and its dialect', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: file,
      title: expect.any(String),
      description: expect.any(String),
    });
  });

  test('describes every property outside conditions', () => {
    const properties = all.filter(
      ([at]) => /\/properties\/[^/]+$/.test(at) && !at.includes('/if/'),
    );
    const silent = properties.filter(([, node]) => typeof node.description !== 'string');
    expect(silent.map(([at]) => at)).toEqual([]);
  });

  test('refers to files beside it alone, so that editors and any web server can follow', async () => {
    const folder = new URL('../../schemas/', import.meta.url);
    const ajv = new Ajv2020({
      strict: false,
      loadSchema: async (uri) => JSON.parse(readText(new URL(uri, folder).href)),
    });
    const validate = await ajv.compileAsync(schema);
    for (const [kind, document] of Object.entries(rightDocuments)) {
      if (schemaFiles[kind as keyof typeof schemaFiles] === file) {
        expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
        expect(validate([])).toBe(false);
      }
    }
  });

  test('says of every rule how binding it is and which section decides', () => {
    for (const [at, node] of all) {
      const binding = 'x-rule' in node ? /^(MUST|SHOULD|MAY)$/ : /^$/;
      expect(`${node['x-level'] ?? ''}`, at).toMatch(binding);
      expect('x-spec' in node, at).toBe('x-rule' in node);
    }
  });
});

test('the generated validators import nothing, so that k6 can run them', () => {
  expect(readText('./generated/validators.js')).not.toMatch(
    /\brequire\(|^\s*import\b|\bfrom ['"]/m,
  );
});
