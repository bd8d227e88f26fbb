// Faults that remember: of tokens, redirects and ranges, what the engine makes of their memory, and its
// bounds.
import { expect, test } from 'vitest';
import { basicHeader, Clock, TestClient } from '../../../test/lib/test-client.ts';
import { createRegistry, type RegistryOptions } from '../../index.ts';
import { firstTimes, Memory } from './memory.ts';

const { images, username, password } = createRegistry();
const digest = images[0]?.platforms[0]?.config.digest ?? '';
const path = `/v2/demo/app/blobs/${digest}`;

test('token-ends-early: 401 with a challenge after a minute, and a new token works', async () => {
  const statuses = async (faults: readonly string[]) => {
    const clock = new Clock();
    const client = new TestClient({ now: clock.now, faults });
    const seen = [(await client.ask(path)).status];
    clock.forward(59);
    seen.push((await client.ask(path)).status);
    clock.forward(1);
    const refused = await client.ask(path);
    const query = 'service=registry.test&scope=repository:demo/app:pull';
    const { token } = (await (await client.token(query)).json()) as { token: string };
    const again = { anonymous: true, headers: { authorization: `Bearer ${token}` } };
    const challenge = refused.headers.get('www-authenticate') ?? '';
    seen.push(refused.status, (await client.ask(path, again)).status);
    return [...seen, challenge.startsWith('Bearer ')];
  };
  expect(await statuses(['token-ends-early'])).toEqual([302, 302, 401, 302, true]);
  expect(await statuses([])).toEqual([302, 302, 302, 302, false]);
});

test('refresh-token-once: the second exchange of the same refresh token fails', async () => {
  const exchange = async (faults: readonly string[]) => {
    const { registry } = new TestClient({ faults });
    const url = `${registry.origins.token}/token`;
    const authorization = basicHeader(username, password);
    const query = 'service=registry.test&offline_token=true';
    const login = new Request(`${url}?${query}`, { headers: { authorization } });
    const { refresh_token } = (await (await registry.fetch(login)).json()) as {
      refresh_token: string;
    };
    const form = { service: 'registry.test', client_id: 'x', grant_type: 'refresh_token' };
    const statuses: number[] = [];
    for (let time = 0; time < 3; time++) {
      const body = new URLSearchParams({ ...form, refresh_token });
      statuses.push((await registry.fetch(new Request(url, { method: 'POST', body }))).status);
    }
    return statuses;
  };
  expect(await exchange(['refresh-token-once'])).toEqual([200, 401, 401]);
  expect(await exchange([])).toEqual([200, 200, 200]);
});

test('redirect-kept: a later redirect leads to a URL that has expired', async () => {
  const statuses = async (faults: readonly string[]) => {
    const clock = new Clock();
    const client = new TestClient({ now: clock.now, faults });
    const seen = [(await client.blob(digest)).status];
    clock.forward(61);
    return [...seen, (await client.blob(digest)).status];
  };
  expect(await statuses(['redirect-kept'])).toEqual([200, 403]);
  expect(await statuses([])).toEqual([200, 200]);
});

const ranges = async (options: RegistryOptions, count = 3) => {
  const client = new TestClient(options);
  const statuses: number[] = [];
  for (let time = 0; time < count; time++) {
    statuses.push((await client.blob(digest, { headers: { range: 'bytes=1-2' } })).status);
  }
  return statuses;
};

test('range-ignored-cold: a range is a range from the second time on', async () => {
  expect(await ranges({ faults: ['range-ignored-cold'] })).toEqual([200, 206, 206]);
  expect(await ranges({ redirect: 'none', faults: ['range-ignored-cold'] })).toEqual([
    200, 206, 206,
  ]);
});

test.each([
  ['after=1', [206, 206, 206]],
  ['repo=demo/single', [206, 206, 206]],
  ['repo=demo/app', [200, 206, 206]],
  ['p=1', [200, 206, 206]],
])('a limit on the first time (%s) does not make another time the first', async (limit, seen) => {
  expect(await ranges({ faults: [`range-ignored-cold:${limit}`] })).toEqual(seen);
});

test('switched on anew, a fault has forgotten everything', async () => {
  const client = new TestClient({ admin: true });
  const url = `${client.registry.origins.registry}/_pullproof/faults/manifest-cold-no-digest`;
  const isMissing = async () =>
    !(await client.ask('/v2/demo/app/manifests/latest')).headers.has('docker-content-digest');
  for (let time = 0; time < 2; time++) {
    await client.fetch(url, { method: 'PUT' });
    expect([await isMissing(), await isMissing()]).toEqual([true, false]);
  }
});

test('only what changed counts as a strike', async () => {
  const client = new TestClient({ admin: true, faults: ['manifest-cold-no-digest'] });
  for (let time = 0; time < 3; time++) await client.ask('/v2/demo/app/manifests/latest');
  const url = `${client.registry.origins.registry}/_pullproof/faults`;
  const { faults } = (await (await client.fetch(url)).json()) as { faults: { id: string }[] };
  const state = faults.find(({ id }) => id === 'manifest-cold-no-digest');
  expect(state).toMatchObject({ aimed: 3, strikes: 1 });
});

test('a memory forgets the oldest', () => {
  const memory = new Memory<number>();
  for (let index = 0; index <= 10_000; index++) memory.set(`key ${index}`, index);
  expect([memory.has('key 0'), memory.get('key 1'), memory.get('key 10000')]).toEqual([
    false,
    1,
    10_000,
  ]);
  const isFirst = firstTimes();
  expect([isFirst('a'), isFirst('b'), isFirst('a')]).toEqual([true, true, false]);
});
