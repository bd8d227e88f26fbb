// What the rate limit says when it is reached, and that it ends with its window.
import { expect, test } from 'vitest';
import { parseErrorBody } from '../../../src/protocol/grammar/errors.ts';
import { Clock, TestClient } from '../../../test/lib/test-client.ts';
import { limitRequests, windowMs } from './rate-limits.ts';

const path = '/v2/demo/app/tags/list';

/** Uses up what is left of the window. */
async function exhaust(client: TestClient, requests = limitRequests): Promise<number> {
  let last = 0;
  for (let count = 0; count < requests; count++) last = (await client.ask(path)).status;
  return last;
}

async function refused(id: string) {
  const clock = new Clock();
  const client = new TestClient({ auth: 'none', now: clock.now, faults: [id] });
  expect(await exhaust(client)).toBe(200);
  clock.forward(20);
  const reply = await client.ask(path);
  const text = await reply.text();
  clock.forward(windowMs / 1000 - 20);
  expect((await client.ask(path)).status).toBe(200);
  const code = parseErrorBody(text).errors[0]?.code;
  const retryAfter = reply.headers.get('retry-after');
  return { status: reply.status, code, retryAfter, text, headers: reply.headers };
}

test.each([
  ['rate-limited', 429, 'TOOMANYREQUESTS', '40'],
  ['rate-limit-denied', 403, 'DENIED', null],
  ['rate-limit-hint-in-text', 429, 'TOOMANYREQUESTS', null],
  ['rate-limit-headers-healthy', 429, 'TOOMANYREQUESTS', '40'],
  ['rate-limit-foreign-body', 429, undefined, '40'],
])('%s is answered %i', async (id, ...expected) => {
  const { status, code, retryAfter } = await refused(id);
  expect([status, code, retryAfter]).toEqual(expected);
});

test('the sentence names the seconds that the header leaves out', async () => {
  expect((await refused('rate-limit-hint-in-text')).text).toContain('40 seconds');
});

test('the rate headers say that much is left', async () => {
  const { headers } = await refused('rate-limit-headers-healthy');
  expect(Number.parseInt(headers.get('ratelimit-remaining') ?? '', 10)).toBeGreaterThan(0);
});

test('a push that is refused stores nothing', async () => {
  const clock = new Clock();
  const client = new TestClient({ auth: 'none', now: clock.now, faults: ['rate-limited'] });
  await exhaust(client);
  const top = client.registry.store.manifest('demo/app', 'latest');
  const pushed = await client.ask('/v2/demo/app/manifests/next', {
    method: 'PUT',
    headers: { 'content-type': top?.mediaType ?? '' },
    body: top?.bytes ?? '',
  });
  expect(pushed.status).toBe(429);
  expect(client.registry.store.manifest('demo/app', 'next')).toBeUndefined();
});

test('a limit to one repository leaves the others alone', async () => {
  const { now } = new Clock();
  const faults = ['rate-limited:repo=demo/single'];
  const client = new TestClient({ auth: 'none', now, faults });
  expect(await exhaust(client, limitRequests + 1)).toBe(200);
});

test('who asks for a missing tag again and again is limited, not told until when', async () => {
  const client = new TestClient({ auth: 'none', faults: ['unknown-tag-limited'] });
  const ask = async (tag: string) => client.ask(`/v2/demo/app/manifests/${tag}`);
  const replies = [];
  for (let time = 0; time < 4; time++) replies.push(await ask('missing'));
  expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 429]);
  expect(replies.at(-1)?.headers.get('retry-after')).toBeNull();
  expect((await ask('latest')).status).toBe(200);
});
