// What single edges do wrong, and what happens to objects that no edge has yet.
import { expect, test } from 'vitest';
import { Clock, TestClient } from '../../../test/lib/test-client.ts';
import { createRegistry, type RegistryOptions } from '../../index.ts';
import { digestOf } from '../../store.ts';

const { images } = createRegistry();
const layer = images[0]?.platforms[0]?.layers[0];
const digest = layer?.digest ?? '';
const size = layer?.size ?? 0;

async function read(client: TestClient, headers: Readonly<Record<string, string>> = {}) {
  const reply = await client.blob(digest, { headers });
  return { reply, bytes: Buffer.from(await reply.arrayBuffer()) };
}

test('edge-object-stale: other bytes from the cache, and parts of the same', async () => {
  const client = new TestClient({ faults: ['edge-object-stale'] });
  const { reply, bytes } = await read(client);
  expect(reply.headers.get('x-cache')).toBe('Hit from edge');
  expect([reply.status, bytes.length, digestOf(bytes) === digest]).toEqual([200, size, false]);
  const at = size >> 1;
  const part = await read(client, { range: `bytes=${at}-${at}` });
  expect([part.reply.status, ...part.bytes]).toEqual([206, bytes[at]]);
  const sound = await read(new TestClient());
  expect(digestOf(sound.bytes)).toBe(digest);
});

test('edge-object-stale: an object store has no edges', async () => {
  const client = new TestClient({ cdnStyle: 's3', faults: ['edge-object-stale'] });
  expect(digestOf((await read(client)).bytes)).toBe(digest);
});

test('edge-cold-timeout: the first GET of an object fails, the next does not', async () => {
  const statuses = async (options: RegistryOptions) => {
    const client = new TestClient(options);
    return [(await read(client)).reply.status, (await read(client)).reply.status];
  };
  expect(await statuses({ faults: ['edge-cold-timeout'], slowMs: 5 })).toEqual([503, 200]);
  expect(await statuses({})).toEqual([200, 200]);
});

test.each([
  ['edge-one-slow', { slowMs: 5 }],
  ['edge-cold-timeout', { slowMs: 5 }],
])('%s: nothing comes for a while', async (id, options) => {
  const client = new TestClient({ faults: [id], ...options });
  const silence = new Promise((resolve) => setImmediate(resolve, 'silence'));
  const first = client.blob(digest).then(({ status }) => status);
  expect(await Promise.race([first, silence])).toBe('silence');
  await first;
});

test('edge-cold-slow: a cold object comes in small pieces, a warm one at once', async () => {
  const pieces = async (client: TestClient) => {
    const large = images[0]?.platforms[0]?.layers.at(-1)?.digest ?? '';
    let count = 0;
    for await (const _ of (await client.blob(large)).body ?? []) count++;
    return count;
  };
  const client = new TestClient({ faults: ['edge-cold-slow'] });
  expect(await pieces(client)).toBeGreaterThan(5);
  expect(await pieces(client)).toBe(1);
});

test.each([
  ['a slow reader is cut at 8 MiB', 60, 8],
  ['a quick reader gets all', 0, 17],
])('slow-reader-cut: %s', async (_, pauseSeconds, mebibytes) => {
  const clock = new Clock();
  const client = new TestClient({ redirect: 'none', now: clock.now, faults: ['slow-reader-cut'] });
  const long = client.registry.store.putBlob('demo/app', Buffer.alloc(17 * 2 ** 20));
  const reply = await client.blob(long);
  expect(reply.headers.get('content-length')).toBe(String(17 * 2 ** 20));
  let bytes = 0;
  for await (const chunk of reply.body ?? []) {
    bytes += chunk.length;
    clock.forward(pauseSeconds);
  }
  expect(bytes).toBe(mebibytes * 2 ** 20);
});

test('large-blob-cut: one of more than 8 MiB, and no other', async () => {
  const client = new TestClient({ faults: ['large-blob-cut'] });
  const received = async (size: number) => {
    const digest = client.registry.store.putBlob('demo/app', Buffer.alloc(size));
    let bytes = 0;
    const reading = async () => {
      for await (const chunk of (await client.blob(digest)).body ?? []) bytes += chunk.length;
    };
    await reading().catch(() => undefined);
    return bytes;
  };
  const most = 8 * 2 ** 20;
  expect(await received(most)).toBe(most);
  expect(await received(most + 1)).toBe(most);
});
