import { describe, expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  Pusher,
  repository,
  uploads,
} from '../../../test/lib/push-deviations.ts';
import { uploadProgressFaults } from './progress.ts';

const sha = 'sha256:0000000000000000000000000000000000000000000000000000000000000000';

/** Range after each of three chunks of 10, 5 and 1 bytes, and of the status. */
const ranges = async (client: Pusher) => {
  const url = await client.begin();
  const seen: (string | null)[] = [];
  let at = 0;
  let next = url;
  for (const bytes of [10, 5, 1]) {
    const [reply, location] = await client.patch(next, content.subarray(at, at + bytes), at);
    seen.push(reply.headers.get('range'));
    at += bytes;
    next = location;
  }
  return [...seen, (await client.fetch(next)).headers.get('range')];
};
const trueRanges = ['0-9', '0-14', '0-15', '0-15'];

/** Statuses of a chunk that leaves a gap, and of the upload's end with what came in order of arrival. */
const gapInChunks = async (client: Pusher) => {
  const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
  const [reply] = await client.patch(next, content.subarray(10), 11);
  const end = await client.put(next, contentDigest);
  return [reply.status, end.status, await client.blobStatus()];
};

const gapAtEnd = async (client: Pusher) => {
  const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
  const reply = await client.put(next, contentDigest, content.subarray(10), 11);
  return [reply.status, await client.blobStatus()];
};

const afterMount = async (client: Pusher) => {
  const path = `${uploads}?mount=${sha}&from=demo/app`;
  const reply = await client.ask(path, { method: 'POST' });
  const location = reply.headers.get('location') ?? '';
  const [folder] = location.split(/[0-9a-f]{8}-/);
  const url = new URL(location, client.registry.origins.registry).href;
  return [reply.status, folder, (await client.put(url, contentDigest, content)).status];
};

const location = async (client: Pusher) => {
  const reply = await client.ask(uploads, { method: 'POST' });
  return (reply.headers.get('location') ?? '').replace(/[0-9a-f]{8}-[-0-9a-f]{27}/, 'ID');
};

const third = Math.floor(content.length / 3);
const parts = [0, third, 2 * third].map((first) => content.subarray(first, first + third));
const [first = content, second = content, last = content] = parts;

expectDeviations(uploadProgressFaults, [
  {
    id: 'upload-range-stuck',
    look: ranges,
    faulty: ['0-9', '0-9', '0-9', '0-9'],
    sound: trueRanges,
  },
  {
    id: 'upload-range-short',
    look: ranges,
    faulty: ['0-8', '0-13', '0-14', '0-14'],
    sound: trueRanges,
  },
  {
    id: 'upload-range-long',
    look: ranges,
    faulty: ['0-10', '0-15', '0-16', '0-16'],
    sound: trueRanges,
  },
  {
    id: 'upload-range-per-chunk',
    look: ranges,
    faulty: ['0-9', '0-4', '0-0', '0-15'],
    sound: trueRanges,
  },
  {
    id: 'upload-range-unit',
    look: ranges,
    faulty: trueRanges.map((range) => `bytes=${range}`),
    sound: trueRanges,
  },
  {
    id: 'upload-chunk-order-ignored',
    look: gapInChunks,
    faulty: [202, 201, 200],
    sound: [416, 400, 404],
  },
  {
    id: 'upload-chunk-order-crash',
    look: gapInChunks,
    faulty: [500, 400, 404],
    sound: [416, 400, 404],
  },
  { id: 'upload-end-order-ignored', look: gapAtEnd, faulty: [201, 200], sound: [416, 404] },
  { id: 'upload-end-order-bad-request', look: gapAtEnd, faulty: [400, 404], sound: [416, 404] },
  {
    id: 'upload-location-mount',
    look: afterMount,
    faulty: [202, `${uploads}?mount=${sha}&from=demo/app/`, 405],
    sound: [202, uploads, 201],
  },
  { id: 'upload-location-relative', look: location, faulty: 'ID', sound: `${uploads}ID` },
  {
    id: 'upload-location-fragment',
    look: location,
    faulty: `${uploads}ID#part`,
    sound: `${uploads}ID`,
  },
  {
    id: 'upload-location-absolute',
    look: location,
    faulty: `https://registry.test${uploads}ID?_state=a%3Db`,
    sound: `${uploads}ID`,
  },
  {
    id: 'upload-order-forgotten',
    look: async (client) => {
      const [, one] = await client.patch(await client.begin(), first, 0);
      const [, two] = await client.patch(one, second, third);
      const [reply] = await client.patch(two, last, 2 * third + 1);
      return reply.status;
    },
    faulty: 202,
    sound: 416,
  },
  {
    id: 'upload-order-fatal',
    look: async (client) => {
      const [, url] = await client.patch(await client.begin(), first, 0);
      const [reply] = await client.patch(url, last, 2 * third);
      return [reply.status, (await client.fetch(url)).status];
    },
    faulty: [416, 404],
    sound: [416, 204],
  },
]);

describe('what is wrong about an upload', () => {
  test.each(uploadProgressFaults.map(({ id }) => id))('leaves its blob whole: %s', async (id) => {
    for (const push of ['pushBlob', 'pushChunks'] as const) {
      const client = new Pusher({ faults: [id] });
      expect((await client[push]()).status).toBe(201);
      expect(await client.textOf(`/v2/${repository}/blobs/${contentDigest}`)).toBe(`${content}`);
    }
  });

  test('a relative Location also leads on from a URL that does not end in a slash', async () => {
    const client = new Pusher({ faults: ['upload-location-relative'] });
    const url = await client.begin(uploads.slice(0, -1));
    expect((await client.put(url, contentDigest, content)).status).toBe(201);
  });

  test('a chunk that is refused changes nothing', async () => {
    const client = new Pusher({ faults: ['upload-chunk-order-crash'] });
    const [, next] = await client.patch(await client.begin(), content.subarray(0, 10), 0);
    await client.patch(next, content.subarray(10), 11);
    const [, end] = await client.patch(next, content.subarray(10), 10);
    expect((await client.put(end, contentDigest)).status).toBe(201);
  });
});
