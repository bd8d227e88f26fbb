import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCodes, parseErrorBody } from './errors.ts';

const entry = fc.record(
  {
    code: fc.constantFrom(...errorCodes.keys()),
    message: fc.string(),
    detail: fc.jsonValue(),
  },
  { requiredKeys: ['code'] },
);

describe('parseErrorBody', () => {
  test('reads back every body of the form that the spec demands', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 10 }), (entries) => {
        const body = parseErrorBody(JSON.stringify({ errors: entries, more: 1 }));
        expect(body).toMatchObject({ wellFormed: true, problem: '' });
        expect(body.errors.map(({ code, message }) => [code, message])).toEqual(
          entries.map(({ code, message = '' }) => [code, message]),
        );
        expect(JSON.stringify(body.errors.map(({ detail }) => detail))).toBe(
          JSON.stringify(entries.map(({ detail }) => detail)),
        );
      }),
    );
  });

  test('never throws, and has a problem exactly when it is not well formed', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((errors) => JSON.stringify({ errors })),
      fc.array(fc.jsonValue()).map((errors) => JSON.stringify({ errors })),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const body = parseErrorBody(text);
        expect(body.problem === '').toBe(body.wellFormed);
      }),
    );
  });

  test.each([
    '',
    'not found',
    '<html></html>',
    '[]',
    'null',
    '{}',
    '{"errors":{}}',
    '{"errors":null}',
    '{"errors":[]}',
  ])('finds no errors in %j', (text) => {
    expect(parseErrorBody(text)).toMatchObject({ errors: [], wellFormed: false });
  });

  test.each([
    [{ message: 'm' }, { code: '', message: 'm' }],
    [{ code: 7 }, { code: '', message: '' }],
    [{ code: 'manifest unknown' }, { code: 'manifest unknown', message: '' }],
    [
      { code: 'DENIED', message: 1 },
      { code: 'DENIED', message: '' },
    ],
    [{ code: 'A'.repeat(500) }, { code: 'A'.repeat(128), message: '' }],
  ])('reads what it can of %j', (broken, read) => {
    const text = JSON.stringify({ errors: [{ code: 'DENIED' }, broken] });
    const body = parseErrorBody(text);
    expect(body.wellFormed).toBe(false);
    expect(body.problem).toContain('errors[1]');
    expect(body.errors[1]).toMatchObject(read);
  });

  test('a code outside the table is well formed: registries have their own', () => {
    expect(parseErrorBody('{"errors":[{"code":"TAG_INVALID"}]}').wellFormed).toBe(true);
  });

  test('is bounded', () => {
    const errors = Array.from({ length: 500 }, () => ({
      code: 'DENIED',
      message: 'x'.repeat(9_000),
    }));
    const body = parseErrorBody(JSON.stringify({ errors: errors.slice(0, 110) }));
    expect(body.wellFormed).toBe(false);
    expect(body.errors).toHaveLength(100);
    expect(body.errors[0]?.message.length).toBeLessThan(9_000);
    expect(parseErrorBody(JSON.stringify({ errors })).errors).toEqual([]);
  });
});

test('the table has the 14 codes of the spec', () => {
  expect(errorCodes.size).toBe(14);
});
