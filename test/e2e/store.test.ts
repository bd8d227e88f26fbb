// `pullproof mock --store`: the built command line, real skopeo, and kill -9 at any time. What was
// acknowledged is there afterwards, byte by byte; what was not leaves nothing behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../mocks/store.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { writeLayout } from '../lib/docker-registry.ts';
import { filesIn } from '../lib/files.ts';
import { runTool, testWith } from '../lib/tools.ts';

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');

interface Served {
  /** `http://host:port`. */
  readonly registry: string;
  readonly host: string;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Lets it end by itself; its exit code. */
  stop(): Promise<number | null>;
}

const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

async function serve(store: string, ...words: string[]): Promise<Served> {
  const all = ['mock', '--port', '0', '--cdn-port', '0', '-q', '--auth', 'none'];
  const child = spawn(process.execPath, [launcher, ...all, '--store', store, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: scratch(),
  });
  children.add(child);
  const ended = once(child, 'exit').finally(() => children.delete(child));
  const errors = text(child.stderr);
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(await errors);
  const { registry } = JSON.parse(String(first[0])) as { registry: string };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await ended;
    return code as number | null;
  };
  return {
    registry,
    host: new URL(registry).host,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGINT'),
  };
}

async function skopeo(...words: string[]): Promise<string> {
  const { code, output } = await runTool('skopeo', words);
  expect(code, `skopeo ${words.join(' ')}: ${output}`).toBe(0);
  return output;
}

const push = ({ host }: Served, layout: string, to: string) =>
  skopeo(
    ...['copy', '--quiet', '--all', '--preserve-digests', '--dest-tls-verify=false'],
    ...[`oci:${layout}:latest`, `docker://${host}/${to}`],
  );

const pull = ({ host }: Served, from: string, to: string) =>
  skopeo(
    ...['copy', '--quiet', '--all', '--preserve-digests', '--src-tls-verify=false'],
    ...[`docker://${host}/${from}`, `oci:${to}:latest`],
  );

const uploadsOf = (store: string) => readdirSync(join(store, '.pullproof', 'uploads'));
const blobsOf = (store: string) => readdirSync(join(store, 'blobs', 'sha256'));

/** Every file that is named by its content is its content. */
function expectSound(store: string): void {
  for (const [path, digest] of filesIn(join(store, 'blobs'))) {
    expect(digest).toBe(path.replace('/', ':'));
  }
}

