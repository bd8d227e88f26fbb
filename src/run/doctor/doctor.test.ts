import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../../mocks/server.ts';
import type { DoctorResult } from '../../../reports/results.ts';
import type { RunContext } from '../context.ts';
import type { View } from '../view.ts';
import { runDoctor } from './doctor.ts';
import type { DoctorOptions } from './options.ts';

/** A host whose configuration says nothing but that every image may run. */
const root = mkdtempSync(join(tmpdir(), 'pullproof-doctor-'));
mkdirSync(join(root, 'etc/containers'), { recursive: true });
writeFileSync(
  join(root, 'etc/containers/policy.json'),
  '{"default":[{"type":"insecureAcceptAnything"}]}',
);

let mock: RunningMock;
const servers: Server[] = [];
beforeAll(async () => {
  mock = await startMock({ seed: 1, port: 0, cdnPort: 0 });
});
afterAll(async () => {
  await mock.close();
  for (const server of servers) server.close();
});

function contextOf(signal = new AbortController().signal): RunContext & { told: string[] } {
  const told: string[] = [];
  const progress = (line: string | View) =>
    void told.push(typeof line === 'string' ? line : line.line);
  return { progress, work: progress, signal, seed: 1, command: 'pullproof doctor', told };
}

function optionsOf(text: string, change: Partial<DoctorOptions> = {}): DoctorOptions {
  return {
    text,
    client: 'crane',
    platform: { os: 'linux', architecture: 'amd64' },
    probes: 2,
    root,
    flags: {},
    timeoutMs: 10_000,
    presets: [],
    expected: [],
    ...change,
  };
}

async function doctored(text: string, change: Partial<DoctorOptions> = {}) {
  const context = contextOf();
  const results = await runDoctor(optionsOf(text, change), context);
  return { results, doctor: results.doctor as DoctorResult, told: context.told };
}

test.each(['podman', 'docker', 'containerd', 'crane'])('a healthy pull by %s', async (client) => {
  const { results, doctor, told } = await doctored(`http://${mock.images[0]}`, { client });
  expect(results).toMatchObject({ verdict: 'pass', exitCode: 0 });
  expect(doctor).toMatchObject({ pullable: true, causes: [], client });
  expect(doctor.clientSays).toBeUndefined();
  expect(doctor.bytes.verified).toBe(doctor.bytes.read);
  expect(doctor.bytes.read).toBeGreaterThan(1000);
  expect(doctor.hosts.map(({ role }) => role)).toEqual(['registry', 'edge']);
  expect(new Set(doctor.hops.map(({ pull }) => pull))).toEqual(new Set([1, 2]));
  expect(JSON.stringify(doctor)).not.toMatch(/[?&](?:Signature|X-Amz)/);
  expect(told.some((line) => line.startsWith('waiting for '))).toBe(true);
});

describe('what cannot be reached is a cause, and the exit code 1', () => {
  test.each([
    ['a port that nobody listens on', 'http://127.0.0.1:1/demo/app:1'],
    ['a name that does not exist', 'registry.invalid/demo/app:1'],
    ['an image that is not there', 'nobody/nothing:1'],
  ])('%s', async (_what, text) => {
    const image = text.startsWith('nobody') ? `${mock.registry}/${text}` : text;
    const { results, doctor } = await doctored(image, { client: 'podman' });
    expect(results).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(doctor.pullable).toBe(false);
    expect(doctor.causes.length).toBeGreaterThan(0);
    expect(doctor.clientSays).toMatch(/^Error: /m);
  });
});

test('podman says how often it would try', async () => {
  const { doctor } = await doctored('http://127.0.0.1:1/demo/app:1', { client: 'podman' });
  const lines = doctor.clientSays?.split('\n') ?? [];
  expect(lines.map((line) => line.replace(/Error: .*/, ''))).toEqual([
    'Failed, retrying in 1s ... (1/3). ',
    'Failed, retrying in 1s ... (2/3). ',
    'Failed, retrying in 1s ... (3/3). ',
    '',
  ]);
  expect(lines.at(-1)).toContain('dial tcp 127.0.0.1:1: connect: connection refused');
});

async function serve(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('a server that is no registry', async () => {
  const port = await serve((_, reply) => {
    reply.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>hello</html>');
  });
  const { results, doctor } = await doctored(`http://127.0.0.1:${port}/demo/app:1`);
  expect(results.exitCode).toBe(1);
  expect(doctor.causes.length).toBeGreaterThan(0);
});

describe('what a server says back is not handed on', () => {
  const password = 'planted & "7"';

  test.each(['podman', 'docker', 'containerd', 'crane'])('by %s', async (client) => {
    const port = await serve(({ url = '', headers: { authorization = '', host } }, reply) => {
      const [, encoded = ''] = authorization.split(' ');
      const said = `${authorization} ${Buffer.from(encoded, 'base64')} ${url}`;
      const to = `http://user:planted-user@${host}/${encoded}?sig=planted-signature#planted-fragment`;
      if (!url.startsWith('/v2/')) reply.writeHead(403, { Server: said.slice(0, 80) }).end(said);
      else if (authorization === '') reply.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end();
      else if (url === '/v2/') reply.end('{}');
      else reply.writeHead(307, { Location: to }).end();
    });
    const flags = { username: 'user', password };
    const { doctor } = await doctored(`http://127.0.0.1:${port}/demo/app:1`, { client, flags });
    expect(doctor.hops.length).toBeGreaterThan(2);
    const text = JSON.stringify(doctor);
    expect(text).not.toMatch(/planted-/);
    for (const secret of [password, Buffer.from(`user:${password}`).toString('base64')]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
    }
  });
});

test('a run that is stopped says what it knows', async () => {
  const stop = new AbortController();
  stop.abort();
  const results = await runDoctor(optionsOf(`http://${mock.images[0]}`), contextOf(stop.signal));
  expect(results).toMatchObject({ exitCode: 130, doctor: { pullable: false, causes: [] } });
});
