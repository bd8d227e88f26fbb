// Whatever happens to a store on disk that is opened again at any time, it is the store that the same
// would have made in memory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { wholeBytes } from '../bytes.ts';
import { noBytes } from '../call.ts';
import { digestOf, Store } from '../store.ts';
import { openStore } from './open.ts';
import { heldBytesMax } from './storage.ts';

const repositories = ['a', 'b/c'];
const tags = ['1', 'latest'];
const blobs = [
  Buffer.from('one'),
  Buffer.from('two'),
  Buffer.alloc(heldBytesMax + 1, 'x'),
  // Also a manifest.
  manifestOf(0),
];
const manifests = [0, 1, 2, 3].map(manifestOf);
const types = [mediaTypes.ociManifest, 'application/vnd.example+json'];

function manifestOf(n: number): Buffer {
  const subject =
    n < 2 ? {} : { subject: { mediaType: 'a/b', digest: `sha256:${'0'.repeat(64)}`, size: 1 } };
  return Buffer.from(JSON.stringify({ schemaVersion: 2, n, ...subject }));
}

type Step = (store: Store) => unknown;

const repository = fc.constantFrom(...repositories);
const tag = fc.constantFrom(...tags);
const blob = fc.constantFrom(...blobs);
const manifest = fc.constantFrom(...manifests);
const step: fc.Arbitrary<Step | 'reopen'> = fc.oneof(
  fc.tuple(repository, fc.boolean()).map(([name, isPrivate]) => (store: Store) => {
    store.create(name, isPrivate);
  }),
  fc.tuple(repository, blob).map(
    ([name, bytes]) =>
      (store: Store) =>
        store.putBlob(name, bytes),
  ),
  fc.tuple(repository, blob).map(([name, bytes]) => (store: Store) => {
    const staging = store.stage();
    staging.append(bytes);
    staging.keep(digestOf(bytes));
    store.addHeld(name, digestOf(bytes));
  }),
  fc.tuple(repository, manifest, fc.constantFrom(...types)).map(
    ([name, bytes, type]) =>
      (store: Store) =>
        store.putManifest(name, bytes, type),
  ),
  fc.tuple(repository, tag, manifest).map(
    ([name, one, bytes]) =>
      (store: Store) =>
        store.putTag(name, one, digestOf(bytes)),
  ),
  fc.tuple(repository, tag).map(
    ([name, one]) =>
      (store: Store) =>
        store.deleteTag(name, one),
  ),
  fc.tuple(repository, manifest).map(
    ([name, bytes]) =>
      (store: Store) =>
        store.deleteManifest(name, digestOf(bytes)),
  ),
  fc.tuple(repository, blob).map(
    ([name, bytes]) =>
      (store: Store) =>
        store.deleteBlob(name, digestOf(bytes)),
  ),
  fc.constant('reopen' as const),
);

/** All that can be seen of a store. */
async function seen(store: Store): Promise<unknown> {
  const all = [];
  for (const name of repositories) {
    const held = [];
    for (const bytes of blobs) {
      const digest = digestOf(bytes);
      const body = store.blob(name, digest);
      const found = digestOf(await wholeBytes(body ?? noBytes));
      held.push([
        digest,
        store.hasBlob(name, digest),
        found,
        store.repositoriesWith(digest).sort(),
      ]);
      held.push(store.blobOfAny(digest)?.length);
    }
    for (const reference of [...tags, ...manifests.map((bytes) => digestOf(bytes))]) {
      const found = store.manifest(name, reference);
      held.push([reference, found?.digest, found?.mediaType, found?.subject]);
      held.push(Buffer.from(found?.bytes ?? []).toString());
    }
    const referrers = store.referrers(name, `sha256:${'0'.repeat(64)}`);
    all.push([name, store.has(name), store.isPrivate(name), store.tags(name), held, referrers]);
  }
  return [store.repositories(), all];
}

test('a store on disk is the same as one in memory', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pullproof-same-'));
  let runs = 0;
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const dir = join(root, String(++runs));
        const memory = new Store();
        let disk = openStore(dir);
        try {
          for (const one of steps) {
            if (one === 'reopen') {
              await disk.close();
              disk = openStore(dir);
            } else {
              expect(one(disk)).toEqual(one(memory));
            }
          }
          expect(await seen(disk)).toEqual(await seen(memory));
          await disk.close();
          disk = openStore(dir);
          expect(await seen(disk)).toEqual(await seen(memory));
        } finally {
          await disk.close();
          rmSync(dir, { recursive: true });
        }
      }),
      { numRuns: 150 },
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});