async function start(mock: Served, repository: string): Promise<string> {
  const reply = await fetch(`${mock.registry}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  return mock.registry + (reply.headers.get('location') ?? '');
}

async function pushBlob(mock: Served, repository: string, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const url = `${await start(mock, repository)}?digest=${digest}`;
  const reply = await fetch(url, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
  if (reply.status !== 201) throw new Error(`${reply.status}`);
  return digest;
}

async function fetchedDigest(mock: Served, repository: string, digest: string): Promise<string> {
  const reply = await fetch(`${mock.registry}/v2/${repository}/blobs/${digest}`);
  return reply.ok ? digestOf(new Uint8Array(await reply.arrayBuffer())) : String(reply.status);
}

function noise(label: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, createHash('sha512').update(label).digest());
}

testWith('skopeo')(
  'what skopeo pushed is served after kill -9, and is a layout to it',
  async () => {
    const store = join(scratch(), 'store');
    const layout = await writeLayout();
    const first = await serve(store);
    await push(first, layout, 'team/app:1');
    await first.kill();
    const second = await serve(store);
    const back = join(scratch(), 'back');
    await pull(second, 'team/app:1', back);
    expect(filesIn(join(back, 'blobs'))).toEqual(filesIn(join(layout, 'blobs')));
    expect(await second.stop()).toBe(0);
    const own = JSON.parse(await skopeo('inspect', '--raw', `oci:${store}:team/app:1`));
    const given = JSON.parse(await skopeo('inspect', '--raw', `oci:${layout}:latest`));
    expect(own).toEqual(given);
    const copy = join(scratch(), 'copy');
    await skopeo('copy', '--quiet', '--all', `oci:${store}:team/app:1`, `oci:${copy}:latest`);
    expect(filesIn(join(copy, 'blobs'))).toEqual(filesIn(join(layout, 'blobs')));
    expectSound(store);
  },
);

testWith('skopeo')('a layout of skopeo is a store, and what it adds later is found', async () => {
  const store = join(scratch(), 'library');
  const layout = await writeLayout();
  const copy = (name: string) =>
    skopeo('copy', '--quiet', '--all', `oci:${layout}:latest`, `oci:${store}:${name}`);
  await copy('v1');
  const first = await serve(store);
  const one = join(scratch(), 'one');
  await pull(first, 'library:v1', one);
  await push(first, layout, 'team/app:1');
  expect(await first.stop()).toBe(0);
  await copy('team/other:2');
  const second = await serve(store);
  const two = join(scratch(), 'two');
  await pull(second, 'team/other:2', two);
  for (const back of [one, two]) {
    expect(filesIn(join(back, 'blobs'))).toEqual(filesIn(join(layout, 'blobs')));
  }
  await pull(second, 'team/app:1', join(scratch(), 'three'));
  expect(await second.stop()).toBe(0);
  expect(JSON.parse(await skopeo('inspect', '--raw', `oci:${store}:v1`)).manifests).toBeDefined();
});

test('kill -9 in the middle of pushes loses nothing that was acknowledged', async () => {
  const store = join(scratch(), 'store');
  const acknowledged = new Map<string, string>();
  const rounds = 4;
  const type = 'application/vnd.oci.image.manifest.v1+json';
  for (let round = 0; round < rounds; round++) {
    const mock = await serve(store);
    for (const [tag, digest] of acknowledged) {
      const url = `${mock.registry}/v2/team/app/manifests/${tag}`;
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      expect(digestOf(bytes)).toBe(digest);
      for (const layer of JSON.parse(Buffer.from(bytes).toString()).layers) {
        expect(await fetchedDigest(mock, 'team/app', layer.digest)).toBe(layer.digest);
      }
    }
    expect(uploadsOf(store)).toEqual([]);
    if (round === rounds - 1) {
      expect(await mock.stop()).toBe(0);
      break;
    }
    const pushers = [1, 2, 3].map(async (pusher) => {
      for (let n = 0; ; n++) {
        const bytes = noise(`${round} ${pusher} ${n}`, n % 3 === 0 ? 3_000_000 : 5_000);
        const digest = await pushBlob(mock, 'team/app', bytes);
        const layer = { mediaType: 'a/b', digest, size: bytes.length };
        const body = JSON.stringify({ schemaVersion: 2, config: layer, layers: [layer], n });
        const tag = `t${round}-${pusher}-${n}`;
        const url = `${mock.registry}/v2/team/app/manifests/${tag}`;
        const headers = { 'content-type': type };
        const reply = await fetch(url, { method: 'PUT', body, headers });
        if (reply.status === 201) acknowledged.set(tag, digestOf(Buffer.from(body)));
      }
    });
    const over = Promise.allSettled(pushers);
    const before = acknowledged.size;
    while (acknowledged.size < before + 10 + 7 * round) await sleep(5);
    await mock.kill();
    await over;
  }
  expect(acknowledged.size).toBeGreaterThan(20);
  expectSound(store);
});

describe('an upload that is cut', () => {
  const store = join(scratch(), 'store');
  const body = noise('cut', 3 * 1024 ** 2);
  const digest = digestOf(body);
  let mock: Served;
  let before: string[];
  beforeAll(async () => {
    mock = await serve(store);
    before = blobsOf(store);
  });
  afterAll(async () => void (await mock.stop()));

  async function open(path: string, ...headers: string[]): Promise<Socket> {
    const { hostname, port } = new URL(mock.registry);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.on('error', () => undefined);
    const [method, target] = path.split(' ');
    socket.write([`${method} ${target} HTTP/1.1`, 'Host: a', ...headers, '', ''].join('\r\n'));
    return socket;
  }

  /** The mock has heard of the end when it answers what was asked later, and no file is left. */
  async function expectNothing(): Promise<void> {
    for (let attempt = 0; uploadsOf(store).length > 0 && attempt < 500; attempt++) await sleep(10);
    expect(uploadsOf(store)).toEqual([]);
    expect(blobsOf(store)).toEqual(before);
    expect(await fetchedDigest(mock, 'team/app', digest)).toBe('404');
  }

  const target = `/v2/team/app/blobs/uploads/?digest=${digest}`;

  test.each([
    0,
    1,
    1000,
    65_536,
    1024 ** 2 - 1,
    1024 ** 2,
    1024 ** 2 + 1,
    1024 ** 2 + 600_000,
    2 * 1024 ** 2,
    3 * 1024 ** 2 - 1,
  ])('after %i bytes leaves nothing', async (bytes) => {
    const socket = await open(`POST ${target}`, `Content-Length: ${body.length}`);
    socket.write(body.subarray(0, bytes));
    await sleep(30);
    socket.destroy();
    await once(socket, 'close');
    await expectNothing();
  });

  test.each([1, 1_500_000])('by bad chunking after %i bytes is 400', async (bytes) => {
    const socket = await open(`POST ${target}`, 'Transfer-Encoding: chunked');
    socket.write(`${bytes.toString(16)}\r\n`);
    socket.write(body.subarray(0, bytes));
    socket.write('\r\nno-number\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    await expectNothing();
  });

  test('as a chunk goes on where it was', async () => {
    const location = await start(mock, 'team/cut');
    const { pathname } = new URL(location);
    const half = body.length >> 1;
    const init = { method: 'PATCH', body: body.subarray(0, half) as Uint8Array<ArrayBuffer> };
    expect((await fetch(location, init)).status).toBe(202);
    const socket = await open(`PATCH ${pathname}`, `Content-Length: ${body.length - half}`);
    socket.write(body.subarray(half, half + 1_200_000));
    await sleep(50);
    socket.destroy();
    const put = () => {
      const rest = body.subarray(half) as Uint8Array<ArrayBuffer>;
      return fetch(`${location}?digest=${digest}`, { method: 'PUT', body: rest });
    };
    // Until the mock has heard that the connection is gone, the upload is busy.
    let reply = await put();
    for (let attempt = 0; reply.status === 429 && attempt < 500; attempt++) {
      await sleep(10);
      reply = await put();
    }
    expect(reply.status).toBe(201);
    expect(await fetchedDigest(mock, 'team/cut', digest)).toBe(digest);
    const url = `${mock.registry}/v2/team/cut/blobs/${digest}`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
  });

  test('because nobody wants it need not be sent: Expect: 100-continue', async () => {
    const length = `Content-Length: ${body.length}`;
    const wanted = await open(
      `POST ${target}`,
      length,
      'Expect: 100-continue',
      'Connection: close',
    );
    const [interim] = (await once(wanted, 'data')) as [Buffer];
    expect(interim.toString()).toMatch(/^HTTP\/1\.1 100 /);
    wanted.write(body);
    expect(await text(wanted)).toMatch(/^HTTP\/1\.1 201 /);
    const gone = '/v2/team/app/blobs/uploads/no-such-session';
    const unwanted = await open(`PATCH ${gone}`, length, 'Expect: 100-continue');
    expect(await text(unwanted)).toMatch(/^HTTP\/1\.1 404 /);
    const url = `${mock.registry}/v2/team/app/blobs/${digest}`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(202);
  });

  test('because nobody wants it fills no disk', async () => {
    const gone = '/v2/team/app/blobs/uploads/no-such-session';
    const socket = await open(`PATCH ${gone}`, 'Content-Length: 1000000000');
    socket.write(body);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    expect(reply.toString()).toMatch(/^HTTP\/1\.1 404 /);
    socket.destroy();
    await expectNothing();
  });
});

test('a full store refuses, and goes on reading', async () => {
  const store = join(scratch(), 'store');
  const mock = await serve(store, '--store-limit', '6MB');
  const first = noise('first', 4_000_000);
  expect(await pushBlob(mock, 'team/app', first)).toBe(digestOf(first));
  await expect(pushBlob(mock, 'team/new', noise('second', 4_000_000))).rejects.toThrow('413');
  expect(await fetchedDigest(mock, 'team/app', digestOf(first))).toBe(digestOf(first));
  const tags = await fetch(`${mock.registry}/v2/team/new/tags/list`);
  expect(tags.status).toBe(404);
  expect(await mock.stop()).toBe(0);
});

test('a store in use is refused with a word of what to do', async () => {
  const store = join(scratch(), 'store');
  const mock = await serve(store);
  await expect(serve(store)).rejects.toThrow(/in use/);
  expect(await mock.stop()).toBe(0);
  expect(await (await serve(store)).stop()).toBe(0);
});
