import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineColumns } from '../lib/line-columns.ts';
import { locate } from './json-places.ts';
import { childPointer, pointerSteps } from './places.ts';

/** Every pointer into a value, with what it leads to. */
function places(value: unknown, pointer = ''): [string, unknown][] {
  const here: [string, unknown][] = [[pointer, value]];
  if (typeof value !== 'object' || value === null) {
    return here;
  }
  const below = Object.entries(value).flatMap(([name, child]) =>
    places(child, childPointer(pointer, name)),
  );
  return [...here, ...below];
}

/** Pointers to what has a name. */
function memberPointers(value: unknown): string[] {
  const all = places(value);
  const isObject = (it: unknown) => typeof it === 'object' && it !== null && !Array.isArray(it);
  return all.flatMap(([pointer, it]) =>
    isObject(it) ? Object.keys(it as object).map((name) => childPointer(pointer, name)) : [],
  );
}

const step = fc.oneof(fc.string(), fc.constantFrom('', '/', '~', '~1', '0', '__proto__'));
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue({ maxDepth: 0 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(step, tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('JSON pointers', () => {
  test('steps survive escaping', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        expect(pointerSteps(steps.reduce(childPointer, ''))).toEqual(steps);
      }),
    );
  });

  test('lead to the line and column where the value begins', () => {
    fc.assert(
      fc.property(json, fc.constantFrom('', ' ', '\t', '   '), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const named = new Set(memberPointers(JSON.parse(text)));
        const lines = text.split('\n');
        const wanted = places(JSON.parse(text));
        const found = locate(
          text,
          wanted.map(([pointer]) => pointer),
        );
        for (const [pointer, expected] of wanted) {
          const { value: offset = -1, end, name } = found.get(pointer) ?? {};
          const [place] = lineColumns(text, [offset]);
          const rest = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1) ?? '';
          const opening = JSON.stringify(expected, null, indent).split('\n')[0] as string;
          expect(rest.startsWith(opening)).toBe(true);
          const isInner = typeof expected === 'object' && expected !== null;
          expect(end).toBe(isInner || pointer === '' ? undefined : offset + opening.length);
          const written = name && JSON.parse(text.slice(name.start, name.end));
          expect(written ?? pointerSteps(pointer).at(-1)).toBe(pointerSteps(pointer).at(-1));
          expect(name === undefined).toBe(!named.has(pointer));
        }
        const ascending = [...found.values()].map((it) => it.value).sort((a, b) => a - b);
        expect(lineColumns(text, ascending)).toEqual(
          ascending.flatMap((offset) => lineColumns(text, [offset])),
        );
      }),
    );
  });

  test('lead to the whole of a text that is no JSON or too deep to be walked', () => {
    expect([...locate(` ${'['.repeat(20_000_000)}`, [''])]).toEqual([
      ['', { value: 1, name: undefined }],
    ]);
    expect([...locate('  ', [''])]).toEqual([]);
  });

  test('of a repeated member name lead to the last one, as JSON.parse reads it', () => {
    expect(locate('{"a":1,"a":2}', ['/a', '/b']).get('/a')).toEqual({
      value: 11,
      end: 12,
      name: { start: 7, end: 10 },
    });
  });
});
