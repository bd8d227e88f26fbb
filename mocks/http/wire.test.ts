// What the faults below HTTP do to a socket, seen without an HTTP client that might tidy it up.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../server.ts';

const running: RunningMock[] = [];
afterEach(() => Promise.all(running.splice(0).map((mock) => mock.close())));

async function start(options: ServerOptions): Promise<RunningMock> {
  const mock = await startMock({ auth: 'none', ...options });
  running.push(mock);
  return mock;
}

/** Path of the config of demo/single, which is small, and where the registry redirects it to. */
async function blobOf(mock: RunningMock): Promise<{ path: string; edge: URL }> {
  const manifest = await fetch(`${mock.registry}/v2/demo/single/manifests/1.0`);
  const { config } = (await manifest.json()) as { config: { digest: string } };
  const path = `/v2/demo/single/blobs/${config.digest}`;
  const redirect = await fetch(mock.registry + path, { redirect: 'manual' });
  return { path, edge: new URL(redirect.headers.get('location') ?? '', mock.registry) };
}

interface Seen {
  readonly head: string;
  readonly body: Buffer;
  /** Sizes of the pieces in which the reply arrived. */
  readonly pieces: readonly number[];
  readonly end: 'closed' | 'reset' | 'open';
}

/** Sends one request and reads until the connection ends, or until `enough` holds. */
async function ask(
  { hostname, port, pathname, search }: URL,
  enough: (bytes: Buffer) => boolean = () => false,
): Promise<Seen> {
  const socket: Socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
  const pieces: Buffer[] = [];
  let end: Seen['end'] = 'closed';
  socket.on('error', () => {
    end = 'reset';
  });
  socket.on('data', (chunk: Buffer) => {
    pieces.push(chunk);
    if (!enough(Buffer.concat(pieces))) return;
    end = 'open';
    socket.destroy();
  });
  await once(socket, 'close').catch(() => undefined);
  const all = Buffer.concat(pieces);
  const split = all.indexOf('\r\n\r\n');
  return {
    head: all.subarray(0, split).toString('latin1'),
    body: all.subarray(split + 4),
    pieces: pieces.map(({ length }) => length),
    end,
  };
}

const lengthIn = (head: string) => Number(/^Content-Length: (\d+)$/im.exec(head)?.[1]);

async function whole(): Promise<number> {
  const mock = await start({});
  return lengthIn((await ask((await blobOf(mock)).edge, (bytes) => bytes.length > 0)).head);
}

test('a reset is a reset, half-way', async () => {
  const mock = await start({ faults: ['blob-body-reset'] });
  const { head, body, end } = await ask((await blobOf(mock)).edge);
  expect(body.length).toBe(lengthIn(head) >> 1);
  expect(end).toBe('reset');
});

test('a stalled body hangs with its connection open', async () => {
  const size = await whole();
  const mock = await start({ faults: ['blob-body-stalled'], stallMs: 20 });
  const { body, end } = await ask((await blobOf(mock)).edge);
  expect(body.length).toBe(size >> 1);
  expect(end).toBe('reset');
});

test('a dripping body comes byte by byte from its middle on', async () => {
  const size = await whole();
  const mock = await start({ faults: ['blob-body-dripped'], dripMs: 20 });
  const { body, pieces, end } = await ask(
    (await blobOf(mock)).edge,
    (bytes) => bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).length >= (size >> 1) + 5,
  );
  expect(body.length).toBe((size >> 1) + 5);
  expect(pieces.length).toBeGreaterThan(2);
  expect(end).toBe('open');
});

test('a late first byte is late, and everything follows it', async () => {
  const mock = await start({ faults: ['blob-first-byte-late'], slowMs: 200 });
  const { edge } = await blobOf(mock);
  const order: string[] = [];
  const late = fetch(edge).then((reply) => {
    order.push('GET');
    return reply.arrayBuffer();
  });
  await fetch(edge, { method: 'HEAD' });
  order.push('HEAD');
  expect((await late).byteLength).toBe(await whole());
  expect(order).toEqual(['HEAD', 'GET']);
});

test('a larger Content-Length promises more than comes', async () => {
  const size = await whole();
  const mock = await start({ faults: ['blob-length-larger'] });
  const { head, body, end } = await ask((await blobOf(mock)).edge);
  expect([lengthIn(head), body.length, end]).toEqual([size + 7, size, 'closed']);
});

test('a smaller Content-Length is followed by bytes of nothing', async () => {
  const size = await whole();
  const mock = await start({ faults: ['blob-length-smaller'] });
  const { head, body } = await ask((await blobOf(mock)).edge);
  expect([lengthIn(head), body.length]).toEqual([size - 7, size]);
});

test('a garbled chunk has no number for its size', async () => {
  const size = await whole();
  const mock = await start({ faults: ['blob-chunk-garbled'] });
  const { head, body, end } = await ask((await blobOf(mock)).edge);
  expect(head).toMatch(/^Transfer-Encoding: chunked$/im);
  expect(head).not.toMatch(/content-length/i);
  const first = /^([0-9a-f]+)\r\n/.exec(body.toString('latin1'));
  expect(Number.parseInt(first?.[1] ?? '', 16)).toBe(size >> 1);
  expect(body.subarray(-11).toString()).toBe('no-number\r\n');
  expect(end).toBe('closed');
});

test('after a redirect the connection is closed, unannounced', async () => {
  const mock = await start({ faults: ['redirect-then-close'] });
  const { path } = await blobOf(mock);
  const { head, body, end } = await ask(new URL(path, mock.registry));
  expect(head).toMatch(/^HTTP\/1.1 302 /);
  expect(head).not.toMatch(/^Connection: close/im);
  expect([lengthIn(head), body.length, end]).toEqual([0, 0, 'closed']);
  const sound = await start({});
  const kept = await ask(new URL(path, sound.registry), (bytes) => bytes.includes('\r\n\r\n'));
  expect(kept.end).toBe('open');
});

test.each([
  ['no HTTP at all', 'hello there\r\n\r\n', 400],
  ['a header that goes on for ever', `GET / HTTP/1.1\r\nA: ${'x'.repeat(100_000)}\r\n\r\n`, 431],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
    400,
  ],
])('%s is answered in the words of the spec', async (_, request, status) => {
  const { hostname, port } = new URL((await start({})).registry);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(request);
  const pieces: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => pieces.push(chunk));
  await once(socket, 'close').catch(() => undefined);
  const [head = '', body = ''] = Buffer.concat(pieces).toString().split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body).errors).toHaveLength(1);
});
