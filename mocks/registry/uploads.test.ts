import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { type Ask, Clock, TestClient } from '../../test/lib/test-client.ts';
import { wholeBytes } from '../bytes.ts';
import { noBytes } from '../call.ts';
import type { RegistryOptions } from '../index.ts';
import { digestOf } from '../store.ts';

const repository = 'team/app';
const uploads = `/v2/${repository}/blobs/uploads/`;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
const content = Buffer.from('what is pushed, byte by byte');
const digest = digestOf(content);
const sha512 = digestOf(content, 'sha512');

function pusher(options: RegistryOptions = {}): TestClient {
  return new TestClient({ auth: 'none', ...options });
}

/** Begins an upload; returns its location. */
async function begin(client: TestClient, query = ''): Promise<string> {
  const reply = await client.ask(uploads + query, { method: 'POST' });
  expect(reply.status).toBe(202);
  const location = reply.headers.get('location') ?? '';
  expect(location).toMatch(uuid);
  return location;
}

async function put(client: TestClient, location: string, of: string, ask: Ask = {}) {
  return client.ask(`${location}?digest=${of}`, { ...ask, method: 'PUT' });
}

function patch(client: TestClient, location: string, body: Uint8Array, range?: string) {
  const headers: Record<string, string> = range === undefined ? {} : { 'content-range': range };
  return client.ask(location, { method: 'PATCH', body, headers });
}

async function codeOf(reply: Response): Promise<string> {
  return parseErrorBody(await reply.text()).errors[0]?.code ?? '';
}

async function expectStored(client: TestClient, reply: Response, of: string, bytes: Uint8Array) {
  expect(reply.status).toBe(201);
  expect(reply.headers.get('docker-content-digest')).toBe(of);
  const location = reply.headers.get('location') ?? '';
  const first = await client.ask(location);
  expect(first.headers.get('docker-content-digest')).toBe(of);
  const blob = await client.fetch(first.headers.get('location') ?? '');
  expect(Buffer.compare(Buffer.from(await blob.arrayBuffer()), bytes)).toBe(0);
  expect(new URL(blob.url || first.headers.get('location') || '').host).toBe('cdn.test');
}

async function expectAbsent(client: TestClient, of = digest): Promise<void> {
  expect((await client.ask(`/v2/${repository}/blobs/${of}`)).status).toBe(404);
  expect(client.registry.store.blobOfAny(of)).toBeUndefined();
}

describe('a blob in one piece', () => {
  test.each([digest, sha512])('by POST then PUT: %s', async (of) => {
    const client = pusher();
    const reply = await put(client, await begin(client), of, { body: content });
    await expectStored(client, reply, of, content);
  });

  test.each([digest, sha512])('by a single POST: %s', async (of) => {
    const client = pusher();
    const ask = { method: 'POST', body: content };
    await expectStored(client, await client.ask(`${uploads}?digest=${of}`, ask), of, content);
  });

  test('of zero bytes, in both ways', async () => {
    const nothing = new Uint8Array(0);
    const client = pusher();
    const one = await client.ask(`${uploads}?digest=${digestOf(nothing)}`, { method: 'POST' });
    await expectStored(client, one, digestOf(nothing), nothing);
    const other = pusher();
    const two = await put(other, await begin(other), digestOf(nothing));
    await expectStored(other, two, digestOf(nothing), nothing);
  });

  test.each([
    ['another digest', digestOf(Buffer.from('else'))],
    ['no digest', ''],
    ['half a digest', 'sha256:abc'],
    ['an algorithm that nobody has', `blake3:${'a'.repeat(64)}`],
  ])('with %s is 400 and not there', async (_, of) => {
    const client = pusher();
    const single = await client.ask(`${uploads}?digest=${of}`, { method: 'POST', body: content });
    const pair = await put(client, await begin(client), of, { body: content });
    for (const reply of [single, pair]) {
      expect(reply.status).toBe(400);
      expect(await codeOf(reply)).toBe('DIGEST_INVALID');
    }
    await expectAbsent(client);
    expect(client.registry.store.has(repository)).toBe(false);
  });

  test('of another length than announced is 400 and not there', async () => {
    const client = pusher();
    const headers = { 'content-length': '5' };
    const reply = await put(client, await begin(client), digest, { body: content, headers });
    expect([reply.status, await codeOf(reply)]).toEqual([400, 'SIZE_INVALID']);
    await expectAbsent(client);
  });

  test('above the limit is 413, at the limit it is welcome', async () => {
    const strict = pusher({ blobBytesMax: content.length - 1 });
    const replies = [
      await strict.ask(`${uploads}?digest=${digest}`, { method: 'POST', body: content }),
      await put(strict, await begin(strict), digest, { body: content }),
      await patch(strict, await begin(strict), content),
    ];
    for (const reply of replies) {
      expect([reply.status, await codeOf(reply)]).toEqual([413, 'SIZE_INVALID']);
    }
    const exact = pusher({ blobBytesMax: content.length });
    const reply = await put(exact, await begin(exact), digest, { body: content });
    expect(reply.status).toBe(201);
  });
});

