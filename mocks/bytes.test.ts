import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, wholeBytes, withFlippedBit } from './bytes.ts';
import type { Body } from './call.ts';

const someBytes = fc.uint8Array({ maxLength: 20 });

test('joined bodies are one body, whichever part of it is asked for', async () => {
  const someParts = fc.array(someBytes, { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(someParts, fc.nat(110), fc.nat(110), async (parts, begin, end) => {
      const whole = Buffer.concat(parts);
      const body = joined(parts);
      expect(body.length).toBe(whole.length);
      expect(Buffer.from(await wholeBytes(body))).toEqual(whole);
      const part = body.subarray(begin, end);
      expect(Buffer.from(await wholeBytes(part))).toEqual(whole.subarray(begin, end));
    }),
  );
});

test('a flipped bit changes one byte, also of what is not held', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(), async (bytes, n) => {
      const at = n % bytes.length;
      const forms: Body[] = [bytes, joined([bytes])];
      const [held, streamed] = await Promise.all(
        forms.map(async (form) => Buffer.from(await wholeBytes(withFlippedBit(form, at)))),
      );
      expect(held).toEqual(streamed);
      expect([...(held ?? [])].filter((byte, index) => byte !== bytes[index])).toHaveLength(1);
    }),
  );
});
