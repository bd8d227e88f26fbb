import { describe, expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  image,
  otherDigest,
  Pusher,
  repository,
  uploads,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { storedBlobFaults } from './stored.ts';

const emptyDigest = digestOf(new Uint8Array(0));
const late = Buffer.from(', and then some');

const textOf = (client: Pusher, digest = contentDigest) =>
  client.textOf(`/v2/${repository}/blobs/${digest}`);

/** Statuses of a push in one piece and in two, and of the blob after each. */
const bothWays = async (client: Pusher) => {
  const whole = (await client.pushBlob()).status;
  const before = await client.blobStatus();
  const chunks = (await client.pushChunks()).status;
  return [whole, before, chunks, await client.blobStatus()];
};

const recorded = async (client: Pusher) => {
  const reply = await client.pushChunks();
  const location = reply.headers.get('location') ?? '';
  const text = await client.textOf(location);
  return [reply.headers.get('docker-content-digest'), text, await client.blobStatus()];
};

/** What becomes of a chunk without a length, and of one with. */
const unannounced = async (client: Pusher) => {
  const url = await client.begin();
  const send = (headers: Record<string, string>) =>
    client.fetch(url, { method: 'PATCH', body: content, headers }).then(
      ({ status }) => status,
      ({ cause }) => cause.code,
    );
  return [await send({}), await send({ 'content-length': String(content.length) })];
};

const cancelled = async (client: Pusher) => {
  const url = await client.begin();
  const { status } = await client.fetch(url, { method: 'DELETE' });
  return [status, (await client.fetch(url)).status];
};

const afterEnd = async (client: Pusher) => {
  const url = await client.begin();
  await client.put(url, contentDigest, content);
  const [reply] = await client.patch(url, late);
  return [reply.status, await textOf(client)];
};

const claimed = async (client: Pusher) => {
  const reply = await client.pushChunks(content, otherDigest);
  return [reply.status, await client.blobStatus(otherDigest)];
};

const claimedSha512 = async (client: Pusher) => {
  const digest = `sha512:${'a'.repeat(128)}`;
  const reply = await client.put(await client.begin(), digest, content);
  return [reply.status, await client.blobStatus(digest)];
};

const singlePost = async (client: Pusher) => {
  const path = `${uploads}?digest=${contentDigest}`;
  const reply = await client.ask(path, { method: 'POST', body: content });
  const url = new URL(reply.headers.get('location') ?? '', client.registry.origins.registry).href;
  return [reply.status, (await client.fetch(url)).status];
};

expectDeviations(storedBlobFaults, [
  {
    id: 'upload-whole-crash',
    look: bothWays,
    faulty: [500, 404, 201, 200],
    sound: [201, 200, 201, 200],
  },
  {
    id: 'upload-recorded-empty',
    look: recorded,
    faulty: [emptyDigest, '', 404],
    sound: [contentDigest, `${content}`, 200],
  },
  {
    id: 'upload-stream-reset',
    look: unannounced,
    faulty: ['ECONNRESET', 202],
    sound: [202, 202],
  },
  { id: 'upload-cancel-ignored', look: cancelled, faulty: [204, 204], sound: [204, 404] },
  {
    id: 'upload-open-after-end',
    look: afterEnd,
    faulty: [202, `${content}${late}`],
    sound: [404, `${content}`],
  },
  { id: 'upload-digest-unchecked', look: claimed, faulty: [201, 200], sound: [400, 404] },
  { id: 'upload-sha512-unchecked', look: claimedSha512, faulty: [201, 200], sound: [400, 404] },
  { id: 'upload-single-post-unsupported', look: singlePost, faulty: [202, 204], sound: [201, 200] },
  {
    id: 'blob-head-empty-length-missing',
    look: async (client) => {
      const empty = Buffer.alloc(0);
      await client.pushBlob(empty);
      const path = `/v2/${repository}/blobs/${digestOf(empty)}`;
      return (await client.ask(path, { method: 'HEAD' })).headers.get('content-length');
    },
    faulty: null,
    sound: '0',
  },
]);

test('what has another digest than its own has it everywhere', async () => {
  const client = new Pusher({ faults: ['upload-digest-unchecked'] });
  for (const push of ['pushBlob', 'pushChunks'] as const) {
    const reply = await client[push](content, otherDigest);
    expect(reply.headers.get('docker-content-digest')).toBe(otherDigest);
    expect(reply.headers.get('location')).toContain(otherDigest);
  }
  const path = `${uploads}?digest=${emptyDigest}`;
  expect((await client.ask(path, { method: 'POST', body: content })).status).toBe(201);
  expect([await textOf(client, otherDigest), await textOf(client, emptyDigest)]).toEqual([
    `${content}`,
    `${content}`,
  ]);
  const layers = [{ mediaType: 'application/x', digest: otherDigest, size: content.length }];
  expect((await client.pushManifest(image({ layers }), 'a')).status).toBe(201);
  const wrong = [{ mediaType: 'application/x', digest: digestOf(late), size: 1 }];
  expect((await client.pushManifest(image({ layers: wrong }), 'a')).status).toBe(400);
});

describe('where a fault has nothing to say, it is silent', () => {
  test.each(storedBlobFaults.map(({ id }) => id))('%s', async (id) => {
    const client = new Pusher({ faults: [id] });
    const url = `${client.registry.origins.registry}${uploads}none`;
    expect((await client.put(url, contentDigest, content)).status).toBe(404);
    expect((await client.fetch(url, { method: 'DELETE' })).status).toBe(404);
    expect((await client.fetch(url, { method: 'PATCH', body: content })).status).toBe(404);
    expect((await client.pushBlob(content, 'sha256:abc')).status).toBe(
      id === 'upload-whole-crash' ? 500 : 400,
    );
  });

  test('a blob of no bytes is recorded as what it is', async () => {
    const client = new Pusher({ faults: ['upload-recorded-empty'] });
    const reply = await client.pushBlob(new Uint8Array(0));
    expect([reply.status, await client.blobStatus(emptyDigest)]).toEqual([201, 200]);
  });
});
