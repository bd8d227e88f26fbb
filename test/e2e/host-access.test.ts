// Every verb finds credentials and certificates in the files of this host, and says where; and none tells them.
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { dirname, join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTls } from '../../mocks/http/tls.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, scratch } from '../lib/cli.ts';
import { authOf } from '../lib/host-folder.ts';
import { listen } from '../lib/loopback.ts';
import { testWith } from '../lib/tools.ts';

let mock: RunningMock;
let host = '';
let image = '';
beforeAll(async () => {
  mock = await startMock({ auth: 'basic' });
  host = new URL(mock.registry).host;
  image = `${mock.registry}/demo/app:latest`;
});
let server: Server | undefined;
afterAll(async () => {
  await mock.close();
  server?.closeAllConnections();
  server?.close();
});

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o600);
  return path;
}

/** A home whose config.json has the login, under a helper where one is named. */
function homeWith(helper?: string): string {
  const home = scratch();
  const { username, password } = mock;
  const login = helper === undefined ? { auths: { [host]: authOf(username, password) } } : {};
  const helped = helper === undefined ? {} : { credHelpers: { [host]: helper } };
  write(join(home, '.docker', 'config.json'), JSON.stringify({ ...login, ...helped }));
  const answer = JSON.stringify({ Username: username, Secret: password });
  const script = write(
    join(home, 'bin', 'docker-credential-mine'),
    `#!/bin/sh\necho '${answer}'\n`,
  );
  chmodSync(script, 0o700);
  return home;
}

const envOf = (home: string) => ({
  HOME: home,
  PATH: `${join(home, 'bin')}:${process.env.PATH}`,
});

function expectNoSecret(out: string, ...texts: string[]): void {
  const files = readdirSync(out, { recursive: true, withFileTypes: true });
  const written = files
    .filter((it) => it.isFile())
    .map((it) => readFileSync(join(it.parentPath, it.name), 'latin1'));
  const pair = authOf(mock.username, mock.password).auth;
  for (const text of [...texts, ...written]) {
    expect(text).not.toContain(mock.password);
    expect(text).not.toContain(pair);
  }
}

const verbs: Readonly<Record<string, readonly string[]>> = {
  conform: ['--read-only', '--only', 'manifest-by-tag'],
  validate: [],
  load: ['--iterations', '2', '--vus', '1'],
};

describe.each(Object.entries(verbs))('%s', (verb, more) => {
  const run = verb === 'load' ? testWith('k6') : test;
  const words = (out: string) => {
    const own = verb === 'conform' ? [verb, ...more.slice(1)] : [verb, ...more];
    const named = verb === 'conform' ? ['--read-only', image] : [image];
    return [...own, ...named, '--out', out];
  };

  for (const helper of [undefined, 'mine']) {
    run(helper === undefined ? 'by a login' : 'by a credential helper', async () => {
      const home = homeWith(helper);
      const out = scratch();
      const { code, stdout, stderr } = await cli(words(out), { env: envOf(home) });
      expect(code, stderr + stdout).toBe(0);
      expect(stderr).toContain(join(home, '.docker', 'config.json'));
      expectNoSecret(out, stdout, stderr);
    });
  }

  run('by a pull secret', async () => {
    const auths = { auths: { [host]: authOf(mock.username, mock.password) } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify(auths)).toString('base64') };
    const secret = { kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', data };
    const file = write(join(scratch(), 'secret.json'), JSON.stringify(secret));
    const out = scratch();
    const { code, stdout, stderr } = await cli([...words(out), '--pull-secret', file]);
    expect(code, stderr + stdout).toBe(0);
    expectNoSecret(out, stdout, stderr);
  });

  run('a broken file ends it before anything is asked', async () => {
    const home = scratch();
    const file = write(join(home, '.config', 'containers', 'auth.json'), '{"auths":');
    const { code, stderr } = await cli(words(scratch()), { env: { HOME: home } });
    expect(code).toBe(2);
    expect(stderr).toContain(file);
  });
});

describe('certificates of certs.d', () => {
  const tls = makeTls(['127.0.0.1', 'localhost']);
  const mine = makeTls(['client.example']);
  const seen: string[] = [];
  const asking = createServer(
    { key: tls.key, cert: tls.cert, ca: mine.ca, requestCert: true, rejectUnauthorized: false },
    async (request, reply) => {
      const shown = (request.socket as TLSSocket).getPeerCertificate();
      seen.push(shown.subject === undefined ? 'nobody' : 'somebody');
      const { username, password } = mock;
      const headers = { authorization: `Basic ${authOf(username, password).auth}` };
      const answer = await fetch(`${mock.registry}${request.url}`, {
        headers: { ...headers, accept: request.headers.accept ?? '*/*' },
      });
      reply.writeHead(answer.status, {
        'Content-Type': answer.headers.get('content-type') ?? '',
        'Docker-Content-Digest': answer.headers.get('docker-content-digest') ?? '',
      });
      reply.end(Buffer.from(await answer.arrayBuffer()));
    },
  );

  server = asking;
  for (const verb of ['validate', 'load'] as const) {
    const run = verb === 'load' ? testWith('k6') : test;
    run(`${verb}: trusted and shown`, async () => {
      const registry = asking.listening
        ? `127.0.0.1:${(asking.address() as { port: number }).port}`
        : await listen(asking);
      const home = scratch();
      const folder = join(home, '.config', 'containers', 'certs.d', registry);
      const words = [verb, ...(verbs[verb] ?? []), `https://${registry}/demo/app:latest`];
      const env = { HOME: home };
      const untrusted = await cli([...words, '--out', scratch()], { env });
      expect(untrusted.code).toBe(3);
      write(join(folder, 'ca.crt'), tls.ca);
      write(join(folder, 'client.cert'), mine.cert);
      write(join(folder, 'client.key'), mine.key);
      seen.length = 0;
      const out = scratch();
      const { code, stdout, stderr } = await cli([...words, '--out', out], { env });
      expect(code, stderr + stdout).toBe(0);
      expect(seen.length).toBeGreaterThan(3);
      expect(seen).not.toContain('nobody');
      expect(stderr).toContain(folder);
      const key = mine.key.split('\n')[1] ?? '';
      for (const name of readdirSync(out)) {
        expect(readFileSync(join(out, name), 'latin1')).not.toContain(key);
      }
      if (verb !== 'load') return;
      const described = await cli(
        [...words, '--parallelism', '1', '--k8s', join(scratch(), 'fleet')],
        {
          env,
        },
      );
      expect(described.code, described.stderr).toBe(0);
      expect(described.stdout).toMatch(`Here ${registry} would be shown one`);
    });
  }
});
