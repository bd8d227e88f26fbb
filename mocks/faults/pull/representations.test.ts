// Headers that depend on what was asked before, on other headers, or on how a blob came to be there.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { content, Pusher, repository } from '../../../test/lib/push-deviations.ts';
import { TestClient } from '../../../test/lib/test-client.ts';
import { createRegistry, type RegistryOptions } from '../../index.ts';
import { digestOf } from '../../store.ts';

const { images } = createRegistry();
const digest = images[0]?.platforms[0]?.config.digest ?? '';
const size = images[0]?.platforms[0]?.config.size ?? 0;
const top = '/v2/demo/app/manifests/latest';

test('manifest-cold-no-digest: the header is missing once, by tag or by digest', async () => {
  const claims = async (options: RegistryOptions) => {
    const client = new TestClient(options);
    const seen: boolean[] = [];
    for (const reference of ['latest', String(images[0]?.digest), 'latest']) {
      const reply = await client.ask(`/v2/demo/app/manifests/${reference}`);
      seen.push(reply.headers.has('docker-content-digest'));
    }
    return seen;
  };
  expect(await claims({ faults: ['manifest-cold-no-digest'] })).toEqual([false, true, true]);
  expect(await claims({})).toEqual([true, true, true]);
});

test('length-lost-with-gzip: only for who knows gzip', async () => {
  const client = new TestClient({ faults: ['length-lost-with-gzip'] });
  const hasLength = async (encoding: string, method: string) => {
    const ask = { method, headers: { 'accept-encoding': encoding } };
    const replies = [await client.ask(top, ask), await client.blob(digest, ask)];
    return replies.map(({ headers }) => headers.has('content-length'));
  };
  for (const method of ['GET', 'HEAD']) {
    expect(await hasLength('gzip, br', method)).toEqual([false, false]);
    expect(await hasLength('identity', method)).toEqual([true, true]);
  }
});

test('blob-gzip-unpacked: only what is gzip throughout, and not too large', async () => {
  const packed = gzipSync('what is in it');
  const broken = packed.subarray(0, 15);
  const bomb = gzipSync(Buffer.alloc(17 * 1024 ** 2));
  const lengths = async (faults: readonly string[]) => {
    const client = new Pusher({ faults });
    const seen: number[] = [];
    for (const bytes of [packed, broken, bomb, content]) {
      await client.pushBlob(bytes);
      const reply = await client.ask(`/v2/${repository}/blobs/${digestOf(bytes)}`);
      seen.push((await reply.arrayBuffer()).byteLength);
    }
    return seen;
  };
  const sound = [packed, broken, bomb, content].map(({ length }) => length);
  expect(await lengths([])).toEqual(sound);
  expect(await lengths(['blob-gzip-unpacked'])).toEqual([13, ...sound.slice(1)]);
});

test.each([302, 'none'] as const)('mounted-head-wrong (redirect %s)', async (redirect) => {
  const lengths = async (faults: readonly string[]) => {
    const client = new TestClient({ auth: 'none', redirect, faults });
    const target = `/v2/demo/copy/blobs/uploads/?mount=${digest}&from=demo/app`;
    expect((await client.ask(target, { method: 'POST' })).status).toBe(201);
    const copy = await client.ask(`/v2/demo/copy/blobs/${digest}`, { method: 'HEAD' });
    const source = await client.blob(digest, { method: 'HEAD' });
    return [copy.headers.get('docker-content-digest') === digest, lengthOf(source)];
  };
  expect(await lengths(['mounted-head-wrong'])).toEqual([false, size]);
  expect(await lengths([])).toEqual([true, size]);
});

test('etag-ignores-accept: 304 for a representation that the client has never had', async () => {
  const statuses = async (faults: readonly string[]) => {
    const client = new TestClient({ faults });
    const ask = async (accept: string, known = '') =>
      client.ask(top, { headers: { accept, ...(known !== '' && { 'if-none-match': known }) } });
    const index = await ask(mediaTypes.ociIndex);
    const etag = index.headers.get('etag') ?? '';
    const same = await ask(mediaTypes.ociIndex, etag);
    const other = await ask(mediaTypes.ociManifest, etag);
    const fresh = await ask(mediaTypes.ociManifest);
    return [index.status, same.status, other.status, fresh.headers.get('etag') === etag];
  };
  expect(await statuses(['etag-ignores-accept'])).toEqual([200, 304, 304, true]);
  expect(await statuses([])).toEqual([200, 304, 200, false]);
});

function lengthOf({ headers }: Response): number {
  return Number(headers.get('content-length'));
}
