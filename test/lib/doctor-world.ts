// An examination over a scripted world, in a few lines: a route to one image of our mock, and what of it is otherwise.
import { createRegistry, type MockRegistry, type RegistryOptions } from '../../mocks/index.ts';
import type { Candidate, Endpoint, Route } from '../../src/access/route.ts';
import { type ExamineOptions, examine } from '../../src/doctor/examine.ts';
import type { Facts, HostSettings } from '../../src/doctor/facts.ts';
import type { Perform } from '../../src/drivers/drive.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { inProcess } from './in-process.ts';
import { type ScriptedWire, scriptedWire, type World } from './scripted-wire.ts';

const byDefault = { in: 'default', line: 0 };

/** The registry of the mock, trusted by the system, without credentials and proxies. */
export function endpoint(change: Partial<Endpoint> = {}): Endpoint {
  return {
    role: 'registry',
    url: 'https://registry.test',
    registry: 'registry.test',
    repository: 'demo/app',
    reference: 'latest',
    apiPath: '/v2',
    headers: [],
    resolves: true,
    pulls: true,
    plainHttp: 'never',
    written: byDefault,
    credentials: { looked: [], problems: [] },
    trust: { ca: [], looked: [], problems: [] },
    proxy: {},
    ...change,
  };
}

/** One candidate that has these endpoints, in order. */
export function routeOver(endpoints: readonly Endpoint[], change: Partial<Route> = {}): Route {
  const last = endpoints.at(-1);
  const name = `${last?.registry}/${last?.repository}:${last?.reference}`;
  const candidate: Candidate = { name, how: 'as written', written: byDefault, endpoints };
  return {
    client: 'podman',
    text: name,
    candidates: [candidate],
    files: [],
    problems: [],
    ...change,
  };
}

export const plainSettings: HostSettings = {
  user: 'tester',
  uid: 1000,
  interfaces: [{ name: 'eth0', mtu: 1500 }],
  daemonProxies: [],
};

/** What is otherwise than well; everything is optional. */
export interface Situation {
  readonly mock?: RegistryOptions;
  /** In the place of the three hosts of the mock, which are open on 443. */
  readonly world?: Partial<World>;
  readonly route?: Route;
  readonly client?: string;
  readonly settings?: Partial<HostSettings>;
  readonly options?: Partial<ExamineOptions>;
}

export interface Examined {
  readonly facts: Facts;
  readonly wire: ScriptedWire;
  readonly registry: MockRegistry;
}

/** The hosts of the mock, all well. */
export const soundHosts: World['hosts'] = {
  'registry.test': {},
  'auth.test': {},
  'cdn.test': {},
};

/** As drivers do: of errors, and of texts in place of a blob, the beginning is kept. */
function withErrorTexts(perform: Perform): Perform {
  return async (request) => {
    const { ask } = request;
    if (ask.want === 'text') return await perform(request);
    const reply = await perform({ ...request, ask: { ...ask, want: 'text' } });
    const isText = /^text\//.test(reply.header('Content-Type') ?? '') || reply.status >= 400;
    const digest = ask.want === 'digest' ? reply.digest : '';
    return { ...reply, digest, text: isText ? reply.text.slice(0, 1024) : '' };
  };
}

export async function examineWorld({
  mock = {},
  world = {},
  route = routeOver([endpoint()]),
  client = 'podman',
  settings = {},
  options = {},
}: Situation = {}): Promise<Examined> {
  const registry = createRegistry({ stallMs: 20, slowMs: 1, dripMs: 1, ...mock });
  const perform = withErrorTexts(inProcess(registry.fetch));
  const wire = scriptedWire({ hosts: soundHosts, perform, ...world });
  const facts = await examine({
    route,
    client: profiles[client] as ClientProfile,
    platform: { os: 'linux', architecture: 'amd64' },
    wire,
    settings: { ...plainSettings, ...settings },
    proxyFor: (_url, { proxy }) => proxy,
    shellProxyFor: () => ({}),
    probes: 2,
    ...options,
  });
  return { facts, wire, registry };
}
