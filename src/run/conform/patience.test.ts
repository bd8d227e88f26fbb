import { expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import type { Perform } from '../../drivers/drive.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { patient } from './patience.ts';

const request = requestOf({ url: 'http://tiny.test/v2/', phase: 'ping' });
const replyOf = (status: number, retryAfter?: string) =>
  ({
    status,
    header: (name: string) => (name === 'Retry-After' ? retryAfter : undefined),
  }) as HttpReply;

/** Statuses that came, the pauses before, and how many 429 were told of. */
async function ask(replies: readonly HttpReply[], signal?: AbortSignal) {
  const pauses: number[] = [];
  let asked = 0;
  let told = 0;
  const perform: Perform = async () => replies[Math.min(asked++, replies.length - 1)] as HttpReply;
  const pause = async (ms: number) => void pauses.push(ms);
  const reply = await patient(perform, () => told++, pause)(request, signal);
  return { status: reply.status, asked, pauses, told };
}

test('whoever is told when to come again comes again then', async () => {
  const replies = [replyOf(429, '1'), replyOf(429, '2'), replyOf(200)];
  expect(await ask(replies)).toEqual({ status: 200, asked: 3, pauses: [1000, 2000], told: 2 });
});

test.each([
  ['no Retry-After', undefined],
  ['minutes', '600'],
  ['a date', 'Fri, 31 Dec 1999 23:59:59 GMT'],
  ['nonsense', '-1'],
])('with %s the 429 is the answer', async (_, retryAfter) => {
  const expected = { status: 429, asked: 1, pauses: [], told: 1 };
  expect(await ask([replyOf(429, retryAfter)])).toEqual(expected);
});

test('a limit that never ends is not waited for for ever, nor is one whose check is over', async () => {
  const endless = await ask([replyOf(429, '1')]);
  expect(endless.status).toBe(429);
  expect(endless.asked).toBeLessThan(10);
  expect((await ask([replyOf(429, '1')], AbortSignal.abort())).asked).toBe(1);
});

test('an end of the check ends the pause', async () => {
  const stop = new AbortController();
  const perform: Perform = async () => replyOf(429, '10');
  const asking = patient(perform, () => undefined)(request, stop.signal);
  stop.abort();
  expect((await asking).status).toBe(429);
});
