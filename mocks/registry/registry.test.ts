import { describe, expect, test } from 'vitest';
import { parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { nextLink } from '../../src/protocol/grammar/link.ts';
import { TestClient } from '../../test/lib/test-client.ts';
import { digestOf } from '../store.ts';

const client = new TestClient({ auth: 'none' });
const { images, store, origins } = client.registry;
const [app, , legacy] = images;
const amd64 = app?.platforms[0];
const absent = digestOf(Buffer.from('nobody has this'));

async function codeOf(reply: Response): Promise<string> {
  const { errors, wellFormed } = parseErrorBody(await reply.text());
  expect(wellFormed).toBe(true);
  return errors[0]?.code ?? '';
}

test('the ping is answered', async () => {
  expect((await client.ask('/v2/')).status).toBe(200);
});

describe('manifests', () => {
  test.each([
    ['tag', app?.tag],
    ['digest', app?.digest],
  ])('come by %s, HEAD with the headers of GET', async (_, reference) => {
    const path = `/v2/demo/app/manifests/${reference}`;
    const get = await client.ask(path);
    const bytes = Buffer.from(await get.arrayBuffer());
    expect(get.status).toBe(200);
    expect(digestOf(bytes)).toBe(app?.digest);
    expect(get.headers.get('docker-content-digest')).toBe(app?.digest);
    expect(get.headers.get('content-type')).toBe(app?.mediaType);
    expect(get.headers.get('content-length')).toBe(String(bytes.length));
    const head = await client.ask(path, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    expect([...head.headers]).toEqual([...get.headers]);
  });

  test('Docker ones keep their own media type', async () => {
    const reply = await client.ask('/v2/demo/legacy/manifests/1.0');
    expect(reply.headers.get('content-type')).toBe(legacy?.mediaType);
  });

  test('are not sent again to whoever has them', async () => {
    const statusFor = async (value: string) => {
      const headers = { 'if-none-match': value };
      return (await client.ask('/v2/demo/app/manifests/latest', { headers })).status;
    };
    expect(await statusFor(`"${app?.digest}"`)).toBe(304);
    expect(await statusFor(`"x", W/"${app?.digest}"`)).toBe(304);
    expect(await statusFor(`"${absent}"`)).toBe(200);
  });

  test('come by a digest whose colon is percent-encoded', async () => {
    const digest = encodeURIComponent(app?.digest ?? '');
    expect((await client.ask(`/v2/demo/app/manifests/${digest}`)).status).toBe(200);
  });
});

describe('blobs', () => {
  test('are redirected to the CDN, GET and HEAD alike', async () => {
    const path = `/v2/demo/app/blobs/${amd64?.config.digest}`;
    for (const method of ['GET', 'HEAD']) {
      const reply = await client.ask(path, { method });
      expect(reply.status).toBe(302);
      expect(reply.headers.get('location')?.startsWith(`${origins.cdn}/sha256/`)).toBe(true);
      const target = await client.blob(amd64?.config.digest ?? '', { method });
      expect(target.status).toBe(200);
      expect(target.headers.get('content-length')).toBe(String(amd64?.config.size));
      // Clients of the spec look at the last answer, others at the redirect.
      for (const { headers } of [reply, target]) {
        expect(headers.get('docker-content-digest')).toBe(amd64?.config.digest);
      }
    }
  });

  test('are seen only in the repositories that have them', async () => {
    const layer = images[1]?.platforms[0]?.layers[1]?.digest;
    expect((await client.ask(`/v2/demo/single/blobs/${layer}`)).status).toBe(302);
    expect((await client.ask(`/v2/demo/app/blobs/${layer}`)).status).toBe(404);
  });
});

test.each([
  ['GET', '/v2/demo/app/manifests/none', 404, 'MANIFEST_UNKNOWN'],
  ['GET', `/v2/demo/app/manifests/${absent}`, 404, 'MANIFEST_UNKNOWN'],
  ['GET', '/v2/demo/app/manifests/-x', 404, 'MANIFEST_UNKNOWN'],
  ['GET', `/v2/demo/app/manifests/${'a'.repeat(129)}`, 404, 'MANIFEST_UNKNOWN'],
  ['DELETE', '/v2/demo/app/manifests/.x', 404, 'MANIFEST_UNKNOWN'],
  ['GET', '/v2/demo/app/manifests/sha256:abc', 400, 'DIGEST_INVALID'],
  ['GET', `/v2/demo/app/blobs/${absent}`, 404, 'BLOB_UNKNOWN'],
  ['GET', `/v2/demo/app/blobs/${app?.digest}`, 404, 'BLOB_UNKNOWN'],
  ['GET', '/v2/demo/app/blobs/latest', 400, 'DIGEST_INVALID'],
  ['GET', '/v2/demo/none/manifests/latest', 404, 'NAME_UNKNOWN'],
  ['GET', '/v2/demo/none/tags/list', 404, 'NAME_UNKNOWN'],
  ['GET', '/v2/Demo/App/manifests/latest', 400, 'NAME_INVALID'],
  ['GET', '/v2/demo/app/tags/list?n=few', 400, 'UNSUPPORTED'],
  ['POST', '/v2/demo/app/manifests/new', 405, 'UNSUPPORTED'],
  ['PUT', `/v2/demo/app/blobs/${absent}`, 405, 'UNSUPPORTED'],
  ['DELETE', '/v2/demo/app/tags/list', 405, 'UNSUPPORTED'],
  ['GET', '/v2/demo/app/blobs/uploads/', 405, 'UNSUPPORTED'],
  ['GET', '/v2/demo/app/blobs/uploads/x', 404, 'BLOB_UPLOAD_UNKNOWN'],
  ['GET', '/v2/demo/app/referrers/latest', 400, 'DIGEST_INVALID'],
  ['GET', '/v2/_catalog?n=few', 400, 'UNSUPPORTED'],
  ['GET', '/', 404, 'UNSUPPORTED'],
  ['GET', `/v2/${'a'.repeat(3_000)}/manifests/latest`, 404, 'UNSUPPORTED'],
])('%s %s is %i %s', async (method, path, status, code) => {
  const reply = await client.ask(path, { method });
  expect(reply.status).toBe(status);
  expect(await codeOf(reply)).toBe(code);
});

describe('tags', () => {
  const digest = store.putManifest('demo/many', Buffer.from('{}'), 'application/json');
  const names = ['b', 'A', '1.10', '1.9', 'a', '_'];
  for (const name of names) store.putTag('demo/many', name, digest);
  const sorted = ['1.10', '1.9', 'A', '_', 'a', 'b'];

  async function page(path: string): Promise<{ tags: string[]; next: string | undefined }> {
    const reply = await client.ask(path);
    const { name, tags } = (await reply.json()) as { name: string; tags: string[] };
    expect(name).toBe('demo/many');
    return { tags, next: nextLink(reply.headers.get('link') ?? '') };
  }

  test.each([
    ['', sorted, false],
    ['?n=2', ['1.10', '1.9'], true],
    ['?n=6', sorted, false],
    ['?n=0', [], false],
    ['?last=A', ['_', 'a', 'b'], false],
    ['?n=1&last=A', ['_'], true],
    ['?n=5&last=zzz', [], false],
  ])('%j is answered', async (query, tags, hasNext) => {
    const answer = await page(`/v2/demo/many/tags/list${query}`);
    expect(answer.tags).toEqual(tags);
    expect(answer.next !== undefined).toBe(hasNext);
  });

  test('links lead through all of them', async () => {
    const seen: string[] = [];
    let path: string | undefined = '/v2/demo/many/tags/list?n=2';
    for (let pages = 0; path !== undefined && pages < 10; pages++) {
      const { tags, next }: { tags: string[]; next: string | undefined } = await page(path);
      seen.push(...tags);
      path = next;
    }
    expect(seen).toEqual(sorted);
  });
});
