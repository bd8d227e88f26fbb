// The route of an image as Docker's daemon takes it: mirrors of Docker Hub, and what daemon.json calls insecure.

import { isIP } from 'node:net';
import { type AskedImage, apiHost, candidateOf, registryEndpoint } from '../as-written.ts';
import { endsOf } from '../containerd/endpoint.ts';
import { byFolders } from '../containerd/resolve-by-containerd.ts';
import type { HostView } from '../host-view.ts';
import { bareHost, isLoopbackName } from '../loopback.ts';
import type { ConfigProblem, Looked, PlainEndpoint, PlainRoute, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import { flagProblems } from './daemon-flags.ts';
import { type DaemonJson, isInNetwork, type Placed, readDaemonJson } from './daemon-json.ts';
import { daemonFolder } from './rootless.ts';

/** Names of profiles; the image store of `docker-containerd` reads hosts.toml in Docker's own folder, too. */
export const dockerClients: ReadonlySet<string> = new Set([
  'docker',
  'docker@20.10',
  'docker-containerd',
]);

const hub = 'docker.io';
export async function resolveByDocker(
  image: AskedImage,
  client: string,
  host: HostView,
): Promise<PlainRoute> {
  const daemon = await readDaemonJson(host, client === 'docker@20.10');
  const found =
    client === 'docker-containerd'
      ? await byImageStore(image, host, daemon)
      : { endpoints: endpointsOf(image, daemon), files: [], problems: [] };
  const { text } = image;
  return {
    client,
    text,
    candidates: [candidateOf(image, found.endpoints)],
    files: [daemon.file, ...found.files],
    problems: [
      ...daemon.problems,
      ...(await flagProblems(host)),
      ...found.problems,
      ...endsOf(found.endpoints),
      ...addressProblems(image, daemon),
    ],
  };
}

function endpointsOf(image: AskedImage, daemon: DaemonJson): PlainEndpoint[] {
  const mirrors = image.reference.registry === hub ? daemon.mirrors : [];
  return [...mirrors.map((mirror) => mirrorOf(image, mirror)), registryEndpoint(image)].map((it) =>
    withInsecure(it, daemon),
  );
}

function mirrorOf(image: AskedImage, { text, written }: Placed): PlainEndpoint {
  const [, scheme = '', host = '', path = ''] = /^(https?):\/\/([^/]*)(.*)$/.exec(text) ?? [];
  return {
    ...registryEndpoint({ ...image, scheme: undefined }),
    role: 'mirror',
    url: `${scheme}://${host}`,
    registry: host,
    apiPath: path.endsWith('/v2') ? path : `${path}/v2`,
    plainHttp: scheme === 'http' ? 'only' : 'never',
    written,
  };
}

/** Any certificate is taken there, and HTTP where HTTPS fails. */
function withInsecure(endpoint: PlainEndpoint, daemon: DaemonJson): PlainEndpoint {
  const insecure = insecureBy(endpoint.url.replace(/^https?:\/\//, ''), daemon);
  if (insecure === undefined || endpoint.plainHttp === 'only') return endpoint;
  return { ...endpoint, insecure, plainHttp: endpoint.role === 'mirror' ? 'never' : 'fallback' };
}

/** Docker Hub itself never is; an exact name counts before networks. */
function insecureBy(name: string, daemon: DaemonJson): Written | undefined {
  if (name === apiHost(hub)) return undefined;
  const named = daemon.insecureHosts.find(({ text }) => text === name);
  if (named !== undefined) return named.written;
  const address = bareHost(name);
  const network = daemon.insecureNetworks.find(({ text }) => isInNetwork(address, text));
  return network?.written ?? (isLoopbackName(name) ? byDefault : undefined);
}

/** A name is looked up by the daemon to learn whether it is in an insecure network; we ask nobody. */
function addressProblems({ reference }: AskedImage, daemon: DaemonJson): ConfigProblem[] {
  const { registry } = reference;
  const [network] = daemon.insecureNetworks;
  const name = bareHost(registry);
  const isSettled =
    registry === hub || isIP(name) !== 0 || insecureBy(registry, daemon) !== undefined;
  if (network === undefined || isSettled) return [];
  return [
    {
      id: 'insecure-by-address',
      written: network.written,
      message: `Whether ${registry} is insecure depends on whether its address is in ${network.text}; it is taken for secure here.`,
      hint: 'Name the host itself in insecure-registries.',
      isFatal: false,
    },
  ];
}

interface FoundEndpoints {
  readonly endpoints: readonly PlainEndpoint[];
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * hosts.toml or certificates in Docker's certs.d; daemon.json counts besides only where they leave one host, so that
 * with a hosts.toml that names mirrors nothing of it does (daemon/hosts.go).
 */
async function byImageStore(
  image: AskedImage,
  host: HostView,
  daemon: DaemonJson,
): Promise<FoundEndpoints> {
  const found = await byFolders(image, host, [`${await daemonFolder(host)}/certs.d`], {
    httpsFirst: true,
    oldHostsToml: false,
  });
  const [own, ...others] = found.endpoints;
  const isSilent =
    daemon.mirrors.length + daemon.insecureHosts.length + daemon.insecureNetworks.length === 0;
  if (own === undefined || isSilent) return found;
  if (others.length > 0)
    return { ...found, problems: [...found.problems, ...unread(image, daemon)] };
  const mirrors = image.reference.registry === hub ? daemon.mirrors : [];
  const all = mirrors.map((mirror) => ({ ...own, ...mirrorOf(image, mirror), namespace: hub }));
  return { ...found, endpoints: [...all, own].map((it) => withImageStoreInsecure(it, daemon)) };
}

/** Of the image store: with HTTP where HTTPS fails, at mirrors too. */
function withImageStoreInsecure(endpoint: PlainEndpoint, daemon: DaemonJson): PlainEndpoint {
  const insecure = insecureBy(endpoint.url.replace(/^https?:\/\//, ''), daemon);
  if (insecure === undefined || endpoint.plainHttp !== 'never') return endpoint;
  const trust = endpoint.trust ?? { ca: [], looked: [], problems: [] };
  return {
    ...endpoint,
    insecure,
    plainHttp: 'fallback',
    trust: { ...trust, unverified: insecure },
  };
}

/** What of daemon.json would be about this image, and is not read. */
function unread({ reference: { registry } }: AskedImage, daemon: DaemonJson): ConfigProblem[] {
  const [first] = registry === hub ? daemon.mirrors : [];
  const written = first?.written ?? insecureBy(registry, daemon);
  if (written === undefined || written === byDefault) return [];
  return [
    {
      id: 'daemon-json-passed-over',
      written,
      message: `With a hosts.toml for ${registry}, Docker's containerd image store reads neither registry-mirrors nor insecure-registries.`,
      hint: 'Say it in the hosts.toml: hosts in their order, skip_verify, http://.',
      isFatal: false,
    },
  ];
}
