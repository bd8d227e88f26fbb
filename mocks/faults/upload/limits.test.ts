import { expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  Pusher,
  repository,
  uploads,
} from '../../../test/lib/push-deviations.ts';
import { shortBytesMax } from '../../call.ts';
import { digestOf } from '../../store.ts';
import { uploadLimitFaults } from './limits.ts';

const large = Buffer.alloc(shortBytesMax + 1, 'x');
const huge = Buffer.alloc(4 * 1024 ** 2 + 1, 'x');
const none = Buffer.alloc(0);

/** Statuses of a PUT of the body and of its blob then, its length announced or not. */
const put = (body: Buffer, isAnnounced: boolean) => async (client: Pusher) => {
  const url = `${await client.begin()}?digest=${digestOf(body)}`;
  const headers: Record<string, string> = isAnnounced ? { 'content-length': `${body.length}` } : {};
  const { status } = await client.fetch(url, { method: 'PUT', body, headers });
  return [status, await client.blobStatus(digestOf(body))];
};

const patch = (body: Buffer, first?: number) => async (client: Pusher) => {
  const [reply] = await client.patch(await client.begin(), body, first);
  return reply.status;
};

const ending = (name: string) => async (client: Pusher) => {
  const reply = await client.pushBlob();
  return [reply.status, reply.headers.get(name), await client.blobStatus()];
};
const place = `/v2/${repository}/blobs/${contentDigest}`;
const nothing = `sha256:${'0'.repeat(64)}`;

expectDeviations(uploadLimitFaults, [
  { id: 'upload-body-limit', look: put(large, true), faulty: [413, 404], sound: [201, 200] },
  {
    id: 'upload-patch-limit',
    look: async (client) => [await patch(huge)(client), (await put(huge, true)(client))[0]],
    faulty: [413, 201],
    sound: [202, 201],
  },
  {
    id: 'upload-limit-4m',
    look: async (client) => [await patch(huge)(client), (await put(huge, false)(client))[0]],
    faulty: [413, 413],
    sound: [202, 201],
  },
  {
    id: 'upload-least-in-words',
    look: async (client) => {
      const reply = await client.ask(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
      return reply.headers.get('oci-chunk-min-length');
    },
    faulty: '5MB',
    sound: null,
  },
  {
    id: 'upload-length-required',
    look: put(content, false),
    faulty: [411, 404],
    sound: [201, 200],
  },
  { id: 'upload-range-required', look: patch(content), faulty: 400, sound: 202 },
  { id: 'upload-one-byte-refused', look: patch(Buffer.from('x'), 0), faulty: 400, sound: 202 },
  {
    id: 'upload-last-chunk-lost',
    look: async (client) => {
      const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
      const reply = await client.put(next, contentDigest, content.subarray(10), 10);
      return [reply.status, await client.blobStatus()];
    },
    faulty: [400, 404],
    sound: [201, 200],
  },
  {
    id: 'upload-again-refused',
    look: async (client) => [(await client.pushBlob()).status, (await client.pushBlob()).status],
    faulty: [201, 409],
    sound: [201, 201],
  },
  {
    id: 'upload-empty-refused',
    look: async (client) => (await client.pushBlob(none)).status,
    faulty: 400,
    sound: 201,
  },
  {
    id: 'upload-end-location-untrue',
    look: ending('location'),
    faulty: [201, `/v2/${repository}/blobs/${nothing}`, 200],
    sound: [201, place, 200],
  },
  {
    id: 'upload-end-location-missing',
    look: ending('location'),
    faulty: [201, null, 200],
    sound: [201, place, 200],
  },
  {
    id: 'upload-end-digest-other',
    look: ending('docker-content-digest'),
    faulty: [201, nothing, 200],
    sound: [201, contentDigest, 200],
  },
  {
    id: 'upload-redirected',
    look: (client) => client.statusOf(uploads, 'POST'),
    faulty: 307,
    sound: 202,
  },
]);

test('what is within the limits is taken', async () => {
  const sound = async (id: string, look: (client: Pusher) => Promise<unknown>) =>
    look(new Pusher({ faults: [id] }));
  expect(await sound('upload-body-limit', put(content, true))).toEqual([201, 200]);
  expect(await sound('upload-length-required', put(content, true))).toEqual([201, 200]);
  expect(await sound('upload-range-required', patch(content, 0))).toBe(202);
  expect(await sound('upload-one-byte-refused', patch(content, 0))).toBe(202);
  expect(await sound('upload-empty-refused', put(content, false))).toEqual([201, 200]);
});

test('a last chunk that is out of order is refused as ever', async () => {
  const client = new Pusher({ faults: ['upload-last-chunk-lost'] });
  const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
  expect((await client.put(next, contentDigest, content.subarray(10), 11)).status).toBe(416);
});
