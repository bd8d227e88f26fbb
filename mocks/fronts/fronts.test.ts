// What each stand-in answers, as the sources of the real ones say.
import { describe, expect, test } from 'vitest';
import { createRegistry } from '../index.ts';
import type { FrontName } from './front.ts';

const repository = 'demo/app';

function front(like: FrontName) {
  const { fetch, origins, store } = createRegistry({ like });
  const found = store.manifest(repository, 'latest');
  const blob = store.putBlob(repository, Buffer.from('0123456789'));
  const ask = (path: string, options: RequestInit = {}) =>
    fetch(new Request(origins.registry + path, options));
  return { ask, fetch, origins, digest: found?.digest ?? '', blob };
}

const manifests = `/v2/${repository}/manifests`;
const blobs = `/v2/${repository}/blobs`;

describe('archeio', () => {
  test('sends all but /v2/ on by 307, without the query, to a registry that answers', async () => {
    const { ask, fetch, origins, digest, blob } = front('archeio');
    expect((await ask('/v2/')).status).toBe(200);
    const paths = [
      `${manifests}/latest`,
      `${blobs}/${blob}`,
      `/v2/${repository}/tags/list?n=1&last=a`,
      `/v2/${repository}/referrers/${digest}?artifactType=a/b`,
    ];
    for (const path of paths) {
      const reply = await ask(path);
      expect(reply.status, path).toBe(307);
      const location = reply.headers.get('location') ?? '';
      expect(location).toBe(`${origins.cdn}${path.split('?')[0]}`);
      expect((await fetch(new Request(location))).status, path).toBeLessThan(400);
    }
  });

  test('takes no pushes, has no catalog, and knows nothing beside /v2/', async () => {
    const { ask, digest } = front('archeio');
    const statuses = await Promise.all([
      ask(`${blobs}/uploads/`, { method: 'POST' }),
      ask(`${manifests}/latest`, { method: 'PUT', body: '{}' }),
      ask(`${manifests}/${digest}`, { method: 'DELETE' }),
      ask('/v2/_catalog'),
      ask('/v1/'),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([405, 405, 405, 404, 404]);
  });
});

describe('spegel', () => {
  test('has manifests and blobs by digest in any repository, and tags with ns only', async () => {
    const { ask, digest, blob } = front('spegel');
    const statuses = await Promise.all([
      ask(`${manifests}/${digest}`),
      ask(`/v2/some/where/manifests/${digest}`),
      ask(`${manifests}/latest?ns=example.org`),
      ask(`${manifests}/latest`),
      ask(`/v2/some/where/blobs/${blob}`),
      ask(`${manifests}/${blob}`),
      ask(`${blobs}/${digest}`),
      ask(`/v2/${repository}/tags/list`),
      ask(`/v2/${repository}/referrers/${digest}`),
      ask(`${blobs}/uploads/`, { method: 'POST' }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([
      ...[200, 200, 200, 404],
      ...[200, 404, 404],
      ...[404, 404, 404],
    ]);
  });

  test('serves one range; several are not found, and one past the end is a bad request', async () => {
    const { ask, blob } = front('spegel');
    const seen = async (range: string) => {
      const reply = await ask(`${blobs}/${blob}`, { headers: { range } });
      return [reply.status, await reply.text(), reply.headers.get('content-range')];
    };
    expect(await seen('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await seen('bytes=7-99')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await seen('bytes=8-')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await seen('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await seen('bytes=-30')).toEqual([206, '0123456789', 'bytes 0-9/10']);
    expect(await seen('bytes=0-1,3-4')).toEqual([404, '', null]);
    expect(await seen('bytes=4-2')).toEqual([404, '', null]);
    expect(await seen('pages=1-2')).toEqual([404, '', null]);
    expect(await seen('bytes=10-')).toEqual([400, '', null]);
  });
});

describe('pull-through', () => {
  test('cold content is 404 to HEAD, a manifest is warm by tag and digest then', async () => {
    const { fetch, origins, digest, blob } = front('pull-through');
    const service = new URL(origins.registry).host;
    const scope = `service=${service}&scope=repository:${repository}:pull`;
    const reply = await fetch(new Request(`${origins.token}/token?${scope}`));
    const { token } = (await reply.json()) as { token: string };
    const ask = async (method: string, path: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(new Request(origins.registry + path, { method, headers }))).status;
    };
    expect(await ask('HEAD', `${manifests}/latest`)).toBe(404);
    expect(await ask('HEAD', `${manifests}/${digest}`)).toBe(404);
    expect(await ask('GET', `${manifests}/latest`)).toBe(200);
    expect(await ask('HEAD', `${manifests}/latest`)).toBe(200);
    expect(await ask('HEAD', `${manifests}/${digest}`)).toBe(200);
    expect(await ask('HEAD', `${blobs}/${blob}`)).toBe(404);
    expect(await ask('GET', `${blobs}/${blob}`)).toBe(302);
    expect(await ask('HEAD', `${blobs}/${blob}`)).toBe(302);
    expect(await ask('POST', `${blobs}/uploads/`)).toBe(405);
  });
});
