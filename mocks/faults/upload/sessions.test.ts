import { expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  Pusher,
  repository,
  uploads,
} from '../../../test/lib/push-deviations.ts';
import { uploadSessionFaults } from './sessions.ts';

const neighbour = 'team/other';

/** Status of each kind of request to an upload that is not there, and the code of the first. */
const unknown = async (client: Pusher) => {
  const url = `${client.registry.origins.registry}${uploads}none`;
  const asked = await client.fetch(url);
  const { errors } = (await asked.json()) as { errors: { code: string }[] };
  const [patched] = await client.patch(url, content);
  const ended = await client.put(url, contentDigest, content);
  const cancelled = await client.fetch(url, { method: 'DELETE' });
  return [asked.status, patched.status, ended.status, cancelled.status, errors[0]?.code];
};

/** Of an upload with one chunk: its status at the Location it has now, and at the one before. */
const statuses = async (client: Pusher) => {
  const start = await client.begin();
  const [, next] = await client.patch(start, content, 0);
  return [(await client.fetch(next)).status, (await client.fetch(start)).status];
};

const third = Math.floor(content.length / 3);
const first = content.subarray(0, third);
/** The Range of the status before a chunk and after it. */
const progress = async (client: Pusher) => {
  const url = await client.begin();
  const before = (await client.fetch(url)).headers.get('range');
  const [, next] = await client.patch(url, first, 0);
  return [before, (await client.fetch(next)).headers.get('range')];
};

expectDeviations(uploadSessionFaults, [
  {
    id: 'upload-shared',
    look: async (client) => {
      const first = await client.begin();
      return (await client.begin()) === first;
    },
    faulty: true,
    sound: false,
  },
  {
    id: 'upload-id-escaped',
    look: async (client) => {
      const url = await client.begin();
      const isPlain = /\/[0-9a-f]{8}-[-0-9a-f]{27}$/.test(url);
      return [isPlain, (await client.put(url, contentDigest, content)).status];
    },
    faulty: [false, 201],
    sound: [true, 201],
  },
  {
    id: 'upload-unknown-crash',
    look: unknown,
    faulty: [500, 500, 500, 500, 'BLOB_UPLOAD_UNKNOWN'],
    sound: [404, 404, 404, 404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  {
    id: 'upload-unknown-code',
    look: unknown,
    faulty: [404, 404, 404, 404, 'NAME_UNKNOWN'],
    sound: [404, 404, 404, 404, 'BLOB_UPLOAD_UNKNOWN'],
  },
  { id: 'upload-status-refused', look: statuses, faulty: [405, 405], sound: [204, 204] },
  { id: 'upload-status-earlier-unknown', look: statuses, faulty: [204, 404], sound: [204, 204] },
  {
    id: 'upload-cancel-refused',
    look: async (client) => {
      const url = await client.begin();
      const { status } = await client.fetch(url, { method: 'DELETE' });
      return [status, (await client.fetch(url)).status];
    },
    faulty: [405, 204],
    sound: [204, 404],
  },
  {
    id: 'upload-unknown-taken',
    look: async (client) => {
      const url = (await client.begin()).replace(repository, neighbour);
      const { status } = await client.put(url, contentDigest, content);
      return [status, await client.blobStatus(contentDigest, neighbour)];
    },
    faulty: [201, 200],
    sound: [404, 404],
    repo: neighbour,
  },
  {
    id: 'upload-cancel-lasting',
    look: async (client) => {
      const [, url] = await client.patch(await client.begin(), content, 0);
      await client.fetch(url, { method: 'DELETE' });
      const [reply] = await client.patch(await client.begin(), content, 0);
      return reply.status;
    },
    faulty: 400,
    sound: 202,
  },

  {
    id: 'upload-status-stale',
    look: async (client) => (await progress(client)).map((range) => range === `0-${third - 1}`),
    faulty: [false, false],
    sound: [false, true],
  },
]);

test.each(uploadSessionFaults.map(({ id }) => id))('%s: pushes work', async (id) => {
  for (const push of ['pushBlob', 'pushChunks'] as const) {
    const client = new Pusher({ faults: [id] });
    expect((await client[push]()).status).toBe(201);
    expect(await client.textOf(`/v2/${repository}/blobs/${contentDigest}`)).toBe(`${content}`);
  }
});

test('what ends an unknown upload has to be what its digest says', async () => {
  const client = new Pusher({ faults: ['upload-unknown-taken'] });
  const url = (await client.begin()).replace(repository, neighbour);
  const other = Buffer.from('not it');
  expect((await client.put(url, contentDigest, other)).status).toBe(404);
});
