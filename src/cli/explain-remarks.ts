// What to keep in mind about a client on this host when its configuration is explained.
import { readJsonFile } from '../access/config-file.ts';
import type { HostView } from '../access/host-view.ts';
import { daemonProxies, shellProxies } from '../access/proxies.ts';

const containerd = /^(?:containerd|kubelet-containerd|lazy|soci)/;
const docker = /^docker/;
const daemon = /^(?:containerd|kubelet-|cri-o|lazy|soci|docker)/;

/** Sentences. */
export async function remarksOn(client: string, host: HostView): Promise<string[]> {
  return [
    ...(containerd.test(client) ? [ctr] : []),
    ...(docker.test(client) ? await clientProxiesRemark(host) : []),
    ...(await shellRemark(client, host)),
  ];
}

const ctr =
  "This is what CRI does, for kubelet and crictl. ctr does not read CRI's configuration: give it --hosts-dir. " +
  'nerdctl looks for hosts.toml in /etc/containerd/certs.d and /etc/docker/certs.d by itself.';

/** `proxies` of Docker's client are for builds and containers. */
async function clientProxiesRemark(host: HostView): Promise<string[]> {
  const folder = host.variables.DOCKER_CONFIG || `${host.home}/.docker`;
  const path = `${folder}/config.json`;
  const document = await readJsonFile(host, path);
  if (document.state !== 'read' || document.value.proxies === undefined) return [];
  const place = `${path}:${document.lineOf('proxies')}`;
  return [`"proxies" (${place}) is for builds and containers; the daemon pulls without it.`];
}

/** Where the shell has a proxy and the daemon that pulls does not, or the other way round. */
async function shellRemark(client: string, host: HostView): Promise<string[]> {
  if (daemon.test(client)) {
    const shell = shellProxies(host)('https://registry.invalid').proxy;
    return shell === undefined
      ? []
      : ['The proxy variables of this shell do not count: the daemon pulls, by its own.'];
  }
  const daemons = (await daemonProxies(host)).map((one) => one.daemon);
  return daemons.length === 0
    ? []
    : [
        `Daemons of this host have proxies of their own (${daemons.join(', ')}); ${client} does not go by them.`,
      ];
}
