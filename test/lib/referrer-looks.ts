// For the tests of faults of referrers: a subject with a referrer of each kind, or with many, and what is seen
// of their list.

import { digestOf } from '../../mocks/store.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { image, type Pusher, repository } from './push-deviations.ts';

const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf(json(image())), size: 1 };
const typed = image({ subject, artifactType: 'example/a', annotations: { a: 'b' } });
const plain = image({ subject });
const indexes = [{ artifactType: 'example/b' }, {}].map((fields) => {
  const mediaType = mediaTypes.ociIndex;
  return { schemaVersion: 2, mediaType, manifests: [], subject, ...fields };
});
export const configType = mediaTypes.ociConfig;

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document));
}

/** The reply to asking for the referrers of a subject that has four. */
export const listing =
  (query = '', of = repository, digest = subject.digest) =>
  async (client: Pusher) => {
    await client.pushTags('subject');
    for (const document of [typed, plain, ...indexes]) await client.pushManifest(document);
    return client.ask(`/v2/${of}/referrers/${digest}${query}`);
  };

export const listPath = `/v2/${repository}/referrers/${subject.digest}`;

/** Pushes a subject with 22 referrers. */
export async function crowd(client: Pusher): Promise<void> {
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

export const entries = async (reply: Response): Promise<Entry[]> => {
  return ((await reply.json()) as { manifests: Entry[] }).manifests;
};

export const seen =
  (look: (entry: Entry) => unknown, asking = listing()) =>
  async (client: Pusher) => {
    const found = (await entries(await asking(client))).map((entry) => `${look(entry)}`);
    return found.toSorted();
  };

export const types = seen(({ artifactType }) => artifactType);
export const soundTypes = [configType, 'example/a', 'example/b', 'undefined'].toSorted();
export const headerOf =
  (name: string, asking = listing()) =>
  async (client: Pusher) => {
    return (await asking(client)).headers.get(name);
  };
export const statusOf = (asking: ReturnType<typeof listing>) => async (client: Pusher) => {
  return (await asking(client)).status;
};
