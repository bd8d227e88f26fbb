// Documents of ours held against their schemas in schemas/, by the reading that finds mistakes in the schema, too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { packageRoot } from '../../src/run/package-root.ts';

export type SchemaNode = { [key: string]: unknown };

/** `name`: of a file there. `errorsOf` gives a line for each error. */
export function ourSchema(name: string) {
  const file = join(packageRoot, 'schemas', name);
  const schema = JSON.parse(readFileSync(file, 'utf8')) as SchemaNode & {
    $defs: Record<string, SchemaNode>;
  };
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
  });
  ajvFormats.default(ajv);
  const validate = ajv.compile(schema);
  const errorsOf = (document: unknown): string[] => {
    validate(document);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
  return { schema, errorsOf };
}
