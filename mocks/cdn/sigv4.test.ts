import { expect, test } from 'vitest';
import { presignature, presignFields, stampMs } from './sigv4.ts';

test('the example of the AWS documentation comes out', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const nowMs = Date.UTC(2013, 4, 24);
  const fields = presignFields('AKIAIOSFODNN7EXAMPLE', 'us-east-1', nowMs, 86_400);
  const request = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt' };
  expect(Object.fromEntries(fields)).toEqual({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
  });
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  expect(presignature(request, fields, 'us-east-1', secret)).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

test('dates are read back, and only dates', () => {
  expect(stampMs('20130524T000102Z')).toBe(Date.UTC(2013, 4, 24, 0, 1, 2));
  for (const text of ['', '2013-05-24', '20130524T000102', '20139924T000102Z']) {
    expect(stampMs(text)).toBeNaN();
  }
});
