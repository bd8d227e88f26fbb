// Uploads whose bodies are too long to be held: in process, with content in memory and on disk.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { TestClient } from '../../test/lib/test-client.ts';
import { wholeBytes } from '../bytes.ts';
import { noBytes, shortBytesMax } from '../call.ts';
import type { RegistryOptions } from '../index.ts';
import { MemoryStorage } from '../store/memory.ts';
import { openStore } from '../store/open.ts';
import { Budget } from '../store/storage.ts';
import { digestOf, Store } from '../store.ts';

const repository = 'team/app';
const uploads = `/v2/${repository}/blobs/uploads/`;
const long = Buffer.alloc(3 * shortBytesMax + 5, createHash('sha512').update('long').digest());
const digest = digestOf(long);
const half = long.length >> 1;

const scratch = mkdtempSync(join(tmpdir(), 'pullproof-intake-'));
const closing: Store[] = [];
afterAll(async () => {
  for (const store of closing) await store.close();
  rmSync(scratch, { recursive: true });
});

interface Made {
  readonly client: TestClient;
  readonly store: Store;
  /** Bytes that are taken, and files of uploads under way. */
  left(): [number, string[]];
}

type Make = (options?: RegistryOptions, bytesMax?: number) => Made;

let folders = 0;

const inMemory: Make = (options, bytesMax) => {
  const budget = new Budget(bytesMax);
  const store = new Store({ storage: new MemoryStorage(budget) });
  const client = new TestClient({ auth: 'none', ...options, store });
  const before = budget.taken;
  return { client, store, left: () => [budget.taken - before, []] };
};

const onDisk: Make = (options, bytesMax) => {
  const dir = join(scratch, String(++folders));
  const store = openStore(dir, { bytesMax });
  closing.push(store);
  const client = new TestClient({ auth: 'none', ...options, store });
  const blobs = join(dir, 'blobs', 'sha256');
  const before = readdirSync(blobs).length;
  const left = (): [number, string[]] => [
    readdirSync(blobs).length - before,
    readdirSync(join(dir, '.pullproof', 'uploads')),
  ];
  return { client, store, left };
};

/** A body that comes in pieces, and fails after so many bytes unless that is the whole. */
function broken(bytes: Uint8Array, failAt: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= failAt) {
        if (at === bytes.length) controller.close();
        else controller.error(new Error('the client has gone'));
        return;
      }
      const end = Math.min(at + 65_536, failAt);
      controller.enqueue(bytes.subarray(at, end));
      at = end;
    },
  });
}

function send(client: TestClient, path: string, method: string, body: ReadableStream<Uint8Array>) {
  const init = { method, body, duplex: 'half' } as RequestInit;
  return client.registry.fetch(new Request(client.registry.origins.registry + path, init));
}

async function begin(client: TestClient, query = ''): Promise<string> {
  const reply = await client.ask(uploads + query, { method: 'POST' });
  return reply.headers.get('location') ?? '';
}

async function codeOf(reply: Response): Promise<[number, string]> {
  return [reply.status, parseErrorBody(await reply.text()).errors[0]?.code ?? ''];
}

