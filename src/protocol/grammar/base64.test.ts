import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64, fromBase64 } from './base64.ts';

test('encodes as Node does, whatever the text, and reads it again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = base64(text);
      expect(encoded).toBe(Buffer.from(text, 'utf8').toString('base64'));
      expect(fromBase64(encoded)).toBe(text.toWellFormed());
    }),
  );
});

test.each(['a*b', '\u{1f4a9}', '/w=='])('%s encodes no text', (text) => {
  expect(fromBase64(text)).toBe('');
});