describe('a blob in chunks', () => {
  test('of any lengths becomes the whole, in either algorithm', async () => {
    const client = pusher();
    const parts = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 });
    const choices = [parts, fc.boolean(), fc.boolean(), fc.boolean()] as const;
    await fc.assert(
      fc.asyncProperty(...choices, async (chunks, isLong, isSaid, withRange) => {
        const whole = Buffer.concat(chunks);
        const of = digestOf(whole, isLong ? 'sha512' : 'sha256');
        const said = `?digest-algorithm=${isLong ? 'sha512' : 'sha256'}`;
        let location = await begin(client, isSaid ? said : '');
        let at = 0;
        for (const chunk of chunks) {
          const isRanged = withRange && chunk.length > 0;
          const range = isRanged ? `${at}-${at + chunk.length - 1}` : undefined;
          const reply = await patch(client, location, chunk, range);
          at += chunk.length;
          expect(reply.status).toBe(202);
          expect(reply.headers.get('range')).toBe(`0-${Math.max(0, at - 1)}`);
          location = reply.headers.get('location') ?? '';
        }
        await expectStored(client, await put(client, location, of), of, whole);
      }),
      { numRuns: 40 },
    );
  });

  test('the last may come with the PUT', async () => {
    const client = pusher();
    const location = await begin(client);
    await patch(client, location, content.subarray(0, 10), '0-9');
    const headers = { 'content-range': `10-${content.length - 1}` };
    const reply = await put(client, location, digest, { body: content.subarray(10), headers });
    await expectStored(client, reply, digest, content);
  });

  test('that does not come next is 416, and what came before can go on', async () => {
    const client = pusher();
    const location = await begin(client);
    const early = await patch(client, location, content.subarray(10), '10-27');
    expect([early.status, await codeOf(early)]).toEqual([416, 'BLOB_UPLOAD_INVALID']);
    await patch(client, location, content.subarray(0, 10), '0-9');
    for (const range of ['0-9', '12-27', '9-27', '10', '10-9', 'bytes 10-27/28', '-', 'x-y']) {
      expect((await patch(client, location, content.subarray(10), range)).status).toBe(416);
      const headers = { 'content-range': range };
      const closing = await put(client, location, digest, { body: content.subarray(10), headers });
      expect(closing.status).toBe(416);
      expect(closing.headers.get('range')).toBe('0-9');
    }
    const status = await client.ask(location);
    expect(status.status).toBe(204);
    expect(status.headers.get('range')).toBe('0-9');
    const next = await patch(client, status.headers.get('location') ?? '', content.subarray(10));
    expect(next.status).toBe(202);
    await expectStored(client, await put(client, location, digest), digest, content);
  });

  test('of another length than its range is 400 and does not count', async () => {
    const client = pusher();
    const location = await begin(client);
    expect(await codeOf(await patch(client, location, content, '0-5'))).toBe('SIZE_INVALID');
    expect((await client.ask(location)).headers.get('range')).toBe('0-0');
    const reply = await put(client, location, digest, { body: content });
    expect(reply.status).toBe(201);
  });

  test('of less than the least length must be the last', async () => {
    const client = pusher({ chunkBytesMin: 8 });
    const start = await client.ask(uploads, { method: 'POST' });
    expect(start.headers.get('oci-chunk-min-length')).toBe('8');
    const location = start.headers.get('location') ?? '';
    await patch(client, location, content.subarray(0, 8), '0-7');
    expect((await patch(client, location, content.subarray(8, 12), '8-11')).status).toBe(202);
    const after = await patch(client, location, content.subarray(12), `12-${content.length - 1}`);
    expect([after.status, await codeOf(after)]).toEqual([400, 'SIZE_INVALID']);
    const short = digestOf(content.subarray(0, 12));
    expect((await put(client, location, short)).status).toBe(201);
    expect(
      (await pusher().ask(uploads, { method: 'POST' })).headers.has('oci-chunk-min-length'),
    ).toBe(false);
  });

  test('together above the limit is 413', async () => {
    const client = pusher({ blobBytesMax: 20 });
    const location = await begin(client);
    expect((await patch(client, location, content.subarray(0, 20))).status).toBe(202);
    expect((await patch(client, location, content.subarray(20))).status).toBe(413);
    const reply = await put(client, location, digest, { body: content.subarray(20) });
    expect(reply.status).toBe(413);
  });
});

