import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type ServerOptions, startMock } from '../server.ts';
import { Clock, TestClient } from '../test-client.ts';

async function signedUrl(client: TestClient, layer: number): Promise<URL> {
  const digest = client.registry.images[0]?.platforms[0]?.layers[layer]?.digest;
  const reply = await client.ask(`/v2/demo/app/blobs/${digest}`);
  return new URL(reply.headers.get('location') ?? '');
}

function altered(url: URL, change: (copy: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

describe('signed URLs', () => {
  test('open one blob, for a minute', async () => {
    const clock = new Clock();
    const client = new TestClient({ now: clock.now });
    const { href } = await signedUrl(client, 1);
    expect((await client.fetch(href)).status).toBe(200);
    clock.forward(59);
    expect((await client.fetch(href)).status).toBe(200);
    clock.forward(1);
    const expired = await client.fetch(href);
    expect(expired.status).toBe(403);
    expect(expired.headers.get('content-type')).toBe('application/xml');
    expect(await expired.text()).toContain('<Code>AccessDenied</Code>');
  });

  test('open nothing once anything of them is changed', async () => {
    const client = new TestClient();
    const url = await signedUrl(client, 1);
    const other = await signedUrl(client, 2);
    const set = (name: string, value: string) =>
      altered(url, (copy) => copy.searchParams.set(name, value));
    const changed = [
      altered(url, (copy) => {
        copy.pathname = other.pathname;
      }),
      altered(url, (copy) => {
        copy.search = '';
      }),
      altered(url, (copy) => copy.searchParams.delete('Key-Pair-Id')),
      set('Expires', String(Number(url.searchParams.get('Expires')) + 1)),
      set('Signature', 'abc'),
      set('Key-Pair-Id', 'KOTHER'),
    ];
    for (const href of changed) expect((await client.fetch(href)).status).toBe(403);
    expect((await client.fetch(url.href)).status).toBe(200);
  });
});

test('Authorization beside a signed URL is refused, as object stores do', async () => {
  const client = new TestClient();
  const { href } = await signedUrl(client, 1);
  const reply = await client.fetch(href, { headers: { authorization: 'Bearer x' } });
  expect(reply.status).toBe(400);
});

test('only GET and HEAD are offered', async () => {
  const client = new TestClient();
  const { href } = await signedUrl(client, 1);
  expect((await client.fetch(href, { method: 'DELETE' })).status).toBe(405);
});

test('a signed blob that is not there is 404', async () => {
  const client = new TestClient();
  // Of the same seed, so with the same keys.
  const elsewhere = new TestClient();
  const digest = elsewhere.registry.store.putBlob('demo/app', Buffer.from('only there'));
  const location = (await elsewhere.ask(`/v2/demo/app/blobs/${digest}`)).headers.get('location');
  expect((await client.fetch(location ?? '')).status).toBe(404);
});

test('the edge says what it had in its cache, and since when', async () => {
  const clock = new Clock();
  const client = new TestClient({ now: clock.now });
  const { href } = await signedUrl(client, 1);
  const seen = async () => {
    const { headers } = await client.fetch(href);
    return [headers.get('x-cache'), headers.get('age'), headers.get('x-amz-cf-pop') !== null];
  };
  expect(await seen()).toEqual(['Miss from edge', null, true]);
  clock.forward(7);
  expect(await seen()).toEqual(['Hit from edge', '7', true]);
});

describe('edges', () => {
  /** What each of the first connections hears of a blob, twice over. */
  async function heard(options: ServerOptions): Promise<string[][]> {
    const mock = await startMock({ auth: 'none', ...options });
    try {
      const manifest = await fetch(`${mock.registry}/v2/demo/single/manifests/1.0`);
      const { config } = (await manifest.json()) as { config: { digest: string } };
      const path = `/v2/demo/single/blobs/${config.digest}`;
      const redirect = await fetch(mock.registry + path, { redirect: 'manual' });
      const url = redirect.headers.get('location') ?? '';
      const ask = async (agent: Agent) => {
        const [reply] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
        reply.resume();
        await once(reply, 'end');
        return `${reply.headers['x-cache']} ${reply.headers['x-amz-cf-pop']}`;
      };
      const agents = [1, 2, 3].map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
      const seen: string[][] = [];
      for (const agent of agents) seen.push([await ask(agent), await ask(agent)]);
      for (const agent of agents) agent.destroy();
      return seen;
    } finally {
      await mock.close();
    }
  }

  test('each has its own cache, and a connection stays with one', async () => {
    const seen = await heard({ cdnEdges: 3 });
    for (const pair of seen) {
      expect(pair[0]).toMatch(/^Miss from edge /);
      expect(pair[1]).toBe(pair[0]?.replace('Miss', 'Hit'));
    }
    expect(new Set(seen.flat())).toHaveLength(6);
  });

  test('a single one has one cache for all', async () => {
    const seen = (await heard({ cdnEdges: 1 })).flat();
    expect(seen.map((line) => line.split(' ')[0])).toEqual(['Miss', ...Array(5).fill('Hit')]);
  });
});

describe('in the style of S3', () => {
  const options = { cdnStyle: 's3' } as const;

  test('URLs are presigned, open one blob for their lifetime, and nothing once changed', async () => {
    const clock = new Clock();
    const client = new TestClient({ ...options, now: clock.now, cdnTtlSeconds: 20 });
    const url = await signedUrl(client, 1);
    expect([...url.searchParams.keys()]).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-SignedHeaders',
      'X-Amz-Signature',
    ]);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('20');
    const reply = await client.fetch(url.href);
    expect(reply.status).toBe(200);
    expect([reply.headers.get('x-cache'), reply.headers.get('age')]).toEqual([null, null]);
    expect(reply.headers.get('x-amz-request-id')).toMatch(/^[0-9A-F]{16}$/);
    for (const name of url.searchParams.keys()) {
      const without = altered(url, (copy) => copy.searchParams.delete(name));
      const other = altered(url, (copy) => copy.searchParams.set(name, '86400'));
      expect((await client.fetch(without)).status).toBe(403);
      expect((await client.fetch(other)).status).toBe(403);
    }
    clock.forward(19);
    expect((await client.fetch(url.href)).status).toBe(200);
    clock.forward(1);
    expect((await client.fetch(url.href)).status).toBe(403);
  });

  test('an URL can have expired when it is issued', async () => {
    const client = new TestClient({ ...options, faults: ['signed-url-expired'] });
    const url = await signedUrl(client, 1);
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeGreaterThan(0);
    expect((await client.fetch(url.href)).status).toBe(403);
  });

  test('a broken signature is refused', async () => {
    const client = new TestClient({ ...options, faults: ['edge-bad-signature'] });
    expect((await client.fetch((await signedUrl(client, 1)).href)).status).toBe(403);
  });
});

describe('the place of the CDN', () => {
  test.each(['host', 'port', 'relative'] as const)('%s', async (cdnPlace) => {
    const mock = await startMock({ auth: 'none', cdnPlace });
    try {
      const manifest = await fetch(`${mock.registry}/v2/demo/single/manifests/1.0`);
      const { config } = (await manifest.json()) as { config: { digest: string } };
      const path = `/v2/demo/single/blobs/${config.digest}`;
      const redirect = await fetch(mock.registry + path, { redirect: 'manual' });
      const location = redirect.headers.get('location') ?? '';
      const [registry, cdn] = [new URL(mock.registry), new URL(location, mock.registry)];
      expect(cdn.origin).toBe(mock.cdn);
      expect({
        isAbsolute: URL.canParse(location),
        isSameHost: cdn.hostname === registry.hostname,
        isSamePort: cdn.port === registry.port,
      }).toEqual({
        isAbsolute: cdnPlace !== 'relative',
        isSameHost: cdnPlace !== 'host',
        isSamePort: cdnPlace === 'relative',
      });
      expect((await fetch(cdn)).status).toBe(200);
    } finally {
      await mock.close();
    }
  });
});
