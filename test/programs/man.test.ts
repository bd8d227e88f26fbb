// The manual, read by mandoc: no page has anything to warn of, and text comes out as it went in.
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { verbs } from '../../src/cli/verbs.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { bold, entry, flagTerm, prose, section, verbatim } from '../../tools/docs/man/roff.ts';
import { runTool, testWith } from '../lib/tools.ts';

const manual = join(packageRoot, 'man');
const pages = readdirSync(manual).sort();
const manPagesMin = 10;

test('the package installs a page for itself and one for every verb, and no other', () => {
  const wanted = ['pullproof.1', ...Object.keys(verbs).map((name) => `pullproof-${name}.1`)];
  expect(pages).toEqual(wanted.sort());
  expect(manifest.man.toSorted()).toEqual(wanted.map((name) => `./man/${name}`).sort());
  expect(pages.length).toBeGreaterThan(manPagesMin);
});

const sections = [
  ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS'],
  ...['ENVIRONMENT', 'FILES', 'SEE ALSO'],
];

/** As terminals have bold and italics: a character, a backspace, and the character that stays. */
const overstruck = new RegExp(`.${String.fromCharCode(8)}`, 'gu');

testWith('mandoc')('mandoc has nothing to warn of, and shows every section', async () => {
  const paths = pages.map((name) => join(manual, name));
  const { code, output } = await runTool('mandoc', ['-T', 'lint', '-W', 'warning', ...paths]);
  expect(output).toBe('');
  expect(code).toBe(0);
  for (const path of paths) {
    const { output: shown } = await runTool('mandoc', ['-T', 'utf8', path]);
    const headings = shown.replaceAll(overstruck, '').match(/^[A-Z][A-Z ]+$/gm);
    expect(headings, path).toEqual(expect.arrayContaining(sections));
  }
});

const folder = mkdtempSync(join(tmpdir(), 'pullproof-man-'));

/** What people read of a page of this one section, without the overstriking of bold and italics. */
async function read(...parts: readonly string[]): Promise<{ shown: string; warned: string }> {
  const path = join(folder, 'page.1');
  writeFileSync(path, `.TH PAGE 1 2026-12-01\n${section('NAME', 'page \\- this', ...parts)}\n`);
  const width = ['-O', 'width=1000'];
  const { output } = await runTool('mandoc', ['-T', 'utf8', ...width, path], {
    LC_ALL: 'C.UTF-8',
  });
  const { output: warned } = await runTool('mandoc', ['-T', 'lint', '-W', 'warning', path]);
  return { shown: output.replaceAll(overstruck, ''), warned };
}

const hostile = ['.SH x', "'br", '\\fBbold', '-', '--flag', '"a" `b`', '~^|', '§ “é” 😀', '.', "'"];

testWith('mandoc')('lines come out as they went in, whatever is special to roff', async () => {
  const word = fc.constantFrom(...hostile, 'word', '\\', '\\(bu', '\\\\', '.\\"');
  const lines = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));
  const all = [...hostile, ...fc.sample(lines, { numRuns: 200, seed: 1 })];
  const { shown, warned } = await read(verbatim(all.join('\n')));
  const told = shown.split('\n').map((line) => line.trim());
  const first = told.indexOf(hostile[0] ?? '');
  expect(told.slice(first, first + all.length)).toEqual(all);
  expect(warned).toBe('');
});

testWith('mandoc')('flags, code and links come out as words', async () => {
  const { shown, warned } = await read(
    entry(flagTerm('-q, --platform <os/arch[/variant]>'), prose("`--a 'b'`: see [c](d.md).")),
    entry(flagTerm('--dashboard [address]'), bold('.')),
    entry(flagTerm('<run...>'), prose('.x (k) ([y](z.md))')),
  );
  expect(shown).toContain('-q, --platform os/arch[/variant]');
  expect(shown).toContain("--a 'b': see c.");
  expect(shown).toContain('--dashboard [address]');
  expect(shown).toMatch(/run\.\.\. *\.x \(k\)$|run\.\.\.\n *\.x \(k\)$/m);
  expect(warned).toBe('');
});
