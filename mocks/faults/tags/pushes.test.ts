import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  expectDeviations,
  image,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { shortTagCharsMax } from '../kit/pushes.ts';
import { tagPushFaults } from './pushes.ts';

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

const long = 'x'.repeat(shortTagCharsMax + 1);
const bytesOf = (document: object) => Buffer.from(JSON.stringify(document));

expectDeviations(tagPushFaults, [
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
  {
    id: 'tag-parameters-keep',
    look: async (client) => {
      await client.pushTags('a');
      const digest = digestOf(bytesOf(other));
      const reply = await client.pushManifest(other, `${digest}?tag=a&tag=b`);
      const text = await client.textOf(`/v2/${repository}/manifests/a`);
      return [reply.headers.get('oci-tag'), text.includes('other')];
    },
    faulty: ['a, b', false],
    sound: ['a, b', true],
  },
  {
    id: 'tag-moved-digest-old',
    look: async (client) => {
      await client.pushTags('a');
      const { headers } = await client.pushManifest(other, 'a');
      return headers.get('docker-content-digest') === digestOf(bytesOf(other));
    },
    faulty: false,
    sound: true,
  },
]);
