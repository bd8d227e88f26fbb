import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  expectDeviations,
  image,
  otherDigest,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { manifestPushFaults, shortTagCharsMax } from './stored.ts';

const pathOf = (reference: string, of = repository) => `/v2/${of}/manifests/${reference}`;
const json = Buffer.from(JSON.stringify(image()));
const digest = digestOf(json);
const other = image({ annotations: { other: 'yes' } });
const otherImage = digestOf(Buffer.from(JSON.stringify(other)));

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

/** What the tag leads to after two pushes, and whether the first manifest is there still. */
const moved = async (client: Pusher) => {
  await client.pushTags('a');
  const { status } = await client.pushManifest(other, 'a');
  const { headers } = await client.ask(pathOf('a'));
  const isMoved = headers.get('docker-content-digest') === otherImage;
  return [status, isMoved, await client.statusOf(pathOf(digest))];
};

/** OCI-Tag after a push with five tag parameters, and the statuses of the first tag and the last. */
const tagged = async (client: Pusher) => {
  await client.pushBlob();
  const headers = { 'content-type': mediaTypes.ociManifest };
  const path = `${pathOf(digest)}?tag=a&tag=b&tag=c&tag=d&tag=e`;
  const reply = await client.ask(path, { method: 'PUT', body: json, headers });
  const said = reply.headers.get('oci-tag');
  return [said, await client.statusOf(pathOf('a')), await client.statusOf(pathOf('e'))];
};

const indented = JSON.stringify(image(), null, 1);
const long = 'x'.repeat(shortTagCharsMax + 1);
const sparse = JSON.stringify(
  image({ layers: [{ mediaType: mediaTypes.ociLayerGzip, digest: otherDigest, size: 14 }] }),
);

expectDeviations(manifestPushFaults, [
  { id: 'manifest-put-ok', look: statusOf('a', `${json}`), faulty: 200, sound: 201 },
  { id: 'index-refused', look: nested, faulty: [201, 415, 415], sound: [201, 201, 201] },
  { id: 'index-nested-refused', look: nested, faulty: [201, 201, 400], sound: [201, 201, 201] },
  { id: 'manifest-compacted', look: kept(indented), faulty: `${json}`, sound: indented },
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
  { id: 'tag-grammar-unchecked', look: statusOf('.a', `${json}`), faulty: 201, sound: 400 },
  { id: 'tag-long-refused', look: statusOf(long, `${json}`), faulty: 400, sound: 201 },
  {
    id: 'tag-case-blind',
    look: async (client) => {
      await client.pushTags('Tag');
      const path = `/v2/${repository}/manifests/`;
      return [await client.statusOf(`${path}tag`), await client.statusOf(`${path}Tag`)];
    },
    faulty: [200, 200],
    sound: [404, 200],
  },
  { id: 'tag-stuck', look: moved, faulty: [201, false, 200], sound: [201, true, 200] },
  { id: 'tag-moved-collects', look: moved, faulty: [201, true, 404], sound: [201, true, 200] },
  {
    id: 'tag-parameters-ignored',
    look: tagged,
    faulty: [null, 404, 404],
    sound: ['a, b, c, d, e', 200, 200],
  },
  {
    id: 'tag-parameters-unsaid',
    look: tagged,
    faulty: [null, 200, 200],
    sound: ['a, b, c, d, e', 200, 200],
  },
  {
    id: 'tag-parameters-few',
    look: tagged,
    faulty: ['a, b, c, d', 200, 404],
    sound: ['a, b, c, d, e', 200, 200],
  },
]);
