// The pages of docs/ that are made from catalogues: each says what those say today.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { specUrl } from '../reports/spec-url.ts';
import { causeNamed, causeRooms, causes } from '../src/doctor/causes/index.ts';
import { packageRoot } from '../src/run/package-root.ts';
import { rules } from '../src/validate/index.ts';
import { causesPage } from '../tools/docs/causes-page.ts';
import { pages } from '../tools/docs/pages.ts';
import { variables } from '../tools/docs/reference/variables.ts';
import { rulesPage } from '../tools/docs/rules-page.ts';
import { allPaths, readSource } from './lib/sources.ts';

/** Of a line: longer ones are tables that nobody reads. */
const lineCharsMax = 600;

test.each(Object.entries(pages))('%s is up to date', async (file, make) => {
  const isSame = readFileSync(join(packageRoot, file), 'utf8') === (await make());
  expect(isSame, `${file} is behind what it is made from: npm run docs, and review the diff`).toBe(
    true,
  );
});

test('the kill matrix is a page for people: no line is a list of ids', () => {
  const lines = readFileSync(join(packageRoot, 'docs/kill-matrix.md'), 'utf8').split('\n');
  expect(lines.filter(({ length }) => length > lineCharsMax)).toEqual([]);
});

test('every rule is on its page, with a link to what decides unless that is our own', () => {
  const text = rulesPage(rules);
  for (const { id, spec } of rules) {
    expect(text).toContain(`| \`${id}\` |`);
    expect(specUrl(spec) === undefined, spec).toBe(spec.startsWith('pullproof/'));
  }
});

test('every cause is on its page, and can be explained', () => {
  const text = causesPage(causeRooms);
  for (const { id } of causes) {
    expect(text).toContain(`### ${id}\n`);
    expect(causeNamed(id)?.cause.id).toBe(id);
  }
  expect(causeNamed('unexplained-reset')?.cause.remedy.length).toBe(1);
  expect(causeNamed('unexplained-nothing')).toBeUndefined();
  expect(new Set(causes.map(({ id }) => id)).size).toBe(causes.length);
});

/** Those of clients and of the official suite have pages of their own; the system's need none. */
const toldElsewhere =
  /^(?:OCI_|DOCKER_|CONTAINERS_|REGISTR|REGCTL_|XDG_(?:CONFIG|RUNTIME)|HOME$|PATH$)/;

test('every variable that the code asks for by its name is on the page', () => {
  const code = allPaths().filter(
    (path) => /^(?:src|mocks|reports)\/.*\.ts$/.test(path) && !path.endsWith('.test.ts'),
  );
  const asked = code.flatMap((path) =>
    [...readSource(path).text.matchAll(/\b(?:env|variables)\??\.([A-Z][A-Z0-9_]+)/g)].map(
      ([, name = '']) => name,
    ),
  );
  expect(asked.length).toBeGreaterThan(5);
  const missing = asked.filter((name) => !toldElsewhere.test(name) && !(name in variables));
  expect(missing, 'give each a line in tools/docs/reference/variables.ts').toEqual([]);
});
