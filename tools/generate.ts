// Build step (`npm run generate`): compiles schemas/ with ajv into one file of plain functions, so
// that nothing is compiled at start-up and k6's engine can run it. Not part of the tool at run time.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';
import { type SchemaKind, schemaFiles } from '../src/validate/kinds.ts';
import { memberTable, type Resolve, type SchemaNode } from './member-tables.ts';

const schemasUrl = new URL('../schemas/', import.meta.url);
const generated = new URL('../src/validate/generated/', import.meta.url);

/** Our annotations on schema nodes; they travel into the generated file with the errors. */
const vocabulary = [
  'x-rule',
  'x-level',
  'x-spec',
  'x-requirement',
  'x-fix',
  'x-complaint',
  'x-unknown',
  'x-place',
  'x-since',
];

const declarations = `import type { SchemaKind } from '../kinds.ts';
import type { MemberTable } from '../rules/member-table.ts';
import type { SchemaError, SchemaRule } from '../rules/schema.ts';

interface Validator {
  (value: unknown): boolean;
  errors?: SchemaError[] | null;
}
export declare const validators: Readonly<Record<SchemaKind, Validator>>;
export declare const schemaRules: readonly SchemaRule[];
export declare const memberTables: Readonly<Record<SchemaKind, MemberTable>>;
`;

const resultsDeclarations = `declare const validate: {
  (value: unknown): boolean;
  errors?:
    | { instancePath: string; keyword: string; params: Record<string, unknown>; message?: string }[]
    | null;
};
export default validate;
`;

function readSchema(file: string): SchemaNode {
  return JSON.parse(readFileSync(new URL(file, schemasUrl), 'utf8'));
}

/** Keywords whose failure reaches the user, so that each needs a rule to speak for it. */
const judgingKeywords = [
  'type',
  'required',
  'const',
  'enum',
  'not',
  'pattern',
  'minimum',
  'maximum',
  'minItems',
];

/** Keywords that hold one schema, a list of schemas, schemas by name. */
const single = ['items', 'additionalProperties', 'propertyNames', 'then'];
const lists = ['allOf'];
const maps = ['properties', '$defs'];

/** Calls `visit` for every node below a schema, except the conditions under `if`. */
function walk(node: SchemaNode, at: string, visit: (node: SchemaNode, at: string) => void): void {
  visit(node, at);
  for (const keyword of single) {
    if (typeof node[keyword] === 'object') {
      walk(node[keyword] as SchemaNode, `${at}/${keyword}`, visit);
    }
  }
  for (const keyword of [...lists, ...maps]) {
    for (const [name, child] of Object.entries(node[keyword] ?? {})) {
      walk(child as SchemaNode, `${at}/${keyword}/${name}`, visit);
    }
  }
}

/** What findings are called, by how binding the requirement is. */
const levels: Readonly<Record<string, string>> = { MUST: 'error', SHOULD: 'warning', MAY: 'note' };

/** Fails the build for a constraint without a rule, or a rule that is incomplete or told twice. */
function collectRules(schemas: readonly SchemaNode[]): object[] {
  const rules = new Map<string, object>();
  for (const schema of schemas) {
    walk(schema, String(schema.$id), (node, at) => {
      const id = node['x-rule'];
      if (node.additionalProperties === false && typeof node['x-unknown'] !== 'string') {
        throw new Error(`${at}: no x-unknown names the rule about unknown members`);
      }
      if (id === undefined) {
        const judging = judgingKeywords.find((keyword) => keyword in node);
        if (judging !== undefined) {
          throw new Error(`${at}: ${judging} has no x-rule`);
        }
        return;
      }
      for (const keyword of ['x-level', 'x-spec', 'x-requirement', 'x-fix']) {
        if (typeof node[keyword] !== 'string') {
          throw new Error(`${at}: rule ${id} lacks ${keyword}`);
        }
      }
      if ('pattern' in node && typeof node['x-complaint'] !== 'string') {
        throw new Error(`${at}: rule ${id} lacks x-complaint for its pattern`);
      }
      if (rules.has(String(id))) {
        throw new Error(`${at}: rule ${id} is declared twice`);
      }
      rules.set(String(id), {
        id,
        level: levels[String(node['x-level'])],
        spec: node['x-spec'],
        summary: node['x-requirement'],
        fix: node['x-fix'],
        since: node['x-since'],
        file: `schemas/${schema.$id}`,
      });
    });
  }
  return [...rules.values()];
}

