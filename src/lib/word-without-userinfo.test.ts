import { expect, test } from 'vitest';
import { wordWithoutUserinfo } from './word-without-userinfo.ts';

test.each([
  ['http://u:p%40x@h:5000/a', 'http://h:5000/a'],
  ['u:p@h/demo/app', 'h/demo/app'],
  ['--k6-out=influxdb=http://u:p@h/db', '--k6-out=influxdb=http://h/db'],
  ['x=https://h/w?db=a&access_token=abc&n=1', 'x=https://h/w?db=a&access_token=***&n=1'],
  ['https://h/w?X-Amz-Signature=abc', 'https://h/w?X-Amz-Signature=***'],
  ['h/app@sha256:abc', 'h/app@sha256:abc'],
  ['errors<1%', 'errors<1%'],
])('%s becomes %s', (word, shown) => {
  expect(wordWithoutUserinfo(word)).toBe(shown);
});
