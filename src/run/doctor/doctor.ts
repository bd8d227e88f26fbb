// The engine of `doctor`: from the words of a user to the facts of a pull, the causes that they show, and the list of
// its hosts. A registry that cannot be reached is a cause, no failure of ours.
import { hostname } from 'node:os';
import type { DoctorResult, Results } from '../../../reports/results.ts';
import { type HostView, thisHost } from '../../access/host-view.ts';
import { clientProxies, type FindProxy, shellProxies } from '../../access/proxies.ts';
import { resolvePlainRoute, resolveRoute } from '../../access/resolve.ts';
import type { Route } from '../../access/route.ts';
import { findCauses } from '../../doctor/causes/index.ts';
import { examine } from '../../doctor/examine.ts';
import type { Facts } from '../../doctor/facts.ts';
import { usualLimits } from '../../doctor/limits.ts';
import { NodeWire } from '../../doctor/node-wire.ts';
import { isSameWay } from '../../doctor/places.ts';
import { Waiting } from '../../doctor/waiting.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../../protocol/client.ts';
import { conclude, newResults, type RunContext } from '../context.ts';
import { ticking } from '../ticking.ts';
import { listHosts } from './hosts/host-list.ts';
import type { DoctorOptions } from './options.ts';
import { doctorResult } from './result.ts';
import { openSave, type Saver } from './save/save.ts';
import { findSettings } from './settings.ts';

/** @throws UserError (exit 2) for what is no image, for flags that cannot be read, and for a place to save that is taken */
export async function runDoctor(options: DoctorOptions, context: RunContext): Promise<Results> {
  const host = thisHost(options.root);
  const results = newResults('doctor', options.text.replace(/^https?:\/\//i, ''), context);
  const resolved = await resolveRoute(options.text, options.client, host, options.flags);
  const otherRoutes = await routesOfRelatives(resolved, options, host);
  const { route, settings } = await findSettings(resolved, host);
  const saver = options.save === undefined ? undefined : await openSave(options.save);
  const wire = new NodeWire({ ...host, signal: context.signal });
  const waiting = new Waiting((what) => context.progress(`waiting for ${what}`));
  const { find } = await clientProxies(options.client, host);
  const proxyFor = forUrls(find);
  const { client: name, platform, probes, timeoutMs } = options;
  try {
    const facts = await ticking(
      context,
      () => `waiting for ${waiting.line()}`,
      () =>
        examine({
          route,
          client: profiles[name] as ClientProfile,
          platform,
          wire,
          settings,
          proxyFor,
          shellProxyFor: forUrls(shellProxies(host)),
          otherRoutes,
          probes,
          ...(saver !== undefined && { isWhole: true, sinkOf: (blob) => saver.sinkOf(blob) }),
          limits: { replyMs: Math.min(timeoutMs, usualLimits.replyMs) },
          waiting,
          signal: context.signal,
        }),
    );
    // What was stopped is held against nothing.
    const expected = context.signal.aborted ? [] : options.expected;
    const judged = { ...options, expected };
    const { doctor, failed } = await concluded(facts, judged, wire, { host, proxyFor });
    const isSaved = doctor.pullable && (await saved(facts, saver));
    if (isSaved && options.save !== undefined) doctor.saved = options.save.text;
    results.doctor = doctor;
    return conclude(results, doctor.pullable && !failed ? 'pass' : 'fail', context.signal);
  } finally {
    if (results.doctor?.saved === undefined) await saver?.abandon();
    await wire.close();
  }
}

/** Clients of one family, whose rules differ by version or by store. */
const families: readonly (readonly string[])[] = [
  ['podman', 'podman@5', 'podman@4.3'],
  ['skopeo', 'skopeo@1.9'],
  ['docker', 'docker-containerd'],
  ['containerd', 'containerd@1.6'],
];

/** Of those that go another way: the others would run the same helpers again, for nothing. */
async function routesOfRelatives(
  { candidates }: Route,
  { text, client, flags }: DoctorOptions,
  host: HostView,
): Promise<Route[]> {
  const family = families.find((names) => names.includes(client)) ?? [];
  const others = family.filter((name) => name !== client && profiles[name] !== undefined);
  const routes = others.map(async (name) => {
    const plain = await resolvePlainRoute(text, name, host, flags);
    if (isSameWay(candidates, plain.candidates)) return [];
    return [await resolveRoute(text, name, host, flags)];
  });
  return (await Promise.all(routes)).flat();
}

/** None for what is no URL: servers send such. */
function forUrls(find: FindProxy): FindProxy {
  return (url) => (URL.canParse(url) ? find(url) : {});
}

async function concluded(
  facts: Facts,
  options: DoctorOptions,
  wire: NodeWire,
  { host, proxyFor }: { readonly host: HostView; readonly proxyFor: FindProxy },
): Promise<{ doctor: DoctorResult; failed: boolean }> {
  const { presets, expected, client } = options;
  const trust = { ca: [], looked: [], problems: [] };
  const wayTo = (name: string, port: number) => {
    const at = name.includes(':') ? `[${name}]` : name;
    const url = `${port === 80 ? 'http' : 'https'}://${at}:${port}`;
    return { proxy: proxyFor(url), trust, timeoutMs: usualLimits.connectMs };
  };
  const { rows, allowList, failed } = await listHosts(
    facts.hosts,
    { presets, expected, wayTo },
    wire,
  );
  const lookedFrom = [lookedFromWords(client, host), ...givenWords(options)].join(' ');
  const known = withoutReflected(doctorResult(facts, findCauses(facts)), wire);
  return { doctor: { ...known, lookedFrom, allowList, hostList: rows }, failed };
}

/** Members that may quote a server, which may quote us. */
const quoting = new Set(
  'evidence clientSays url message error server answer asked cnames'.split(' '),
);

function withoutReflected<T extends object>(result: T, wire: NodeWire): T {
  const shown = (value: unknown, isQuote: boolean): unknown => {
    if (typeof value === 'string') return isQuote ? wire.shown(value) : value;
    if (Array.isArray(value)) return value.map((one) => shown(one, isQuote));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, shown(one, quoting.has(name))]),
    );
  };
  return shown(result, false) as T;
}