describe.each<[string, Make]>([
  ['in memory', inMemory],
  ['on disk', onDisk],
])('a long blob %s', (_, make) => {
  const expectStored = async ({ store }: Made, of = digest) => {
    const bytes = await wholeBytes(store.blob(repository, of) ?? noBytes);
    expect(Buffer.compare(bytes, long)).toBe(0);
  };
  const expectNothing = ({ store, left }: Made) => {
    expect(store.has(repository)).toBe(false);
    expect(store.blobOfAny(digest)).toBeUndefined();
    expect(left()).toEqual([0, []]);
  };

  test('is pushed by one POST', async () => {
    const made = make();
    const ask = { method: 'POST', body: long };
    expect((await made.client.ask(`${uploads}?digest=${digest}`, ask)).status).toBe(201);
    await expectStored(made);
  });

  test.each(['', '?digest-algorithm=sha512'])('is pushed by POST%s and PUT', async (query) => {
    const made = make();
    const of = digestOf(long, 'sha512');
    const location = await begin(made.client, query);
    const ask = { method: 'PUT', body: long };
    expect((await made.client.ask(`${location}?digest=${of}`, ask)).status).toBe(201);
    await expectStored(made, of);
  });

  test('is pushed in long and short chunks', async () => {
    const made = make();
    const location = await begin(made.client);
    for (const [from, to] of [
      [0, 10],
      [10, half],
      [half, half + 3],
    ] as const) {
      const headers = { 'content-range': `${from}-${to - 1}` };
      const body = long.subarray(from, to);
      const reply = await made.client.ask(location, { method: 'PATCH', body, headers });
      expect([reply.status, reply.headers.get('range')]).toEqual([202, `0-${to - 1}`]);
    }
    const ask = { method: 'PUT', body: long.subarray(half + 3) };
    expect((await made.client.ask(`${location}?digest=${digest}`, ask)).status).toBe(201);
    await expectStored(made);
  });

  test('with another digest is 400, and nothing stays', async () => {
    const made = make();
    const wrong = digestOf(Buffer.from('else'));
    const ask = { method: 'POST', body: long };
    const replies = [
      await made.client.ask(`${uploads}?digest=${wrong}`, ask),
      await made.client.ask(`${await begin(made.client)}?digest=${wrong}`, {
        ...ask,
        method: 'PUT',
      }),
    ];
    for (const reply of replies) expect(await codeOf(reply)).toEqual([400, 'DIGEST_INVALID']);
    expectNothing(made);
  });

  test('of another length than announced is 400, and what came before can go on', async () => {
    const made = make();
    const location = await begin(made.client);
    const ask = { method: 'PATCH', body: long.subarray(0, half) };
    await made.client.ask(location, ask);
    const headers = { 'content-range': `${half}-${half + 4}` };
    const rest = { method: 'PATCH', body: long.subarray(half) };
    const wrong = await made.client.ask(location, { ...rest, headers });
    expect(await codeOf(wrong)).toEqual([400, 'SIZE_INVALID']);
    expect((await made.client.ask(location, rest)).status).toBe(202);
    const last = await made.client.ask(`${location}?digest=${digest}`, { method: 'PUT' });
    expect(last.status).toBe(201);
    await expectStored(made);
  });

  test.each([0, 1, shortBytesMax, shortBytesMax + 1, 2 * shortBytesMax, long.length - 1])(
    'that breaks off after %i bytes leaves nothing, and can be sent again',
    async (failAt) => {
      const made = make();
      const alone = send(made.client, `${uploads}?digest=${digest}`, 'POST', broken(long, failAt));
      await expect(alone).rejects.toThrow();
      expectNothing(made);
      const location = await begin(made.client);
      const first = { method: 'PATCH', body: long.subarray(0, half) };
      expect((await made.client.ask(location, first)).status).toBe(202);
      const rest = long.subarray(half);
      const cut = send(made.client, location, 'PATCH', broken(rest, Math.min(failAt, half - 1)));
      await expect(cut).rejects.toThrow();
      const status = await made.client.ask(location);
      expect(status.headers.get('range')).toBe(`0-${half - 1}`);
      const ask = { method: 'PUT', body: rest };
      expect((await made.client.ask(`${location}?digest=${digest}`, ask)).status).toBe(201);
      await expectStored(made);
    },
  );

  test('that is cancelled or followed while a chunk comes', async () => {
    const made = make();
    const location = await begin(made.client);
    let finish: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(long.subarray(0, half));
        await wait;
        controller.enqueue(long.subarray(half));
        controller.close();
      },
    });
    const coming = send(made.client, location, 'PATCH', body);
    while ((await made.client.ask(location, { method: 'PATCH', body: 'x' })).status !== 429);
    const early = await made.client.ask(`${location}?digest=${digest}`, { method: 'PUT' });
    expect(await codeOf(early)).toEqual([429, 'TOOMANYREQUESTS']);
    expect((await made.client.ask(location, { method: 'DELETE' })).status).toBe(204);
    finish();
    expect(await codeOf(await coming)).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expectNothing(made);
  });

  test('above a limit is refused, and nothing stays', async () => {
    const ways = async (made: Made) => [
      await made.client.ask(`${uploads}?digest=${digest}`, { method: 'POST', body: long }),
      await made.client.ask(await begin(made.client), { method: 'PATCH', body: long }),
      await send(made.client, `${uploads}?digest=${digest}`, 'POST', broken(long, long.length)),
    ];
    const blobs = make({ blobBytesMax: long.length - 1 });
    for (const reply of (await ways(blobs)).slice(0, 2)) {
      expect(await codeOf(reply)).toEqual([413, 'SIZE_INVALID']);
    }
    const busy = make({ uploadsBytesMax: long.length - 1 });
    for (const reply of await ways(busy)) {
      expect(await codeOf(reply)).toEqual([429, 'TOOMANYREQUESTS']);
    }
    const full = make({}, long.length);
    for (const reply of await ways(full)) expect(await codeOf(reply)).toEqual([413, 'DENIED']);
    for (const made of [busy, full]) expectNothing(made);
  });

  test('fills the store, and reading and deleting go on', async () => {
    const made = make({ redirect: 'none' }, long.length + 2 * shortBytesMax);
    const ask = { method: 'POST', body: long };
    const path = `/v2/${repository}/blobs/${digest}`;
    expect((await made.client.ask(`${uploads}?digest=${digest}`, ask)).status).toBe(201);
    const small = Buffer.alloc(2 * shortBytesMax, 1);
    const other = { method: 'POST', body: small };
    const again = () => made.client.ask(`${uploads}?digest=${digestOf(small)}`, other);
    expect(await codeOf(await again())).toEqual([413, 'DENIED']);
    const manifest = { schemaVersion: 2, config: {}, layers: [], x: 'x'.repeat(2_000_000) };
    const put = { method: 'PUT', body: JSON.stringify(manifest) };
    const headers = { 'content-type': 'application/vnd.example+json' };
    const refused = await made.client.ask('/v2/team/new/manifests/1', { ...put, headers });
    expect(await codeOf(refused)).toEqual([413, 'DENIED']);
    expect(made.store.has('team/new')).toBe(false);
    const read = await made.client.ask(path);
    expect(Buffer.compare(Buffer.from(await read.arrayBuffer()), long)).toBe(0);
    expect((await made.client.ask(path, { method: 'DELETE' })).status).toBe(202);
    expect((await again()).status).toBe(201);
  });
});
