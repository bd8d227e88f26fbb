// load against real registries as fleets have them: TLS, our token server in front of a registry to which
// nobody may do anything without it, and nginx both as its proxy and as the CDN over its storage.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { validateResults } from '../../src/run/results-schema.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { freePort, pushLayout, startDockerRegistry, writeLayout } from '../lib/docker-registry.ts';
import { proxyTo, startNginx } from '../lib/nginx.ts';
import { startTokenServer } from '../lib/token-server.ts';
import { hasTools, testWith } from '../lib/tools.ts';

interface Fleet {
  readonly registry: string;
  readonly token: string;
  readonly edge: string;
  readonly username: string;
  readonly password: string;
  /** PEM file of both CAs. */
  readonly ca: string;
  readonly nginxLog: string;
}

type Program = 'docker-registry' | 'registry';

async function startFleet(program: Program, undo: (() => Promise<void>)[]): Promise<Fleet> {
  const tokens = await startTokenServer({ tls: true, permissions: ['anonymous:*=none'] });
  undo.push(tokens.stop);
  const [front, edge] = [await freePort(), await freePort('127.0.0.2')];
  const cdn = `https://127.0.0.2:${edge}`;
  const registry = await startDockerRegistry({ program, token: tokens.token, cdn });
  undo.push(registry.stop);
  const served = [`root ${registry.data};`, 'add_header X-Cache HIT;'];
  const nginx = await startNginx([
    { host: '127.0.0.1', port: front, directives: proxyTo(`http://${registry.host}`) },
    { host: '127.0.0.2', port: edge, directives: served },
  ]);
  undo.push(nginx.stop);
  const trust = scratch();
  const ca = join(trust, 'ca.crt');
  writeFileSync(ca, nginx.ca + readFileSync(tokens.ca ?? '', 'utf8'));
  const host = `127.0.0.1:${front}`;
  const { username, password } = tokens.user;
  const access = ['--dest-cert-dir', trust, '--dest-creds', `${username}:${password}`];
  await pushLayout(await writeLayout(), host, access);
  const token = new URL(tokens.token.realm).host;
  return {
    registry: host,
    token,
    edge: `127.0.0.2:${edge}`,
    username,
    password,
    ca,
    nginxLog: nginx.log,
  };
}

describe.each(['docker-registry', 'registry'] as const)(
  '%s with tokens, TLS and a CDN',
  (program) => {
    const tools = [program, 'nginx', 'skopeo', 'k6'];
    const test = testWith(...tools);
    const undo: (() => Promise<void>)[] = [];
    let fleet: Fleet;
    beforeAll(async () => {
      if (hasTools(...tools)) fleet = await startFleet(program, undo);
    });
    afterAll(async () => {
      for (const step of undo.reverse()) await step();
    });

    const load = async (words: readonly string[], input = `${fleet.password}\n`) => {
      const out = scratch();
      const image = `${fleet.registry}/team/app:latest`;
      const user = input === '' ? [] : ['--username', fleet.username, '--password-stdin'];
      const all = ['load', image, '--ca', fleet.ca, ...user, ...words, '--out', out];
      const ended = await cli(all, { input });
      const results = readResults(out);
      expect(validateResults(results)).toBeUndefined();
      return { ...ended, load: results.load };
    };

    test.each(['podman', 'containerd', 'docker'])(
      '%s: hops are told apart, all is verified',
      async (client) => {
        const words = ['--client', client, '--iterations', '20', '--vus', '4'];
        const { code, stderr, load: found } = await load(words);
        expect(code, stderr).toBe(0);
        expect(found).toMatchObject({ engine: 'built', verify: 'all', errors: [] });
        expect(found?.pulls).toMatchObject({ ok: 20, failed: 0 });
        expect(found?.bytes.verified).toBe(found?.bytes.total);
        const { hops, hosts, phases } = found ?? {};
        expect(Object.keys(hosts ?? {}).sort()).toEqual(
          [fleet.registry, fleet.token, fleet.edge].sort(),
        );
        // As many for each pull as the client has caches of tokens.
        expect(hops?.token?.count).toBe(phases?.token?.count);
        expect(hops?.token?.count).toBe(hosts?.[fleet.token]?.count);
        expect((hops?.token?.count ?? 1) % 20).toBe(0);
        // Config and layers: a redirect and the bytes are one step.
        const blobs = (phases?.config?.count ?? 0) + (phases?.layer?.count ?? 0);
        expect(blobs).toBeGreaterThan(0);
        expect(hops?.edge?.count).toBe(blobs);
        expect(hops?.edge?.count).toBe(hosts?.[fleet.edge]?.count);
        expect(found?.cache.hit).toBe(hops?.edge?.count);
      },
    );

    test('the CDN is told no credentials', async () => {
      const asked = readFileSync(fleet.nginxLog, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('127.0.0.2 '));
      expect(asked.length).toBeGreaterThan(0);
      for (const line of asked) expect(line).toMatch(/^127\.0\.0\.2 200 \S+\/data -$/);
    });

    test('without credentials nothing is pulled, and the class says why', async () => {
      const { code, load: found } = await load(['--iterations', '2', '--vus', '1'], '');
      expect(code).toBe(1);
      expect(found?.pulls.ok).toBe(0);
      expect(found?.errors.map((error) => error.class)).toEqual(['unauthorized']);
    });
  },
);

describe('a proxy that packs what it passes', () => {
  const tools = ['registry', 'nginx', 'skopeo', 'k6'];
  const undo: (() => Promise<void>)[] = [];
  let host = '';
  let ca = '';
  let log = '';
  beforeAll(async () => {
    if (!hasTools(...tools)) return;
    const registry = await startDockerRegistry({ program: 'registry' });
    undo.push(registry.stop);
    await pushLayout(await writeLayout(), registry.host);
    const port = await freePort();
    const packs = ['gzip on;', 'gzip_types *;', 'gzip_min_length 1;', 'gzip_proxied any;'];
    const directives = [...packs, ...proxyTo(`http://${registry.host}`)];
    const nginx = await startNginx([{ host: '127.0.0.1', port, directives }]);
    undo.push(nginx.stop);
    host = `127.0.0.1:${port}`;
    ca = nginx.ca;
    log = nginx.log;
  });
  afterAll(async () => {
    for (const step of undo.reverse()) await step();
  });

  testWith(...tools).each(['podman', 'containerd', 'docker', 'crane'])(
    '%s unpacks it, and all is verified',
    async (client) => {
      const out = scratch();
      const file = join(scratch(), 'ca.crt');
      writeFileSync(file, ca);
      const words = ['--ca', file, '--client', client, '--iterations', '4', '--vus', '2'];
      const ended = await cli(['load', `${host}/team/app:latest`, ...words, '--out', out]);
      expect(ended.code, ended.stderr).toBe(0);
      const { load } = readResults(out);
      expect(load).toMatchObject({ verify: 'all', errors: [], pulls: { ok: 4, failed: 0 } });
      expect(load?.bytes.verified).toBe(load?.bytes.total);
      expect(readFileSync(log, 'utf8')).toContain('/blobs/');
    },
  );
});