/** Follows `FILE#/$defs/NAME`, either part of which may be absent. */
const resolve: Resolve = (ref, from) => {
  const [file = '', path = ''] = ref.split('#');
  const steps = path.split('/').slice(1);
  const target = readSchema(file || from);
  const node = steps.reduce<unknown>((at, step) => (at as SchemaNode)[step], target);
  return { node: node as SchemaNode, file: file || from };
};

function memberTablesOf(kinds: readonly SchemaKind[]): object {
  return Object.fromEntries(
    kinds.map((kind) => {
      const file = schemaFiles[kind];
      return [kind, memberTable(readSchema(file), file, resolve)];
    }),
  );
}

/** Errors that a list keeps, far more than are ever shown; the document stays invalid. */
const errorsMax = 10_000;

/**
 * ajv joins the errors of every array item by `concat`, which copies all earlier ones: minutes for
 * a hostile index of 80,000 empty entries. The appending below takes milliseconds.
 */
function appendErrors(code: string): string {
  const appended = code.replace(/vErrors\.concat\((\w+\.errors)\)/g, 'append(vErrors, $1)');
  if (appended === code) {
    throw new Error('ajv no longer joins errors by concat: see appendErrors');
  }
  return `${appended}
function append(list, more) {
  const room = ${errorsMax} - list.length;
  for (const error of more.length > room ? more.slice(0, Math.max(room, 0)) : more) {
    list.push(error);
  }
  return list;
}`;
}

function generate(): void {
  const kinds = Object.keys(schemaFiles) as SchemaKind[];
  const schemas = kinds.map((kind) => readSchema(schemaFiles[kind]));
  const ajv = new Ajv2020({
    allErrors: true,
    // Each error then carries its schema node, and with it the rule.
    verbose: true,
    messages: false,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    schemas,
    code: { source: true, esm: true, lines: false },
  });
  ajv.addVocabulary(vocabulary);
  const nameOf = (kind: SchemaKind) => kind.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  const names = Object.fromEntries(
    kinds.map((kind, at) => [nameOf(kind), String(schemas[at]?.$id)]),
  );
  const table = kinds.map((kind) => `${JSON.stringify(kind)}: ${nameOf(kind)}`).join(',\n  ');
  const source = [
    appendErrors(standalone.default(ajv, names)),
    `export const validators = {\n  ${table}\n};`,
    `export const memberTables = ${JSON.stringify(memberTablesOf(kinds))};`,
    `export const schemaRules = ${JSON.stringify(collectRules(schemas), null, 2)};`,
  ].join('\n');
  const [bundle] = buildSync({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: 'js' },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['main'],
    target: 'es2022',
    write: false,
    banner: { js: '// Made by tools/generate.ts from schemas/. Do not edit.' },
  }).outputFiles;
  mkdirSync(generated, { recursive: true });
  writeFileSync(new URL('validators.js', generated), bundle?.contents ?? '');
  writeFileSync(new URL('validators.d.ts', generated), declarations);
}

/** Our own results document: judged as a whole, without rules. */
function generateResults(): void {
  const ajv = new Ajv2020({
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    code: { source: true, esm: true, lines: false },
  });
  bundleOne(ajv, 'results', resultsDeclarations);
}

/** One schema as one function in a file of its own, with its declarations. */
function bundleOne(ajv: Ajv2020, name: 'results' | 'plan', declared: string): void {
  const validate = ajv.compile(readSchema(`${name}.schema.json`));
  const [bundle] = buildSync({
    stdin: {
      contents: standalone.default(ajv, validate),
      resolveDir: import.meta.dirname,
      loader: 'js',
    },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['main'],
    target: 'es2022',
    write: false,
    banner: {
      js: `// Made by tools/generate.ts from schemas/${name}.schema.json. Do not edit.`,
    },
  }).outputFiles;
  writeFileSync(new URL(`${name}.js`, generated), bundle?.contents ?? '');
  writeFileSync(new URL(`${name}.d.ts`, generated), declared);
}

const planDeclarations = `declare const validate: {
  (value: unknown): boolean;
  errors?:
    | {
        instancePath: string;
        keyword: string;
        params: Record<string, unknown>;
        message?: string;
        parentSchema?: { description?: string; properties?: Record<string, unknown> };
      }[]
    | null;
};
export default validate;
`;

/** The file of a load plan: each error carries its schema node, whose description is the advice. */
function generatePlan(): void {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    code: { source: true, esm: true, lines: false },
  });
  bundleOne(ajv, 'plan', planDeclarations);
}

generate();
generateResults();
generatePlan();
