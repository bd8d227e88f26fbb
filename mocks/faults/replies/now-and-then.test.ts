// How often servers that fail now and then do so, and that all else is in order.
import { expect, test } from 'vitest';
import { TestClient } from '../../../test/lib/test-client.ts';

const requests = 2_000;

/** How many of many requests are answered by the status; 0 for those that get no answer. */
async function hits(fault: string, status: number, path: string, method = 'GET') {
  const client = new TestClient({ auth: 'none', faults: [fault] });
  let count = 0;
  for (let each = 0; each < requests; each++) {
    const found = await client.ask(path, { method }).then(
      (reply) => reply.status,
      () => 0,
    );
    if (found === status) count++;
  }
  return count / requests;
}

const manifest = '/v2/demo/app/manifests/latest';
const blob = `/v2/demo/app/blobs/sha256:${'0'.repeat(64)}`;
const upload = '/v2/demo/app/blobs/uploads/00000000-0000-4000-8000-000000000000?digest=sha256:0';

test.each([
  ['server-errors-now-and-then', 500, manifest, 'GET', 1 / 100],
  ['server-errors-after-work', 500, manifest, 'GET', 1 / 100],
  ['upload-end-falters', 500, upload, 'PUT', 1 / 20],
  ['upload-end-falters', 500, manifest, 'GET', 0],
  ['blob-5xx:p=0.01', 503, blob, 'GET', 1 / 100],
  ['blob-5xx', 503, manifest, 'GET', 0],
  ['connections-dropped-now-and-then', 0, manifest, 'GET', 1 / 50],
] as const)('%s: %i to %s', async (id, status, path, method, share) => {
  const found = await hits(id, status, path, method);
  expect(found).toBeGreaterThanOrEqual(share / 2);
  expect(found).toBeLessThanOrEqual(share * 2);
});

test.each([
  ['token-server-falters', 'https://auth.test/token'],
  ['edge-falters', 'https://cdn.test/sha256/00/00'],
])('%s: 503, of others than the registry', async (id, url) => {
  const client = new TestClient({ faults: [id] });
  const statuses = new Set<number>();
  for (let each = 0; each < 400; each++) {
    statuses.add((await client.registry.fetch(new Request(url))).status);
  }
  expect(statuses).toContain(503);
  expect(statuses.size).toBe(2);
});
