import fc from 'fast-check';
import { expect, test } from 'vitest';
import { licenseProblem } from './spdx.ts';

const license = fc.oneof(
  fc.constantFrom(
    'MIT',
    'apache-2.0',
    'GPL-2.0+',
    'LicenseRef-a.b-1',
    'DocumentRef-x:LicenseRef-y',
  ),
  fc.constantFrom('GPL-2.0-only WITH Classpath-exception-2.0', 'MIT+'),
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    license,
    tie('expression').map((inner) => `(${inner})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('AND', 'OR'), tie('expression'))
      .map((parts) => parts.join(' ')),
  ),
}));

test('expressions by the grammar are right, whatever the blanks', () => {
  fc.assert(
    fc.property(expression, fc.constantFrom(' ', '  ', '\t'), (text, blank) => {
      expect(licenseProblem(text.replaceAll(' ', blank))).toBeUndefined();
    }),
  );
});

test.each([
  ...[
    '',
    ' ',
    'Apache',
    'Apache 2.0',
    'MIT BSD-3-Clause',
    'MIT,ISC',
    'MIT AND',
    'AND MIT',
    'MIT OR OR ISC',
  ],
  ...['(MIT', 'MIT)', '()', 'MIT WITH', 'MIT WITH ISC', 'MIT and ISC', 'NOASSERTION', 'GPL-2.0 +'],
  ...[
    '(GPL-2.0-only) WITH Classpath-exception-2.0',
    'LicenseRef-',
    'MIT++',
    '__proto__',
    'constructor',
  ],
])('%j is wrong', (text) => {
  expect(licenseProblem(text)).toBeTypeOf('string');
});

test.each([
  ['parentheses', '('.repeat(1_000_000)],
  ['licences', 'MIT OR '.repeat(200_000)],
  ['letters', 'a'.repeat(1_000_000)],
])('megabytes of %s are wrong', (_, text) => {
  expect(licenseProblem(text)).toBeTypeOf('string');
});
