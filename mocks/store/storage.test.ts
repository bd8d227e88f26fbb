import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { joined, wholeBytes } from '../bytes.ts';
import { type Body, noBytes } from '../call.ts';
import { digestOf } from '../store.ts';
import { DiskStorage, type Writing } from './disk.ts';
import { Blocks, MemoryStorage } from './memory.ts';
import { type BlobStorage, Budget, heldBytesMax, StoreFull } from './storage.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-storage-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let folders = 0;

function disk(budget: Budget, writing?: Writing): { storage: DiskStorage; dir: string } {
  const dir = join(scratch, String(++folders));
  mkdirSync(join(dir, 'uploads'), { recursive: true });
  return { storage: new DiskStorage(dir, join(dir, 'uploads'), budget, writing), dir };
}

const kinds: [name: string, make: (budget: Budget) => BlobStorage][] = [
  ['in memory', (budget) => new MemoryStorage(budget)],
  ['on disk', (budget) => disk(budget).storage],
];

/** Incompressible, the same for the same length. */
function content(length: number): Buffer {
  const seed = createHash('sha256').update(String(length)).digest();
  return Buffer.alloc(length, seed);
}

async function bytesOf(body: Body | undefined): Promise<Buffer> {
  return Buffer.from(await wholeBytes(body ?? noBytes));
}

