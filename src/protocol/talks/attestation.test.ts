import { expect, test } from 'vitest';
import { createRegistry, type MockRegistry } from '../../../mocks/index.ts';
import { pulled } from '../../../test/lib/client-talk.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../client.ts';
import { PullFailure } from '../failure.ts';

/** What a pull of an index with attestations asks of referrers and of tags that stand in for them. */
async function askedBy(name: string, faults: string[] = []): Promise<string[]> {
  const registry = createRegistry({ faults });
  const { said } = await pulled(profiles[name] as ClientProfile, registry);
  return said
    .map(({ request }) => new URL(request.url).pathname)
    .filter((path) => path.includes('/referrers/') || path.includes('/manifests/sha256-'));
}

test('Docker on containerd asks what refers to the attestation', async () => {
  expect(await askedBy('docker-containerd')).toEqual([
    expect.stringMatching(/\/referrers\/sha256:[0-9a-f]{64}$/),
  ]);
});

test('without the API it asks for the tag, and pulls all the same', async () => {
  const asked = await askedBy('docker-containerd', ['referrers-unsupported']);
  expect(asked).toEqual([
    expect.stringContaining('/referrers/'),
    expect.stringMatching(/\/manifests\/sha256-[0-9a-f]{64}$/),
  ]);
});

test('it reads the attestation whole, and its blobs are no content of the image', async () => {
  const { said, result } = await pulled(
    profiles['docker-containerd'] as ClientProfile,
    createRegistry(),
  );
  const others = said.filter(({ request }) => request.ask.phase === 'other');
  const paths = others.map(({ request }) => new URL(request.url).pathname);
  expect(paths.filter((path) => path.includes('/blobs/'))).toHaveLength(2);
  expect(others.every(({ reply }) => reply.status < 400)).toBe(true);
  const image = await pulled(profiles.containerd as ClientProfile, createRegistry());
  expect(result).toEqual(image.result);
});

/** A mock whose replies to such paths are 503. */
function failingAt(part: string): MockRegistry {
  const registry = createRegistry();
  const fetch = async (request: Request) =>
    new URL(request.url).pathname.includes(part)
      ? new Response(null, { status: 503 })
      : await registry.fetch(request);
  return { ...registry, fetch };
}

test('an API that fails leads to the tag, a blob that fails to the end', async () => {
  const client = profiles['docker-containerd'] as ClientProfile;
  const { said } = await pulled(client, failingAt('/referrers/'));
  expect(said.some(({ request }) => request.url.includes('/manifests/sha256-'))).toBe(true);
  const others = said.filter(({ request }) => request.ask.phase === 'other');
  const blob = others.find(({ request }) => request.url.includes('/blobs/'));
  const path = new URL(blob?.request.url ?? '').pathname;
  await expect(pulled(client, failingAt(path))).rejects.toThrow(PullFailure);
});

test('containerd by itself does not', async () => {
  expect(await askedBy('containerd')).toEqual([]);
});
