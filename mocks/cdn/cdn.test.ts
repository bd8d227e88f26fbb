import { createVerify } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Clock, TestClient } from '../../test/lib/test-client.ts';
import { type ServerOptions, startMock } from '../server.ts';
import { presignature } from './sigv4.ts';

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

/** Status and code; of a HEAD the status alone. */
async function refusalOf(client: TestClient, url: string, method = 'GET'): Promise<string> {
  const reply = await client.fetch(url, { method });
  const code = /<Code>(\w+)<\/Code>/.exec(await reply.text())?.[1] ?? '';
  return `${reply.status} ${code}`;
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
    expect(await refusalOf(client, changed[5] ?? '')).toBe('403 InvalidKey');
    expect((await client.fetch(url.href)).status).toBe(200);
  });

  test('are signed by the key of the mock, under its id', async () => {
    const client = new TestClient();
    const url = await signedUrl(client, 1);
    const { keys } = client.registry;
    if (keys.style !== 'cloudfront') throw new Error(keys.style);
    expect(url.searchParams.get('Key-Pair-Id')).toBe(keys.keyPairId);
    const expires = url.searchParams.get('Expires');
    const resource = url.origin + url.pathname;
    const policy = `{"Statement":[{"Resource":"${resource}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
    const signature = (url.searchParams.get('Signature') ?? '')
      .replaceAll('-', '+')
      .replaceAll('_', '=')
      .replaceAll('~', '/');
    const verifier = createVerify('sha1').update(policy);
    expect(verifier.verify(keys.publicKey, signature, 'base64')).toBe(true);
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

test.each(['cloudfront', 's3'] as const)(
  'a URL of %s opens for less than a second, too',
  async (cdnStyle) => {
    const clock = new Clock();
    const client = new TestClient({ cdnStyle, now: clock.now, cdnTtlSeconds: 0.5 });
    const url = await signedUrl(client, 1);
    expect((await client.fetch(url.href)).status).toBe(200);
    clock.forward(2);
    expect((await client.fetch(url.href)).status).toBe(403);
  },
);

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
      expect(await refusalOf(client, without)).toBe('400 AuthorizationQueryParametersError');
      expect(await refusalOf(client, other)).toMatch(/^4/);
    }
    clock.forward(19);
    expect((await client.fetch(url.href)).status).toBe(200);
    clock.forward(1);
    expect((await client.fetch(url.href)).status).toBe(403);
  });

  test('URLs are those of the published algorithm', async () => {
    const client = new TestClient(options);
    const url = await signedUrl(client, 1);
    const { keys } = client.registry;
    if (keys.style !== 's3') throw new Error(keys.style);
    const fields = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Signature');
    const request = { method: 'GET', host: url.host, path: url.pathname };
    expect(url.searchParams.get('X-Amz-Signature')).toBe(
      presignature(request, fields, keys.region, keys.secretAccessKey),
    );
    expect(url.searchParams.get('X-Amz-Credential')?.split('/')[0]).toBe(keys.accessKeyId);
  });

  test('what is wrong with a URL is said as S3 says it', async () => {
    const clock = new Clock();
    const client = new TestClient({ ...options, now: clock.now, cdnTtlSeconds: 20 });
    const url = await signedUrl(client, 1);
    const set = (name: string, value: string) =>
      refusalOf(
        client,
        altered(url, (copy) => copy.searchParams.set(name, value)),
      );
    const credential = url.searchParams.get('X-Amz-Credential') ?? '';
    expect(await refusalOf(client, url.origin + url.pathname)).toBe('403 AccessDenied');
    expect(await set('X-Amz-Signature', '0'.repeat(64))).toBe('403 SignatureDoesNotMatch');
    expect(await set('X-Amz-Expires', '21')).toBe('403 SignatureDoesNotMatch');
    expect(await set('X-Amz-SignedHeaders', 'host;range')).toBe('403 SignatureDoesNotMatch');
    expect(await set('x-id', 'GetObject')).toBe('403 SignatureDoesNotMatch');
    expect(await set('X-Amz-Credential', credential.replace('AKIA', 'AKIB'))).toBe(
      '403 InvalidAccessKeyId',
    );
    expect(await set('X-Amz-Expires', '604801')).toBe('400 AuthorizationQueryParametersError');
    expect(await refusalOf(client, url.href, 'HEAD')).toBe('403 ');
    clock.forward(-16 * 60);
    expect(await refusalOf(client, url.href)).toBe('403 AccessDenied');
    clock.forward(16 * 60 + 20);
    const late = await (await client.fetch(url.href)).text();
    expect(late).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
    expect(late).toMatch(/<Expires>2026-03-01T12:00:20.000Z<.*<RequestId>[0-9A-F]{16}</);
  });

  test('HEAD is redirected to a URL that is signed for HEAD', async () => {
    const client = new TestClient(options);
    const digest = client.registry.images[0]?.platforms[0]?.layers[1]?.digest;
    const reply = await client.ask(`/v2/demo/app/blobs/${digest}`, { method: 'HEAD' });
    const location = reply.headers.get('location') ?? '';
    expect((await client.fetch(location, { method: 'HEAD' })).status).toBe(200);
    expect(await refusalOf(client, location)).toBe('403 SignatureDoesNotMatch');
  });

  test('a URL can have expired when it is issued', async () => {
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
  test.each([
    ['host', 'cloudfront'],
    ['port', 's3'],
    ['relative', 'cloudfront'],
    ['relative', 's3'],
  ] as const)('%s, %s', async (cdnPlace, cdnStyle) => {
    const mock = await startMock({ auth: 'none', cdnPlace, cdnStyle });
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
