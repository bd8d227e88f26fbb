import { describe, expect, test } from 'vitest';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { TestClient } from '../../test/lib/test-client.ts';

describe('content negotiation', () => {
  const client = new TestClient({ auth: 'none' });
  const [app, single, legacy] = client.registry.images;
  const ask = (path: string, accept: string) => client.ask(path, { headers: { accept } });
  const digestFor = async (path: string, accept: string) =>
    (await ask(path, accept)).headers.get('docker-content-digest');

  test.each([
    ['/v2/demo/app/manifests/latest', mediaTypes.ociManifest, app],
    ['/v2/demo/legacy/manifests/1.0', mediaTypes.dockerManifest, legacy],
  ])('%s: who knows manifests only gets that of linux/amd64', async (path, type, of) => {
    const amd64 = of?.platforms[0]?.manifest.digest;
    expect(await digestFor(path, type)).toBe(amd64);
    expect(await digestFor(path, `application/json, ${type};q=0.5`)).toBe(amd64);
    const reply = await ask(path, type);
    expect(reply.headers.get('content-type')).toBe(type);
    expect(reply.headers.get('etag')).toBe(`"${amd64}"`);
    const unchanged = { accept: type, 'if-none-match': `"${amd64}"` };
    expect((await client.ask(path, { headers: unchanged })).status).toBe(304);
    const changed = { accept: '*/*', 'if-none-match': `"${amd64}"` };
    expect((await client.ask(path, { headers: changed })).status).toBe(200);
    for (const all of ['*/*', `${type}, */*;q=0.1`, `${type}, ${of?.mediaType}`, 'text/html', '']) {
      expect(await digestFor(path, all)).toBe(of?.digest);
    }
    // Types are the same in any case; one of weight 0 is not wanted (RFC 9110 12.4.2).
    expect(await digestFor(path, `${type}, ${of?.mediaType.toUpperCase()}`)).toBe(of?.digest);
    expect(await digestFor(path, `${type}, ${of?.mediaType};q=0.3`)).toBe(of?.digest);
    expect(await digestFor(path, `${of?.mediaType};q=0, ${type}`)).toBe(amd64);
    for (const accept of [type, '*/*', of?.mediaType ?? '']) {
      expect((await ask(path, accept)).headers.get('vary')).toBe('Accept');
    }
  });

  test('by digest there is nothing to choose, nor of a single manifest', async () => {
    const path = `/v2/demo/app/manifests/${app?.digest}`;
    expect(await digestFor(path, mediaTypes.ociManifest)).toBe(app?.digest);
    const one = '/v2/demo/single/manifests/1.0';
    expect(await digestFor(one, mediaTypes.dockerManifest)).toBe(single?.digest);
    for (const alone of [path, one]) {
      expect((await ask(alone, '*/*')).headers.has('vary')).toBe(false);
    }
  });

  test('an index without what the client can use is 404', async () => {
    const path = '/v2/demo/app/manifests/latest';
    expect((await ask(path, mediaTypes.dockerManifest)).status).toBe(404);
  });
});
