// Values know their places; what cannot be read is said and never thrown.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { locate } from './json-places.ts';
import { childPointer, type Place, type Span } from './places.ts';
import { readPlainYaml, readYamlText, type YamlProblem, YamlText, type YamlValue } from './yaml.ts';

function rootOf(text: string): YamlValue {
  const read = readYamlText(text);
  if (!(read instanceof YamlText)) throw new Error(read.message);
  return read.root;
}

function problemOf(text: string, aliasesMax = 0): Partial<YamlProblem> {
  const read = readPlainYaml(text, aliasesMax);
  return 'value' in read ? {} : { kind: read.kind, offset: read.offset };
}

/** Places of all values, and of the names that they have, by their JSON pointers. */
function placesOf(value: YamlValue, pointer = '', name?: Span): [string, Place][] {
  const items = [...value.items()].flatMap((it, at) => placesOf(it, childPointer(pointer, at)));
  const members = [...value.entries()].flatMap(
    ({ name: key = '', offset: start = -1, end = -1, value: below }) =>
      placesOf(below, childPointer(pointer, key), { start, end }),
  );
  return [
    [pointer, { value: value.offset, end: pointer === '' ? undefined : value.end, name }],
    ...items,
    ...members,
  ];
}

const fragment = fc.constantFrom(
  ...['a', 'b', ': ', '\n', '\n  ', '\n- ', '[', ']', '{', '}', ', ', '"', "'", '&x ', '*x', '|\n'],
  ...['? ', '!!str ', '---\n', '\t', '\r\n', '#', '~', '1', '<<: ', '\u00e9', '\ufeff'],
);

describe('a text of YAML', () => {
  test('has its values where JSON has them, and the same ones', () => {
    const indent = fc.constantFrom('', '  ');
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), indent, (value, blanks) => {
        const text = JSON.stringify(value, null, blanks);
        const places = placesOf(rootOf(text));
        const known = locate(
          text,
          places.map(([pointer]) => pointer),
        );
        expect(new Map(places)).toEqual(known);
        expect(readPlainYaml(text, 0)).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  test('has keys and values at their beginnings', () => {
    const text = 'one:\n  - a\n  - {b: 2, c: }\ntwo: |\n  text\n';
    const at = (part: string) => text.indexOf(part);
    const offsets = placesOf(rootOf(text)).map(([pointer, { value }]) => [pointer, value]);
    expect(offsets).toEqual([
      ['', 0],
      ['/one', at('- a')],
      ['/one/0', at('a')],
      ['/one/1', at('{b')],
      ['/one/1/b', at('2')],
      ['/one/1/c', at('}')],
      ['/two', at('|')],
    ]);
    expect([...rootOf(text).entries()].map(({ offset }) => offset)).toEqual([0, at('two')]);
  });

  test('of an alias says where the alias is, and what it stands for', () => {
    const text = 'a: &x [1, 2]\nb: *x\n';
    const [, b] = [...rootOf(text).entries()].map(({ value }) => value);
    expect(b?.offset).toBe(text.indexOf('*x'));
    expect([b?.isAlias, b?.isList, b?.length]).toEqual([true, true, 2]);
    expect([...(b?.items() ?? [])].map(({ scalar }) => scalar)).toEqual([1, 2]);
  });

  test('tells each key that comes again', () => {
    const root = rootOf('a: 1\nb: 2\na: 3\n"b": 4\n');
    expect([...root.entries()].map(({ isRepeated }) => isRepeated)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  test.each([
    ['a: [\n', 'syntax', 5],
    ['a: 1\n---\nb: 2\n', 'syntax', 9],
    ['a: {b: 1, b: 2}', 'repeated', 10],
    ['- a: 1\n  a: 2\n', 'repeated', 9],
    ['a: &x 1\nb: *x\n', 'aliases', undefined],
    ['b: *x\n', 'aliases', undefined],
    ['&x [*x]', 'aliases', undefined],
    ['['.repeat(50_000), 'depth', undefined],
  ])('%j is a problem', (text, kind, offset) => {
    const found = problemOf(text);
    expect(found.kind).toBe(kind);
    if (kind !== 'depth' && kind !== 'syntax') expect(found.offset).toBe(offset);
  });

  test('may have aliases where they are allowed, and not very many of nothing', () => {
    expect(readPlainYaml('a: &x 1\nb: *x\n', 2)).toEqual({ value: { a: 1, b: 1 } });
    const many = (count: number) => `- &x []\n${'- *x\n'.repeat(count)}`;
    expect(problemOf(many(100), 100)).toEqual({});
    expect(problemOf(many(101), 100).kind).toBe('aliases');
  });

  test('that is empty is null', () => {
    expect([readPlainYaml('', 0), readPlainYaml('# only this\n', 0)]).toEqual([
      { value: null },
      { value: null },
    ]);
  });

  test('of any kind is read or a problem with a place in it, never worse', () => {
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 25 }), (parts) => {
        const text = parts.join('');
        const { offset = 0 } = problemOf(text, 100);
        expect(offset >= 0 && offset <= text.length).toBe(true);
        const read = readYamlText(text);
        if (!(read instanceof YamlText)) return;
        for (const { value } of read.root.entries()) {
          expect(value.offset >= 0 && value.offset <= text.length).toBe(true);
        }
      }),
    );
  });
});
