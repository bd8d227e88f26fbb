// One set of network rules for set-up, load (real k6), conform and validate: through a proxy, with the
// certificates of the environment, and by a resolver of our own.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { makeTls } from '../../mocks/http/tls.ts';
import { reasonHints } from '../../src/protocol/failure-hints.ts';
import type { FailureReason } from '../../src/protocol/talk.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { type Answer, askingUs, startDns } from '../lib/dns-server.ts';
import { type NamedRegistry, names, startNamedRegistry } from '../lib/named-registry.ts';
import { type ProxyRule, startProxy, type TestProxy } from '../lib/proxy.ts';
import { testWith } from '../lib/tools.ts';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const clean of cleanups.splice(0)) clean();
});

/** No variable of the machine that runs the tests. */
const noProxies = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
    .flatMap((name) => [name, name.toLowerCase()])
    .map((name) => [name, undefined]),
);
const few = ['--iterations', '4', '--vus', '2', '--timeout', '20s'];

describe('through a proxy', () => {
  async function world(rule: (port: number) => ProxyRule) {
    const tls = makeTls(Object.values(names));
    const server = await startNamedRegistry({ tls });
    const proxy = await startProxy(rule(server.port));
    cleanups.push(
      () => server.close(),
      () => proxy.close(),
    );
    const ca = join(scratch(), 'ca.pem');
    writeFileSync(ca, tls.ca);
    const { host } = new URL(server.registry.origins.registry);
    const image = `${host}/demo/app:latest`;
    const env = { ...noProxies, HTTPS_PROXY: `http://ci:s3cret@127.0.0.1:${proxy.port}` };
    return { ca, image, env, proxy };
  }

  const hostsOf = ({ asked }: TestProxy) =>
    new Set(asked.map((line) => line.replace(/^CONNECT |:443$/g, '')));

  testWith('k6')('load, its set-up too, and no secret is written', async () => {
    const { ca, image, env, proxy } = await world((port) => ({ port }));
    const out = join(scratch(), 'out');
    const words = ['load', image, ...few, '--ca', ca, '--out', out];
    const { code, stdout, stderr } = await cli(words, { env });
    expect(code, stdout + stderr).toBe(0);
    expect(readResults(out).load?.pulls).toMatchObject({ ok: 4, failed: 0 });
    expect(hostsOf(proxy)).toEqual(new Set(Object.values(names)));
    expect(new Set(proxy.authorizations)).toEqual(new Set([`Basic ${btoa('ci:s3cret')}`]));
    for (const file of readdirSync(out)) {
      expect(readFileSync(join(out, file), 'utf8'), file).not.toContain('s3cret');
    }
  });

  test.each([
    ['conform', ['conform', '--read-only']],
    ['validate', ['validate', '--layers']],
  ])('%s, with the certificates of SSL_CERT_FILE', async (_verb, words) => {
    const { ca, image, env, proxy } = await world((port) => ({ port }));
    const out = join(scratch(), 'out');
    const { code, stdout, stderr } = await cli([...words, image, '--out', out], {
      env: { ...env, SSL_CERT_FILE: ca },
    });
    expect(code, stdout + stderr).toBe(0);
    expect(hostsOf(proxy)).toEqual(new Set(Object.values(names)));
  });

  testWith('k6')('SSL_CERT_FILE counts for load besides --ca', async () => {
    const { ca, image, env } = await world((port) => ({ port }));
    const other = join(scratch(), 'other.pem');
    writeFileSync(other, makeTls(['elsewhere.test']).ca);
    const words = ['load', image, ...few, '--ca', other, '--out', join(scratch(), 'out')];
    const { code, stdout, stderr } = await cli(words, { env: { ...env, SSL_CERT_FILE: ca } });
    expect(code, stdout + stderr).toBe(0);
  });

  test.each(['407 Proxy Authentication Required', '502 Bad Gateway'])(
    'that answers %s: every verb ends alike, and says that it is the proxy',
    async (status) => {
      const { image, env } = await world(() => ({ status }));
      for (const verb of ['load', 'conform', 'validate']) {
        const words = [verb, image, '--out', join(scratch(), 'out')];
        const { code, stderr } = await cli(words, { env });
        expect(code, `${verb}: ${stderr}`).toBe(3);
        expect(stderr, verb).toContain(status.slice(0, 3));
        expect(stderr, verb).toMatch(/proxy/i);
        expect(stderr, verb).not.toMatch(/s3cret|Node|--ca /);
      }
    },
  );

  test('that wants a login for plain HTTP, too', async () => {
    const { env, proxy } = await world(() => ({ status: '407 Proxy Authentication Required' }));
    const image = `http://${names.registry}/demo/app:latest`;
    for (const verb of ['load', 'conform', 'validate']) {
      const { code, stderr } = await cli([verb, image, '--out', join(scratch(), 'out')], {
        env: { ...env, http_proxy: `127.0.0.1:${proxy.port}` },
      });
      expect(code, `${verb}: ${stderr}`).toBe(3);
      expect(stderr, verb).toContain('407');
      expect(stderr, verb).toContain(reasonHints['proxy-auth']);
    }
  });

  testWith('k6')('that forbids the CDN: the pulls fail by the proxy, not by TLS', async () => {
    const { ca, image, env } = await world((port) => ({ port, forbids: names.cdn }));
    const out = join(scratch(), 'out');
    const words = ['load', image, ...few, '--client', 'cri-o', '--ca', ca, '--out', out];
    const { code } = await cli(words, { env });
    expect(code).toBe(1);
    const errors = readResults(out).load?.errors ?? [];
    expect(errors.map((error) => error.class)).toEqual(['proxy']);
    expect(errors[0]?.example).toContain('Forbidden');
  });
});

