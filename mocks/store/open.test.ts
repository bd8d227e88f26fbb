import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { digestOf, type Store } from '../store.ts';
import { openStore } from './open.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-open-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let folders = 0;
const folder = () => join(scratch, `store-${++folders}`);

const layer = Buffer.from('a layer');
const config = Buffer.from('{}');
const descriptor = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});
const manifest = (more: object = {}) =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: descriptor('application/vnd.oci.empty.v1+json', config),
      layers: [descriptor(mediaTypes.ociLayerGzip, layer)],
      ...more,
    }),
  );
const image = manifest();
const signature = manifest({ subject: descriptor(mediaTypes.ociManifest, image) });

function push(store: Store, repository: string, ...tags: string[]): void {
  store.create(repository, true);
  store.putBlob(repository, layer);
  store.putBlob(repository, config);
  const digest = store.putManifest(repository, image, mediaTypes.ociManifest);
  for (const tag of tags) store.putTag(repository, tag, digest);
}

interface Entry {
  digest: string;
  annotations?: Record<string, string>;
}

/** Reference name to digest, of index.json; without a name, the digest. */
function named(dir: string): string[] {
  const { manifests } = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
  return (manifests as Entry[])
    .map(({ digest, annotations }) => Object.values(annotations ?? { none: digest })[0] ?? '')
    .sort();
}

/** A layout as another tool writes it: one image under a mere tag, and one without. */
function foreignLayout(dir: string, ...names: string[]): void {
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  for (const bytes of [image, signature, layer, config]) {
    writeFileSync(join(blobs, digestOf(bytes).slice(7)), bytes);
  }
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion": "1.0.0"}');
  const manifests = names.map((name) => ({
    ...descriptor(mediaTypes.ociManifest, image),
    annotations: { 'org.opencontainers.image.ref.name': name },
  }));
  manifests.push(descriptor(mediaTypes.ociManifest, signature) as (typeof manifests)[0]);
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

describe('a store that is opened again', () => {
  test('has repositories, tags, untagged manifests, blobs, referrers and types', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1', '2');
    push(store, 'team/gone', '1');
    store.putManifest('team/app', signature, mediaTypes.ociManifest);
    store.create('team/empty', false);
    store.deleteTag('team/app', '2');
    store.deleteManifest('team/gone', digestOf(image));
    store.deleteBlob('team/gone', digestOf(layer));
    await store.close();
    expect(named(dir)).toEqual([digestOf(signature), 'team/app:1'].sort());
    const again = openStore(dir);
    expect(again.repositories()).toEqual(['team/app', 'team/empty', 'team/gone']);
    expect(again.tags('team/app')).toEqual(['1']);
    expect(again.tags('team/gone')).toEqual([]);
    expect([again.isPrivate('team/app'), again.isPrivate('team/empty')]).toEqual([true, false]);
    expect(again.manifest('team/app', '1')).toMatchObject({ mediaType: mediaTypes.ociManifest });
    expect(again.manifest('team/app', digestOf(signature))?.subject).toBe(digestOf(image));
    expect(again.referrers('team/app', digestOf(image))).toMatchObject([
      { digest: digestOf(signature) },
    ]);
    expect(again.hasBlob('team/gone', digestOf(layer))).toBe(false);
    expect(Buffer.from(again.blob('team/app', digestOf(layer)) as Uint8Array)).toEqual(layer);
    await again.close();
  });

  test('has what is settled, though it was never closed', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    await store.settle();
    const copy = folder();
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, '.pullproof', 'lock'));
    const again = openStore(copy);
    expect(again.manifest('team/app', '1')?.digest).toBe(digestOf(image));
    await again.close();
    expect(named(copy)).toEqual(['team/app:1']);
    await store.close();
  });

  test('opens whatever byte its journal ends with, and has what came before', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1', '2', '3');
    await store.settle();
    const journal = readFileSync(join(dir, '.pullproof', 'journal.ndjson'));
    await store.close();
    let tags = 0;
    for (let end = 0; end <= journal.length; end += 7) {
      const copy = folder();
      cpSync(dir, copy, { recursive: true });
      rmSync(join(copy, 'index.json'));
      writeFileSync(join(copy, '.pullproof', 'journal.ndjson'), journal.subarray(0, end));
      const again = openStore(copy);
      const found = again.tags('team/app')?.length ?? 0;
      expect(found).toBeGreaterThanOrEqual(tags);
      tags = found;
      push(again, 'team/next', '1');
      await again.close();
      const third = openStore(copy);
      expect(third.tags('team/app')?.length ?? 0).toBe(tags);
      expect(third.tags('team/next')).toEqual(['1']);
      await third.close();
      rmSync(copy, { recursive: true });
    }
    expect(tags).toBeGreaterThan(1);
  });

  test('has removed what nobody has any more, and uploads of the last time', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    store.deleteBlob('team/app', digestOf(layer));
    await store.settle();
    expect(existsSync(join(dir, 'blobs', 'sha256', digestOf(layer).slice(7)))).toBe(false);
    store.stage().append(layer);
    await store.close();
    mkdirSync(join(dir, '.pullproof', 'uploads'));
    writeFileSync(join(dir, '.pullproof', 'uploads', 'left'), 'x');
    const again = openStore(dir);
    expect(readdirSync(join(dir, '.pullproof', 'uploads'))).toEqual([]);
    await again.close();
  });

  test('keeps content that is deleted and pushed again at once', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    await store.settle();
    store.deleteBlob('team/app', digestOf(layer));
    store.putBlob('team/app', layer);
    await store.close();
    const again = openStore(dir);
    expect(again.hasBlob('team/app', digestOf(layer))).toBe(true);
    await again.close();
  });

  test('does not have what faults did to it', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    store.corruptBlob(digestOf(layer), Buffer.from('other'));
    store.corruptManifest('team/app', digestOf(image), Buffer.from('other'));
    store.lose('team/app', digestOf(config));
    expect(Buffer.from(store.blob('team/app', digestOf(layer)) as Uint8Array)).not.toEqual(layer);
    expect(store.hasBlob('team/app', digestOf(config))).toBe(false);
    await store.close();
    const again = openStore(dir);
    expect(Buffer.from(again.blob('team/app', digestOf(layer)) as Uint8Array)).toEqual(layer);
    expect(Buffer.from(again.manifest('team/app', '1')?.bytes ?? [])).toEqual(image);
    expect(again.hasBlob('team/app', digestOf(config))).toBe(true);
    await again.close();
  });

  test('has a journal of its own length, not of its history', async () => {
    const dir = folder();
    const path = join(dir, '.pullproof', 'journal.ndjson');
    const store = openStore(dir);
    push(store, 'team/app', '1');
    for (let time = 0; time < 2000; time++) {
      store.putTag('team/app', 'x', digestOf(image));
      store.deleteTag('team/app', 'x');
    }
    await store.close();
    const bytes = readFileSync(path).length;
    await openStore(dir).close();
    expect(readFileSync(path).length).toBeLessThan(bytes / 10);
    const again = openStore(dir);
    expect(again.tags('team/app')).toEqual(['1']);
    await again.close();
  });
});

