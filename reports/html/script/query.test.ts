// What the search understands, by the text that the page carries.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { query } from './query.ts';

interface Term {
  not: boolean;
  key: string;
  value: string;
  exact: boolean;
}

const { parseQuery, matchesQuery } = new Function(
  `${query}; return { parseQuery, matchesQuery };`,
)() as {
  parseQuery(text: string, isKey: (name: string) => boolean): Term[];
  matchesQuery(terms: Term[], names: (key: string) => string[], words: () => string): boolean;
};

const item: Record<string, string[]> = {
  level: ['must'],
  verdict: ['fail', 'fails', 'failing'],
  section: ['distribution-spec/spec.md#push', 'push'],
  id: ['upload-range'],
};
const words = 'a range that is longer is refused status 202 upload-range http://a.example/v2/';
const isKey = (name: string) => Object.hasOwn(item, name);

function finds(text: string): boolean {
  return matchesQuery(
    parseQuery(text, isKey),
    (key) => item[key] ?? [],
    () => words,
  );
}

test.each([
  ['', true],
  ['range', true],
  ['RANGE Longer', true],
  ['range shorter', false],
  ['range -shorter', true],
  ['range -longer', false],
  ['"range that is longer"', true],
  ['"longer range"', false],
  ['-"longer range"', true],
  ['"status 20', true],
  ['level:must', true],
  ['level:MU', true],
  ['level:should', false],
  ['-level:should', true],
  ['-level:must', false],
  ['level:should level:must', true],
  ['level:must verdict:warn', false],
  ['verdict:"fail"', true],
  ['verdict:"fai"', false],
  ['section:"push"', true],
  ['section:"distribution-spec/spec.md#push"', true],
  ['section:spec', true],
  ['http://a.example', true],
  ['nokey:value', false],
  ['level:', true],
  ['-', true],
  ['""', true],
])('%s: %s', (text, found) => {
  expect(finds(text)).toBe(found);
});

test('any text is understood, bounded, and its opposite leaves out what it finds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
      const terms = parseQuery(text, isKey);
      expect(terms.length).toBeLessThanOrEqual(40);
      for (const { value } of terms) expect(value).not.toBe('');
      const [first] = terms;
      if (first === undefined || terms.length > 1) return;
      const hit = (one: Term) =>
        matchesQuery(
          [one],
          (key) => item[key] ?? [],
          () => words,
        );
      expect(hit({ ...first, not: !first.not })).toBe(!hit(first));
    }),
  );
});
