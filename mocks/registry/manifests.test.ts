import { describe, expect, test } from 'vitest';
import { parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { type Ask, TestClient } from '../../test/lib/test-client.ts';
import type { RegistryOptions } from '../index.ts';
import { digestOf } from '../store.ts';

const repository = 'team/app';
const manifests = `/v2/${repository}/manifests`;
const config = Buffer.from('{}');
const layer = Buffer.from('a layer');
const descriptor = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

const image = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: descriptor(mediaTypes.ociConfig, config),
  layers: [descriptor(mediaTypes.ociLayerTar, layer)],
};
const imageBytes = json(image);

/** Blanks and fields of one's own, which must survive. */
function json(value: object): Buffer {
  return Buffer.from(`${JSON.stringify({ 'com.example': [1, 2], ...value }, null, 3)}\n`);
}

/** A client of a registry that has the blobs. */
function pusher(options: RegistryOptions = {}): TestClient {
  const client = new TestClient({ auth: 'none', ...options });
  for (const bytes of [config, layer]) client.registry.store.putBlob(repository, bytes);
  return client;
}

function put(
  client: TestClient,
  reference: string,
  body: Uint8Array | string,
  type: string = mediaTypes.ociManifest,
  headers: Ask['headers'] = {},
): Promise<Response> {
  const typed = { ...(type !== '' && { 'content-type': type }), ...headers };
  return client.ask(`${manifests}/${reference}`, { method: 'PUT', body, headers: typed });
}

async function codesOf(reply: Response): Promise<string[]> {
  return parseErrorBody(await reply.text()).errors.map(({ code }) => code);
}

async function expectServed(client: TestClient, of: string, bytes: Uint8Array, type: string) {
  for (const method of ['GET', 'HEAD']) {
    const reply = await client.ask(`${manifests}/${of}`, { method });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe(type);
    expect(reply.headers.get('content-length')).toBe(String(bytes.length));
    const algorithm = of.startsWith('sha512') ? 'sha512' : 'sha256';
    expect(reply.headers.get('docker-content-digest')).toBe(digestOf(bytes, algorithm));
    if (method === 'GET') expect(await reply.text()).toBe(Buffer.from(bytes).toString());
  }
}

