// The schemas of files that people write, as editors read them: draft-07, with the names of rules, kinds and
// clients to choose from (`npm run docs` writes schemas/editors/).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { profiles } from '../../src/profiles/index.ts';
import { editorSchemaUrl } from '../../src/run/init/commented.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { kinds, rules } from '../../src/validate/index.ts';
import { inDraft07 } from './draft-07.ts';

interface Edition {
  /** File in schemas/, without its ending. */
  readonly schema: string;
  /** Names of files that it is for, for SchemaStore's catalogue: those that nobody else describes. */
  readonly fileMatch?: readonly string[];
  /** What is said more than the schema says. */
  readonly names?: (schema: Schema) => void;
}

/** A node of a schema, as it is written. */
type Schema = { [keyword: string]: unknown };

export const editions: readonly Edition[] = [
  {
    schema: 'config',
    fileMatch: ['.pullproof.yaml', '.pullproof.yml'],
    names(schema) {
      at(schema, 'definitions', 'rules').properties = Object.fromEntries(
        rules.map(({ id, summary }) => [
          id,
          { description: summary, enum: ['off', 'note', 'warning', 'error'] },
        ]),
      );
      const override = at(schema, 'properties', 'overrides', 'items', 'properties');
      at(override, 'kind').enum = [...kinds];
    },
  },
  {
    schema: 'plan',
    fileMatch: ['pullproof.plan.yaml', 'pullproof.plan.yml'],
    names(schema) {
      at(schema, 'properties', 'clients').properties = Object.fromEntries(
        Object.keys(profiles).map((name) => [
          name,
          { description: 'A number above 0.', type: 'number', exclusiveMinimum: 0 },
        ]),
      );
    },
  },
  { schema: 'mock-images' },
  { schema: 'registries-conf' },
  { schema: 'auth-file' },
];

/** The edition as the text of its file. */
export function editionOf({ schema, names }: Edition): string {
  const source = JSON.parse(
    readFileSync(join(packageRoot, 'schemas', `${schema}.schema.json`), 'utf8'),
  );
  const edition = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: editorSchemaUrl(schema),
    ...(inDraft07(source) as Schema),
  };
  names?.(edition);
  return `${JSON.stringify(edition, null, 2)}\n`;
}

/** Files by path, for tools/docs/pages.ts. */
export const editionFiles: Readonly<Record<string, () => string>> = Object.fromEntries(
  editions.map((edition) => [
    `schemas/editors/${edition.schema}.schema.json`,
    () => editionOf(edition),
  ]),
);

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((node, name) => {
    const child = node[name];
    if (typeof child !== 'object' || child === null) throw new Error(`no ${path.join('/')}`);
    return child as Schema;
  }, schema);
}
