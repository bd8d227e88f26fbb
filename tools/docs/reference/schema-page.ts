// A JSON Schema of ours as a page: each key with its type, its default and what it means.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/run/package-root.ts';
import { cell, code, pageOf, type Row, table } from './markdown.ts';

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
  readonly oneOf?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

export interface SchemaPage {
  /** Of a file in schemas/. */
  readonly schema: string;
  readonly title: string;
  /** Paragraphs between title and table. */
  readonly intro: readonly string[];
  /** How many keys deep it goes. */
  readonly depth: number;
}

export function schemaPage({ schema, title, intro, depth }: SchemaPage): string {
  const file = `schemas/${schema}.schema.json`;
  const root = JSON.parse(readFileSync(join(packageRoot, file), 'utf8')) as SchemaNode;
  const about = `${root.description ?? ''} The schema, for editors and programs: [${file}](../../${file}).`;
  return pageOf(
    title,
    about,
    ...intro,
    table(['key', 'type', 'meaning'], rowsOf(root, root, '', depth)),
  );
}

function rowsOf(node: SchemaNode, root: SchemaNode, path: string, depth: number): Row[] {
  if (depth === 0) return [];
  const here = resolved(node, root);
  const own = Object.entries(here.properties ?? {}).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [rowOf(at, member, root), ...rowsOf(member, root, at, depth - 1)];
  });
  const { additionalProperties: rest, items } = here;
  const others = typeof rest === 'object' ? rowsOf(rest, root, `${path}.*`, depth) : [];
  const listed = items === undefined ? [] : rowsOf(items, root, `${path}[]`, depth);
  return [...own, ...others, ...listed];
}

function rowOf(path: string, member: SchemaNode, root: SchemaNode): Row {
  const known = resolved(member, root);
  const text = member.description ?? known.description ?? '';
  const otherwise =
    known.default === undefined ? '' : ` Default: ${code(JSON.stringify(known.default))}.`;
  return [code(path), typeOf(known), cell(text) + otherwise];
}

function typeOf({ type, enum: values, const: only, items, oneOf, anyOf }: SchemaNode): string {
  if (values !== undefined) return values.map((value) => code(String(value))).join(', ');
  if (only !== undefined) return code(String(only));
  if (type !== undefined) return [type].flat().join(' or ');
  if (items !== undefined) return 'array';
  return oneOf === undefined && anyOf === undefined ? 'object' : 'one of several';
}

/** What a reference within the schema stands for; what is written beside it wins. */
function resolved(node: SchemaNode, root: SchemaNode): SchemaNode {
  const [, name] = /^#\/\$defs\/(\w+)$/.exec(node.$ref ?? '') ?? [];
  const target = name === undefined ? undefined : root.$defs?.[name];
  return target === undefined ? node : { ...resolved(target, root), ...node };
}
