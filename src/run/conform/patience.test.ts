import { expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import type { Perform } from '../../drivers/drive.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { Patience } from './patience.ts';

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
  let nowMs = Date.UTC(2026, 0, 1);
  const perform: Perform = async () => replies[Math.min(asked++, replies.length - 1)] as HttpReply;
  const pause = async (ms: number) => {
    nowMs += ms;
    pauses.push(ms);
  };
  const patience = new Patience(
    () => told++,
    pause,
    () => nowMs,
  );
  const reply = await patience.over(perform)(request, signal);
  return { status: reply.status, asked, pauses, told };
}

test('whoever is told when to come again comes again then', async () => {
  const replies = [replyOf(429, '1'), replyOf(429, '2'), replyOf(200)];
  expect(await ask(replies)).toEqual({ status: 200, asked: 3, pauses: [1000, 2000], told: 2 });
});

test.each([
  ['no Retry-After', undefined],
  ['minutes', '600'],
  ['a date that is far', 'Fri, 31 Dec 2027 23:59:59 GMT'],
  ['nonsense', '-1'],
])('with %s the 429 is the answer', async (_, retryAfter) => {
  const expected = { status: 429, asked: 1, pauses: [], told: 1 };
  expect(await ask([replyOf(429, retryAfter)])).toEqual(expected);
});

test('a date is waited for, by the clock of the server or, where it tells no time, ours', async () => {
  const date = 'Thu, 01 Jan 2026 00:00:02 GMT';
  const { status, pauses } = await ask([replyOf(429, date), replyOf(200)]);
  expect(status).toBe(200);
  expect(pauses[0]).toBeGreaterThanOrEqual(2000);
  expect(pauses[0]).toBeLessThan(3000);
  const past = await ask([replyOf(429, 'Fri, 31 Dec 1999 23:59:59 GMT'), replyOf(200)]);
  expect(past.status).toBe(200);
  expect(past.pauses[0]).toBeGreaterThan(0);
});

test('a limit that holds one request holds all others until it ends, and is counted once', async () => {
  let nowMs = 0;
  let asked = 0;
  const slept: number[] = [];
  const perform: Perform = async () => (asked++ === 0 ? replyOf(429, '3') : replyOf(200));
  const pause = async (ms: number) => {
    slept.push(ms);
    nowMs += ms;
  };
  const patience = new Patience(
    () => undefined,
    pause,
    () => nowMs,
  );
  const all = [1, 2].map(() => patience.over(perform)(request));
  expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200]);
  expect(patience).toMatchObject({ count: 1, waitedMs: 3000 });
});

test('a limit that never ends is not waited for again and again', async () => {
  let asked = 0;
  const perform: Perform = async () => {
    asked++;
    return replyOf(429, '1');
  };
  const patient = new Patience(
    () => undefined,
    async () => undefined,
  ).over(perform);
  for (let each = 0; each < 20; each++) await patient(request);
  expect(asked).toBeLessThan(60);
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
  const asking = new Patience(() => undefined).over(perform)(request, stop.signal);
  stop.abort();
  expect((await asking).status).toBe(429);
});
