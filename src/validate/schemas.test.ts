import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
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
      $id: `urn:pullproof:schema:${file.replace('.schema.json', '')}:v1`,
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

  test('says of every rule how binding it is and which section decides', () => {
    for (const [at, node] of all) {
      const binding = 'x-rule' in node ? /^(MUST|SHOULD)$/ : /^$/;
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
