import { expect, test } from 'vitest';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  content,
  contentDigest,
  expectDeviations,
  image,
  otherDigest,
  Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { uploadRefusalFaults } from './refusals.ts';

/** Status and code of a PUT with the digest of something else; the blob's status then. */
const wrongDigest = async (client: Pusher) => {
  const reply = await client.put(await client.begin(), otherDigest, content);
  const { errors } = (await reply.json()) as { errors: { code: string }[] };
  return [reply.status, errors[0]?.code, await client.blobStatus(otherDigest)];
};

const [first = content] = [content.subarray(0, Math.floor(content.length / 3))];

const odd = 'team/a--b';

expectDeviations(uploadRefusalFaults, [
  {
    id: 'repository-names-plain-only',
    look: (client) => client.statusOf(`/v2/${odd}/blobs/uploads/`, 'POST'),
    faulty: 400,
    sound: 202,
    repo: odd,
  },
  {
    id: 'repository-hyphens-unknown',
    look: async (client) => {
      const bytes = Buffer.from(JSON.stringify(image()));
      client.registry.store.putManifest(odd, bytes, mediaTypes.ociManifest);
      return client.statusOf(`/v2/${odd}/manifests/${digestOf(bytes)}`);
    },
    faulty: 404,
    sound: 200,
    repo: odd,
  },
  {
    id: 'upload-digest-crash',
    look: wrongDigest,
    faulty: [500, 'DIGEST_INVALID', 404],
    sound: [400, 'DIGEST_INVALID', 404],
  },
  {
    id: 'upload-digest-code',
    look: wrongDigest,
    faulty: [400, 'BLOB_UPLOAD_INVALID', 404],
    sound: [400, 'DIGEST_INVALID', 404],
  },
  {
    id: 'upload-name-unchecked',
    look: async (client) => {
      const statuses = ['Team/App', 'team/a..b'].map((name) =>
        client.statusOf(`/v2/${name}/blobs/uploads/`, 'POST'),
      );
      return Promise.all(statuses);
    },
    faulty: [202, 202],
    sound: [400, 400],
    repo: '',
  },
  {
    id: 'upload-length-unchecked',
    look: async (client) => {
      const url = await client.begin();
      const headers = { 'content-range': `0-${content.length + 4}` };
      const reply = await client.fetch(url, { method: 'PATCH', body: content, headers });
      return [reply.status, (await client.fetch(url)).headers.get('range')];
    },
    faulty: [202, `0-${content.length - 1}`],
    sound: [400, '0-0'],
  },
  {
    id: 'upload-order-range-off',
    look: async (client) => {
      const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
      const [reply] = await client.patch(next, content.subarray(10), 11);
      return [reply.status, reply.headers.get('range')];
    },
    faulty: [416, '0-10'],
    sound: [416, '0-9'],
  },
  {
    id: 'upload-digest-lasting',
    look: async (client) => [
      (await client.put(await client.begin(), otherDigest, content)).status,
      (await client.pushBlob(Buffer.from('something else'))).status,
    ],
    faulty: [400, 400],
    sound: [400, 201],
  },
  {
    id: 'upload-known-unchecked',
    look: async (client) => {
      await client.pushBlob();
      const reply = await client.put(await client.begin(), contentDigest, first);
      return [reply.status, await client.textOf(`/v2/${repository}/blobs/${contentDigest}`)];
    },
    faulty: [201, content.toString()],
    sound: [400, content.toString()],
  },
  {
    id: 'upload-digest-bare-refused',
    look: async (client) => {
      const url = `${await client.begin()}?digest=${contentDigest}`;
      return (await client.fetch(url, { method: 'PUT', body: content })).status;
    },
    faulty: 400,
    sound: 201,
  },
]);

test.each(uploadRefusalFaults.map(({ id }) => id))('%s: what is right is taken', async (id) => {
  for (const push of ['pushBlob', 'pushChunks'] as const) {
    const client = new Pusher({ faults: [id] });
    expect((await client[push]()).status).toBe(201);
    expect(await client.textOf(`/v2/${repository}/blobs/${contentDigest}`)).toBe(`${content}`);
  }
});

test('upload-name-unchecked: without a token nothing begins', async () => {
  const client = new Pusher({ auth: 'bearer', faults: ['upload-name-unchecked'] });
  const ask = { method: 'POST', anonymous: true };
  expect((await client.ask('/v2/Team/App/blobs/uploads/', ask)).status).toBe(401);
});
