// Pushes and pulls that meet each other, on a clock that stands still until it is moved.
import { describe, expect, test } from 'vitest';
import { Clock, TestClient } from '../../../test/lib/test-client.ts';
import { digestOf } from '../../store.ts';
import { pullsMax, uploadsMax } from './concurrency.ts';

const blob = Buffer.from('a layer');
const digest = digestOf(blob);

function start(...faults: readonly string[]) {
  const clock = new Clock();
  const client = new TestClient({ auth: 'none', redirect: 'none', now: clock.now, faults });
  const { store, images } = client.registry;
  return { clock, client, store, images };
}

const pushBlob = async (client: TestClient, repository: string, bytes = blob) => {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`;
  return (await client.ask(path, { method: 'POST', body: bytes })).status;
};

/** A manifest whose config and only layer is the blob. */
const manifestOf = (bytes: Buffer, annotation = '') => {
  const descriptor = { digest: digestOf(bytes), size: bytes.length };
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...descriptor },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...descriptor }],
    annotations: { annotation },
  });
};

const pushManifest = async (client: TestClient, path: string, body: string) => {
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
  return (await client.ask(path, { method: 'PUT', headers, body })).status;
};

const statusOf = async (client: TestClient, path: string) => (await client.ask(path)).status;

test('first-uploads-crash: of uploads to a new repository one alone begins', async () => {
  const begin = async (...faults: readonly string[]) => {
    const { client } = start(...faults);
    const ask = () => client.ask('/v2/new/app/blobs/uploads/', { method: 'POST' });
    const replies = await Promise.all([ask(), ask(), ask()]);
    return replies.map(({ status }) => status).toSorted();
  };
  expect(await begin('first-uploads-crash')).toEqual([202, 500, 500]);
  expect(await begin()).toEqual([202, 202, 202]);
});

test('first-upload-fails: the first in each new repository, and no other', async () => {
  const begin = async (...faults: readonly string[]) => {
    const { client } = start(...faults);
    const statuses: number[] = [];
    for (const repository of ['new/one', 'new/one', 'new/two', 'demo/app']) {
      const path = `/v2/${repository}/blobs/uploads/`;
      statuses.push((await client.ask(path, { method: 'POST' })).status);
    }
    return statuses;
  };
  expect(await begin('first-upload-fails')).toEqual([500, 202, 500, 202]);
  expect(await begin()).toEqual([202, 202, 202, 202]);
});

test('upload-asks-collide: of several who ask at once one is answered', async () => {
  const asked = async (method: string, ...faults: readonly string[]) => {
    const { client } = start(...faults);
    const begin = () => client.ask('/v2/demo/new/blobs/uploads/', { method: 'POST' });
    const begun = [await begin(), await begin()];
    const ask = (reply: Response) => client.ask(reply.headers.get('location') ?? '', { method });
    const replies = await Promise.all(begun.map(ask));
    return replies.map(({ status }) => status).toSorted();
  };
  for (const method of ['GET', 'DELETE']) {
    expect(await asked(method, 'upload-asks-collide')).toEqual([204, 500]);
    expect(await asked(method)).toEqual([204, 204]);
  }
});

describe('many at once', () => {
  const crowd = (client: TestClient, count: number) => {
    const path = '/v2/demo/app/manifests/latest';
    return Promise.all(Array.from({ length: count }, () => statusOf(client, path)));
  };
  const failures = (statuses: readonly number[]) => statuses.filter((status) => status === 502);

  test('pull-crowd-refused: as many as there may be are served, more are not', async () => {
    const { client } = start('pull-crowd-refused');
    expect(failures(await crowd(client, pullsMax))).toHaveLength(0);
    expect(failures(await crowd(client, pullsMax + 3))).toHaveLength(3);
    expect(failures(await crowd(client, 1))).toHaveLength(0);
    expect(failures(await crowd(start().client, pullsMax + 3))).toHaveLength(0);
  });

  test('pull-crowd-refused is not confused by a fault that replaces the reply', async () => {
    const { client } = start('pull-crowd-refused', 'tag-unreachable');
    for (let time = 0; time < 2; time++) {
      expect(failures(await crowd(client, pullsMax))).toHaveLength(0);
    }
  });

  test('push-crowd-refused: uploads that ended or were given up make room', async () => {
    const { client, clock } = start('push-crowd-refused');
    const begin = () => client.ask('/v2/demo/new/blobs/uploads/', { method: 'POST' });
    const open = await Promise.all(Array.from({ length: uploadsMax }, begin));
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 202));
    expect((await begin()).status).toBe(400);

    const location = open[0]?.headers.get('location') ?? '';
    const end = await client.ask(`${location}?digest=${digest}`, { method: 'PUT', body: blob });
    expect(end.status).toBe(201);
    expect((await begin()).status).toBe(202);
    expect((await begin()).status).toBe(400);
    clock.forward(61);
    expect((await begin()).status).toBe(202);
  });

  test('push-crowd-refused: who may not push is told so as ever', async () => {
    const client = new TestClient({ faults: ['push-crowd-refused'] });
    const reply = await client.ask('/v2/demo/app/blobs/uploads/', { method: 'POST' });
    expect(reply.status).toBe(401);
  });

  test('pull-crash-while-pushing: until the upload ends', async () => {
    const { client } = start('pull-crash-while-pushing');
    const pull = () => statusOf(client, '/v2/demo/app/manifests/latest');
    expect(await pull()).toBe(200);
    const begun = await client.ask('/v2/demo/new/blobs/uploads/', { method: 'POST' });
    expect(await pull()).toBe(500);
    await client.ask(begun.headers.get('location') ?? '', { method: 'DELETE' });
    expect(await pull()).toBe(200);
  });
});

describe('races', () => {
  test.each([
    ['push-race-refused', 400],
    ['push-race-unknown', 404],
  ])('%s: the loser is answered %i and stores nothing', async (id, status) => {
    const { client, clock, store } = start(id);
    expect(await pushBlob(client, 'demo/one')).toBe(201);
    expect(await pushBlob(client, 'demo/two')).toBe(status);
    expect(store.blob('demo/two', digest)).toBeUndefined();
    expect(await pushBlob(client, 'demo/one')).toBe(201);
    expect(await pushBlob(client, 'demo/two', Buffer.from('another'))).toBe(201);
    clock.forward(2);
    expect(await pushBlob(client, 'demo/two')).toBe(201);
    const sound = start();
    expect(await pushBlob(sound.client, 'demo/one')).toBe(201);
    expect(await pushBlob(sound.client, 'demo/two')).toBe(201);
  });

  test('tag-race-crash: the first of two pushes of a tag stays', async () => {
    const { client, clock, store } = start('tag-race-crash');
    await pushBlob(client, 'demo/new');
    const push = (tag: string, annotation: string) =>
      pushManifest(client, `/v2/demo/new/manifests/${tag}`, manifestOf(blob, annotation));
    expect([await push('1', 'a'), await push('2', 'a'), await push('1', 'b')]).toEqual([
      201, 201, 500,
    ]);
    expect(store.manifest('demo/new', '1')?.digest).toBe(
      digestOf(Buffer.from(manifestOf(blob, 'a'))),
    );
    clock.forward(2);
    expect(await push('1', 'b')).toBe(201);
  });
});

describe('after a push', () => {
  test('replica-behind: one read in ten is 404, and none when the push is old', async () => {
    const { client, clock } = start('replica-behind');
    await pushBlob(client, 'demo/new');
    await pushManifest(client, '/v2/demo/new/manifests/1', manifestOf(blob));
    const reads = 300;
    const missing = async (path: string) => {
      let count = 0;
      for (let time = 0; time < reads; time++) if ((await statusOf(client, path)) === 404) count++;
      return count;
    };
    for (const path of [`/v2/demo/new/blobs/${digest}`, '/v2/demo/new/manifests/1']) {
      expect(await missing(path)).toBe(reads / 10);
    }
    expect(await missing('/v2/demo/app/manifests/latest')).toBe(0);
    clock.forward(10);
    expect(await missing('/v2/demo/new/manifests/1')).toBe(0);
  });

  test('blob-settles-late: the manifest has to wait for its last blob', async () => {
    const { client, clock, store } = start('blob-settles-late');
    const push = () => pushManifest(client, '/v2/demo/new/manifests/1', manifestOf(blob));
    await pushBlob(client, 'demo/new');
    const other = Buffer.from('another');
    await pushBlob(client, 'demo/other', other);
    expect(await push()).toBe(404);
    expect(store.manifest('demo/new', '1')).toBeUndefined();
    clock.forward(0.2);
    await pushBlob(client, 'demo/new', other);
    expect(await push()).toBe(201);
    const sound = start().client;
    await pushBlob(sound, 'demo/new');
    expect(await pushManifest(sound, '/v2/demo/new/manifests/1', manifestOf(blob))).toBe(201);
  });

  test('push-doubled: what comes back is twice as long', async () => {
    const pull = async ({ client }: ReturnType<typeof start>) => {
      await pushBlob(client, 'demo/new');
      return (await client.ask(`/v2/demo/new/blobs/${digest}`)).text();
    };
    expect(await pull(start('push-doubled'))).toBe('a layera layer');
    expect(await pull(start())).toBe('a layer');
  });

  test('push-doubled: with a chance it strikes some pushes', async () => {
    const { client, store } = start('push-doubled:p=0.3');
    const blobs = Array.from({ length: 60 }, (_, index) => Buffer.from(`layer ${index}`));
    for (const bytes of blobs) await pushBlob(client, 'demo/new', bytes);
    const doubled = blobs.filter(
      (bytes) => store.blob('demo/new', digestOf(bytes))?.length !== bytes.length,
    );
    expect(doubled.length).toBeGreaterThan(0);
    expect(doubled.length).toBeLessThan(blobs.length);
  });
});
