import { describe, expect, test } from 'vitest';
import {
  endpoint,
  examineWorld,
  routeOver,
  type Situation,
  soundHosts,
} from '../../../test/lib/doctor-world.ts';
import type { Perform } from '../../drivers/drive.ts';
import { makeReply } from '../../drivers/reply.ts';
import type { HttpReply } from '../../protocol/talk.ts';

const silence: Omit<HttpReply, 'header'> = {
  status: 0,
  headerLines: [],
  text: '',
  bytes: 0,
  digest: '',
  failure: '',
  failureMessage: '',
  remoteAddress: '',
  timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
};

const written = { in: '/etc/somewhere', line: 1 };

/** `id held` of each probe, in order. */
async function probed(situation: Situation): Promise<string[]> {
  const { facts } = await examineWorld(situation);
  return facts.probes.map(({ id, host, held }) => `${id} ${host} ${held}`);
}

test('a login that is refused, and a pull that would do without', async () => {
  const credentials = { username: 'demo', password: 'stale' };
  const route = routeOver([endpoint({ credentials: { credentials, looked: [], problems: [] } })]);
  const { facts, wire } = await examineWorld({ route });
  expect(facts.pulls[0]?.failure?.class).toBe('unauthorized');
  expect(facts.probes.find(({ id }) => id === 'without-credential')).toMatchObject({
    host: 'auth.test:443',
    held: true,
  });
  const shown = wire.requests.filter(({ request }) => request.authorization.startsWith('Basic'));
  expect(shown.every(({ request }) => request.url.startsWith('https://auth.test/'))).toBe(true);
});

test('a registry that limits the anonymous, and is shown a credential that nobody asked for', async () => {
  const credentials = { username: 'demo', password: 'word' };
  const route = routeOver([endpoint({ credentials: { credentials, looked: [], problems: [] } })]);
  const perform: Perform = async ({ authorization }) =>
    makeReply({ ...silence, status: authorization === '' ? 429 : 200 });
  const hosts = { ...soundHosts, 'registry.test': { ports: { 443: { perform } } } };
  expect(await probed({ route, world: { hosts } })).toContain(
    'with-credential registry.test:443 true',
  );
  const plain = { ...endpoint(), url: 'http://registry.test' };
  const over = { 'registry.test': { ports: { 80: { perform } } } };
  const open = routeOver([{ ...plain, credentials: { credentials, looked: [], problems: [] } }]);
  const lines = await probed({ route: open, world: { hosts: over } });
  expect(lines.some((line) => line.startsWith('with-credential'))).toBe(false);
});

test('both families, where there are both: a black hole is one of them', async () => {
  const both = { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] };
  const dead = { ...both, addresses: { '2001:db8::1': 'dropped' as const } };
  const lines = await probed({ world: { hosts: { ...soundHosts, 'cdn.test': dead } } });
  expect(lines).toEqual(
    expect.arrayContaining(['ipv4 cdn.test:443 true', 'ipv6 cdn.test:443 false']),
  );
  expect(lines.some((line) => /ipv. registry/.test(line))).toBe(false);
});

describe('proxies', () => {
  const proxy = { scheme: 'http', host: 'proxy.test', port: 3128, username: '', password: '' };
  const by = { proxy, written };
  const proxies = { 'proxy.test:3128': { allows: ['registry.test', 'auth.test'] } };

  test('what the proxy refuses is asked without it, too', async () => {
    const route = routeOver([endpoint({ proxy: by })]);
    const lines = await probed({ route, world: { proxies } });
    expect(lines).toContain('without-proxy cdn.test:443 true');
  });

  test('the proxy of a daemon is tried where the client has none', async () => {
    const variables = { HTTPS_PROXY: 'http://proxy.test:3128' };
    const daemonProxies = [{ daemon: 'docker' as const, variables, written }];
    const lines = await probed({ world: { proxies }, settings: { daemonProxies } });
    expect(lines).toEqual(
      expect.arrayContaining([
        'with-proxy registry.test:443 true',
        'with-proxy cdn.test:443 false',
      ]),
    );
  });
});

test('a body that stalls: the first byte comes, much does not', async () => {
  const hosts = { ...soundHosts, 'cdn.test': { ports: { 443: { stallsAfter: 4000 } } } };
  const lines = await probed({ world: { hosts }, mock: { images: undefined } });
  expect(lines).toEqual(
    expect.arrayContaining(['small-reply cdn.test:443 true', 'large-reply cdn.test:443 false']),
  );
});

test('what a port answers to the other protocol', async () => {
  const perform: Perform = async () => makeReply({ ...silence, status: 401 });
  const port = { tls: 'none' as const, perform };
  const plain = { ...soundHosts, 'registry.test': { ports: { 443: port } } };
  expect(await probed({ world: { hosts: plain } })).toContain('plain-http registry.test:443 true');
  const route = routeOver([endpoint({ url: 'http://registry.test:443' })]);
  expect(await probed({ route })).toContain('tls registry.test:443 true');
});

test('a tag that is not there, in a repository that is', async () => {
  const route = routeOver([endpoint({ reference: 'gone' })]);
  const { facts } = await examineWorld({ route });
  const [tags] = facts.probes.filter(({ id }) => id === 'other-tag');
  expect(tags?.held).toBe(true);
  expect(tags?.answer).toContain('latest');
});

test('a path of the configuration that is wrong, and one that is right', async () => {
  const route = routeOver([endpoint({ apiPath: '/v2/v2' })]);
  const { facts } = await examineWorld({ route });
  expect(facts.pulls[0]?.failure).toBeDefined();
  const asked = facts.probes.filter(({ id, held }) => id === 'catalog-path' && held);
  expect(asked.map((one) => one.asked)).toEqual([
    'whether another path is meant: https://registry.test/v2/demo/app/manifests/latest',
  ]);
});

test('the issuer that is not served makes the chain whole', async () => {
  const hosts = {
    ...soundHosts,
    'registry.test': { ports: { 443: { tls: { incomplete: true } } } },
    'public.example': {},
  };
  expect(await probed({ world: { hosts } })).toContain('issuer registry.test:443 true');
});

test('a signature is looked for where the policy wants one', async () => {
  const policy = {
    kind: 'sigstoreSigned' as const,
    scope: 'docker:registry.test',
    written,
    keys: [],
  };
  expect(await probed({ settings: { policy } })).toContain('signature registry.test:443 false');
});