async function saved(facts: Facts, saver: Saver | undefined): Promise<boolean> {
  const manifest = facts.pulls[0]?.manifest;
  if (saver === undefined || manifest === undefined) return false;
  const { text, digest, mediaType } = manifest;
  await saver.finish({ text, digest, mediaType });
  return true;
}

/** Clients whose pulls are made by a daemon, with its own network, environment and files. */
const daemonOf: readonly (readonly [RegExp, string])[] = [
  [/^docker/, 'dockerd'],
  [/^kubelet/, "the node's kubelet and container runtime"],
  [/^(?:containerd|lazy|soci)/, 'a daemon'],
  [/^cri-o/, 'CRI-O'],
];

/** What flags said in the place of the configuration, which the client itself is not told. */
function givenWords({ text, client, flags }: DoctorOptions): string[] {
  const { plainHttp, insecure, ca = [], username, authfile, pullSecret } = flags;
  const scheme = /^https?:\/\//i.exec(text)?.[0].toLowerCase();
  const given = [
    scheme ?? (plainHttp === true ? '--plain-http' : undefined),
    insecure === true ? '--insecure' : undefined,
    ca.length > 0 ? '--ca' : undefined,
    username === undefined ? undefined : '--username',
    authfile === undefined ? undefined : '--authfile',
    pullSecret === undefined ? undefined : '--pull-secret',
  ].filter((name) => name !== undefined);
  if (given.length === 0) return [];
  return [
    `${given.join(', ')} stood in for what is configured here: ${client} itself needs to be told the same.`,
  ];
}

function lookedFromWords(client: string, { user, uid, root, platform }: HostView): string {
  const files = root === '' ? '' : `, with the configuration below ${root}`;
  const seconds = usualLimits.connectMs / 1000;
  const here = `From this shell, as ${user} (uid ${uid}) on ${hostname()}${files}, over its network and its variables; it waits ${seconds} s for a connection, where clients wait 30 s or longer.`;
  const daemon = daemonOf.find(([pattern]) => pattern.test(client))?.[1];
  if (daemon !== undefined) {
    return `${here} ${client} pulls by ${daemon}, which has a network, an environment and files of its own: run this where that runs.`;
  }
  const isElsewhere = platform === 'darwin' || platform === 'win32';
  return isElsewhere
    ? `${here} Here ${client} pulls in a virtual machine, which this did not look from.`
    : here;
}
