import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { childPointer } from './places.ts';
import { placesInToml } from './toml-walk.ts';

/** Every pointer into a value. */
function pointersOf(value: unknown, at = ''): string[] {
  const isInner = typeof value === 'object' && value !== null && !(value instanceof Date);
  const below = isInner ? Object.entries(value) : [];
  return [at, ...below.flatMap(([key, child]) => pointersOf(child, childPointer(at, key)))];
}

function expectAllPlaced(text: string): void {
  const places = placesInToml(text);
  expect([...places.keys()].sort()).toEqual(pointersOf(parse(text)).sort());
}

const text = [
  '# [not] = "a table"',
  'a = "\\"]" # = "x"',
  'b.\'c d\'."e\\u0066" = 1979-05-27 07:32:00',
  'list = [ # one',
  '  [1, 2,], { x = "}", y.z = \'\\\' },',
  ']',
  'long = """',
  ' " ""\\""" """""',
  "raw = '''\n'' ]'''",
  '[[t]]',
  'n = 1',
  '[[ t . "u" ]]\r',
  'n = -inf',
  '[t.v]',
  '[[t]]',
  '[[t.u]]',
  'n = 0x1F',
].join('\n');

describe('places in TOML', () => {
  test('are those of all values', () => {
    expectAllPlaced(text);
  });

  test('are where the values begin', () => {
    const places = placesInToml(text);
    const at = (pointer: string) => text.slice(places.get(pointer)?.value).split(/[\r\n]/, 1)[0];
    expect(at('/a')).toBe('"\\"]" # = "x"');
    expect(at('/b/c d/ef')).toBe('1979-05-27 07:32:00');
    expect(at('/list/0/1')).toBe('2,], { x = "}", y.z = \'\\\' },');
    expect(at('/list/1/y/z')).toBe("'\\' },");
    expect(at('/t/0')).toBe('[[t]]');
    expect(at('/t/0/u/0/n')).toBe('-inf');
    expect(at('/t/0/v')).toBe('[t.v]');
    expect(at('/t/1/u/0/n')).toBe('0x1F');
    const whole = (pointer: string) =>
      text.slice(places.get(pointer)?.value, places.get(pointer)?.end);
    expect(whole('/a')).toBe('"\\"]"');
    expect(whole('/b/c d/ef')).toBe('1979-05-27 07:32:00');
    expect(whole('/list')).toBe(text.slice(text.indexOf('[ # one'), text.indexOf('\nlong')));
    expect(whole('/list/1/x')).toBe('"}"');
  });

  test('have the names of members, in headers and dotted keys as well', () => {
    const places = placesInToml(text);
    const nameOf = (pointer: string) => {
      const name = places.get(pointer)?.name;
      return name && text.slice(name.start, name.end);
    };
    expect(nameOf('/b')).toBe('b');
    expect(nameOf('/b/c d')).toBe("'c d'");
    expect(nameOf('/b/c d/ef')).toBe('"e\\u0066"');
    expect(nameOf('/list/1/y/z')).toBe('z');
    expect(nameOf('/t/0/u')).toBe('"u"');
    expect(nameOf('/t/0/v')).toBe('v');
    expect(places.get('/t/1/u')?.name?.start).toBe(text.lastIndexOf('u]]'));
    expect(nameOf('/t/1/u/0/n')).toBe('n');
    expect(nameOf('/t/0')).toBeUndefined();
    expect(nameOf('/list/0')).toBeUndefined();
  });

  test('are found in any TOML', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const { table } = fc.letrec<{ table: object; value: unknown }>((tie) => ({
      table: fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.array(scalar, { maxLength: 3 }),
        fc.array(tie('table'), { maxLength: 3 }),
        tie('table'),
      ),
    }));
    fc.assert(fc.property(table, (value) => expectAllPlaced(stringify(value))));
  });

  test('of a text that is cut off are no endless search', () => {
    for (let end = 0; end < text.length; end++) {
      expect(placesInToml(text.slice(0, end)).size).toBeLessThan(100);
    }
  });
});
