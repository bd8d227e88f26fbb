// Writes docs/rules.md (UPDATE=1), and says when it is behind the catalogue.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { specUrl } from '../reports/spec-url.ts';
import { rules } from '../src/validate/index.ts';
import { rulesPage } from '../tools/docs/rules-page.ts';

const page = new URL('../docs/rules.md', import.meta.url);

test('docs/rules.md is the catalogue (UPDATE=1 writes it)', () => {
  const wanted = rulesPage(rules);
  if (process.env.UPDATE === '1') writeFileSync(page, wanted);
  expect(readFileSync(page, 'utf8')).toBe(wanted);
});

test('every rule is on it, with a link to what decides unless that is our own', () => {
  const text = rulesPage(rules);
  for (const { id, spec } of rules) {
    expect(text).toContain(`| \`${id}\` |`);
    expect(specUrl(spec) === undefined, spec).toBe(spec.startsWith('pullproof/'));
  }
});