describe('a manifest that is pushed', () => {
  test.each(['1.0', digestOf(imageBytes), digestOf(imageBytes, 'sha512')])(
    'as %s is served byte by byte, there and by its digest',
    async (reference) => {
      const client = pusher();
      const reply = await put(client, reference, imageBytes);
      const digest = reference.includes(':') ? reference : digestOf(imageBytes);
      expect(reply.status).toBe(201);
      expect(reply.headers.get('docker-content-digest')).toBe(digest);
      expect(reply.headers.has('oci-subject')).toBe(false);
      expect(reply.headers.get('location')).toBe(`${manifests}/${reference}`);
      await expectServed(client, reference, imageBytes, mediaTypes.ociManifest);
      await expectServed(client, digest, imageBytes, mediaTypes.ociManifest);
    },
  );

  const nested = { ...descriptor(mediaTypes.ociIndex, json({ manifests: [] })) };
  test.each([
    ['an index', mediaTypes.ociIndex, { schemaVersion: 2, manifests: [] }],
    ['an index of indexes', mediaTypes.ociIndex, { schemaVersion: 2, manifests: [nested] }],
    ['a manifest list', mediaTypes.dockerManifestList, { schemaVersion: 2, manifests: [] }],
    ["Docker's manifest", mediaTypes.dockerManifest, { ...image, mediaType: undefined }],
    ['an image without layers', mediaTypes.ociManifest, { ...image, layers: [] }],
    ['an artifact', mediaTypes.ociManifest, { ...image, artifactType: 'application/vnd.x' }],
    ['an artifact manifest', mediaTypes.ociArtifactManifest, { artifactType: 'a/b', blobs: [] }],
    ['an unknown kind', 'application/vnd.example.thing.v7+json', { thing: true }],
    [
      'embedded data',
      mediaTypes.ociManifest,
      { ...image, config: { ...image.config, data: 'e30=' } },
    ],
  ])('may be %s', async (_, type, document) => {
    const client = pusher({ sparse: 'allow' });
    const bytes = json(document);
    expect((await put(client, 'x', bytes, type)).status).toBe(201);
    await expectServed(client, 'x', bytes, type);
  });

  test('has the type of its Content-Type without parameters, else that of the document', async () => {
    const client = pusher();
    await put(client, 'a', imageBytes, `${mediaTypes.ociManifest}; charset=utf-8`);
    await expectServed(client, 'a', imageBytes, mediaTypes.ociManifest);
    const headers = { 'content-type': '' };
    await put(client, 'b', imageBytes, '', headers);
    await expectServed(client, 'b', imageBytes, mediaTypes.ociManifest);
    const untyped = json({ ...image, mediaType: undefined });
    await put(client, 'c', untyped, '', headers);
    await expectServed(client, 'c', untyped, mediaTypes.ociManifest);
  });

  test.each([
    ['not JSON', 'no {'],
    ['no object', '[]'],
    ['nothing', ''],
    ['behind a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), imageBytes])],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['of another schema version', json({ ...image, schemaVersion: 1 })],
    ['without layers', json({ ...image, layers: undefined })],
    ['with a config that is none', json({ ...image, config: { digest: 'sha256:x' } })],
    ['of another type than announced', json({ ...image, mediaType: mediaTypes.ociIndex })],
    ['both index and manifest', json({ ...image, manifests: [] })],
    ['with a subject that is none', json({ ...image, subject: { digest: 'latest' } })],
  ])('is refused when it is %s', async (_, body) => {
    const client = pusher();
    const reply = await put(client, 'x', body);
    expect([reply.status, await codesOf(reply)]).toEqual([400, ['MANIFEST_INVALID']]);
    expect((await client.ask(`${manifests}/x`)).status).toBe(404);
  });

  test.each([
    ['sha256:abc', 400, 'DIGEST_INVALID'],
    [digestOf(layer), 400, 'DIGEST_INVALID'],
    [`blake3:${'a'.repeat(64)}`, 400, 'DIGEST_INVALID'],
    ['-x', 400, 'MANIFEST_INVALID'],
    ['a'.repeat(129), 400, 'MANIFEST_INVALID'],
  ])('as %s is %i %s', async (reference, status, code) => {
    const reply = await put(pusher(), reference, imageBytes);
    expect([reply.status, await codesOf(reply)]).toEqual([status, [code]]);
  });

  test('may have four mebibytes, and no more than the limit', async () => {
    const client = pusher();
    const padded = (bytes: number) => {
      const rest = bytes - Buffer.byteLength(JSON.stringify({ ...image, pad: '' }));
      return JSON.stringify({ ...image, pad: 'x'.repeat(rest) });
    };
    expect((await put(client, 'big', padded(4 * 1024 ** 2))).status).toBe(201);
    const above = await put(client, 'bigger', padded(4 * 1024 ** 2 + 1));
    expect([above.status, await codesOf(above)]).toEqual([413, ['SIZE_INVALID']]);
    expect((await put(pusher({ manifestBytesMax: 10 }), 'x', imageBytes)).status).toBe(413);
  });

  test('moves a tag, and what the tag named stays', async () => {
    const client = pusher();
    await put(client, 'x', imageBytes);
    const other = json({ ...image, annotations: { a: 'b' } });
    await put(client, 'x', other);
    await expectServed(client, 'x', other, mediaTypes.ociManifest);
    await expectServed(client, digestOf(imageBytes), imageBytes, mediaTypes.ociManifest);
  });

  test('by several at once ends as one of them', async () => {
    const client = pusher();
    const bodies = ['a', 'b', 'c'].map((a) => json({ ...image, annotations: { a } }));
    const replies = await Promise.all(bodies.map((body) => put(client, 'x', body)));
    for (const { status } of replies) expect(status).toBe(201);
    const served = await (await client.ask(`${manifests}/x`)).text();
    expect(bodies.map(String)).toContain(served);
    for (const body of bodies) {
      await expectServed(client, digestOf(body), body, mediaTypes.ociManifest);
    }
  });

  test('replaces only what If-Match and If-None-Match let it', async () => {
    const client = pusher();
    const etag = `"${digestOf(imageBytes)}"`;
    const statusWith = async (headers: Record<string, string>) =>
      (await put(client, 'x', imageBytes, mediaTypes.ociManifest, headers)).status;
    expect(await statusWith({ 'if-match': etag })).toBe(412);
    expect(await statusWith({ 'if-none-match': '*' })).toBe(201);
    expect(await statusWith({ 'if-none-match': '*' })).toBe(412);
    expect(await statusWith({ 'if-match': '"other"' })).toBe(412);
    expect(await statusWith({ 'if-match': etag })).toBe(201);
  });
});

describe('tags as parameters', () => {
  const digest = digestOf(imageBytes);
  const query = (tags: readonly string[]) => tags.map((tag) => `tag=${tag}`).join('&');

  test('are all set, and named in the reply', async () => {
    const client = pusher();
    const tags = Array.from({ length: 12 }, (_, i) => `1.${i}`);
    const reply = await put(client, `${digest}?${query(tags)}`, imageBytes);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('oci-tag')?.split(', ')).toEqual(tags);
    for (const tag of tags) await expectServed(client, tag, imageBytes, mediaTypes.ociManifest);
  });

  test('that come twice are named once', async () => {
    const reply = await put(pusher(), `${digest}?tag=a&tag=b&tag=a`, imageBytes);
    expect(reply.headers.get('oci-tag')).toBe('a, b');
  });

  test('of which one is not valid are none', async () => {
    const client = pusher();
    expect((await put(client, `${digest}?tag=a&tag=-b`, imageBytes)).status).toBe(400);
    expect((await client.ask(`${manifests}/a`)).status).toBe(404);
  });

  test('beyond measure are 414', async () => {
    const many = query(Array.from({ length: 101 }, (_, i) => `t${i}`));
    expect((await put(pusher(), `${digest}?${many}`, imageBytes)).status).toBe(414);
  });

  test('beside a tag in the path mean nothing', async () => {
    const client = pusher();
    const reply = await put(client, 'x?tag=y', imageBytes);
    expect(reply.headers.has('oci-tag')).toBe(false);
    expect((await client.ask(`${manifests}/y`)).status).toBe(404);
  });
});

