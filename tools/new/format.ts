// A report format: its line in the catalogue, and how it is read back in the tests.
import { camel, expectSlug, insertImport, insertInto, read, write, writeNew } from './edit.ts';

const catalogue = 'reports/index.ts';
const test = 'reports/every-format.test.ts';
const pages = ['README.md', 'docs/validate.md'];

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
    `  // TODO: read it back as its readers do, quotes and all.\n  ${key}: (text) => text.split('\\n').map((line) => line.split(',').length),\n`,
  );
  for (const page of pages) {
    write(page, read(page).replace(/(--format text\|[a-z|]+)/, `$1|${name}`));
  }
  return [
    `${path}: the format. Write every text of the results by an escape of the format: registries send what they like.`,
    `${pages.join(', ')}: the format is named there.`,
    `${test}: how its shape is read back. Hostile text must not change that.`,
    'npx biome check --write . && npx tsc -p . && npx vitest run --project unit reports src/cli test/tidy.test.ts',
    `npm run pullproof -- validate --kind manifest package.json --format ${name}`,
    'npm test',
  ];
}

function formatOf(own: string): string {
  return `// TODO: for whom, and by which text on the format.
import type { Results } from './results.ts';
import { visible } from './untrusted.ts';

/** A line for each finding, each check and each kind of failed pull, under a line of titles. */
export function ${own}(results: Results): string {
  const rows = [
    ['what', 'verdict', 'where', 'message'],
    ...(results.documents ?? []).flatMap(({ path, findings }) =>
      findings.map(({ ruleId, level, message }) => [ruleId, level, path, message]),
    ),
    ...(results.checks ?? []).map((check) => [check.id, check.verdict, check.section, check.actual]),
    ...(results.load?.errors ?? []).map((error) => [error.class, 'fail', '', error.example]),
  ];
  return rows.map((cells) => \`\${cells.map(cell).join(',')}\\n\`).join('');
}

/** TODO: as the format wants it. */
function cell(text: string): string {
  return visible(text);
}
`;
}
