import { describe, expect, test } from 'vitest';
import { expiryOf } from './signed-url.ts';

const at = Date.UTC(2026, 0, 31, 23, 59, 59);

describe('the end of a signed URL', () => {
  test.each([
    ['CloudFront', `Expires=${at / 1000}&Signature=x&Key-Pair-Id=y`],
    ['S3', 'X-Amz-Date=20260131T235859Z&X-Amz-Expires=60&X-Amz-Signature=x'],
    ['GCS', 'X-Goog-Expires=60&X-Goog-Date=20260131T235859Z&X-Goog-Signature=x'],
    ['Azure', 'se=2026-01-31T23%3A59%3A59Z&sp=r&sv=2024-11-04&sig=x'],
  ])('%s', (_, query) => {
    expect(expiryOf(`https://edge.test/blob?${query}`)).toBe(at);
  });

  test.each([
    ['no query', ''],
    ['a date that is none', '?X-Amz-Date=20261331T235859Z&X-Amz-Expires=60'],
    ['a lifetime that is none', '?X-Amz-Date=20260131T235859Z&X-Amz-Expires=soon'],
    ['an HTTP date', '?Expires=Sat, 31 Jan 2026 23:59:59 GMT'],
    ['a field of that name without a signature', '?se=2026-01-31'],
  ])('is unknown with %s', (_, query) => {
    expect(expiryOf(`https://edge.test/blob${query}`)).toBeUndefined();
  });
});
