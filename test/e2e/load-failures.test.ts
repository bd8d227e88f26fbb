// Every class of failure, provoked for real on the wire and met by k6 in a load run: one repository for each,
// all in one plan. The trouble begins where the set-up does not look: at blobs, or after its look at the tag.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeTls } from '../../mocks/http/tls.ts';
import { createRegistry } from '../../mocks/index.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import type { LoadResult } from '../../reports/results.ts';
import { hintOf } from '../../src/protocol/failure.ts';
import { reasonHints } from '../../src/protocol/failure-hints.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

/** Answers a request for a layer in its own way; `body` is what would have been right. */
type Trouble = (reply: ServerResponse, body: Buffer, request: IncomingMessage) => void;

const status =
  (code: number, headers: Record<string, string> = {}, text = ''): Trouble =>
  (reply) =>
    reply.writeHead(code, headers).end(text);
const redirect = (to: () => string): Trouble => {
  return (reply) => reply.writeHead(302, { Location: to() }).end();
};
/** On the edge: the same server by its other address. */
const edge = (path: string) => redirect(() => `http://127.0.0.2:${portOf(front)}/edge/${path}`);

const troubles: Readonly<Record<string, Trouble>> = {
  dns: redirect(() => 'http://no-such-host.invalid/layer'),
  refused: redirect(() => `http://127.0.0.1:${closedPort}/layer`),
  'dial-timeout': redirect(() => `http://127.0.0.1:${fullPort}/layer`),
  tls: redirect(() => `${secure.registry}/layer`),
  'bad-http': redirect(() => `http://127.0.0.1:${(noHttp.address() as AddressInfo).port}/layer`),
  reset: (_, __, request) => request.socket.resetAndDestroy(),
  stalled: () => undefined,
  'short-body': (reply, body, request) => {
    reply.writeHead(200, { 'Content-Length': body.length });
    reply.write(body.subarray(0, 10), () => request.socket.destroy());
  },
  'long-body': (reply, body) => reply.writeHead(200).end(Buffer.concat([body, body])),
  'wrong-digest': (reply, body) => {
    reply.writeHead(200, { 'Content-Length': body.length }).end(Buffer.alloc(body.length));
  },
  unauthorized: status(401, { 'WWW-Authenticate': 'Bearer realm="http://127.0.0.1:1/token"' }),
  denied: status(403),
  'blob-unknown': status(404),
  'server-error': status(503),
  'unexpected-status': status(418),
  'redirect-expired': edge('403?Expires=1&Signature=x'),
  'redirect-denied': edge('403?Signature=x'),
  'redirect-credentials': edge('401'),
  'redirect-invalid': redirect(() => 'file:///etc/passwd'),
  'redirect-loop': edge('loop'),
};

/** What the tag has become when it is asked for again. */
const later: Readonly<Record<string, Trouble>> = {
  'manifest-unknown': status(404),
  'bad-manifest': status(200, { 'Content-Type': mediaTypes.ociManifest }, '{"schemaVersion":2}'),
  'platform-missing': status(
    200,
    { 'Content-Type': mediaTypes.ociIndex },
    '{"schemaVersion":2,"manifests":[]}',
  ),
};
const looks = new Map<string, number>();

/** Those that some clients wait out, too. */
const all: Readonly<Record<string, Trouble>> = {
  ...troubles,
  'rate-limited': status(429),
  http2: redirect(() => `https://127.0.0.1:${portOf(leaving)}/layer`),
};

let closedPort = 0;
let fullPort = 0;
let stopped: ChildProcess;
const waiting: Socket[] = [];
let secure: RunningMock;
const noHttp = createTcpServer((socket) => {
  socket.on('error', () => undefined).once('data', () => socket.end('SSH-2.0-OpenSSH\r\n'));
});

/** Ends each HTTP/2 connection with a code and words for it. */
const { key, cert } = makeTls(['127.0.0.1']);
const leaving = createSecureServer({ key, cert });
leaving.on('sessionError', () => undefined);
leaving.on('stream', (stream: ServerHttp2Stream) => {
  const { session } = stream;
  stream.on('error', () => undefined);
  session?.goaway(11, stream.id, Buffer.from('too many pulls'));
  setTimeout(() => session?.destroy(), 50);
});

const registry = createRegistry({ auth: 'none', redirect: 'none' });
const front = createServer((request, reply) => {
  void answer(request, reply);
});

function portOf(server: { address(): unknown }): number {
  return (server.address() as AddressInfo).port;
}

