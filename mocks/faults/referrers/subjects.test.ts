import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  expectDeviations,
  image,
  otherDigest,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { subjectFaults } from './subjects.ts';

const bytesOf = (document: object) => Buffer.from(JSON.stringify(document));
const descriptorOf = (document: object, mediaType: string = mediaTypes.ociManifest) => {
  const bytes = bytesOf(document);
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
};
const subject = descriptorOf(image());
const missing = { ...subject, digest: otherDigest };
const sha512 = { ...subject, digest: digestOf(bytesOf(image()), 'sha512') };
const annotations = { kind: 'index' };
const index = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: [],
  subject,
  annotations,
};
const artifact = (fields: object = {}) => image({ artifactType: 'example/a', subject, ...fields });

interface List {
  readonly manifests: { readonly digest: string; readonly annotations?: object }[];
}

const listPath = (digest: string, query = '') => `/v2/${repository}/referrers/${digest}${query}`;

async function listOf(client: Pusher, digest = subject.digest, query = '') {
  return ((await (await client.ask(listPath(digest, query))).json()) as List).manifests;
}

/** What the push of a manifest says of its subject. */
const saidOf = (document: object, reference?: string) => async (client: Pusher) => {
  await client.pushTags('image');
  return (await client.pushManifest(document, reference)).headers.get('oci-subject');
};

/** Status of the push of a manifest with this subject. */
const pushOf = (of: object) => async (client: Pusher) => {
  await client.pushTags('image');
  await client.pushManifest(artifact());
  return (await client.pushManifest(artifact({ subject: of, layers: [] }))).status;
};

/** How many the list has after the push of one. */
const countOf = (of: { digest: string }) => async (client: Pusher) => {
  await client.pushTags('image');
  await client.pushManifest(artifact({ subject: of }));
  return (await listOf(client, of.digest)).length;
};

/** Status of a filtered list, what it says, and how many it has. */
const filtered = (type: string) => async (client: Pusher) => {
  await client.pushTags('image');
  await client.pushManifest(artifact());
  const reply = await client.ask(listPath(subject.digest, `?artifactType=${type}`));
  const { manifests = [] } = (await reply.json()) as Partial<List>;
  return [reply.status, reply.headers.get('oci-filters-applied'), manifests.length];
};

expectDeviations(subjectFaults, [
  {
    id: 'subject-header-tagged-missing',
    look: saidOf(artifact(), 'tag'),
    faulty: null,
    sound: subject.digest,
  },
  {
    id: 'subject-header-dangling-missing',
    look: saidOf(artifact({ subject: missing })),
    faulty: null,
    sound: otherDigest,
  },
  {
    id: 'subject-header-index-missing',
    look: saidOf(index),
    faulty: null,
    sound: subject.digest,
  },
  {
    id: 'subject-index-refused',
    look: pushOf(descriptorOf(index, mediaTypes.ociIndex)),
    faulty: 400,
    sound: 201,
  },
  {
    id: 'subject-nested-refused',
    look: pushOf(descriptorOf(artifact())),
    faulty: 400,
    sound: 201,
  },
  { id: 'referrers-sha512-hidden', look: countOf(sha512), faulty: 0, sound: 1 },
  {
    id: 'referrers-sha512-unknown',
    look: async (client) => {
      await client.pushTags('a');
      return client.statusOf(`/v2/${repository}/referrers/sha512:${'0'.repeat(128)}`);
    },
    faulty: 404,
    sound: 200,
  },
  { id: 'referrers-dangling-hidden', look: countOf(missing), faulty: 0, sound: 1 },
  {
    id: 'referrers-index-annotations-missing',
    look: async (client) => {
      await client.pushTags('image');
      await client.pushManifest(index);
      return (await listOf(client)).map((entry) => entry.annotations);
    },
    faulty: [undefined],
    sound: [annotations],
  },
  {
    id: 'referrers-filter-prefix',
    look: filtered('example'),
    faulty: [200, 'artifactType', 1],
    sound: [200, 'artifactType', 0],
  },
  {
    id: 'referrers-filter-unsaid-later',
    look: async (client) => {
      const ask = filtered('example/a');
      return [await ask(client), await ask(client)];
    },
    faulty: [
      [200, 'artifactType', 1],
      [200, null, 1],
    ],
    sound: [
      [200, 'artifactType', 1],
      [200, 'artifactType', 1],
    ],
  },
  {
    id: 'referrers-filter-first-page',
    look: async (client) => {
      await client.pushTags('image');
      for (let at = 0; at < 6; at++) {
        await client.pushManifest(artifact({ annotations: { at: `${at}` } }));
      }
      const { headers } = await client.ask(listPath(subject.digest, '?artifactType=example/a'));
      return headers.get('link')?.includes('artifactType') ?? 'one page';
    },
    faulty: false,
    sound: 'one page',
  },
  {
    id: 'referrers-filter-none-missing',
    look: filtered('example/none'),
    faulty: [404, null, 0],
    sound: [200, 'artifactType', 0],
  },
  {
    id: 'referrers-filter-none-unsaid',
    look: filtered('example/none'),
    faulty: [200, null, 0],
    sound: [200, 'artifactType', 0],
  },
  {
    id: 'referrers-empty-plain-json',
    look: async (client) => {
      await client.pushTags('image');
      return (await client.ask(listPath(otherDigest))).headers.get('content-type');
    },
    faulty: 'application/json',
    sound: mediaTypes.ociIndex,
  },
  {
    id: 'referrers-tagged-lost',
    look: async (client) => {
      await client.pushTags('image');
      await client.pushManifest(artifact(), 'tag');
      await client.pushManifest(image(), 'tag');
      return (await listOf(client)).length;
    },
    faulty: 0,
    sound: 1,
  },
  {
    id: 'referrers-filter-stale',
    look: async (client) => {
      await client.pushTags('image');
      await client.pushManifest(artifact());
      const { digest } = descriptorOf(artifact());
      await client.statusOf(`/v2/${repository}/manifests/${digest}`, 'DELETE');
      const found = await listOf(client, subject.digest, '?artifactType=example/a');
      return [found.length, (await listOf(client)).length];
    },
    faulty: [1, 0],
    sound: [0, 0],
  },
]);
