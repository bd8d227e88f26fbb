import {
  content,
  contentDigest,
  expectDeviations,
  image,
  otherDigest,
  type Pusher,
  repository,
  uploads,
} from '../../test/lib/push-deviations.ts';
import { digestOf } from '../store.ts';
import { secondTryFaults } from './second-tries.ts';

const third = Math.floor(content.length / 3);
const parts = [0, third, 2 * third].map((first) => content.subarray(first, first + third));
const [first = content, second = content, last = content] = parts;
const bytesOf = (document: object) => Buffer.from(JSON.stringify(document));
const other = image({ annotations: { other: 'yes' } });

/** The Range of the status before a chunk and after it. */
const progress = async (client: Pusher) => {
  const url = await client.begin();
  const before = (await client.fetch(url)).headers.get('range');
  const [, next] = await client.patch(url, first, 0);
  return [before, (await client.fetch(next)).headers.get('range')];
};

const moved = async (client: Pusher) => {
  await client.pushTags('a');
  await client.pushManifest(other, 'a');
  return client.tagPages();
};

expectDeviations(secondTryFaults, [
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
    id: 'upload-order-forgotten',
    look: async (client) => {
      const [, one] = await client.patch(await client.begin(), first, 0);
      const [, two] = await client.patch(one, second, third);
      const [reply] = await client.patch(two, last, 2 * third + 1);
      return reply.status;
    },
    faulty: 202,
    sound: 416,
  },
  {
    id: 'upload-order-fatal',
    look: async (client) => {
      const [, url] = await client.patch(await client.begin(), first, 0);
      const [reply] = await client.patch(url, last, 2 * third);
      return [reply.status, (await client.fetch(url)).status];
    },
    faulty: [416, 404],
    sound: [416, 204],
  },
  {
    id: 'upload-redirected',
    look: (client) => client.statusOf(uploads, 'POST'),
    faulty: 307,
    sound: 202,
  },
  {
    id: 'upload-status-stale',
    look: async (client) => (await progress(client)).map((range) => range === `0-${third - 1}`),
    faulty: [false, false],
    sound: [false, true],
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
  {
    id: 'tag-parameters-keep',
    look: async (client) => {
      await client.pushTags('a');
      const digest = digestOf(bytesOf(other));
      const reply = await client.pushManifest(other, `${digest}?tag=a&tag=b`);
      const text = await client.textOf(`/v2/${repository}/manifests/a`);
      return [reply.headers.get('oci-tag'), text.includes('other')];
    },
    faulty: ['a, b', false],
    sound: ['a, b', true],
  },
  {
    id: 'tags-end-cut',
    look: async (client) => {
      await client.pushTags('a', 'b', 'c');
      return client.tagPages('?last=a');
    },
    faulty: [['b']],
    sound: [['b', 'c']],
  },
  {
    id: 'tags-odd-hidden',
    look: async (client) => {
      await client.pushTags('_a', 'b');
      return client.tagPages();
    },
    faulty: [['b']],
    sound: [['_a', 'b']],
  },
  {
    id: 'tags-page-nameless',
    look: async (client) => {
      await client.pushTags('a', 'b');
      return JSON.parse(await client.textOf(`/v2/${repository}/tags/list?last=a`));
    },
    faulty: { tags: ['b'] },
    sound: { name: repository, tags: ['b'] },
  },
  {
    id: 'tag-moved-digest-old',
    look: async (client) => {
      await client.pushTags('a');
      const { headers } = await client.pushManifest(other, 'a');
      return headers.get('docker-content-digest') === digestOf(bytesOf(other));
    },
    faulty: false,
    sound: true,
  },
  {
    id: 'manifest-refused-stored',
    look: async (client) => {
      client.registry.store.create(repository, false);
      const reply = await client.pushManifest(image(), 'a');
      const path = `/v2/${repository}/manifests/${digestOf(bytesOf(image()))}`;
      return [reply.status, await client.statusOf(path)];
    },
    faulty: [400, 200],
    sound: [400, 404],
  },
  {
    id: 'manifest-known-unchecked',
    look: async (client) => {
      await client.pushTags('a');
      const digest = digestOf(bytesOf(image()));
      const { status } = await client.pushManifest(other, digest);
      const text = await client.textOf(`/v2/${repository}/manifests/${digest}`);
      return [status, digestOf(Buffer.from(text)) === digest];
    },
    faulty: [201, true],
    sound: [400, true],
  },
  {
    id: 'manifest-blob-elsewhere-accepted',
    look: async (client) => {
      client.registry.store.create('team/other', false);
      client.registry.store.putBlob('team/other', content);
      return (await client.pushManifest(image(), 'a')).status;
    },
    faulty: 201,
    sound: 400,
  },
  {
    id: 'manifest-blob-deleted-accepted',
    look: async (client) => {
      await client.pushBlob();
      await client.statusOf(`/v2/${repository}/blobs/${contentDigest}`, 'DELETE');
      return (await client.pushManifest(image(), 'a')).status;
    },
    faulty: 201,
    sound: 400,
  },
  { id: 'tags-moved-twice', look: moved, faulty: [['a', 'a']], sound: [['a']] },
  {
    id: 'tags-race-lost',
    look: async (client) => {
      await client.pushBlob();
      const names = ['a', 'b', 'c'];
      const replies = await Promise.all(names.map((tag) => client.pushManifest(image(), tag)));
      return [replies.map(({ status }) => status), await client.tagPages()];
    },
    faulty: [[201, 201, 201], [['a']]],
    sound: [[201, 201, 201], [['a', 'b', 'c']]],
  },
]);
