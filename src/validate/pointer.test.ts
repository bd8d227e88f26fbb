import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineColumns } from '../lib/line-columns.ts';
import { childPointer, locate, pointerSteps } from './pointer.ts';

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
        const lines = text.split('\n');
        const wanted = places(JSON.parse(text));
        const offsets = locate(
          text,
          wanted.map(([pointer]) => pointer),
        );
        for (const [pointer, expected] of wanted) {
          const offset = offsets.get(pointer) as number;
          const [place] = lineColumns(text, [offset]);
          const rest = lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1) ?? '';
          const opening = JSON.stringify(expected, null, indent).split('\n')[0] as string;
          expect(rest.startsWith(opening)).toBe(true);
        }
        const ascending = [...offsets.values()].sort((a, b) => a - b);
        expect(lineColumns(text, ascending)).toEqual(
          ascending.flatMap((offset) => lineColumns(text, [offset])),
        );
      }),
    );
  });

  test('lead to the whole of a text that is no JSON or too deep to be walked', () => {
    expect([...locate(` ${'['.repeat(20_000_000)}`, [''])]).toEqual([['', 1]]);
    expect([...locate('  ', [''])]).toEqual([]);
  });

  test('of a repeated member name lead to the last one, as JSON.parse reads it', () => {
    expect(locate('{"a":1,"a":2}', ['/a', '/b']).get('/a')).toBe(11);
  });
});
