import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { fileUrl, showsUnicode, wantsColor, wantsLinks } from './terminal-features.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-features-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  [true, {}, true, true],
  [false, {}, false, false],
  [true, { NO_COLOR: '1' }, false, false],
  [true, { NO_COLOR: '' }, true, true],
  [true, { TERM: 'dumb' }, false, false],
  [false, { FORCE_COLOR: '1' }, true, false],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
  [true, { FORCE_COLOR: '0' }, false, false],
  [true, { FORCE_HYPERLINK: '0' }, true, false],
  [false, { FORCE_HYPERLINK: '1' }, false, true],
  [true, { VTE_VERSION: '4801' }, true, false],
  [true, { VTE_VERSION: '7600' }, true, true],
])('terminal %s, %j: colours %s, links %s', (isTerminal, variables, color, links) => {
  expect(wantsColor(isTerminal, variables)).toBe(color);
  expect(wantsLinks(isTerminal, variables)).toBe(links);
});

test.each([
  [{ LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'de_DE.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true],
])('in the locale %j more than ASCII is shown: %s', (variables, expected) => {
  expect(showsUnicode(variables, 'linux')).toBe(expected);
  expect(showsUnicode(variables, 'win32')).toBe(true);
});

test('the address of a file leads to it, in printable ASCII', () => {
  const file = join(folder, 'ü b;#?%\u001b.json');
  expect(fileUrl(file)).toBeUndefined();
  writeFileSync(file, '{}');
  const url = fileUrl(file) ?? '';
  expect(url).toMatch(/^file:\/\/[!-~]+$/);
  expect(fileURLToPath(url.replace(/^file:\/\/[^/]+/, 'file://'))).toBe(file);
});