describe('a layout of another tool', () => {
  test.each([
    ['latest', 'my-layout', 'latest'],
    ['team/app:1.0', 'team/app', '1.0'],
    ['docker.io/library/alpine:3', 'library/alpine', '3'],
    ['localhost:5000/team/app:1', 'team/app', '1'],
  ])('named %s is %s:%s', async (name, repository, tag) => {
    const dir = join(folder(), 'My layout');
    foreignLayout(dir, name);
    const store = openStore(dir);
    expect(store.manifest(repository, tag)?.digest).toBe(digestOf(image));
    expect(store.hasBlob(repository, digestOf(layer))).toBe(true);
    expect(store.hasManifest('my-layout', digestOf(signature))).toBe(true);
    await store.close();
    const [before] = named(dir);
    expect(before === name || named(dir).includes(name)).toBe(true);
    const again = openStore(dir);
    push(again, 'team/new', '1');
    await again.close();
    expect(named(dir)).toEqual([name, 'team/new:1', digestOf(signature)].sort());
  });

  test('may lack layers, and the registry then does', async () => {
    const dir = folder();
    foreignLayout(dir, 'a:1');
    rmSync(join(dir, 'blobs', 'sha256', digestOf(layer).slice(7)));
    const store = openStore(dir);
    expect(store.hasManifest('a', digestOf(image))).toBe(true);
    expect(store.hasBlob('a', digestOf(layer))).toBe(false);
    await store.close();
  });

  test('that changes a store is taken over, and does not undo what is newer', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1', '2');
    await store.close();
    const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
    const [entry] = index.manifests as Entry[];
    const annotations = { 'org.opencontainers.image.ref.name': 'team/app:3' };
    index.manifests.push({ ...entry, annotations });
    writeFileSync(join(dir, 'index.json'), JSON.stringify(index));
    const again = openStore(dir);
    expect(again.tags('team/app')).toEqual(['1', '2', '3']);
    await again.close();
    // A mock that was killed after a change that index.json does not show yet.
    const third = openStore(dir);
    third.deleteTag('team/app', '3');
    await third.settle();
    const copy = folder();
    cpSync(dir, copy, { recursive: true });
    rmSync(join(copy, '.pullproof', 'lock'));
    await third.close();
    writeFileSync(join(copy, 'index.json'), `${JSON.stringify(index)}\n`);
    const last = openStore(copy);
    expect(last.tags('team/app')).toEqual(['1', '2']);
    await last.close();
  });
});