describe('what a manifest names', () => {
  const gone = [json({}), json({ a: 1 })].map((bytes) => descriptor('a/b', bytes));

  test('must be there: each that is missing is an error', async () => {
    const client = pusher();
    const bytes = json({ ...image, layers: [...image.layers, ...gone] });
    const reply = await put(client, 'x', bytes);
    expect(reply.status).toBe(400);
    expect(await codesOf(reply)).toEqual(['MANIFEST_BLOB_UNKNOWN', 'MANIFEST_BLOB_UNKNOWN']);
    expect((await client.ask(`${manifests}/x`)).status).toBe(404);
    const index = json({ schemaVersion: 2, manifests: gone });
    expect((await put(client, 'x', index, mediaTypes.ociIndex)).status).toBe(400);
    const elsewhere = new TestClient({ auth: 'none' });
    elsewhere.registry.store.putBlob('team/other', layer);
    expect((await put(elsewhere, 'x', imageBytes)).status).toBe(400);
  });

  test('need not be there when the registry takes sparse manifests', async () => {
    const client = pusher({ sparse: 'allow' });
    const index = json({ schemaVersion: 2, manifests: gone });
    expect((await put(client, 'x', index, mediaTypes.ociIndex)).status).toBe(201);
  });

  test('may be a manifest or a blob in an index', async () => {
    const client = pusher();
    await put(client, 'x', imageBytes);
    const entries = [descriptor(mediaTypes.ociManifest, imageBytes), ...image.layers];
    const index = json({ schemaVersion: 2, manifests: entries });
    expect((await put(client, 'y', index, mediaTypes.ociIndex)).status).toBe(201);
  });

  test('need not be there when it is not to be distributed and says where it is', async () => {
    const urls = ['https://example.com/layer'];
    const types = [
      'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    ];
    for (const mediaType of types) {
      const foreign = json({ ...image, layers: [{ ...gone[0], mediaType, urls }] });
      expect((await put(pusher(), 'x', foreign)).status).toBe(201);
      const nowhere = json({ ...image, layers: [{ ...gone[0], mediaType }] });
      expect((await put(pusher(), 'x', nowhere)).status).toBe(400);
    }
  });
});

describe('deleting', () => {
  const digest = digestOf(imageBytes);
  const del = async (client: TestClient, path: string) =>
    (await client.ask(path, { method: 'DELETE' })).status;
  const statusOf = async (client: TestClient, path: string) => (await client.ask(path)).status;

  test('a tag leaves the manifest and its other tags', async () => {
    const client = pusher();
    await put(client, `${digest}?tag=a&tag=b`, imageBytes);
    expect(await del(client, `${manifests}/a`)).toBe(202);
    expect(await statusOf(client, `${manifests}/a`)).toBe(404);
    expect(await del(client, `${manifests}/a`)).toBe(404);
    await expectServed(client, 'b', imageBytes, mediaTypes.ociManifest);
    await expectServed(client, digest, imageBytes, mediaTypes.ociManifest);
  });

  test('a manifest takes its tags, and leaves what it names and the repository', async () => {
    const client = pusher();
    await put(client, `${digest}?tag=a&tag=b`, imageBytes);
    const other = json({ ...image, annotations: {} });
    await put(client, 'c', other);
    expect(await del(client, `${manifests}/${digest}`)).toBe(202);
    for (const one of ['a', 'b', digest]) {
      expect(await statusOf(client, `${manifests}/${one}`)).toBe(404);
    }
    expect(await del(client, `${manifests}/${digest}`)).toBe(404);
    expect(await statusOf(client, `/v2/${repository}/blobs/${digestOf(layer)}`)).toBe(302);
    await expectServed(client, 'c', other, mediaTypes.ociManifest);
    await del(client, `${manifests}/${digestOf(other)}`);
    const list = await client.ask(`/v2/${repository}/tags/list`);
    expect(await list.json()).toEqual({ name: repository, tags: [] });
  });

  test('a blob leaves it in other repositories, and with the last it is gone', async () => {
    const client = pusher();
    const { store } = client.registry;
    const of = digestOf(layer);
    store.putBlob('team/other', layer);
    expect(await del(client, `/v2/${repository}/blobs/${of}`)).toBe(202);
    expect(await statusOf(client, `/v2/${repository}/blobs/${of}`)).toBe(404);
    expect(await del(client, `/v2/${repository}/blobs/${of}`)).toBe(404);
    expect(await statusOf(client, `/v2/team/other/blobs/${of}`)).toBe(302);
    expect(await del(client, `/v2/team/other/blobs/${of}`)).toBe(202);
    expect(store.blobOfAny(of)).toBeUndefined();
  });

  test('in a repository that is not there is 404', async () => {
    const client = pusher();
    expect(await del(client, '/v2/no/where/manifests/x')).toBe(404);
    expect(await del(client, `/v2/no/where/blobs/${digest}`)).toBe(404);
  });

  test.each([
    ['tag', `${manifests}/a`],
    ['manifest', `${manifests}/${digest}`],
    ['blob', `/v2/${repository}/blobs/${digestOf(layer)}`],
  ] as const)('a %s can be refused', async (kind, path) => {
    const client = pusher({ noDelete: [kind] });
    await put(client, 'a', imageBytes);
    const reply = await client.ask(path, { method: 'DELETE' });
    expect([reply.status, await codesOf(reply)]).toEqual([405, ['UNSUPPORTED']]);
    expect(reply.headers.get('allow')).not.toContain('DELETE');
    expect(await statusOf(client, path)).toBeLessThan(400);
  });
});
