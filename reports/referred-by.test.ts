// Every report says what leads to a document with findings.

import { expect, test } from 'vitest';
import { samples } from '../test/lib/sample-results.ts';
import { formats } from './index.ts';
import { referrer } from './referred-by.ts';

const sample = samples.find(({ documents }) => documents?.some((it) => it.referredBy))!;

// OpenMetrics counts findings by rule: it names no document.
const telling = Object.entries(formats).filter(([name]) => name !== 'openmetrics');

test.each(telling)('%s tells tag and platform', (_, render) => {
  const text = render(sample).replaceAll(/\s+/g, ' ');
  expect(text).toContain('stable');
  expect(text).toContain('linux/arm/v7');
});

test('a document that nothing refers to has no referrer', () => {
  const document = { path: 'a', kind: 'index', valid: true, findings: [] };
  expect(referrer(document)).toBe(undefined);
  const referredBy = { path: 'b', pointer: '/config', others: 0 };
  expect(referrer({ ...document, referredBy })).toBe('b at /config');
});
