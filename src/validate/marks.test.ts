// What findings mark in the text: about a member's name the name, else the value.
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../reports/results.ts';
import { pointerSteps } from '../formats/places.ts';
import { ruleCases } from './cases/rule-cases.ts';
import { type Kind, validateDocument } from './index.ts';
import { maskUserinfo } from './secrets.ts';

function findingsOf(text: string, kind?: Kind, path = 'x'): readonly Finding[] {
  return validateDocument(Buffer.from(text), { path, ...(kind && { kind }) }).findings;
}

/** The text that the caret of a finding stands under; '' for one without an excerpt. */
function markedBy({ excerpt }: Finding): string {
  if (excerpt === undefined) return '';
  const from = excerpt.column - 1;
  return excerpt.text.slice(from, from + excerpt.length);
}

/** As it stands in the text, without its quotes. */
const bare = (token: string) => token.replace(/^(["'])(.*)\1$/, '$2');

/** The name that a text begins with, unquoted; undefined for one that begins with a value. */
function nameAt(text: string): string | undefined {
  const token = /^("(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)[ \t]*[:=.\]]/.exec(text)?.[1];
  return token?.startsWith('"') ? JSON.parse(token) : token && bare(token);
}

/** What a case's findings mark, by rule: `name` where that is the name of the member. */
function marksOfCases(): Map<string, Set<string>> {
  const marks = new Map<string, Set<string>>();
  for (const { bad, kind, contentType } of ruleCases) {
    // Made ones are large and about limits.
    if (typeof bad === 'function' || bad instanceof Uint8Array) continue;
    const text = typeof bad === 'string' ? bad : JSON.stringify(bad, null, 2);
    const options = { path: 'x', ...(kind && { kind }), ...(contentType && { contentType }) };
    for (const finding of validateDocument(Buffer.from(text), options).findings) {
      const { line, column, pointer, ruleId } = finding;
      const name = nameAt(text.split('\n')[line - 1]?.slice(column - 1) ?? '');
      const isName = name !== undefined && maskUserinfo(name) === pointerSteps(pointer).at(-1);
      const found = marks.get(ruleId) ?? new Set();
      marks.set(ruleId, found.add(isName ? 'name' : 'value'));
    }
  }
  return marks;
}

/** Rules whose findings are about names, and nothing else. */
const aboutNames = [
  'annotation-encryption',
  'annotation-key',
  'annotation-ref-name-place',
  'annotation-reserved',
  'auth-file-unknown-key',
  'auth-key',
  'auth-key-duplicate',
  'auth-key-login',
  'config-label-key',
  'config-port-format',
  'json-duplicate-key',
  'member-case',
  'member-place',
  'member-spelling',
  'platform-features',
  'registries-alias-name',
  'registries-pull-from-mirror-place',
  'registries-unknown-key',
  'registries-version-1',
  'registries-version-mixed',
  'settings-rule-unknown',
  'settings-unknown-key',
];

/** Rules that speak about names in some places and values in others. */
const aboutBoth = ['config-path', 'json-surrogate'];

test('findings about names mark the name, all others the value', () => {
  const marks = [...marksOfCases()].filter(([, found]) => found.has('name'));
  const only = marks.filter(([, found]) => !found.has('value')).map(([rule]) => rule);
  const both = marks.filter(([, found]) => found.has('value')).map(([rule]) => rule);
  expect(only.sort()).toEqual(aboutNames);
  expect(both.sort()).toEqual(aboutBoth);
});

describe('the caret is under the name', () => {
  const inConf = (...lines: string[]) => findingsOf(lines.join('\n'), 'registries-conf');
  test.each([
    ['a bare key', inConf('[[registry]]', 'location = "h.test"', 'blockd = true')],
    ['a key with dots before it', inConf('registry = [{ location = "h.test", x.blockd = 1 }]')],
    ['a quoted key', inConf("aliases = { 'h.test/a' = 'h.test/a' }")],
    ['the name of a table', inConf('[registry-mirror]', 'location = "m.test"')],
    ['a part of the name of a table', inConf('[registries.search]', 'registries = ["h.test"]')],
    ['the name of one table of many', inConf('[[registry]]\nlocation = "h.test"\n[[ registy ]]')],
    ['the name of an inner table', inConf('[[registry]]\nlocation = "h.test"\n[[registry.miror]]')],
    ['a key in YAML', findingsOf('rules:\n  "no-such-rule" : off\n', 'pullproof-config')],
    ['a key in a flow of YAML', findingsOf('validate: {strickt: true}', 'pullproof-config')],
    ['a member with escapes', findingsOf('{"rootfs":{},"config":{"Labels":{ "a\\u0020b" :"x"}}}')],
  ])('%s', (_, findings) => {
    const [name] = findings.filter(({ ruleId }) => /name|key|rule|version-1/.test(ruleId));
    const steps = pointerSteps(name?.pointer ?? '');
    const marked = bare(markedBy(name as Finding)).replace('\\u0020', ' ');
    expect([steps.at(-1), steps.at(-1) === 'x' ? 'x' : marked]).toEqual([marked, marked]);
  });
});