describe('an upload', () => {
  const gone = async (client: TestClient, location: string) => {
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const reply = await client.ask(location, { method });
      expect([reply.status, await codeOf(reply)]).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    }
    expect((await put(client, location, digest, { body: content })).status).toBe(404);
  };

  test('that is cancelled is gone, and so is what came of it', async () => {
    const client = pusher();
    const location = await begin(client);
    await patch(client, location, content);
    expect((await client.ask(location, { method: 'DELETE' })).status).toBe(204);
    await gone(client, location);
    await expectAbsent(client);
  });

  test('is over when it is finished, well or not', async () => {
    const client = pusher();
    const good = await begin(client);
    await put(client, good, digest, { body: content });
    await gone(client, good);
    const bad = await begin(client);
    await put(client, bad, digest, { body: Buffer.from('else') });
    await gone(client, bad);
  });

  test('belongs to its repository', async () => {
    const client = pusher();
    const location = (await begin(client)).replace(repository, 'team/other');
    await gone(client, location);
  });

  test('is forgotten when nobody touches it for its time', async () => {
    const clock = new Clock();
    const client = pusher({ uploadTtlSeconds: 60, now: clock.now });
    const [idle, busy] = [await begin(client), await begin(client)];
    clock.forward(40);
    expect((await patch(client, busy, content)).status).toBe(202);
    clock.forward(20);
    await gone(client, idle);
    expect((await put(client, busy, digest)).status).toBe(201);
  });

  test('too many at once are 429, until one ends', async () => {
    const client = pusher({ uploadsMax: 2 });
    const first = await begin(client);
    await begin(client);
    const refused = await client.ask(uploads, { method: 'POST' });
    expect([refused.status, await codeOf(refused)]).toEqual([429, 'TOOMANYREQUESTS']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await client.ask(first, { method: 'DELETE' });
    await begin(client);
  });

  test('too many bytes at once are 429, and can come later', async () => {
    const client = pusher({ uploadsBytesMax: content.length + 5 });
    const [one, two] = [await begin(client), await begin(client)];
    await patch(client, one, content);
    const refused = [
      await patch(client, two, content),
      await put(client, two, digest, { body: content }),
    ];
    for (const reply of refused) {
      expect([reply.status, await codeOf(reply)]).toEqual([429, 'TOOMANYREQUESTS']);
    }
    expect((await put(client, one, digest)).status).toBe(201);
    expect((await put(client, two, digest, { body: content })).status).toBe(201);
    const three = await begin(client);
    expect((await patch(client, three, content)).status).toBe(202);
  });

  test('with an algorithm that nobody has is 400', async () => {
    const reply = await pusher().ask(`${uploads}?digest-algorithm=md5`, { method: 'POST' });
    expect([reply.status, await codeOf(reply)]).toEqual([400, 'DIGEST_INVALID']);
  });

  test('of the same blob twice at once ends well twice', async () => {
    const client = pusher();
    const [one, two] = [await begin(client), await begin(client)];
    await patch(client, one, content.subarray(0, 5));
    await patch(client, two, content.subarray(0, 7));
    const closing = [
      put(client, two, digest, { body: content.subarray(7) }),
      put(client, one, digest, { body: content.subarray(5) }),
    ];
    for (const reply of await Promise.all(closing)) {
      await expectStored(client, reply, digest, content);
    }
  });

  test('that is closed twice at once is closed once', async () => {
    const client = pusher();
    const location = await begin(client);
    const closing = [1, 2, 3].map(() => put(client, location, digest, { body: content }));
    const statuses = (await Promise.all(closing)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 404, 404]);
  });
});

describe('a mount', () => {
  const mount = (client: TestClient, of: string, from?: string) => {
    const source = from === undefined ? '' : `&from=${encodeURIComponent(from)}`;
    return client.ask(`${uploads}?mount=${of}${source}`, { method: 'POST' });
  };
  const layerOf = (client: TestClient) =>
    client.registry.images[0]?.platforms[0]?.layers[0]?.digest ?? '';

  test.each(['demo/app', undefined])('from %s puts the blob there', async (from) => {
    const client = pusher();
    const layer = layerOf(client);
    const reply = await mount(client, layer, from);
    const bytes = await wholeBytes(client.registry.store.blobOfAny(layer) ?? noBytes);
    await expectStored(client, reply, layer, bytes);
  });

  test.each([
    ['a repository without it', 'demo/legacy'],
    ['a repository that is not there', 'no/where'],
  ])('from %s begins an upload that works', async (_, from) => {
    const client = pusher();
    const reply = await mount(client, digest, from);
    expect(reply.status).toBe(202);
    const location = reply.headers.get('location') ?? '';
    expect((await put(client, location, digest, { body: content })).status).toBe(201);
  });

  test.each([
    ['sha256:abc', 'demo/app', 'DIGEST_INVALID'],
    [digest, 'Demo"App', 'NAME_INVALID'],
  ])('of %s from %s is 400 %s', async (of, from, code) => {
    const reply = await mount(pusher(), of, from);
    expect([reply.status, await codeOf(reply)]).toEqual([400, code]);
  });
});
