import { describe, expect, test } from 'vitest';
import { TestClient } from '../../test/lib/test-client.ts';
import { createRegistry } from '../index.ts';
import { adminPath } from './admin.ts';

const origin = 'https://registry.test';
const top = '/v2/demo/app/manifests/latest';

function admin(client: TestClient, method: string, path = '', body?: string): Promise<Response> {
  const init = { method, ...(body !== undefined && { body }) };
  return client.registry.fetch(new Request(`${origin}${adminPath}${path}`, init));
}

interface Listed {
  readonly id: string;
  readonly on: boolean;
  readonly strikes?: number;
  readonly aimed?: number;
}

async function list(client: TestClient): Promise<Listed[]> {
  const reply = await admin(client, 'GET');
  expect(reply.status).toBe(200);
  return ((await reply.json()) as { faults: Listed[] }).faults;
}

describe('the admin endpoint', () => {
  test('is not there unless it is wanted', async () => {
    const client = new TestClient();
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await admin(client, method)).status).toBe(404);
      expect((await admin(client, method, '/tag-unreachable')).status).toBe(404);
    }
    expect((await client.ask(top)).status).toBe(200);
  });

  test('is on the registry, not on the other servers', async () => {
    const client = new TestClient({ admin: true });
    for (const host of ['https://auth.test', 'https://cdn.test']) {
      const reply = await client.fetch(host + adminPath);
      expect(reply.status).not.toBe(200);
    }
  });

  test('switches a fault on and off while the mock serves', async () => {
    const client = new TestClient({ admin: true });
    expect((await list(client)).some(({ on }) => on)).toBe(false);
    expect((await client.ask(top)).status).toBe(200);
    expect((await admin(client, 'PUT', '/tag-unreachable')).status).toBe(200);
    expect((await client.ask(top)).status).toBe(404);
    const [active, ...others] = (await list(client)).filter(({ on }) => on);
    expect(active).toMatchObject({ id: 'tag-unreachable', limits: {}, aimed: 1, strikes: 1 });
    expect(others).toEqual([]);
    expect((await admin(client, 'DELETE', '/tag-unreachable')).status).toBe(204);
    expect((await client.ask(top)).status).toBe(200);
    expect((await admin(client, 'DELETE', '/tag-unreachable')).status).toBe(404);
  });

  test('takes limits as JSON, and takes up counting anew', async () => {
    const client = new TestClient({ admin: true, faults: ['tag-unreachable'] });
    expect((await client.ask(top)).status).toBe(404);
    const limited = await admin(client, 'PUT', '/tag-unreachable', '{"after":2}');
    expect(await limited.json()).toMatchObject({ limits: { after: 2 }, strikes: 0 });
    const statuses: number[] = [];
    for (let time = 0; time < 4; time++) statuses.push((await client.ask(top)).status);
    expect(statuses).toEqual([200, 200, 404, 404]);
  });

  test.each([
    ['PUT', '/no-such-fault', undefined, 404],
    ['PUT', '/tag-unreachable', '{', 400],
    ['PUT', '/tag-unreachable', '[]', 400],
    ['PUT', '/tag-unreachable', '{"p":2}', 400],
    ['PUT', '/tag-unreachable', '{"often":true}', 400],
    ['PUT', '/layer-lost', '{"p":0.5}', 400],
    ['POST', '/tag-unreachable', undefined, 405],
    ['DELETE', '', undefined, 405],
  ])('%s %s %s is %i', async (method, path, body, status) => {
    const client = new TestClient({ admin: true });
    const reply = await admin(client, method, path, body);
    expect(reply.status).toBe(status);
    expect(((await reply.json()) as { errors: unknown[] }).errors).toHaveLength(1);
    expect((await list(client)).some(({ on }) => on)).toBe(false);
  });

  test('damages content on demand, and does not pretend to mend it', async () => {
    const client = new TestClient({ admin: true });
    const layer = client.registry.images[0]?.platforms[0]?.layers.at(-1)?.digest ?? '';
    expect((await client.blob(layer)).status).toBe(200);
    expect((await admin(client, 'PUT', '/layer-lost')).status).toBe(200);
    expect((await client.blob(layer)).status).toBe(404);
    expect((await admin(client, 'DELETE', '/layer-lost')).status).toBe(409);
  });
});

describe('limits', () => {
  async function statuses(fault: string, count: number, seed = 1): Promise<number[]> {
    const client = new TestClient({ faults: [fault], auth: 'none', seed });
    const seen: number[] = [];
    for (let time = 0; time < count; time++) seen.push((await client.ask(top)).status);
    return seen;
  }
  const strikesOf = (seen: readonly number[]) => seen.filter((status) => status === 404).length;

  test('after: so many replies are left in peace', async () => {
    expect(await statuses('tag-unreachable:after=3', 5)).toEqual([200, 200, 200, 404, 404]);
  });

  test('p: a chance, the same for the same seed', async () => {
    const seen = await statuses('tag-unreachable:p=0.3', 400);
    expect(strikesOf(seen)).toBeGreaterThan(80);
    expect(strikesOf(seen)).toBeLessThan(160);
    expect(await statuses('tag-unreachable:p=0.3', 400)).toEqual(seen);
    expect(await statuses('tag-unreachable:p=0.3', 400, 2)).not.toEqual(seen);
  });

  test('combined, in any order', async () => {
    const seen = await statuses('tag-unreachable:repo=demo/app:after=100:p=0.5', 200);
    expect(strikesOf(seen.slice(0, 100))).toBe(0);
    expect(strikesOf(seen)).toBeGreaterThan(20);
    expect(strikesOf(await statuses('tag-unreachable:p=1,repo=demo/other', 5))).toBe(0);
  });

  test('repo: its manifests, its blobs at the edge, its tokens, its content', async () => {
    const faults = ['edge-demands-auth', 'token-brief', 'tag-unreachable', 'layer-lost'];
    const client = new TestClient({ faults: faults.map((id) => `${id}:repo=demo/single`) });
    const [app, single] = client.registry.images;
    const seenOf = async (name: string, tag: string, layers: readonly { digest: string }[]) => {
      const [, second, last] = layers;
      const base = `/v2/${name}`;
      const url = (await client.ask(`${base}/blobs/${second?.digest}`)).headers.get('location');
      const token = await client.token(`service=registry.test&scope=repository:${name}:pull`);
      return [
        (await client.ask(`${base}/manifests/${tag}`)).status,
        (await client.fetch(url ?? '')).status,
        ((await token.json()) as { expires_in: number }).expires_in,
        (await client.ask(`${base}/blobs/${last?.digest}`)).status,
      ];
    };
    const layersOf = (image: typeof app) => image?.platforms[0]?.layers ?? [];
    expect(await seenOf('demo/app', 'latest', layersOf(app))).toEqual([200, 200, 300, 302]);
    expect(await seenOf('demo/single', '1.0', layersOf(single))).toEqual([404, 401, 1, 404]);
  });

  test.each([
    'p=0',
    'p=1.1',
    'p=x',
    'after=-1',
    'after=1.5',
    'after=',
    'repo=',
    'repo=A',
    'p',
    'x=1',
  ])('%s is refused', (limit) =>
    expect(() => createRegistry({ faults: [`tag-unreachable:${limit}`] })).toThrow(
      expect.objectContaining({ code: 'fault-limit', exitCode: 2 }),
    ),
  );
});