describe('by a resolver of our own', () => {
  async function world(zone: Partial<Record<keyof typeof names, Answer>>, address = '127.0.0.2') {
    const server: NamedRegistry = await startNamedRegistry({ address });
    const alive = [address];
    const dns = await startDns({
      [names.registry]: zone.registry ?? alive,
      [names.token]: zone.token ?? alive,
      [names.cdn]: zone.cdn ?? alive,
    });
    cleanups.push(
      () => server.close(),
      () => dns.close(),
    );
    const image = `${server.registry.origins.registry}/demo/app:latest`;
    const load = async (...words: string[]) => {
      const out = join(scratch(), 'out');
      const whole = ['load', image, '--iterations', '4', '--vus', '2', '--out', out, ...words];
      const ended = await cli(whole, { env: noProxies, by: askingUs });
      return { ...ended, load: () => readResults(out).load };
    };
    return { dns, load };
  }

  testWith('k6', 'namespaces').each<[string, readonly string[]]>([
    ['two addresses of which the first is dead', ['127.0.0.3', '127.0.0.2']],
    ['a dead address of the other family', ['::1', '127.0.0.2']],
  ])('%s costs no pull', async (_what, addresses) => {
    const all = { registry: addresses, token: addresses, cdn: addresses };
    const { load } = await world(all);
    const { code, stdout, stderr, load: result } = await load('--timeout', '20s');
    expect(code, stdout + stderr).toBe(0);
    expect(result()?.pulls).toMatchObject({ ok: 4, failed: 0 });
  });

  testWith('k6', 'namespaces')('each pull by a new process looks its names up anew', async () => {
    const { dns, load } = await world({});
    const { code } = await load('--client', 'podman', '--timeout', '20s');
    expect(code).toBe(0);
    expect(dns.asked(names.cdn)).toBeGreaterThanOrEqual(4);
  });

  testWith('k6', 'namespaces').each<[Answer, string]>([
    ['nxdomain', 'no such host'],
    ['servfail', 'server misbehaving'],
    ['silent', 'i/o timeout'],
  ])('a name of the CDN: %s', async (cdn, words) => {
    const { load } = await world({ cdn });
    const { code, stderr, load: result } = await load('--client', 'cri-o', '--timeout', '8s');
    expect(code, stderr).toBe(1);
    const [error, ...others] = result()?.errors ?? [];
    expect(others).toEqual([]);
    expect(error).toMatchObject({ class: 'dns', count: 4 });
    expect(error?.example).toContain(`lookup ${names.cdn}`);
    expect(error?.example).toContain(words);
  });

  testWith('k6', 'namespaces').each<[Answer, FailureReason]>([
    ['nxdomain', 'nxdomain'],
    ['servfail', 'servfail'],
    ['silent', 'no-answer'],
  ])('a registry without address: %s', async (registry, reason) => {
    const { load } = await world({ registry });
    const { code, stderr } = await load('--timeout', '5s');
    expect(code, stderr).toBe(3);
    expect(stderr).toContain(`${names.registry}`);
    expect(stderr).toContain(reasonHints[reason]);
  });
});
