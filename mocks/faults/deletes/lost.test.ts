import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  content,
  contentDigest,
  expectDeviations,
  image,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { lostContentFaults } from './lost.ts';

const elsewhere = 'team/other';
const manifest = Buffer.from(JSON.stringify(image()));
const digest = digestOf(manifest);
const pathOf = (reference: string, of = repository) => `/v2/${of}/manifests/${reference}`;
const blobPath = `/v2/${repository}/blobs/${contentDigest}`;

/** The image in two repositories, under two tags in the first. */
const fill = async (client: Pusher) => {
  await client.pushTags('a', 'b');
  const { store } = client.registry;
  store.create(elsewhere, false);
  store.putBlob(elsewhere, content);
  store.putManifest(elsewhere, manifest, mediaTypes.ociManifest);
};

/** Status of the deletion, then those of other things. */
const after =
  (gone: string, ...rest: readonly string[]) =>
  async (client: Pusher) => {
    await fill(client);
    const statuses = [await client.statusOf(gone, 'DELETE')];
    for (const path of rest) statuses.push(await client.statusOf(path));
    return statuses;
  };

expectDeviations(lostContentFaults, [
  { id: 'delete-unknown-accepted', look: after(pathOf('none')), faulty: [202], sound: [404] },
  { id: 'delete-unknown-refused', look: after(pathOf('none')), faulty: [400], sound: [404] },
  {
    id: 'delete-tag-untags-all',
    look: after(pathOf('a'), pathOf('a'), pathOf('b')),
    faulty: [202, 404, 404],
    sound: [202, 404, 200],
  },
  {
    id: 'delete-last-tag-untags',
    look: async (client) => {
      await fill(client);
      const paths = [pathOf('a'), pathOf('b')];
      const statuses: number[] = [];
      for (const path of paths) {
        statuses.push(await client.statusOf(path, 'DELETE'), await client.statusOf(pathOf(digest)));
      }
      return statuses;
    },
    faulty: [202, 200, 202, 404],
    sound: [202, 200, 202, 200],
  },
  {
    id: 'delete-manifest-takes-moved-tags',
    look: async (client) => {
      await fill(client);
      await client.pushManifest(image({ annotations: { moved: 'yes' } }), 'a');
      return [await client.statusOf(pathOf(digest), 'DELETE'), await client.statusOf(pathOf('a'))];
    },
    faulty: [202, 404],
    sound: [202, 200],
  },
  {
    id: 'delete-sha512-ignored',
    look: async (client) => {
      client.registry.store.create(repository, false);
      const path = `/v2/${repository}/blobs/${client.registry.store.putBlob(repository, content, 'sha512')}`;
      return [await client.statusOf(path, 'DELETE'), await client.statusOf(path)];
    },
    faulty: [202, 200],
    sound: [202, 404],
  },
  {
    id: 'delete-referrer-takes-subject',
    look: async (client) => {
      await fill(client);
      const subject = { mediaType: mediaTypes.ociManifest, digest, size: manifest.length };
      await client.pushManifest(image({ subject }));
      const referrer = digestOf(Buffer.from(JSON.stringify(image({ subject }))));
      return [
        await client.statusOf(pathOf(referrer), 'DELETE'),
        await client.statusOf(pathOf('a')),
      ];
    },
    faulty: [202, 404],
    sound: [202, 200],
  },
  {
    id: 'delete-stumbles',
    look: after(pathOf('a'), pathOf('a')),
    faulty: [500, 200],
    sound: [202, 404],
  },
  {
    id: 'delete-manifest-everywhere',
    look: after(pathOf(digest), pathOf(digest), pathOf(digest, elsewhere)),
    faulty: [202, 404, 404],
    sound: [202, 404, 200],
  },
  {
    id: 'delete-index-cascades',
    look: async (client) => {
      await fill(client);
      const entry = { mediaType: mediaTypes.ociManifest, digest, size: manifest.length };
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] };
      await client.pushManifest(index);
      const path = pathOf(digestOf(Buffer.from(JSON.stringify(index))));
      return [await client.statusOf(path, 'DELETE'), await client.statusOf(pathOf(digest))];
    },
    faulty: [202, 404],
    sound: [202, 200],
  },
  {
    id: 'delete-manifest-takes-blobs',
    look: after(pathOf(digest), blobPath),
    faulty: [202, 404],
    sound: [202, 200],
  },
  {
    id: 'delete-blob-everywhere',
    look: after(blobPath, blobPath, blobPath.replace(repository, elsewhere)),
    faulty: [202, 404, 404],
    sound: [202, 404, 200],
  },
  {
    id: 'delete-blob-lasting',
    look: async (client) => {
      await fill(client);
      const statuses = [await client.statusOf(blobPath, 'DELETE')];
      return [...statuses, (await client.pushBlob()).status, await client.blobStatus()];
    },
    faulty: [202, 201, 404],
    sound: [202, 201, 200],
  },
]);
