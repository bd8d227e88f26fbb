// Several workers are one registry: what one connection pushed every other reads, faults count over all,
// and a worker that dies is replaced.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage, request } from 'node:http';
import { connect as connect2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../../mocks/server.ts';
import { digestOf } from '../../mocks/store.ts';
import { scratch } from '../lib/cli.ts';

const running: RunningMock[] = [];
afterAll(() => Promise.all(running.map((mock) => mock.close())));

async function start(options: ServerOptions = {}): Promise<RunningMock> {
  const mock = await startMock({ workers: 2, auth: 'none', redirect: 'none', ...options });
  running.push(mock);
  return mock;
}

interface Heard {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** One request over a connection of its own. */
async function ask(
  url: string,
  method = 'GET',
  body: string | Uint8Array = '',
  headers: Record<string, string> = {},
): Promise<Heard> {
  const req = request(url, { agent: false, method, headers });
  req.end(body);
  const [reply] = (await once(req, 'response')) as [IncomingMessage];
  return { status: reply.statusCode, headers: reply.headers, body: await buffer(reply) };
}

const readers = 20;
const everywhere = (url: string, method?: string) =>
  Promise.all(Array.from({ length: readers }, () => ask(url, method)));
const statuses = (heard: readonly Heard[]) => [...new Set(heard.map(({ status }) => status))];

async function pushBlob(mock: RunningMock, repository: string, bytes: Uint8Array) {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`;
  return ask(mock.registry + path, 'POST', bytes);
}

const mediaType = 'application/vnd.oci.image.index.v1+json';
const indexNamed = (name: string) =>
  JSON.stringify({ schemaVersion: 2, mediaType, manifests: [], annotations: { name } });
const typed = { 'content-type': mediaType };

function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean).map(Number);
}

describe('two workers', () => {
  let mock: RunningMock;
  const log = join(scratch(), 'log');
  beforeAll(async () => {
    mock = await start({ log });
  });

  test('what one connection pushes, replaces or deletes all see with the next request', async () => {
    const manifests = `${mock.registry}/v2/team/app/manifests`;
    for (let round = 0; round < 10; round++) {
      const document = indexNamed(`round ${round}`);
      const digest = digestOf(Buffer.from(document));
      expect((await ask(`${manifests}/1.0`, 'PUT', document, typed)).status).toBe(201);
      const heard = await everywhere(`${manifests}/1.0`);
      expect(new Set(heard.map(({ body }) => digestOf(body)))).toEqual(new Set([digest]));
      expect((await ask(`${manifests}/${digest}`, 'DELETE')).status).toBe(202);
      expect(statuses(await everywhere(`${manifests}/1.0`, 'HEAD'))).toEqual([404]);
    }
  });

  test('uploads in pieces, each over another connection', async () => {
    const bytes = Buffer.alloc(5_000_000, 'pieces');
    const begun = await ask(`${mock.registry}/v2/team/big/blobs/uploads/`, 'POST');
    const location = mock.registry + begun.headers.location;
    const half = 2_200_000;
    expect((await ask(location, 'PATCH', bytes.subarray(0, half))).status).toBe(202);
    expect((await ask(location)).headers.range).toBe(`0-${half - 1}`);
    const end = `${location}?digest=${digestOf(bytes)}`;
    expect((await ask(end, 'PUT', bytes.subarray(half))).status).toBe(201);
    const heard = await everywhere(`${mock.registry}/v2/team/big/blobs/${digestOf(bytes)}`);
    expect(new Set(heard.map(({ body }) => digestOf(body)))).toEqual(new Set([digestOf(bytes)]));
  });

  test('a body that nobody wants is answered before it has come, or not asked for', async () => {
    const { hostname, port } = new URL(mock.registry);
    const gone = '/v2/team/app/blobs/uploads/gone';
    const head = `PATCH ${gone} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n`;
    for (const rest of ['\r\n', 'Expect: 100-continue\r\n\r\n']) {
      const socket = connect(Number(port), hostname);
      socket.write(head + rest);
      if (!rest.startsWith('Expect')) socket.write(Buffer.alloc(2_000_000));
      const [reply] = (await once(socket, 'data')) as [Buffer];
      expect(reply.toString()).toMatch(/^HTTP\/1\.1 404 /);
      socket.destroy();
    }
  });

  test('a body that is wanted is asked for', async () => {
    const bytes = Buffer.alloc(2_000_000, 'expected');
    const { hostname, port } = new URL(mock.registry);
    const socket = connect(Number(port), hostname);
    const path = `/v2/team/big/blobs/uploads/?digest=${digestOf(bytes)}`;
    const lines = [`POST ${path} HTTP/1.1`, 'Host: a', `Content-Length: ${bytes.length}`];
    socket.write([...lines, 'Expect: 100-continue', 'Connection: close', '', ''].join('\r\n'));
    const [interim] = (await once(socket, 'data')) as [Buffer];
    expect(interim.toString()).toMatch(/^HTTP\/1\.1 100 /);
    socket.write(bytes);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 201 /);
  });

  test('an upload that is cut leaves nothing', async () => {
    const bytes = Buffer.alloc(3_000_000, 'cut');
    const path = `/v2/team/cut/blobs/uploads/?digest=${digestOf(bytes)}`;
    const { hostname, port } = new URL(mock.registry);
    for (const sent of [0, 1_000, bytes.length - 1]) {
      const socket = connect(Number(port), hostname);
      const length = `Content-Length: ${bytes.length}`;
      socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\n${length}\r\n\r\n`);
      await new Promise<void>((resolve) => {
        socket.write(bytes.subarray(0, sent), () => resolve());
      });
      socket.destroy();
    }
    expect((await ask(`${mock.registry}/v2/team/cut/tags/list`)).status).toBe(404);
  });

  test('the log has whole lines of both', async () => {
    const entries = readFileSync(log, 'utf8').trimEnd().split('\n');
    const connections = entries.map(
      (line) => (JSON.parse(line) as { connection: number }).connection,
    );
    expect(entries.length).toBeGreaterThan(400);
    expect(connections.some((number) => number < 1e9)).toBe(true);
    expect(connections.some((number) => number > 1e9)).toBe(true);
  });
});

