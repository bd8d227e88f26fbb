import { describe, expect, test } from 'vitest';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  content,
  expectDeviations,
  image,
  otherDigest,
  Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { referrerFaults } from './list.ts';

const subjectDigest = digestOf(Buffer.from(JSON.stringify(image())));
const missing = { mediaType: mediaTypes.ociManifest, digest: otherDigest, size: 14 };
const list = `/v2/${repository}/referrers/${subjectDigest}`;
const emptyIndex = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };

/** An artifact that belongs to the plain image. */
function artifact(artifactType: string): object {
  const size = JSON.stringify(image()).length;
  const subject = { mediaType: mediaTypes.ociManifest, digest: subjectDigest, size };
  return image({ artifactType, subject });
}

/** Pushes an image and two artifacts of it; returns the reply to the last. */
async function pushArtifacts(client: Pusher): Promise<Response> {
  await client.pushTags('image');
  await client.pushManifest(artifact('example/a'));
  return client.pushManifest(artifact('example/b'));
}

/** The status of the list, and what the push said of its subject. */
const support = async (client: Pusher) => {
  const reply = await pushArtifacts(client);
  return [await client.statusOf(list), reply.headers.get('oci-subject')];
};

const filtered = async (client: Pusher) => {
  await pushArtifacts(client);
  const reply = await client.ask(`${list}?artifactType=example/a`);
  const { manifests } = (await reply.json()) as { manifests: { artifactType: string }[] };
  const types = manifests.map(({ artifactType }) => artifactType).sort();
  return [reply.headers.get('oci-filters-applied'), types];
};

const dangling = async (client: Pusher) => {
  await client.pushBlob();
  const reply = await client.pushManifest(image({ subject: missing }), 'artifact');
  const known = await pushArtifacts(client);
  return [
    reply.status,
    await client.statusOf(`/v2/${repository}/manifests/artifact`),
    known.status,
  ];
};

expectDeviations(referrerFaults, [
  { id: 'referrers-unsupported', look: support, faulty: [404, null], sound: [200, subjectDigest] },
  {
    id: 'referrers-missing',
    look: support,
    faulty: [404, subjectDigest],
    sound: [200, subjectDigest],
  },
  {
    id: 'subject-dangling-refused',
    look: dangling,
    faulty: [404, 404, 201],
    sound: [201, 200, 201],
  },
  { id: 'subject-header-true', look: support, faulty: [200, 'true'], sound: [200, subjectDigest] },
  { id: 'subject-header-missing', look: support, faulty: [200, null], sound: [200, subjectDigest] },
  {
    id: 'referrers-filter-unsaid',
    look: filtered,
    faulty: [null, ['example/a']],
    sound: ['artifactType', ['example/a']],
  },
  {
    id: 'referrers-filter-untrue',
    look: filtered,
    faulty: ['artifactType', ['example/a', 'example/b']],
    sound: ['artifactType', ['example/a']],
  },
  {
    id: 'referrers-filter-ignored',
    look: filtered,
    faulty: [null, ['example/a', 'example/b']],
    sound: ['artifactType', ['example/a']],
  },
  {
    id: 'index-empty-refused',
    look: async (client) => {
      const empty = await client.pushManifest(emptyIndex, 'fallback');
      await client.pushTags('image');
      const child = { ...missing, digest: subjectDigest, size: 1 };
      const full = await client.pushManifest({ ...emptyIndex, manifests: [child] }, 'fallback');
      return [empty.status, full.status];
    },
    faulty: [400, 201],
    sound: [201, 201],
  },
]);

describe('what is wrong about referrers', () => {
  test.each(referrerFaults.map(({ id }) => id))('is not said of other pushes: %s', async (id) => {
    const client = new Pusher({ faults: [id] });
    await client.pushBlob(content);
    const reply = await client.pushManifest(image(), 'plain');
    expect([reply.status, reply.headers.get('oci-subject')]).toEqual([201, null]);
  });

  test.each(['subject-dangling-refused', 'index-empty-refused'])(
    'is not said to those who may not push: %s',
    async (id) => {
      const client = new Pusher({ auth: 'bearer', faults: [id] });
      for (const document of [image({ subject: missing }), emptyIndex]) {
        expect((await client.pushManifest(document, 'plain')).status).toBe(401);
      }
    },
  );
});
