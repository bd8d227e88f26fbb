import { expect, test } from 'vitest';
import { makeReply } from '../../drivers/reply.ts';
import { Broken } from '../check.ts';
import { expectRefusal, refusals } from './refusal.ts';

function replyOf(status: number) {
  return makeReply({
    status,
    headerLines: [],
    text: '',
    bytes: 0,
    digest: '',
    failure: '',
    failureMessage: '',
    remoteAddress: '',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  });
}

test.each(Object.keys(refusals) as (keyof typeof refusals)[])(
  'a refusal for %s is by its own statuses, not by any 4xx and never by a 5xx',
  (kind) => {
    for (const status of refusals[kind]) expectRefusal(replyOf(status), kind);
    for (const status of [200, 202, 302, 402, 408, 418, 429, 500, 503]) {
      expect(() => expectRefusal(replyOf(status), kind), `${status}`).toThrow(Broken);
    }
  },
);

test('whoever sends what is no manifest is not asked to log in', () => {
  expect(() => expectRefusal(replyOf(401), 'content')).toThrow(Broken);
});
