import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDateTime } from '../../lib/rfc3339.ts';
import { config } from '../cases/documents.ts';
import { validateDocument } from '../index.ts';

/** What the schema of configurations says of a date. */
function schemaTakes(created: string): boolean {
  const bytes = Buffer.from(JSON.stringify(config({ created })));
  return validateDocument(bytes, { path: 'x', kind: 'config' }).valid;
}

const number = (max: number, digits: number) =>
  fc.nat(max).map((value) => String(value).padStart(digits, '0'));
const nearlyDate = fc
  .tuple(
    fc.oneof(number(9_999, 4), fc.constantFrom('1900', '2000', '2100', '2024')),
    number(13, 2),
    number(32, 2),
    fc.constantFrom('T', 't', ' '),
    number(24, 2),
    number(60, 2),
    number(61, 2),
    fc.constantFrom('', '.5', '.', '.000000001'),
    fc.constantFrom('Z', 'z', '', '+14:00', '-23:59', '+24:00', '+1:00', '-00:60'),
  )
  .map(([y, m, d, t, hour, minute, second, fraction, zone]) =>
    [y, '-', m, '-', d, t, hour, ':', minute, ':', second, fraction, zone].join(''),
  );

test('the schema of configurations and the rules take the same dates', () => {
  fc.assert(
    fc.property(fc.oneof(nearlyDate, fc.string()), (text) => {
      expect(isDateTime(text)).toBe(schemaTakes(text));
    }),
    { numRuns: 2_000 },
  );
});

test.each(['1900-02-29', '2023-02-29', '2024-04-31', '2024-00-01', '2024-13-01', '2024-01-00'])(
  '%s is no day',
  (day) => {
    expect(isDateTime(`${day}T00:00:00Z`)).toBe(false);
  },
);

test.each(['2000-02-29T00:00:00Z', '2024-02-29t23:59:60.5+05:30', '0000-12-31T00:00:00z'])(
  '%s is a time',
  (text) => {
    expect(isDateTime(text)).toBe(true);
  },
);
