// Docker-Content-Digest of any algorithm, held against content that is known.
import { expect, test } from 'vitest';
import { makeReply } from '../../drivers/reply.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { expectClaim } from './claims.ts';
import { contentOf } from './content.ts';
import { utf8 } from './manifests.ts';

const content = contentOf(utf8('some bytes'));
const bySha512 = contentOf(content.bytes, 'sha512').digest;

const claiming = (...values: readonly string[]): HttpReply =>
  makeReply({
    headerLines: values.map((value) => ['Docker-Content-Digest', value] as const),
  } as unknown as HttpReply);

test.each([[[]], [[content.digest]], [[bySha512]], [[content.digest, bySha512]], [['none:0']]])(
  '%j is right',
  (values) => {
    expect(() => expectClaim(claiming(...values), content)).not.toThrow();
  },
);

test.each([
  [[`sha512:${'0'.repeat(128)}`]],
  [[`sha256:${'0'.repeat(64)}`]],
  [['latest']],
  [[content.digest, `sha512:${'0'.repeat(128)}`]],
])('%j is wrong', (values) => {
  expect(() => expectClaim(claiming(...values), content)).toThrow('Docker-Content-Digest');
});
