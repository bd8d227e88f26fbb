import {
  contentDigest,
  expectDeviations,
  image,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { missFaults } from './misses.ts';

const tagPath = `/v2/${repository}/manifests/a`;
const blobPath = `/v2/${repository}/blobs/${contentDigest}`;

/** Asks for a tag and a blob before they are pushed, to a repository that is there; statuses after. */
const after = (method: string) => async (client: Pusher) => {
  client.registry.store.create(repository, false);
  for (const path of [tagPath, blobPath]) await client.statusOf(path, method);
  await client.pushTags('a');
  const seen = [];
  for (const path of [tagPath, blobPath])
    seen.push(await client.statusOf(path), await client.statusOf(path, 'HEAD'));
  return seen;
};

expectDeviations(missFaults, [
  {
    id: 'miss-kept-get',
    look: after('GET'),
    faulty: [404, 200, 404, 200],
    sound: Array(4).fill(200),
  },
  {
    id: 'miss-kept-head',
    look: after('HEAD'),
    faulty: [200, 404, 200, 404],
    sound: Array(4).fill(200),
  },
  {
    id: 'repository-miss-kept',
    look: async (client) => {
      const before = await client.statusOf(tagPath);
      await client.pushTags('a', 'b');
      return [before, await client.statusOf(tagPath), await client.statusOf(blobPath)];
    },
    faulty: [404, 404, 200],
    sound: [404, 200, 200],
  },
  {
    id: 'tags-list-kept',
    look: async (client) => {
      await client.pushTags('a');
      await client.tagPages();
      await client.pushManifest(image(), 'b');
      return client.tagPages();
    },
    faulty: [['a']],
    sound: [['a', 'b']],
  },
  {
    id: 'tags-push-after-list-hidden',
    look: async (client) => {
      await client.pushTags('a');
      const seen = await client.tagPages();
      for (const tag of ['b', 'c']) {
        await client.pushManifest(image(), tag);
        seen.push(...(await client.tagPages()));
        if (tag === 'b') await client.pushManifest(image(), 'B');
      }
      return seen;
    },
    faulty: [['a'], ['a'], ['B', 'a', 'b', 'c']],
    sound: [['a'], ['a', 'b'], ['B', 'a', 'b', 'c']],
  },
]);
