import { createPublicKey, createVerify } from 'node:crypto';
import { expect, test } from 'vitest';
import { cannedPublicKey, cannedSignature, isCannedSignature } from './canned-policy.ts';

const url = 'https://d111.cloudfront.net/sha256/ab/abc?size=large';

test('the signature is RSA and SHA-1 over the canned policy, in letters fit for a URL', () => {
  const signature = cannedSignature(url, 1_767_225_600);
  expect(signature).toMatch(/^[A-Za-z0-9~_-]{344}$/);
  const base64 = signature.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":1767225600}}}]}`;
  const key = createPublicKey(cannedPublicKey);
  expect(key.asymmetricKeyDetails?.modulusLength).toBe(2048);
  expect(createVerify('sha1').update(policy).verify(key, base64, 'base64')).toBe(true);
});

test('it is of one URL and one end', () => {
  const signature = cannedSignature(url, 1000);
  expect(isCannedSignature(url, '1000', signature)).toBe(true);
  expect(isCannedSignature(url, '1001', signature)).toBe(false);
  expect(isCannedSignature(`${url}r`, '1000', signature)).toBe(false);
  for (const other of ['', 'abc', '!', signature.slice(1)]) {
    expect(isCannedSignature(url, '1000', other)).toBe(false);
  }
});
