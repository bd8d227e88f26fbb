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
import {
  crowd,
  entries,
  headerOf,
  listing,
  listPath,
  seen,
  statusOf,
  types,
} from '../../../test/lib/referrer-looks.ts';
import { digestOf } from '../../store.ts';
import { referrerListFaults } from './list.ts';

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

expectDeviations(referrerListFaults, [
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
  {
    id: 'referrers-paged',
    look: async (client) => {
      const reply = await listing()(client);
      return [(await entries(reply)).length, reply.headers.get('link') !== null];
    },
    faulty: [2, true],
    sound: [4, false],
  },
  {
    id: 'referrers-page-repeats',
    look: async (client) => {
      await crowd(client);
      const pages = [await client.ask(listPath)];
      const next = /<([^>]*)>/.exec(pages[0]?.headers.get('link') ?? '')?.[1];
      if (next !== undefined) pages.push(await client.ask(next));
      const digests = (await Promise.all(pages.map(entries))).flat().map(({ digest }) => digest);
      return [pages.length, digests.length - new Set(digests).size];
    },
    faulty: [2, 1],
    sound: [1, 0],
  },
  {
    id: 'referrers-first-page-only',
    look: async (client) => {
      await crowd(client);
      return (await entries(await client.ask(listPath))).length;
    },
    faulty: 20,
    sound: 22,
  },
  { id: 'referrers-cut', look: async (c) => (await types(c)).length, faulty: 3, sound: 4 },
  {
    id: 'referrers-plain-json',
    look: headerOf('content-type'),
    faulty: 'application/json',
    sound: mediaTypes.ociIndex,
  },
  {
    id: 'referrers-no-version',
    look: async (client) => (await (await listing()(client)).text()).includes('schemaVersion'),
    faulty: false,
    sound: true,
  },
  {
    id: 'referrers-none-missing',
    look: statusOf(listing('', repository, contentDigest)),
    faulty: 404,
    sound: 200,
  },
  {
    id: 'referrers-malformed-accepted',
    look: statusOf(listing('', repository, 'sha256:abc')),
    faulty: 200,
    sound: 400,
  },
  {
    id: 'referrers-filter-always-said',
    look: headerOf('oci-filters-applied'),
    faulty: 'artifactType',
    sound: null,
  },
  {
    id: 'referrers-everywhere',
    look: async (client) => (await seen(() => '', listing('', 'team/other'))(client)).length,
    faulty: 4,
    sound: 0,
    repo: 'team/other',
  },
]);

describe('what is wrong about referrers', () => {
  test.each(referrerListFaults.map(({ id }) => id))(
    'is not said of other pushes: %s',
    async (id) => {
      const client = new Pusher({ faults: [id] });
      await client.pushBlob(content);
      const reply = await client.pushManifest(image(), 'plain');
      expect([reply.status, reply.headers.get('oci-subject')]).toEqual([201, null]);
    },
  );

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
