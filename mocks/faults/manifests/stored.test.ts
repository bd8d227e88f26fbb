import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  expectDeviations,
  image,
  otherDigest,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { storedManifestFaults } from './stored.ts';

const pathOf = (reference: string, of = repository) => `/v2/${of}/manifests/${reference}`;
const json = Buffer.from(JSON.stringify(image()));
const digest = digestOf(json);

/** Pushes these bytes as an image, after the blob that images name. */
const send = async (client: Pusher, reference: string, body: string, type?: string) => {
  await client.pushBlob();
  const headers = { 'content-type': type ?? mediaTypes.ociManifest };
  return client.ask(pathOf(reference), { method: 'PUT', body, headers });
};

const statusOf = (reference: string, body: string, type?: string) => async (client: Pusher) => {
  return (await send(client, reference, body, type)).status;
};

/** What comes back of these bytes. */
const kept = (body: string) => async (client: Pusher) => {
  await send(client, 'a', body);
  return client.textOf(pathOf('a'));
};

/** Statuses of an image, an index of it, and an index of the index. */
const nested = async (client: Pusher) => {
  await client.pushBlob();
  const statuses = [(await client.pushManifest(image())).status];
  let entry = { mediaType: mediaTypes.ociManifest as string, digest, size: json.length };
  for (const tag of ['inner', 'outer']) {
    const document = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] };
    statuses.push((await client.pushManifest(document, tag)).status);
    const bytes = Buffer.from(JSON.stringify(document));
    entry = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length };
  }
  return statuses;
};

const indented = JSON.stringify(image(), null, 1);
const sparse = JSON.stringify(
  image({ layers: [{ mediaType: mediaTypes.ociLayerGzip, digest: otherDigest, size: 14 }] }),
);

const bytesOf = (document: object) => Buffer.from(JSON.stringify(document));

expectDeviations(storedManifestFaults, [
  { id: 'manifest-put-ok', look: statusOf('a', `${json}`), faulty: 200, sound: 201 },
  { id: 'index-refused', look: nested, faulty: [201, 415, 415], sound: [201, 201, 201] },
  { id: 'index-nested-refused', look: nested, faulty: [201, 201, 400], sound: [201, 201, 201] },
  { id: 'manifest-compacted', look: kept(indented), faulty: `${json}`, sound: indented },
  {
    id: 'manifest-html-escaped',
    look: kept(JSON.stringify(image({ annotations: { a: '<&>' } }))),
    faulty: JSON.stringify(image({ annotations: { a: '<&>' } })).replace(
      '<&>',
      '\\u003c\\u0026\\u003e',
    ),
    sound: JSON.stringify(image({ annotations: { a: '<&>' } })),
  },
  { id: 'manifest-trimmed', look: kept(`${json}\n `), faulty: `${json}`, sound: `${json}\n ` },
  { id: 'manifest-garbage-accepted', look: statusOf('a', 'no'), faulty: 201, sound: 400 },
  {
    id: 'manifest-digest-malformed-accepted',
    look: statusOf('sha256:abc', `${json}`),
    faulty: 201,
    sound: 400,
  },
  {
    id: 'manifest-missing-miscoded',
    look: async (client) => (await (await send(client, 'a', sparse)).text()).slice(0, 40),
    faulty: '{"errors":[{"code":"MANIFEST_INVALID","m',
    sound: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOW',
  },
  {
    id: 'manifest-too-large-crash',
    look: statusOf('a', `${json}${' '.repeat(5_000)}`),
    faulty: 500,
    sound: 413,
    options: { manifestBytesMax: 5_000 },
  },
  {
    id: 'manifest-type-parameter-refused',
    look: statusOf('a', `${json}`, `${mediaTypes.ociManifest}; charset=utf-8`),
    faulty: 415,
    sound: 201,
  },
  {
    id: 'manifest-leaks',
    look: async (client) => {
      await client.pushTags('a');
      client.registry.store.create('team/other', false);
      return [
        await client.statusOf(pathOf('a', 'team/other')),
        await client.statusOf(pathOf(digest, 'team/other'), 'HEAD'),
        await client.statusOf(pathOf('b', 'team/other')),
      ];
    },
    faulty: [200, 200, 404],
    sound: [404, 404, 404],
    repo: 'team/other',
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
]);
