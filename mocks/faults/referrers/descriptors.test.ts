import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  contentDigest,
  expectDeviations,
  image,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { listingFaults } from './descriptors.ts';

const tagList = `/v2/${repository}/tags/list`;
const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf(json(image())), size: 1 };
const typed = image({ subject, artifactType: 'example/a', annotations: { a: 'b' } });
const plain = image({ subject });
const indexes = [{ artifactType: 'example/b' }, {}].map((fields) => {
  const mediaType = mediaTypes.ociIndex;
  return { schemaVersion: 2, mediaType, manifests: [], subject, ...fields };
});
const configType = mediaTypes.ociConfig;

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

/** The reply to asking for the referrers of a subject that has four. */
const list =
  (query = '', of = repository, digest = subject.digest) =>
  async (client: Pusher) => {
    await client.pushTags('subject');
    for (const document of [typed, plain, ...indexes]) await client.pushManifest(document);
    return client.ask(`/v2/${of}/referrers/${digest}${query}`);
  };

const listPath = `/v2/${repository}/referrers/${subject.digest}`;

/** Pushes a subject with 22 referrers. */
async function crowd(client: Pusher): Promise<void> {
  await client.pushTags('subject');
  for (let at = 0; at < 22; at++) {
    await client.pushManifest(image({ subject, annotations: { at: String(at) } }));
  }
}

interface Entry {
  readonly digest: string;
  readonly artifactType?: string;
  readonly size: number;
  readonly annotations?: object;
}

const entries = async (reply: Response): Promise<Entry[]> => {
  return ((await reply.json()) as { manifests: Entry[] }).manifests;
};

const seen =
  (look: (entry: Entry) => unknown, asking = list()) =>
  async (client: Pusher) => {
    const found = (await entries(await asking(client))).map((entry) => `${look(entry)}`);
    return found.toSorted();
  };

const types = seen(({ artifactType }) => artifactType);
const soundTypes = [configType, 'example/a', 'example/b', 'undefined'].toSorted();
const headerOf =
  (name: string, asking = list()) =>
  async (client: Pusher) => {
    return (await asking(client)).headers.get(name);
  };
const statusOf = (asking: ReturnType<typeof list>) => async (client: Pusher) => {
  return (await asking(client)).status;
};

expectDeviations(listingFaults, [
  {
    id: 'tags-plain-text',
    look: async (client) => {
      await client.pushTags('a');
      return (await client.ask(tagList)).headers.get('content-type');
    },
    faulty: 'text/plain; charset=utf-8',
    sound: 'application/json',
  },
  {
    id: 'tags-link-bare',
    look: async (client) => {
      await client.pushTags('a', 'b');
      return (await client.ask(`${tagList}?n=1`)).headers.get('link');
    },
    faulty: `${tagList}?n=1&last=a; rel="next"`,
    sound: `<${tagList}?n=1&last=a>; rel="next"`,
  },
  {
    id: 'catalog-stale',
    look: async (client) => {
      await client.pushTags('a');
      return (await client.textOf('/v2/_catalog')).includes(repository);
    },
    faulty: false,
    sound: true,
    repo: '',
  },
  {
    id: 'referrers-paged',
    look: async (client) => {
      const reply = await list()(client);
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
    look: async (client) => (await (await list()(client)).text()).includes('schemaVersion'),
    faulty: false,
    sound: true,
  },
  {
    id: 'referrers-none-missing',
    look: statusOf(list('', repository, contentDigest)),
    faulty: 404,
    sound: 200,
  },
  {
    id: 'referrers-malformed-accepted',
    look: statusOf(list('', repository, 'sha256:abc')),
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
    id: 'referrers-size-zero',
    look: seen(({ size }) => size > 0),
    faulty: ['false', 'false', 'false', 'false'],
    sound: ['true', 'true', 'true', 'true'],
  },
  {
    id: 'referrers-untyped',
    look: types,
    faulty: ['undefined', 'undefined', 'undefined', 'undefined'],
    sound: soundTypes,
  },
  {
    id: 'referrers-index-typed',
    look: types,
    faulty: [configType, mediaTypes.ociIndex, 'example/a', 'example/b'].toSorted(),
    sound: soundTypes,
  },
  {
    id: 'referrers-config-unread',
    look: types,
    faulty: ['example/a', 'example/b', 'undefined'],
    sound: soundTypes,
  },
  {
    id: 'referrers-bare',
    look: seen(({ annotations }) => annotations !== undefined),
    faulty: ['false', 'false', 'false', 'false'],
    sound: ['false', 'false', 'false', 'true'],
  },
  {
    id: 'referrers-everywhere',
    look: async (client) => (await seen(() => '', list('', 'team/other'))(client)).length,
    faulty: 4,
    sound: 0,
    repo: 'team/other',
  },
]);