describe('faults', () => {
  const path = '/v2/demo/app/manifests/latest';
  const isSound = ({ headers }: Heard) => headers['docker-content-digest'] !== undefined;

  test('that count do so over all workers', async () => {
    const mock = await start({ faults: ['manifest-get-no-digest:after=7'] });
    const seen = await Promise.all(Array.from({ length: 12 }, () => ask(mock.registry + path)));
    expect(seen.filter(isSound)).toHaveLength(7);
  });

  test('act on the connection of the client, whoever answers', async () => {
    for (const fault of ['blob-body-reset', 'blob-body-reset:after=0']) {
      const mock = await start({ faults: [fault] });
      const image = await ask(`${mock.registry}/v2/demo/single/manifests/1.0`);
      const { layers } = JSON.parse(image.body.toString()) as { layers: { digest: string }[] };
      const url = `${mock.registry}/v2/demo/single/blobs/${layers[0]?.digest}`;
      const asked = get(url, { agent: false });
      const [reply] = (await once(asked, 'response')) as [IncomingMessage];
      // Node tells the request as well as the reply.
      asked.on('error', () => undefined);
      let bytes = 0;
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      const [error] = (await once(reply, 'error').catch((thrown) => [thrown])) as [Error];
      expect(error.message).toMatch(/aborted|ECONNRESET/);
      expect(bytes).toBe(Math.floor(Number(reply.headers['content-length']) / 2));
    }
  });

  test('are switched for all workers at once', async () => {
    const mock = await start({ admin: true });
    const one = `${mock.registry}/_pullproof/faults/manifest-get-no-digest`;
    for (let round = 0; round < 3; round++) {
      expect((await ask(one, 'PUT')).status).toBe(200);
      expect((await everywhere(mock.registry + path)).some(isSound)).toBe(false);
      const list = JSON.parse((await ask(`${mock.registry}/_pullproof/faults`)).body.toString());
      const shown = list.faults.find(({ id }: { id: string }) => id === 'manifest-get-no-digest');
      expect(shown).toMatchObject({ on: true, strikes: readers });
      expect((await ask(one, 'DELETE')).status).toBe(204);
      expect((await everywhere(mock.registry + path)).every(isSound)).toBe(true);
    }
  });

  test('large blobs come whole, and in parts, from the one that answers all', async () => {
    const mock = await start({ faults: ['manifest-get-no-digest:after=1000'] });
    const bytes = Buffer.alloc(4_000_000, 'large');
    await pushBlob(mock, 'team/large', bytes);
    const url = `${mock.registry}/v2/team/large/blobs/${digestOf(bytes)}`;
    expect(digestOf((await ask(url)).body)).toBe(digestOf(bytes));
    const part = await ask(url, 'GET', '', { range: 'bytes=1000-3500000' });
    expect(part.status).toBe(206);
    expect(part.body.equals(bytes.subarray(1000, 3_500_001))).toBe(true);
    expect((await ask(url, 'HEAD')).headers['content-length']).toBe('4000000');
  });
});

test('a worker that dies is replaced, by one that knows all', async () => {
  const before = new Set(childrenOf(process.pid));
  const mock = await start({ storeDir: join(scratch(), 'store') });
  const workers = childrenOf(process.pid).filter((pid) => !before.has(pid));
  expect(workers).toHaveLength(2);
  const bytes = Buffer.from('before the end');
  expect((await pushBlob(mock, 'team/app', bytes)).status).toBe(201);
  const url = `${mock.registry}/v2/team/app/blobs/${digestOf(bytes)}`;
  for (const pid of workers) process.kill(pid, 'SIGKILL');
  for (let attempt = 0; ; attempt++) {
    const now = childrenOf(process.pid).filter((pid) => !before.has(pid) && !workers.includes(pid));
    if (now.length === 2 || attempt === 500) break;
    await sleep(20);
  }
  const heard = await everywhere(url);
  expect(statuses(heard)).toEqual([200]);
  expect((await pushBlob(mock, 'team/app', Buffer.from('after it'))).status).toBe(201);
});

test('TLS and HTTP/2 are spoken by workers', async () => {
  const mock = await start({ tls: true });
  const session = connect2(mock.registry, { ca: readFileSync(mock.ca ?? '') });
  const stream = session.request({ ':path': '/v2/demo/app/manifests/latest' });
  const [headers] = await once(stream, 'response');
  expect(headers[':status']).toBe(200);
  await buffer(stream);
  const push = session.request({ ':method': 'POST', ':path': '/v2/team/app/blobs/uploads/' });
  push.end();
  const [begun] = await once(push, 'response');
  expect(begun[':status']).toBe(202);
  session.close();
});

test('a head that does not come is not waited for', async () => {
  const mock = await start({ headMs: 100 });
  const { hostname, port } = new URL(mock.registry);
  const socket = connect(Number(port), hostname);
  socket.write('GET /v2/ HTTP/1.1\r\nHost: a\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
});
