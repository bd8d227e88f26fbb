import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestClient } from '../test/lib/test-client.ts';
import { createRegistry, registryHandlers } from './index.ts';
import { digestOf } from './store.ts';

const registry = createRegistry();
const server = setupServer(...registryHandlers(registry));
beforeAll(() => server.listen());
afterAll(() => server.close());

test('a client pulls through MSW with plain fetch, redirects followed', async () => {
  const { origins, images } = registry;
  const scope = 'service=registry.test&scope=repository:demo/app:pull';
  const issued = await fetch(`${origins.token}/token?${scope}`);
  const { token } = (await issued.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const top = await fetch(`${origins.registry}/v2/demo/app/manifests/latest`, { headers });
  expect(digestOf(Buffer.from(await top.arrayBuffer()))).toBe(images[0]?.digest);
  const layer = images[0]?.platforms[0]?.layers[2];
  const url = `${origins.registry}/v2/demo/app/blobs/${layer?.digest}`;
  const blob = await fetch(url, { headers });
  expect(blob.status).toBe(200);
  expect(new URL(blob.url).origin).toBe(origins.cdn);
  expect(digestOf(Buffer.from(await blob.arrayBuffer()))).toBe(layer?.digest);
  const head = await fetch(`${origins.registry}/v2/demo/app/manifests/latest`, {
    method: 'HEAD',
    headers,
  });
  expect(head.headers.get('content-length')).toBe(top.headers.get('content-length'));
});

test('hosts that are not the mock are as unreachable as in real life', async () => {
  const client = new TestClient();
  await expect(client.fetch('https://elsewhere.test/v2/')).rejects.toThrow(TypeError);
});

test('user and password come from the options, else from the seed', () => {
  const one = createRegistry({ username: 'ann', password: 'secret' });
  expect([one.username, one.password]).toEqual(['ann', 'secret']);
  expect(createRegistry({ seed: 5 }).password).toBe(createRegistry({ seed: 5 }).password);
  expect(createRegistry({ seed: 5 }).password).not.toBe(createRegistry({ seed: 6 }).password);
});