describe.each(kinds)('content %s', (_, make) => {
  test.each([0, 1, 1000, heldBytesMax, heldBytesMax + 1, 3 * heldBytesMax + 7])(
    'of %i bytes comes back whole and in parts, put or staged',
    async (length) => {
      const bytes = content(length);
      const digest = digestOf(bytes);
      const put = make(new Budget());
      put.put(digest, bytes);
      const staged = make(new Budget());
      const staging = staged.stage();
      staging.append(bytes.subarray(0, length >> 1));
      await staging.write(bytes.subarray(length >> 1));
      expect(staging.length).toBe(length);
      expect(staging.digest('sha256')).toBe(digest);
      await staging.sync();
      staging.keep(digest);
      for (const storage of [put, staged]) {
        expect(storage.sizeOf(digest)).toBe(length);
        const body = storage.body(digest);
        expect((await bytesOf(body)).equals(bytes)).toBe(true);
        const part = body?.subarray(1, length - 1);
        expect((await bytesOf(part)).equals(bytes.subarray(1, length - 1))).toBe(true);
      }
      expect(staged.body(digest) instanceof Uint8Array).toBe(length <= heldBytesMax);
    },
  );

  test('that came as a long blob can be read as a manifest', () => {
    const bytes = content(heldBytesMax + 1);
    const storage = make(new Budget());
    const staging = storage.stage();
    staging.append(bytes);
    staging.keep(digestOf(bytes));
    storage.put(digestOf(bytes), bytes);
    expect(Buffer.from(storage.read(digestOf(bytes)) ?? []).equals(bytes)).toBe(true);
  });

  test('that was deleted or discarded is gone, and its room is free', async () => {
    const budget = new Budget(5000);
    const storage = make(budget);
    const bytes = content(3000);
    storage.put(digestOf(bytes), bytes);
    storage.put(digestOf(bytes), bytes);
    expect(budget.taken).toBe(3000);
    const staging = storage.stage();
    staging.append(content(1000));
    expect(budget.taken).toBe(4000);
    expect(() => staging.append(content(2000))).toThrow(StoreFull);
    await expect(staging.write(content(2000))).rejects.toThrow(StoreFull);
    expect(() => storage.put('sha256:'.padEnd(71, 'a'), content(2000))).toThrow(StoreFull);
    expect([budget.taken, staging.length]).toEqual([4000, 1000]);
    staging.truncate(10);
    expect(budget.taken).toBe(3010);
    staging.discard();
    staging.discard();
    storage.delete(digestOf(bytes));
    storage.delete(digestOf(bytes));
    expect(storage.body(digestOf(bytes))).toBeUndefined();
    expect(budget.taken).toBe(0);
  });

  test('that comes twice at once counts once', () => {
    const budget = new Budget();
    const storage = make(budget);
    const bytes = content(2000);
    const [one, two] = [storage.stage(), storage.stage()];
    for (const staging of [one, two]) staging.append(bytes);
    expect(budget.taken).toBe(4000);
    for (const staging of [one, two]) staging.keep(digestOf(bytes));
    expect(budget.taken).toBe(2000);
  });

  test('is what was appended and not taken back', async () => {
    const step = fc.oneof(
      fc.record({ add: fc.nat(40_000), byte: fc.nat(255), isAsync: fc.boolean() }),
      fc.record({ keep: fc.double({ min: 0, max: 1, noNaN: true }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const budget = new Budget();
        const storage = make(budget);
        const staging = storage.stage();
        let wanted = Buffer.alloc(0);
        for (const one of steps) {
          if ('keep' in one) {
            wanted = wanted.subarray(0, Math.floor(wanted.length * one.keep));
            staging.truncate(wanted.length);
          } else {
            const bytes = Buffer.alloc(one.add, one.byte);
            wanted = Buffer.concat([wanted, bytes]);
            if (one.isAsync) await staging.write(bytes);
            else staging.append(bytes);
          }
          expect(budget.taken).toBe(wanted.length);
        }
        expect(staging.digest('sha512')).toBe(digestOf(wanted, 'sha512'));
        staging.keep(digestOf(wanted));
        expect((await bytesOf(storage.body(digestOf(wanted)))).equals(wanted)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});

describe('on disk', () => {
  test('a discard in the middle of a write leaves no file and takes no room', async () => {
    const budget = new Budget();
    const { storage, dir } = disk(budget);
    const staging = storage.stage();
    staging.append(content(10));
    const writing = staging.write(content(5_000_000));
    staging.discard();
    await writing;
    await staging.write(content(10));
    expect(readdirSync(join(dir, 'uploads'))).toEqual([]);
    expect(budget.taken).toBe(0);
  });

  test('what is taken back takes no room on the disk either', async () => {
    const { storage, dir } = disk(new Budget());
    const staging = storage.stage();
    staging.append(content(10));
    await staging.write(content(5_000_000));
    staging.truncate(10);
    const [file = ''] = readdirSync(join(dir, 'uploads'));
    expect(readFileSync(join(dir, 'uploads', file)).equals(content(10))).toBe(true);
    staging.discard();
  });

  test('what is made as it is sent is written when the storage settles', async () => {
    const { storage } = disk(new Budget());
    const bytes = content(2_000_000);
    storage.put(digestOf(bytes), joined([bytes]));
    expect((await bytesOf(storage.body(digestOf(bytes)))).equals(bytes)).toBe(true);
    await storage.settle();
    expect(readFileSync(storage.pathOf(digestOf(bytes))).equals(bytes)).toBe(true);
    storage.put(digestOf(noBytes), joined([Buffer.from('something else')]));
    await expect(storage.settle()).rejects.toMatchObject({ code: 'store-content' });
  });

  test('writing many images ends when it is asked to, leaves nothing, and can begin again', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const progress = (line: string) => {
      told.push(line);
      // In the middle of the second.
      if (told.length === 3) stop.abort();
    };
    const writing = { signal: stop.signal, progress };
    const budget = new Budget();
    const { storage, dir } = disk(budget, writing);
    const bodies = [2_000_000, 3_000_000].map(content);
    for (const bytes of bodies) {
      const pieces = [bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)];
      storage.put(digestOf(bytes), joined(pieces));
    }
    await expect(storage.settle()).rejects.toMatchObject({ name: 'AbortError' });
    expect(readdirSync(join(dir, 'uploads'))).toEqual([]);
    expect(readdirSync(join(dir, 'blobs', 'sha256'))).toEqual([]);
    expect(budget.taken).toBe(0);
    for (const bytes of bodies) {
      expect((await bytesOf(storage.body(digestOf(bytes)))).equals(bytes)).toBe(true);
    }
    expect(told).toHaveLength(3);
  });

  test('images that the disk has no room for are refused before they fill it', async () => {
    const { storage, dir } = disk(new Budget());
    const endless = { ...joined([]), length: 1e18 };
    storage.put('sha256:'.padEnd(71, 'a'), endless);
    await expect(storage.settle()).rejects.toThrow(StoreFull);
    expect(readdirSync(join(dir, 'uploads'))).toEqual([]);
  });

  test('a file that has been changed or removed is not served', () => {
    const { storage } = disk(new Budget());
    for (const change of [(path: string) => writeFileSync(path, 'xyz'), rmSync]) {
      const fresh = disk(new Budget()).storage;
      fresh.put(digestOf(Buffer.from('abc')), Buffer.from('abc'));
      change(fresh.pathOf(digestOf(Buffer.from('abc'))));
      expect(fresh.body(digestOf(Buffer.from('abc')))).toBeUndefined();
    }
    expect(() => storage.pathOf('sha256:../../x')).toThrow();
  });
});

test('blocks hold what was appended, whatever the pieces', () => {
  const pieces = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.double({ min: 0, max: 1, noNaN: true }), (lengths, share) => {
      const blocks = new Blocks();
      for (const length of lengths) blocks.append(content(length));
      const whole = Buffer.concat(lengths.map(content));
      const kept = Math.floor(whole.length * share);
      blocks.truncate(kept);
      blocks.append(content(77));
      const wanted = Buffer.concat([whole.subarray(0, kept), content(77)]);
      expect(Buffer.from(blocks.bytes()).equals(wanted)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
