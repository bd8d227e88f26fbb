import { expect, test } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { pulled } from '../../test/lib/client-talk.ts';
import { profiles } from '../profiles/index.ts';
import type { ClientProfile } from './client.ts';

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

test('containerd by itself does not', async () => {
  expect(await askedBy('containerd')).toEqual([]);
});