async function answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const url = request.url ?? '';
  const onEdge = /^\/edge\/(\d+|loop)/.exec(url)?.[1];
  if (onEdge === 'loop') return void reply.writeHead(302, { Location: url }).end();
  if (onEdge !== undefined) {
    return void reply.writeHead(Number(onEdge), { 'X-Amz-Cf-Pop': 'LOOP1-P1' }).end();
  }
  const kind = /^\/v2\/trouble\/([^/]+)\//.exec(url)?.[1] ?? '';
  const path = url.replace(`/v2/trouble/${kind}/`, '/v2/demo/single/');
  const { method = 'GET' } = request;
  const right = await registry.fetch(new Request(registry.origins.registry + path, { method }));
  const body = Buffer.from(await right.arrayBuffer());
  if (url.includes('/manifests/')) looks.set(kind, (looks.get(kind) ?? 0) + 1);
  const isAgain = (looks.get(kind) ?? 0) > 1;
  const trouble = url.includes('/blobs/') ? all[kind] : isAgain ? later[kind] : undefined;
  if (trouble !== undefined) return trouble(reply, body, request);
  reply.writeHead(right.status, [...right.headers].flat()).end(body);
}

/** A port whose owner is stopped and whose queue is full: the kernel drops who knocks. */
async function fullQueue(): Promise<void> {
  const owner = `const s=require('net').createServer();s.listen({port:0,host:'127.0.0.1',backlog:1},()=>{
    process.stdout.write(String(s.address().port)+'\\n',()=>process.kill(process.pid,'SIGSTOP'))})`;
  stopped = spawn(process.execPath, ['-e', owner], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(stopped.stdout as NonNullable<typeof stopped.stdout>, 'data')) as [
    Buffer,
  ];
  fullPort = Number(line.toString());
  for (let i = 0; i < 8; i++) {
    waiting.push(connect({ port: fullPort, host: '127.0.0.1' }).on('error', () => undefined));
  }
}

async function run(
  client: string,
  kinds: readonly string[],
  more: readonly string[] = [],
): Promise<LoadResult> {
  const out = scratch();
  const plan = join(scratch(), 'plan.yaml');
  const images = kinds.map((kind) => `  - http://127.0.0.1:${portOf(front)}/trouble/${kind}:1.0`);
  writeFileSync(plan, `images:\n${images.join('\n')}\n`);
  const words = ['--iterations', `${kinds.length}`, '--vus', '4', '--timeout', '3s'];
  const { code, stderr } = await cli([
    'load',
    '--plan',
    plan,
    '--client',
    client,
    ...words,
    ...more,
    '--out',
    out,
  ]);
  expect(code, stderr).toBe(1);
  const results = readResults(out);
  expect(validateResults(results)).toBeUndefined();
  return results.load as LoadResult;
}

beforeAll(async () => {
  await once(front.listen(0, '0.0.0.0'), 'listening');
  await once(noHttp.listen(0, '127.0.0.1'), 'listening');
  secure = await startMock({ tls: true });
  await once(leaving.listen(0, '127.0.0.1'), 'listening');
  await fullQueue();
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  closedPort = portOf(closed);
  closed.close();
});

afterAll(async () => {
  for (const socket of waiting) socket.destroy();
  stopped.kill('SIGKILL');
  noHttp.close();
  leaving.close();
  front.closeAllConnections();
  front.close();
  await secure.close();
});

describe('every class of failure', () => {
  // CRI-O begins no pull anew: each failure is met once.
  testWith('k6')('is told with an example, a hint and the words of the client', async () => {
    const kinds = [...Object.keys(troubles), ...Object.keys(later)];
    const load = await run('cri-o', kinds);
    expect(load.pulls).toMatchObject({ ok: 0, failed: kinds.length });
    expect(load.errors.map((error) => error.class).sort()).toEqual([...kinds].sort());
    for (const error of load.errors) {
      expect(error.count).toBe(1);
      expect(error.example, error.class).not.toBe('');
      expect(error.hint).toBe(hintOf(error));
    }
    const says = new Map(load.errors.map((error) => [error.class, error.clientSays]));
    expect(says.get('dns')).toContain('no such host');
    expect(says.get('wrong-digest')).toMatch(/digest .* does not match/);
    const expired = load.errors.find((error) => error.class === 'redirect-expired');
    expect(expired?.example).toContain('LOOP1-P1');
    expect(expired?.example).not.toContain('Signature');
    const statuses = load.statuses
      ?.filter(({ failure }) => failure !== '')
      .map((one) => one.failure);
    expect(statuses).toEqual(expect.arrayContaining(['dns', 'refused', 'tls', 'reset', 'stalled']));
    expect(load.servers?.some(({ edge: name }) => name === 'LOOP1-P1')).toBe(true);
  });
});

describe('GOAWAY', () => {
  testWith('k6')('is told with its code and words, and not as another protocol', async () => {
    const { errors } = await run('oras', ['http2'], ['--insecure']);
    expect(errors).toMatchObject([{ class: 'http2', hint: reasonHints.goaway }]);
    expect(errors[0]?.example).toMatch(/ENHANCE_YOUR_CALM.*too many pulls/);
  });
});

describe('HTTP 429', () => {
  testWith('k6')('ends a pull by docker, which does not wait', async () => {
    const { errors } = await run('docker', ['rate-limited']);
    expect(errors).toMatchObject([{ class: 'rate-limited', clientSays: expect.any(String) }]);
  });
});
