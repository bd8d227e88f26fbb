import { expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  image,
  Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { keptContentFaults } from './kept.ts';

const other = 'team/other';
const tagPath = `/v2/${repository}/manifests/a`;

/** Deletes a blob that another repository has too; statuses of DELETE, here and there. */
const shared = async (client: Pusher) => {
  await client.pushBlob();
  client.registry.store.putBlob(other, content);
  const deleted = await client.statusOf(`/v2/${repository}/blobs/${contentDigest}`, 'DELETE');
  return [deleted, await client.blobStatus(), await client.blobStatus(contentDigest, other)];
};

/** Deletes a tag, and looks at it and at the list. */
const tag = async (client: Pusher) => {
  await client.pushTags('a', 'b');
  const deleted = await client.statusOf(tagPath, 'DELETE');
  return [deleted, await client.statusOf(tagPath), (await client.tagPages('?n=1')).flat()];
};

/** Deletes two tags at once. */
const both = async (client: Pusher) => {
  await client.pushTags('a', 'b');
  const ask = (name: string) => client.statusOf(`/v2/${repository}/manifests/${name}`, 'DELETE');
  return (await Promise.all(['a', 'b'].map(ask))).toSorted();
};

/** Deletes a blob of a repository that is called as an endpoint is. */
const odd = async (client: Pusher) => {
  const called = 'team/tags/app';
  client.registry.store.create(called, false);
  client.registry.store.putBlob(called, content);
  return client.statusOf(`/v2/${called}/blobs/${contentDigest}`, 'DELETE');
};

/** Reads a tag and a blob, deletes them, and reads again. */
const read = (method: string) => async (client: Pusher) => {
  await client.pushTags('a');
  const seen = [];
  for (const path of [tagPath, `/v2/${repository}/blobs/${contentDigest}`]) {
    await client.statusOf(path, method);
    await client.statusOf(path, 'DELETE');
    seen.push(await client.statusOf(path), await client.statusOf(path, 'HEAD'));
  }
  return seen;
};

expectDeviations(keptContentFaults, [
  {
    id: 'deleted-kept-get',
    look: read('GET'),
    faulty: [200, 404, 200, 404],
    sound: [404, 404, 404, 404],
  },
  {
    id: 'deleted-kept-head',
    look: read('HEAD'),
    faulty: [404, 200, 404, 200],
    sound: [404, 404, 404, 404],
  },
  { id: 'deletes-collide', look: both, faulty: [202, 500], sound: [202, 202] },
  {
    id: 'delete-odd-names-unknown',
    look: odd,
    faulty: 404,
    sound: 202,
    repo: 'team/tags/app',
  },
  {
    id: 'blob-delete-shared-kept',
    look: shared,
    faulty: [202, 200, 200],
    sound: [202, 404, 200],
  },
  {
    id: 'manifest-delete-ignored',
    look: tag,
    faulty: [202, 200, ['a', 'b']],
    sound: [202, 404, ['b']],
  },
  {
    id: 'tags-list-stale',
    look: tag,
    faulty: [202, 404, ['a', 'b']],
    sound: [202, 404, ['b']],
  },
]);

test('a blob that nobody else has is gone', async () => {
  const client = new Pusher({ faults: ['blob-delete-shared-kept'] });
  await client.pushBlob();
  await client.statusOf(`/v2/${repository}/blobs/${contentDigest}`, 'DELETE');
  expect(await client.blobStatus()).toBe(404);
});

test('a list that forgets nothing also keeps the tags of a manifest that was deleted', async () => {
  const client = new Pusher({ faults: ['tags-list-stale'] });
  await client.pushTags('a', 'b');
  const { headers } = await client.ask(tagPath);
  const digest = headers.get('docker-content-digest');
  await client.statusOf(`/v2/${repository}/manifests/${digest}`, 'DELETE');
  await client.pushManifest(image(), 'c');
  expect(await client.tagPages()).toEqual([['a', 'b', 'c']]);
  expect(await client.statusOf(tagPath)).toBe(404);
});

test('what cannot be deleted, or not by the caller, is refused as ever', async () => {
  for (const { id } of keptContentFaults) {
    const strict = new Pusher({ faults: [id], noDelete: ['tag', 'blob'] });
    await strict.pushTags('a');
    expect(await strict.statusOf(tagPath, 'DELETE')).toBe(405);
    expect(await strict.statusOf(`/v2/${repository}/manifests/none`, 'DELETE')).toBe(405);
    const closed = new Pusher({ faults: [id], auth: 'bearer' });
    expect(await closed.statusOf('/v2/demo/app/manifests/latest', 'DELETE')).toBe(401);
    expect(await closed.statusOf('/v2/demo/app/manifests/latest')).toBe(200);
  }
});