describe('a folder that cannot be a store', () => {
  const cases: [problem: string, code: string, spoil: (dir: string) => void][] = [
    ['is in use', 'store-in-use', (dir) => void openStore(dir)],
    ['holds other things', 'store-foreign', (dir) => rmSync(join(dir, 'oci-layout'))],
    [
      'is a file',
      'store-unusable',
      (dir) => {
        rmSync(dir, { recursive: true });
        write(dir, 'x');
      },
    ],
    [
      'is a layout of another version',
      'store-version',
      (dir) => write(join(dir, 'oci-layout'), '{"imageLayoutVersion":"2.0.0"}'),
    ],
    ['has a broken oci-layout', 'store-damaged', (dir) => write(join(dir, 'oci-layout'), '{')],
    [
      'has a journal of another version',
      'store-version',
      (dir) => write(join(dir, '.pullproof', 'journal.ndjson'), '{"pullproof":"store/v9"}\n'),
    ],
    [
      'has a journal with a line that is none',
      'store-damaged',
      (dir) => {
        const path = join(dir, '.pullproof', 'journal.ndjson');
        write(path, readFileSync(path, 'utf8').replace('"op":"tag"', '"op":"t"'));
      },
    ],
    [
      'lacks a blob',
      'store-damaged',
      (dir) => rmSync(join(dir, 'blobs', 'sha256', digestOf(layer).slice(7))),
    ],
    [
      'has a blob that is cut',
      'store-damaged',
      (dir) => write(join(dir, 'blobs', 'sha256', digestOf(layer).slice(7)), 'a'),
    ],
    ['has a broken index.json', 'store-damaged', (dir) => write(join(dir, 'index.json'), '{')],
    [
      'has an index.json that names what is not there',
      'store-damaged',
      (dir) => {
        const entry = { ...descriptor(mediaTypes.ociManifest, Buffer.from('none')) };
        const index = { schemaVersion: 2, manifests: [entry] };
        write(join(dir, 'index.json'), JSON.stringify(index));
      },
    ],
  ];
  const write = (path: string, text: string) => writeFileSync(path, text);

  test.each(cases)('because it %s is refused as %2$s: %1$s', async (_, code, spoil) => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    await store.close();
    spoil(dir);
    const open = () => openStore(dir);
    expect(open).toThrow(expect.objectContaining({ code, exitCode: 2 }));
    // And the refusal does not lock it.
    expect(open).toThrow(expect.objectContaining({ code }));
  });

  test('because it has more than the limit is refused', async () => {
    const dir = folder();
    const store = openStore(dir);
    push(store, 'team/app', '1');
    await store.close();
    expect(() => openStore(dir, { bytesMax: 10 })).toThrow(
      expect.objectContaining({ code: 'store-full' }),
    );
    await openStore(dir, { bytesMax: 1000 }).close();
  });
});

test('the lock of a process that is gone, or has another start, is taken over', async () => {
  const dir = folder();
  await openStore(dir).close();
  for (const mark of [
    { pid: 2 ** 22 + 1, startedAt: '1' },
    { pid: process.pid, startedAt: '1' },
  ]) {
    writeFileSync(join(dir, '.pullproof', 'lock'), JSON.stringify(mark));
    await openStore(dir).close();
  }
  writeFileSync(join(dir, '.pullproof', 'lock'), '{');
  await openStore(dir).close();
  expect(readdirSync(join(dir, '.pullproof'))).toEqual(['journal.ndjson']);
});

test.runIf(process.platform === 'linux')(
  'a place that takes no folders is told, not tried forever',
  () => {
    expect(() => openStore('/proc/pullproof')).toThrow(
      expect.objectContaining({ code: 'store-unusable', exitCode: 2 }),
    );
  },
);
