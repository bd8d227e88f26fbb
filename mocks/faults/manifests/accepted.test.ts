import { describe, expect, test } from 'vitest';
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
import { acceptedManifestFaults } from './accepted.ts';

const missing = { mediaType: mediaTypes.ociManifest, digest: otherDigest, size: 14 };
const sparseImage = image({ layers: [{ ...missing, mediaType: mediaTypes.ociLayerGzip }] });
const sparseIndex = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [missing],
};
const bytes = Buffer.from(JSON.stringify(image()));
const sha512 = digestOf(bytes, 'sha512');
const pathOf = (reference: string) => `/v2/${repository}/manifests/${reference}`;

/** Statuses of pushes that name what is not there: an image and an index. */
const sparse = async (client: Pusher) => {
  await client.pushBlob();
  const statuses: number[] = [];
  for (const [tag, document] of [
    ['image', sparseImage],
    ['index', sparseIndex],
  ] as const) {
    const { status } = await client.pushManifest(document, tag);
    statuses.push(status, await client.statusOf(pathOf(tag)));
  }
  return statuses;
};

const misnamed = async (client: Pusher) => {
  await client.pushBlob();
  const { status } = await client.pushManifest(image(), otherDigest);
  const reply = await client.ask(pathOf(otherDigest));
  const claimed = reply.headers.get('docker-content-digest') === otherDigest;
  return [
    status,
    reply.status,
    claimed,
    digestOf(Buffer.from(await reply.arrayBuffer())) === otherDigest,
  ];
};

const bySha512 = async (client: Pusher) => {
  const blob = await client.pushBlob(content, digestOf(content, 'sha512'));
  await client.pushBlob();
  const manifest = await client.pushManifest(image(), sha512);
  return [blob.status, manifest.status, (await client.pushManifest(image())).status];
};

const artifacts = async (client: Pusher) => {
  await client.pushBlob();
  const subject = await client.pushManifest(image({ subject: missing }), 'a');
  const typed = await client.pushManifest(image({ artifactType: 'example/a' }), 'b');
  return [subject.status, typed.status, (await client.pushManifest(image(), 'c')).status];
};

const location = async (client: Pusher) => {
  await client.pushBlob();
  const reply = await client.pushManifest(image(), 'a');
  return [reply.status, await client.statusOf(reply.headers.get('location') ?? '')];
};

const bytesOf = (document: object) => Buffer.from(JSON.stringify(document));
const other = image({ annotations: { other: 'yes' } });

const indexOf = (...manifests: readonly object[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests,
});

expectDeviations(acceptedManifestFaults, [
  {
    id: 'manifest-blob-missing-accepted',
    look: sparse,
    faulty: [201, 200, 400, 404],
    sound: [400, 404, 400, 404],
  },
  {
    id: 'index-child-missing-accepted',
    look: sparse,
    faulty: [400, 404, 201, 200],
    sound: [400, 404, 400, 404],
  },
  {
    id: 'manifest-digest-unchecked',
    look: misnamed,
    faulty: [201, 200, true, false],
    sound: [400, 404, false, false],
  },
  { id: 'sha512-refused', look: bySha512, faulty: [400, 400, 201], sound: [201, 201, 201] },
  { id: 'artifact-refused', look: artifacts, faulty: [405, 405, 201], sound: [201, 201, 201] },
  {
    id: 'index-of-blobs-refused',
    look: async (client) => {
      await client.pushBlob();
      const { length: size } = content;
      const layer = { mediaType: mediaTypes.ociLayerGzip, digest: contentDigest, size };
      return (await client.pushManifest(indexOf(layer), 'cache')).status;
    },
    faulty: 400,
    sound: 201,
  },
  {
    id: 'index-platform-demanded',
    look: async (client) => {
      await client.pushTags('a');
      const body = bytesOf(image());
      const entry = {
        mediaType: mediaTypes.ociManifest,
        digest: digestOf(body),
        size: body.length,
      };
      return (await client.pushManifest(indexOf(entry), 'index')).status;
    },
    faulty: 400,
    sound: 201,
  },
  { id: 'manifest-location-untrue', look: location, faulty: [201, 404], sound: [201, 200] },
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
]);

describe('what is wrong about pushing manifests', () => {
  test.each(acceptedManifestFaults.map(({ id }) => id))('lets sound ones in: %s', async (id) => {
    const client = new Pusher({ faults: [id] });
    await client.pushBlob();
    for (const reference of ['a', digestOf(bytes)]) {
      expect((await client.pushManifest(image(), reference)).status).toBe(201);
      expect(await client.textOf(pathOf(reference))).toBe(`${bytes}`);
    }
  });

  test.each(acceptedManifestFaults.map(({ id }) => id))('keeps garbage out: %s', async (id) => {
    const client = new Pusher({ faults: [id] });
    for (const document of [{ nothing: true }, { ...sparseImage, schemaVersion: 1 }]) {
      expect((await client.pushManifest(document, 'a')).status).toBe(400);
    }
    expect((await client.pushManifest(image(), 'sha256:abc')).status).toBe(400);
    expect(client.registry.store.has(repository)).toBe(false);
  });

  test.each(acceptedManifestFaults.map(({ id }) => id))('asks for rights first: %s', async (id) => {
    const client = new Pusher({ auth: 'bearer', faults: [id] });
    for (const reference of ['a', otherDigest, sha512]) {
      const document = image({ artifactType: 'example/a' });
      expect((await client.pushManifest(document, reference)).status).toBe(401);
    }
  });

  test('what has another digest than its own answers HEAD, and can be deleted', async () => {
    const client = new Pusher({ faults: ['manifest-digest-unchecked'] });
    await misnamed(client);
    const { headers } = await client.ask(pathOf(otherDigest), { method: 'HEAD' });
    expect(headers.get('docker-content-digest')).toBe(otherDigest);
    expect(await client.statusOf(pathOf(otherDigest), 'DELETE')).toBe(202);
    expect(await client.statusOf(pathOf(otherDigest))).toBe(404);
    expect(await client.blobStatus(contentDigest)).toBe(200);
  });
});
