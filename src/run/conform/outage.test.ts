import { expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { Outages } from './outage.ts';

const request = requestOf({ url: 'http://tiny.test/v2/', phase: 'ping' });

/** Whose answers have these statuses, 0 for none, and then 200. */
function outages(...statuses: readonly number[]) {
  let asked = 0;
  const perform = async () => {
    const status = statuses[asked++] ?? 200;
    return { status, failure: status === 0 ? 'reset' : '' } as HttpReply;
  };
  const seen = new Outages(
    perform,
    request,
    () => false,
    async () => undefined,
  );
  return { seen, asked: () => asked };
}

test('whoever has got a whole answer meanwhile has met no outage', async () => {
  const { seen, asked } = outages();
  const before = seen.whole;
  await seen.perform(request);
  expect(await seen.look(before)).toEqual({ wasAway: false, stumbles: [] });
  expect(asked()).toBe(1);
});

test('a registry that is away is asked until it is back, by one for all', async () => {
  const { seen, asked } = outages(0, 0, 503);
  const looked = await Promise.all([seen.look(0), seen.look(0)]);
  expect(looked.map(({ wasAway }) => wasAway)).toEqual([true, true]);
  expect(looked.flatMap(({ stumbles }) => stumbles)).toHaveLength(3);
  expect(asked()).toBe(4);
});

test('one that answers was not away', async () => {
  const { seen } = outages();
  expect(await seen.look(0)).toEqual({ wasAway: false, stumbles: [] });
});

test('one that does not come back is waited for once', async () => {
  const { seen, asked } = outages(...Array.from({ length: 100 }, () => 0));
  expect((await seen.look(0)).wasAway).toBe(false);
  const knocks = asked();
  expect(knocks).toBeLessThan(10);
  await seen.look(0);
  expect(asked()).toBe(knocks);
});
