// What a cache took in by mistake it serves from then on; the sound mock, asked the same, does not.
import { describe, expect, test } from 'vitest';
import { image, Pusher, repository } from '../../../test/lib/push-deviations.ts';
import { TestClient } from '../../../test/lib/test-client.ts';
import { createRegistry } from '../../index.ts';
import { digestOf } from '../../store.ts';

const { images, store } = createRegistry();
const [layer, other] = images[0]?.platforms[0]?.layers ?? [];
const digest = layer?.digest ?? '';
const size = layer?.size ?? 0;
const top = store.manifest('demo/app', 'latest');

type Step = Readonly<Record<string, string>>;
const whole: Step = {};
const part: Step = { range: 'bytes=3-9' };

/** Size of each reply, and whether its bytes are those of the blob. */
async function asked(client: TestClient, of: string, steps: readonly Step[]) {
  const seen: (readonly [number, number, boolean])[] = [];
  for (const headers of steps) {
    const reply = await client.blob(of, { headers });
    const bytes = Buffer.from(await reply.arrayBuffer());
    seen.push([reply.status, bytes.length, digestOf(bytes) === of]);
  }
  return seen;
}

const places = [
  ['at the edge', 302],
  ['at the registry', 'none'],
] as const;

describe.each(places)('blobs, %s', (_, redirect) => {
  test.each([
    ['cache-keeps-cut', [whole, whole, part], [200, size >> 1, false], [206, 7, false]],
    ['cache-keeps-wrong', [whole, whole, part], [200, size, false], [206, 7, false]],
    ['cache-keeps-part', [part, whole, part], [200, 7, false], [206, 4, false]],
  ] as const)('%s', async (id, steps, second, third) => {
    const sound = await asked(new TestClient({ redirect }), digest, steps);
    expect(sound[1]).toEqual([200, size, true]);
    const client = new TestClient({ redirect, faults: [id] });
    const seen = await asked(client, digest, steps);
    expect(seen.slice(1)).toEqual([second, third]);
    expect((await client.blob(digest, { method: 'HEAD' })).headers.get('content-length')).toBe(
      String(second[1]),
    );
  });

  test('cache-keeps-part takes nothing in when the first GET is for the whole', async () => {
    const client = new TestClient({ redirect, faults: ['cache-keeps-part'] });
    const seen = await asked(client, digest, [whole, part, whole]);
    expect(seen.map(([, bytes]) => bytes)).toEqual([size, 7, size]);
  });

  test('a mistake that the limits prevent never comes to be', async () => {
    const client = new TestClient({ redirect, faults: ['cache-keeps-wrong:after=1'] });
    const steps = [whole, whole, whole];
    expect((await asked(client, digest, steps)).every(([, , right]) => right)).toBe(true);
    const later = await asked(client, other?.digest ?? '', steps);
    expect(later.some(([, , right]) => right)).toBe(false);
  });
});

describe('tags', () => {
  const path = '/v2/demo/app/manifests/next';
  const push = (client: TestClient) =>
    client.ask(path, {
      method: 'PUT',
      headers: { 'content-type': top?.mediaType ?? '' },
      body: top?.bytes ?? '',
    });
  const statusOf = async (client: TestClient, method = 'GET') =>
    (await client.ask(path, { method })).status;

  test('tag-miss-kept: what was missing when it was asked for stays so', async () => {
    const client = new TestClient({ auth: 'none', faults: ['tag-miss-kept'] });
    expect(await statusOf(client)).toBe(404);
    expect((await push(client)).status).toBe(201);
    expect([await statusOf(client), await statusOf(client, 'HEAD')]).toEqual([404, 404]);
    expect((await client.ask(`/v2/demo/app/manifests/${top?.digest}`)).status).toBe(200);

    const early = new TestClient({ auth: 'none', faults: ['tag-miss-kept'] });
    await push(early);
    expect(await statusOf(early)).toBe(200);
    const sound = new TestClient({ auth: 'none' });
    await statusOf(sound);
    await push(sound);
    expect(await statusOf(sound)).toBe(200);
  });

  test('tag-miss-kept: a tag that Accept excludes is not missing', async () => {
    const client = new TestClient({ auth: 'none', faults: ['tag-miss-kept'] });
    const latest = '/v2/demo/app/manifests/latest';
    const accept = 'application/vnd.docker.distribution.manifest.v2+json';
    expect((await client.ask(latest, { headers: { accept } })).status).toBe(404);
    expect((await client.ask(latest)).status).toBe(200);
  });

  test('tag-content-kept: what was read first stays', async () => {
    for (const faults of [['tag-content-kept'], []]) {
      const client = new Pusher({ faults });
      const digests: (string | null)[] = [];
      await client.pushBlob();
      for (const annotations of [{ a: 'first' }, { a: 'second' }]) {
        await client.pushManifest(image({ annotations }), 'a');
        const reply = await client.ask(`/v2/${repository}/manifests/a`);
        digests.push(reply.headers.get('docker-content-digest'));
      }
      expect(digests[0] === digests[1]).toBe(faults.length > 0);
    }
  });

  test('tag-head-kept: HEAD stays with what it found first, GET goes along', async () => {
    for (const faults of [['tag-head-kept'], []]) {
      const client = new Pusher({ faults });
      const digests: Record<string, (string | null)[]> = { HEAD: [], GET: [] };
      await client.pushBlob();
      for (const annotations of [{ a: 'first' }, { a: 'second' }]) {
        await client.pushManifest(image({ annotations }), 'a');
        for (const [method, seen] of Object.entries(digests)) {
          const reply = await client.ask(`/v2/${repository}/manifests/a`, { method });
          seen.push(reply.headers.get('docker-content-digest'));
        }
      }
      const isKept = ([first, second]: (string | null)[] = []) => first === second;
      expect([isKept(digests.HEAD), isKept(digests.GET)]).toEqual([faults.length > 0, false]);
    }
  });

  test('pushed-tag-unknown: only what was there before can be had by tag', async () => {
    const client = new TestClient({ auth: 'none', faults: ['pushed-tag-unknown'] });
    expect((await push(client)).status).toBe(201);
    expect([await statusOf(client), await statusOf(client, 'HEAD')]).toEqual([404, 404]);
    expect((await client.ask('/v2/demo/app/manifests/latest')).status).toBe(200);
  });

  test('tag-revalidation-unavailable: a tag is served once', async () => {
    const ask = async (client: TestClient) => {
      const statuses: number[] = [];
      for (const reference of ['latest', 'latest', String(top?.digest)]) {
        statuses.push((await client.ask(`/v2/demo/app/manifests/${reference}`)).status);
      }
      return statuses;
    };
    const faults = ['tag-revalidation-unavailable'];
    expect(await ask(new TestClient({ faults }))).toEqual([200, 503, 200]);
    expect(await ask(new TestClient())).toEqual([200, 200, 200]);
  });
});
