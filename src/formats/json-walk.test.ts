import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { walkJson } from './json-walk.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON texts with one piece cut out, doubled, or replaced by a character that matters. */
const damaged = fc
  .tuple(
    fc.jsonValue(),
    fc.nat(3),
    fc.nat(),
    fc.nat(4),
    fc.constantFrom('', ...'{}[],:"\\01.-+eEtfnu \n\t\u0000\u00a0\ufeffx/'),
  )
  .map(([value, indent, at, length, insert]) => {
    const text = JSON.stringify(value, null, indent);
    const from = at % (text.length + 1);
    return text.slice(0, from) + insert + text.slice(from + length);
  });

const fragments = fc
  .array(fc.constantFrom(...'{}[],:"\\0-.e ', '"a"', '12', 'true', 'null', '\\u0041', '1e5'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

describe('walkJson', () => {
  test('accepts exactly what JSON.parse accepts', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fragments, fc.string()), (text) => {
        expect(walkJson(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test('calls data trailing when a whole value stands before it, and only then', () => {
    fc.assert(
      fc.property(fc.oneof(damaged, fragments), (text) => {
        const problem = walkJson(text);
        if (problem !== undefined) {
          expect(isJson(text.slice(0, problem.offset))).toBe(problem.trailing);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test('puts the problem where the text stops being the beginning of JSON', () => {
    const offsetOf = (text: string) => walkJson(text)?.offset;
    expect(offsetOf('{"a":1,}')).toBe(7);
    expect(offsetOf('{"a" 1}')).toBe(5);
    expect(offsetOf('[1 2]')).toBe(3);
    expect(offsetOf('["a\tb"]')).toBe(3);
    expect(offsetOf('["\\x"]')).toBe(2);
    expect(offsetOf('["abc')).toBe(5);
    expect(offsetOf('')).toBe(0);
    expect(offsetOf('[tru]')).toBe(1);
  });

  test('bears any depth', () => {
    const depth = 1_000_000;
    expect(walkJson('['.repeat(depth) + ']'.repeat(depth))).toBeUndefined();
    expect(walkJson('[{"a":'.repeat(depth))?.offset).toBe(6 * depth);
  });
});

test('an empty text is told apart from one that breaks off', () => {
  expect(walkJson(' \n')?.message).toBe(walkJson('')?.message);
  expect(walkJson('')?.message).not.toBe(walkJson('[')?.message);
});
