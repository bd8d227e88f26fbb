// What holds for every format, whichever there are: it is one line ended by a line feed or more, the same each
// time, harmless on a terminal; and no text in the results, however hostile, changes its shape.
import { expect, test } from 'vitest';
import { readCsv } from '../test/lib/read-csv.ts';
import { readOpenMetrics } from '../test/lib/read-openmetrics.ts';
import { hostileSample, poisoned, samples, validateSample } from '../test/lib/sample-results.ts';
import { type Format, formats } from './index.ts';

/** What of a format is its shape, read back out of its text: columns, elements, names of members. */
const shapeOf: Readonly<Record<Format, (text: string) => unknown>> = {
  // Lines are wrapped, so that their number depends on the text.
  text: () => undefined,
  json: (text) => treeOf(JSON.parse(text)),
  junit: (text) => text.match(/<\/?[a-z]+|\s[a-z]+="/g),
  sarif: (text) => treeOf(JSON.parse(text)),
  gitlab: (text) => treeOf(JSON.parse(text)),
  github: (text) => text.split('\n').map((line) => /^::(\w+) /.exec(line)?.[1]),
  markdown: (text) => text.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length ?? 0),
  openmetrics: (text) =>
    readOpenMetrics(text).map(({ name, labels }) => [name, Object.keys(labels)]),
  csv: (text) => readCsv(text).map((row) => row.length),
};

/** The letters on both sides keep lines from being blank, or being read as something else. */
const hostile = [
  'a,b',
  'a"b',
  "a'b",
  'a;b',
  'a|b',
  'a<b>&c',
  'a\tb',
  'a\r\nb',
  'a\n\nb',
  '=a+b',
  'a::error::b',
  'a`b',
];

function treeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(treeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  // Some names are hosts.
  return Object.values(value).map(treeOf);
}

test.each(Object.entries(formats))(
  '%s is the same each time, and safe to print',
  (name, render) => {
    for (const sample of [...samples, hostileSample]) {
      const text = render(sample);
      expect(render(sample)).toBe(text);
      expect(text.endsWith('\n'), `reports: ${name} does not end its last line`).toBe(true);
      expect(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(text.replaceAll(/[\n\t]/g, ''))).toBe(null);
    }
  },
);

/** What GitHub, Azure and TeamCity take out of a log and obey. */
const commands = ['::error::b', '\n ::add-mask::b', '##[error]b', 'a##vso[b]', '##teamcity[b]'];

test.each(Object.entries(formats))('%s is no command to the log of a CI system', (name, render) => {
  for (const sample of samples) {
    for (const text of commands) {
      const lines = render(poisoned(sample, text)).split('\n');
      // What the runner takes as a command it searches for no other.
      const others = lines.filter((line) => name !== 'github' || !/^::[a-z]+ /.test(line));
      expect(others.filter((line) => /^\s*::|##(?:vso|teamcity)?\[/.test(line))).toEqual([]);
    }
  }
});

test.each(Object.entries(formats))('%s keeps its shape whatever the text', (name, render) => {
  const read = shapeOf[name as Format];
  for (const sample of samples) {
    const tame = read(render(poisoned(sample, 'ab')));
    for (const text of hostile) {
      const hint = `${name}: ${JSON.stringify(text)} in the results changes its shape. Escape it as the format wants.`;
      expect(read(render(poisoned(sample, text))), hint).toEqual(tame);
    }
  }
});

// Of text and of code quality, standard error tells.
test.each(['json', 'junit', 'sarif', 'github', 'markdown', 'csv'] as const)(
  '%s names all that could not be read',
  (name) => {
    const unread = ['first', 'second'].map((path) => ({
      code: 'input-unreadable',
      message: `${path} is not there`,
      hint: 'Give files.',
    }));
    const text = formats[name]({ ...validateSample, verdict: 'error', unread });
    for (const { message } of unread) expect(text).toContain(message);
  },
);
