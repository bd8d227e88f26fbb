// Blocks, links and anchors of the docs: no command hides, what is not run says why, and snippets are what they claim.
import { posix } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { blocksOf, commandsOf } from './lib/docs/blocks.ts';
import { isShown } from './lib/docs/output.ts';
import { docPages } from './lib/docs/pages.ts';
import { norunReasons } from './lib/docs/reasons.ts';
import { readSource } from './lib/sources.ts';

const blocks = docPages.flatMap((page) => page.blocks);

/** Blocks that no test runs, at most: more of a kind means that somebody took the easy way. */
const norunMax: Readonly<Record<string, number>> = {
  internet: 2,
  install: 10,
  kubernetes: 4,
  'container-engine': 5,
  root: 2,
  ci: 4,
  long: 6,
  checkout: 4,
  'other-test': 8,
  'own-host': 6,
};

function expectNone(problems: readonly string[]): void {
  expect(problems.join('\n')).toBe('');
}

test('what is not run is counted, by reason', () => {
  const found = Map.groupBy(blocks, ({ info }) => info.norun ?? '');
  found.delete('');
  for (const [reason, some] of found) {
    const places = some.map(({ page, line }) => `${page}:${line}`).join(', ');
    expect(some.length, `norun=${reason}: ${places}`).toBeLessThanOrEqual(norunMax[reason] ?? 0);
  }
  expect(Object.keys(norunMax).toSorted()).toEqual(Object.keys(norunReasons).toSorted());
});

test('commands stand in blocks of console', () => {
  const hidden = blocks
    .filter(
      ({ language, info }) =>
        language !== 'console' && info.norun === undefined && info.file === undefined,
    )
    .filter(({ language, text }) =>
      language === 'sh'
        ? true
        : language === '' && /^(?:\$ |npm |npx |(?:.*\| )?pullproof [a-z])/m.test(text),
    );
  expectNone(
    hidden.map(
      ({ page, line }) =>
        `${page}:${line}: a command in a block that nothing runs. Make it \`\`\`console with "$ " in front, or say norun=REASON.`,
    ),
  );
  const empty = blocks.filter(
    (block) => block.language === 'console' && commandsOf(block).length === 0,
  );
  expectNone(empty.map(({ page, line }) => `${page}:${line}: no line begins with "$ "`));
});

test('data in the docs can be read, and fits the schema that is named', () => {
  const problems = blocks.flatMap(({ page, line, language, info, text }) => {
    const errors = language === 'yaml' || language === 'json' ? errorsIn(text, info.schema) : [];
    return errors.map((error) => `${page}:${line}: ${error}`);
  });
  expectNone(problems);
});

function errorsIn(text: string, schema: string | undefined): string[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  const unreadable = documents.flatMap(({ errors }) => errors.map(({ message }) => message));
  if (unreadable.length > 0 || schema === undefined) return unreadable;
  // Not strictly: schemas of settings have words of their own for rules.
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajvFormats.default(ajv);
  const fits = ajv.compile(JSON.parse(readSource(`schemas/${schema}.schema.json`).text));
  return documents.flatMap((document) => {
    if (fits(document.toJS())) return [];
    return (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  });
}

test('what is said to be from a file is in that file', () => {
  const strange = blocks.filter(
    ({ info, text }) => info.from !== undefined && !readSource(info.from).text.includes(text),
  );
  expectNone(
    strange.map(({ page, line, info }) => `${page}:${line}: ${info.from} does not hold this`),
  );
});

test('links within the docs lead to headings that are there', () => {
  const anchors = new Map(docPages.map(({ page, text }) => [page, anchorsOf(text)]));
  const lost = docPages.flatMap(({ page, text }) =>
    [...text.matchAll(/\]\(([^)#:\s]*)#([^)\s]+)\)/g)].flatMap(({ 1: path = '', 2: name = '' }) => {
      const target = path === '' ? page : posix.join(posix.dirname(page), path);
      const known = anchors.get(target);
      return known === undefined || known.has(name) ? [] : [`${page}: ${path}#${name}`];
    }),
  );
  expectNone(lost);
});

/** As GitHub makes them: lower case, blanks to hyphens, no punctuation; a second one of a name gets `-1`. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const plain = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  for (const [, heading = ''] of plain.matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let free = name;
    for (let n = 1; anchors.has(free); n++) free = `${name}-${n}`;
    anchors.add(free);
  }
  for (const [, name = ''] of plain.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

describe('the reading of blocks', () => {
  const page = (text: string) => blocksOf('page.md', text);

  test('finds languages, info strings, commands and what they print', () => {
    const [block] = page('a\n```console exit=1\n$ one \\\n    two\nout\n$ three\n```\n');
    expect(block).toMatchObject({ line: 2, language: 'console', info: { exit: '1' } });
    expect(block && commandsOf(block)).toEqual([
      { line: 3, text: 'one \\\n    two', output: 'out\n' },
      { line: 6, text: 'three', output: '' },
    ]);
  });

  test.each([
    '```console\n$ a\n',
    '```sh norun=lazy\n```\n',
    '```sh skip\n```\n',
    '```a b=c\n```\n',
  ])('refuses %j', (text) => {
    expect(() => page(text)).toThrow(/page\.md:1/);
  });

  test.each([
    ['held 3 checks', 'held 3 checks\n', true],
    ['held 3 checks', 'held 4 checks\n', false],
    ['p95 1.4 s at 10:00', 'p95 17 ms at 10:00\n', false],
    ['p95 1.4 s', 'p95   17.25 s\n', true],
    ['a\nb', 'a\nx\nb\n', false],
    ['a\n…\nb', 'a\nx\nb\n', true],
    ['b\na', 'a\nb\n', false],
    ['size … kB', 'size of it 3 kB', true],
  ])('%j is shown by %j: %s', (shown, printed, is) => {
    expect(isShown(shown, printed)).toBe(is);
  });
});
