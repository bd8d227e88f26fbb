// Which proxy a client's requests go through, by which variable, and where that is written. A daemon pulls by its own
// variables, not by those of the shell that asks it to.

import { isOfContainers } from './containers/resolve.ts';
import { engineVariables } from './containers-conf.ts';
import { readDaemonJson } from './docker/daemon-json.ts';
import { isRootless } from './docker/rootless.ts';
import type { HostView } from './host-view.ts';
import { proxyChoices } from './proxy-rules.ts';
import type { FoundProxy, Looked, Written } from './route.ts';
import { type PlacedVariables, unitVariables } from './systemd/unit-variables.ts';
import { byDefault } from './written.ts';

export type Daemon = 'docker' | 'containerd' | 'kubelet' | 'podman' | 'crio';

/** The proxy for a URL. */
export type FindProxy = (url: string) => FoundProxy;

export interface ClientProxies {
  readonly find: FindProxy;
  /** Whose variables they are; absent: of the shell. */
  readonly daemon?: Daemon;
  /** Files that were read for them. */
  readonly files: readonly Looked[];
}

/** Who pulls, by client profile; the others do it themselves. */
const pulledBy: Readonly<Record<string, Daemon>> = {
  docker: 'docker',
  'docker@20.10': 'docker',
  'docker-containerd': 'docker',
  containerd: 'containerd',
  'containerd@1.6': 'containerd',
  'containerd-parallel': 'containerd',
  'kubelet-containerd': 'containerd',
  lazy: 'containerd',
  'soci-snapshotter': 'containerd',
  'soci-parallel': 'containerd',
  'cri-o': 'crio',
  'kubelet-cri-o': 'crio',
};

/** The proxies of whoever pulls for this client on that host. */
export async function clientProxies(client: string, host: HostView): Promise<ClientProxies> {
  const daemon = pulledBy[client];
  if (daemon !== undefined) {
    const { variables, files } = await daemonVariables(daemon, host, client === 'docker@20.10');
    return { find: finderOf(variables), daemon, files };
  }
  const shell = shellVariables(host);
  if (!isOfContainers(client) || client.startsWith('skopeo'))
    return { find: finderOf(shell), files: [] };
  const { variables, files } = await engineVariables(host);
  return { find: finderOf(new Map([...shell, ...variables])), files };
}

/** The proxies that the shell's variables name. */
export function shellProxies(host: HostView): FindProxy {
  return finderOf(shellVariables(host));
}

export interface DaemonProxies {
  readonly daemon: Daemon;
  /** Those of proxies alone. Their values may hold passwords. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where the first of them is written. */
  readonly written: Written;
}

const daemons: readonly Daemon[] = ['docker', 'containerd', 'kubelet', 'podman', 'crio'];

/** Of each daemon of the host to which some variable of proxies is given. */
export async function daemonProxies(host: HostView): Promise<DaemonProxies[]> {
  const found = daemons.map(async (daemon) => {
    const { variables } = await daemonVariables(daemon, host, false);
    const [first] = variables.values();
    if (first === undefined) return [];
    const values = [...variables].map(([name, { value }]) => [name, value] as const);
    return [{ daemon, variables: Object.fromEntries(values), written: first.written }];
  });
  return (await Promise.all(found)).flat();
}

const proxyVariable = /^(?:HTTPS?|NO)_PROXY$/i;

async function daemonVariables(daemon: Daemon, host: HostView, isOld: boolean) {
  const isUsers = daemon === 'docker' && (await isRootless(host));
  const unit = await unitVariables(host, `${daemon}.service`, isUsers);
  const variables = new Map([...unit.variables].filter(([name]) => proxyVariable.test(name)));
  const counted = new Set([...variables.values()].map(({ written }) => written.in));
  const files: Looked[] = unit.files
    .filter(({ path, state }) => state === 'unreadable' || counted.has(path))
    .map((file) => (file.state === 'unreadable' ? file : { ...file, state: 'used' }));
  if (daemon !== 'docker') return { variables, files };
  // It sets both spellings, whatever was there.
  for (const [name, { text, written }] of (await readDaemonJson(host, isOld)).proxies) {
    variables.set(name, { value: text, written });
    variables.set(name.toLowerCase(), { value: text, written });
  }
  return { variables, files };
}

function shellVariables({ variables }: HostView): PlacedVariables {
  return new Map(
    Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && proxyVariable.test(name)
        ? [[name, { value, written: { in: `$${name}`, line: 0 } }]]
        : [],
    ),
  );
}

function finderOf(variables: PlacedVariables): FindProxy {
  const values = [...variables].map(([name, { value }]) => [name, value] as const);
  const choose = proxyChoices(Object.fromEntries(values));
  const placeOf = (name: string): Written => variables.get(name)?.written ?? byDefault;
  return (url) => {
    const { proxy, variable, exempt } = choose(new URL(url));
    return {
      ...(proxy !== undefined && { proxy }),
      ...(variable !== undefined && { written: placeOf(variable) }),
      ...(exempt !== undefined && {
        exempt: { entry: exempt.entry, written: placeOf(exempt.variable) },
      }),
    };
  };
}
