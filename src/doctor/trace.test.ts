import { describe, expect, test } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { endpoint, examineWorld, routeOver, soundHosts } from '../../test/lib/doctor-world.ts';
import { inProcess } from '../../test/lib/in-process.ts';
import type { Perform } from '../drivers/drive.ts';
import { makeReply } from '../drivers/reply.ts';
import type { HttpReply } from '../protocol/talk.ts';
import { findCauses } from './causes/index.ts';

const nothing: Omit<HttpReply, 'header'> = {
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

const answering =
  (status: number, headers: Record<string, string> = {}, text = ''): Perform =>
  async () =>
    makeReply({
      ...nothing,
      status,
      headerLines: Object.entries(headers),
      text,
      bytes: text.length,
    });

const mirror = endpoint({
  role: 'mirror',
  url: 'https://mirror.test',
  registry: 'mirror.test',
  repository: 'cache/app',
});

describe('endpoints in order, as the client does it', () => {
  test.each(['podman', 'containerd', 'docker'])(
    '%s goes on from a dead mirror to the registry',
    async (client) => {
      const hosts = { ...soundHosts, 'mirror.test': { ports: {} } };
      const route = routeOver([mirror, endpoint()]);
      const { facts } = await examineWorld({ client, route, world: { hosts } });
      const [pull] = facts.pulls;
      expect(pull?.failure).toBeUndefined();
      expect(pull?.served?.url).toBe('https://registry.test');
      expect(pull?.passedOver.map((one) => [one.endpoint.url, one.failure.class])).toEqual([
        ['https://mirror.test', 'refused'],
      ]);
      expect(facts.hosts.map(({ role }) => role)).toContain('mirror');
    },
  );

  test('the mirror is asked by its own name for the image', async () => {
    const hosts = {
      ...soundHosts,
      'mirror.test': { ports: { 443: { perform: answering(404) } } },
    };
    const route = routeOver([mirror, endpoint()]);
    const { wire } = await examineWorld({ route, world: { hosts } });
    expect(wire.asked.some((line) => /mirror\.test\/v2\/cache\/app\//.test(line))).toBe(false);
    expect(wire.asked).toContain('GET https://mirror.test/v2/');
  });

  test('candidates in turn; a blocked one is not asked', async () => {
    const missing = endpoint({ repository: 'nobody/nothing' });
    const routes = [missing, endpoint()].map((one) => routeOver([one]).candidates[0]!);
    const blocked = { ...routes[0]!, blocked: { in: 'registries.conf', line: 3 } };
    const route = { ...routeOver([endpoint()]), candidates: [blocked, ...routes] };
    const { facts } = await examineWorld({ route });
    const [pull] = facts.pulls;
    expect(pull?.failure).toBeUndefined();
    expect(pull?.passedOver.map(({ failure }) => failure.class)).toEqual(['manifest-unknown']);
    expect(pull?.exchanges.filter(({ reply }) => reply.status === 404)).toHaveLength(1);
  });

  test('a route that leads nowhere is not pulled from', async () => {
    const ambiguous = { refused: true, written: { in: 'registries.conf', line: 1 } };
    const route = routeOver([endpoint()], { ambiguous });
    const { facts } = await examineWorld({ route });
    expect(facts.pulls).toEqual([]);
    expect(facts.hosts.map(({ host }) => host)).toEqual(['registry.test:443']);
  });
});

test('where HTTPS does not work and plain HTTP may stand in, it does', async () => {
  const origins = { registry: 'http://registry.test', token: 'http://auth.test' };
  const hosts = {
    'registry.test': { ports: { 80: {} } },
    'auth.test': {},
    'cdn.test': {},
  };
  const route = routeOver([endpoint({ plainHttp: 'fallback' })]);
  const { facts } = await examineWorld({ mock: { origins }, world: { hosts }, route });
  const [pull] = facts.pulls;
  expect(pull?.failure).toBeUndefined();
  expect(pull?.exchanges.slice(0, 2).map(({ url }) => url)).toEqual([
    'https://registry.test/v2/',
    'http://registry.test/v2/',
  ]);
  expect(pull?.exchanges.filter(({ url }) => url.startsWith('https://registry.test'))).toHaveLength(
    1,
  );
});

test('large blobs are looked at by their beginning, and that is no failure', async () => {
  const limits = { wholeBytes: 3000, firstBytes: 100 };
  const { facts } = await examineWorld({ options: { limits } });
  const [pull] = facts.pulls;
  expect(pull?.failure).toBeUndefined();
  const blobs = (pull?.exchanges ?? []).filter(({ blob, reply }) => blob && reply.status === 200);
  const parts = blobs.filter(({ blob }) => blob?.isPart);
  expect(parts.length).toBeGreaterThan(0);
  expect(parts.every(({ reply }) => reply.bytes === 100 && reply.digest === '')).toBe(true);
  const whole = blobs.filter(({ blob }) => !blob?.isPart);
  expect(whole.length).toBeGreaterThan(0);
  expect(whole.every(({ reply, blob }) => reply.digest === blob?.digest)).toBe(true);
});

test('of a large blob that comes packed, the length of the packing is none of the blob', async () => {
  const whole = inProcess(createRegistry().fetch);
  const perform: Perform = async (request) => {
    const reply = await whole(request);
    if (request.hop !== 'edge' || reply.status !== 200) return reply;
    const others = reply.headerLines.filter(([name]) => name.toLowerCase() !== 'content-length');
    const packed = [['Content-Encoding', 'gzip'] as const, ['Content-Length', '7'] as const];
    return makeReply({ ...reply, headerLines: [...others, ...packed] });
  };
  const limits = { wholeBytes: 0, firstBytes: 100 };
  const { facts } = await examineWorld({ world: { perform }, options: { limits } });
  expect(facts.pulls.map(({ failure }) => failure?.message)).toEqual(
    facts.pulls.map(() => undefined),
  );
  expect(findCauses(facts)).toEqual([]);
});

describe('a blob of which the time let but a part through', () => {
  const ofPull = async (bytes: number) => {
    const whole = inProcess(createRegistry().fetch);
    const perform: Perform = async (request) => {
      const reply = await whole(request);
      const isLayer = request.ask.phase === 'layer' && reply.status === 200;
      const timings = { ...reply.timings, totalMs: 12_000 };
      return isLayer ? { ...reply, bytes, digest: '', timings } : reply;
    };
    const { facts } = await examineWorld({ world: { perform } });
    return { failure: facts.pulls[0]?.failure, causes: findCauses(facts) };
  };

  test('is no failure where it came well', async () => {
    expect(await ofPull(100_000)).toEqual({ failure: undefined, causes: [] });
  });

  test('is one where it trickles', async () => {
    const { failure, causes } = await ofPull(12);
    expect(failure).toMatchObject({ class: 'stalled', phase: 'layer' });
    expect(causes.map(({ cause }) => cause.id)).toEqual(['server-silent']);
  });
});

describe('what servers send is a cause, and no crash', () => {
  const at = (perform: Perform) => ({
    ...soundHosts,
    'registry.test': { ports: { 443: { perform } } },
  });
  const redirecting = (location: string) => answering(302, { Location: location });

  test.each([
    ['a page', answering(200, { 'Content-Type': 'text/html' }, '<html>Welcome</html>')],
    ['nothing at all', answering(200)],
    ['a redirect to itself', redirecting('https://registry.test/v2/')],
    ['a redirect to no URL', redirecting('http://[::1')],
    ['a redirect to a host that no URL can have', redirecting('https://1.2.3.4.5/x')],
    ['a redirect to another scheme', redirecting('ftp://registry.test/')],
    ['a redirect to the metadata of the machine', redirecting('http://169.254.169.254/x')],
    ['a challenge without a realm', answering(401, { 'WWW-Authenticate': 'Bearer' })],
    ['a realm that is no URL', answering(401, { 'WWW-Authenticate': 'Bearer realm="http://["' })],
    ['a status of its own', answering(799)],
    ['a manifest that is none', answering(200, { 'Content-Type': 'application/json' }, '{"a":')],
  ])('%s', async (_what, perform) => {
    const { facts, wire } = await examineWorld({ world: { hosts: at(perform) } });
    expect(facts.pulls[0]?.failure).toBeDefined();
    expect(wire.asked.some((line) => line.includes('169.254'))).toBe(false);
  });

  test('a name that exists and has no address', async () => {
    const hosts = { ...soundHosts, 'cdn.test': { a: [] } };
    const { facts } = await examineWorld({ world: { hosts } });
    expect(facts.pulls[0]?.failure?.class).toBe('dns');
    const edge = facts.hosts.find(({ host }) => host === 'cdn.test:443');
    expect(edge?.lookups.map(({ failure }) => failure)).toEqual(['empty', 'empty']);
  });
});

test('credentials go to the registry and its token server, whatever fails', async () => {
  const credentials = { username: 'someone', password: 'planted-secret' };
  const found = { credentials, looked: [], problems: [] };
  const route = routeOver([mirror, endpoint({ credentials: found, reference: 'no-such-tag' })]);
  const hosts = { ...soundHosts, 'mirror.test': { ports: { 443: { perform: answering(401) } } } };
  const { wire, facts } = await examineWorld({ route, world: { hosts } });
  const shown = wire.requests.filter(({ request }) => request.authorization !== '');
  expect(shown.length).toBeGreaterThan(0);
  const where = new Set(shown.map(({ request }) => new URL(request.url).host));
  expect([...where].toSorted()).toEqual(['auth.test', 'registry.test']);
  const basic = Buffer.from('someone:planted-secret').toString('base64');
  const { route: _, ...told } = facts;
  const text = JSON.stringify({ ...told, pulls: told.pulls.map(withoutEndpoints) });
  expect(text).not.toContain('planted-secret');
  expect(text).not.toContain(basic);
});

function withoutEndpoints(pull: {
  readonly exchanges: readonly object[];
  readonly failure?: Error;
}) {
  const exchanges = pull.exchanges.map((one) => ({ ...one, endpoint: undefined }));
  return { exchanges, failure: pull.failure && { ...pull.failure, message: pull.failure.message } };
}

test('a run that is stopped says so at once', async () => {
  const { facts } = await examineWorld({ options: { signal: AbortSignal.abort() } });
  expect(facts.pulls[0]?.failure?.class).toBe('interrupted');
  expect(facts.probes).toEqual([]);
});
