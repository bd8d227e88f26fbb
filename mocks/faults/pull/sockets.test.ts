// Faults that look at connections: how fast they read, how many there are, and which edge they meet.
import { type Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../../server.ts';
import { digestOf } from '../../store.ts';
import { pullsMax } from '../upload/concurrency.ts';

const running: RunningMock[] = [];
afterEach(() => Promise.all(running.splice(0).map((mock) => mock.close())));

async function start(options: ServerOptions): Promise<RunningMock> {
  const mock = await startMock({ auth: 'none', redirect: 'none', ...options });
  running.push(mock);
  return mock;
}

/** Puts a blob there; its URL. */
async function pushed({ registry }: RunningMock, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const url = `${registry}/v2/demo/new/blobs/uploads/?digest=${digest}`;
  const reply = await fetch(url, { method: 'POST', body: Uint8Array.from(bytes) });
  expect(reply.status).toBe(201);
  return `${registry}/v2/demo/new/blobs/${digest}`;
}

/** A reply whose body nobody has read yet. */
function ask(url: string, agent: Agent | false = false): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { agent }, resolve).once('error', reject));
}

/** How many bytes come, and whether they are all. */
async function read(reply: IncomingMessage): Promise<readonly [number, boolean]> {
  let bytes = 0;
  try {
    for await (const chunk of reply) bytes += (chunk as Buffer).length;
  } catch {
    // A cut body ends in an error.
  }
  return [bytes, reply.complete];
}

const mebibyte = 2 ** 20;

test.each([
  ['slow', 60_000, [8 * mebibyte, false]],
  ['quick', 0, [9 * mebibyte, true]],
] as const)('slow-reader-cut: a %s reader', async (_, tickMs, seen) => {
  let ms = Date.UTC(2026, 0, 2);
  const now = () => {
    ms += tickMs;
    return ms;
  };
  const mock = await start({ now, faults: ['slow-reader-cut'] });
  const reply = await ask(await pushed(mock, Buffer.alloc(9 * mebibyte)));
  expect(reply.headers['content-length']).toBe(String(9 * mebibyte));
  expect(await read(reply)).toEqual(seen);
});

test('pull-crowd-refused: a request is under way until its body has gone out', async () => {
  const mock = await start({ faults: ['pull-crowd-refused', 'blob-body-stalled'], stallMs: 6e5 });
  const url = await pushed(mock, Buffer.alloc(1_000));
  const stalled = await Promise.all(Array.from({ length: pullsMax }, () => ask(url)));
  expect(stalled.map(({ statusCode }) => statusCode)).toEqual(stalled.map(() => 200));
  const statusOfNext = async () => {
    const reply = await ask(url);
    reply.destroy();
    return reply.statusCode;
  };
  expect(await statusOfNext()).toBe(502);
  for (const reply of stalled) reply.destroy();
  let status = await statusOfNext();
  for (let time = 0; time < 100 && status === 502; time++) {
    await sleep(20);
    status = await statusOfNext();
  }
  expect(status).toBe(200);
});

test('edge-object-stale: connections that meet another edge get the right object', async () => {
  const mock = await start({ redirect: 302, faults: ['edge-object-stale'], cdnEdges: 3 });
  const bytes = Buffer.from('a layer');
  const location = (await ask(await pushed(mock, bytes))).headers.location ?? '';
  const edges = new Map<string, string>();
  for (let time = 0; time < 3; time++) {
    const reply = await ask(location);
    const chunks: Buffer[] = [];
    for await (const chunk of reply) chunks.push(chunk as Buffer);
    edges.set(String(reply.headers['x-amz-cf-pop']), digestOf(Buffer.concat(chunks)));
  }
  expect(edges.size).toBe(3);
  const right = [...edges].filter(([, digest]) => digest === digestOf(bytes));
  expect(right.map(([edge]) => edge).sort()).toEqual(['LOOP2-P1', 'LOOP3-P1']);
});

test('edge-cold-slow: what comes slowly comes whole', async () => {
  const mock = await start({ redirect: 302, faults: ['edge-cold-slow'] });
  const location = (await ask(await pushed(mock, Buffer.alloc(100_000)))).headers.location ?? '';
  const reply = await ask(location);
  let pieces = 0;
  reply.on('data', () => pieces++);
  expect(await read(reply)).toEqual([100_000, true]);
  expect(pieces).toBeGreaterThan(2);
});
