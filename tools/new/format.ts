// A report format: its line in the catalogue, and how it is read back in the tests.
import { camel, expectSlug, insertImport, insertInto, read, write, writeNew } from './edit.ts';

const catalogue = 'reports/index.ts';
const test = 'reports/every-format.test.ts';

/** @throws UserError `name-invalid`, `name-taken` */
export function newFormat(name: string): readonly string[] {
  expectSlug(name, 'name');
  const own = camel(`render-${name}`);
  const path = `reports/${name}.ts`;
  writeNew(path, formatOf(own));
  insertImport(catalogue, [own], `./${name}.ts`);
  const key = name.includes('-') ? `'${name}'` : name;
  insertInto(
    catalogue,
    'export const formats',
    `  ${key}: (results: Results) => ${own}(results),\n`,
  );
  insertInto(
    test,
    'const shapeOf',
    `  ${key}: (text) => text.split('\\n').map((line) => line.split(',').length),\n`,
  );
  const readme = read('README.md');
  write('README.md', readme.replace('|markdown`', `|markdown|${name}\``));
  return [
    `${path}: the format. Write every text of the results by an escape of the format: registries send what they like.`,
    `${test}: how its shape is read back. Hostile text must not change that.`,
    'npx biome check --write . && npx tsc -p . && npx vitest run --project unit reports src/cli test/tidy.test.ts',
    `npm run pullproof -- validate schemas/*.json --format ${name}`,
    'npm test',
  ];
}

function formatOf(own: string): string {
  return `// TODO: for whom, and by which text on the format.
import type { Results } from './results.ts';
import { visible } from './untrusted.ts';

/** A line for each finding and each check, under a line of titles. */
export function ${own}(results: Results): string {
  const rows = [
    ['what', 'verdict', 'where', 'message'],
    ...(results.documents ?? []).flatMap(({ path, findings }) =>
      findings.map(({ ruleId, level, message }) => [ruleId, level, path, message]),
    ),
    ...(results.checks ?? []).map((check) => [check.id, check.verdict, check.section, check.actual]),
  ];
  return rows.map((cells) => \`\${cells.map(cell).join(',')}\\n\`).join('');
}

/** TODO: as the format wants it. */
function cell(text: string): string {
  return visible(text);
}
`;
}
