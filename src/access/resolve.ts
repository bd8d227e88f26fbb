// From the words of a user to the route of a client: which names, which hosts in which order, and what each is shown.

import { parseReference } from '../protocol/grammar/reference.ts';
import { type AskedImage, asHttp, plainRouteAsWritten, readImage } from './as-written.ts';
import { findTrust } from './certs-d.ts';
import { resolveByContainerd } from './containerd/resolve-by-containerd.ts';
import { containerdRules } from './containerd/versions.ts';
import { isOfContainers, resolveByContainers } from './containers/resolve.ts';
import { type FindCredentials, placedCredentials } from './credentials/find-credentials.ts';
import type { Wanted } from './credentials/keys.ts';
import { dockerClients, resolveByDocker } from './docker/resolve-by-docker.ts';
import type { HostView } from './host-view.ts';
import { clientProxies, type FindProxy } from './proxies.ts';
import type {
  ConfigProblem,
  Endpoint,
  PlainCandidate,
  PlainEndpoint,
  PlainRoute,
  Route,
  Trust,
} from './route.ts';

/** What flags say; they win over files and variables. */
export interface AccessFlags {
  readonly authfile?: string | undefined;
  /** A Kubernetes Secret. */
  readonly pullSecret?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM texts. */
  readonly ca?: readonly string[] | undefined;
  readonly insecure?: boolean | undefined;
  readonly plainHttp?: boolean | undefined;
  /** Token servers that may see credentials (`Credentials.realms`). */
  readonly realms?: readonly string[] | undefined;
}

/**
 * How the client of this profile gets at the image on that host.
 * @throws UserError (exit 2) for a text that is no image, and for flags that cannot be read
 */
export async function resolveRoute(
  text: string,
  client: string,
  host: HostView,
  flags: AccessFlags,
): Promise<Route> {
  const [plain, proxies] = await Promise.all([
    resolvePlainRoute(text, client, host, flags),
    clientProxies(client, host),
  ]);
  const credentials = placedCredentials(client, host, flags);
  const candidates = plain.candidates.map(async (candidate) => {
    const named = parseReference(candidate.name);
    const find = { credentials: (it: Wanted) => credentials(it, named), proxy: proxies.find };
    return {
      ...candidate,
      endpoints: await Promise.all(
        candidate.endpoints.map((endpoint) => equipped(endpoint, client, host, flags, find)),
      ),
    };
  });
  const files = [...plain.files, ...proxies.files];
  return { ...plain, candidates: await Promise.all(candidates), files };
}

/** Where the client would ask, and nothing of what it would show there: no helper is run. @throws as `resolveRoute` */
export async function resolvePlainRoute(
  text: string,
  client: string,
  host: HostView,
  flags: AccessFlags,
): Promise<PlainRoute> {
  const image = readImage(text, flags.plainHttp === true);
  const plain = await plainRouteOf(image, client, host);
  const problems = [
    ...unreadable(image, client),
    ...plain.problems,
    ...plain.candidates.flatMap(({ endpoints }) => odd(endpoints)),
  ];
  const candidates = plain.candidates.map((candidate) => ({
    ...candidate,
    endpoints: bySchemeGiven(candidate, image).filter(isAskable),
  }));
  return { ...plain, text, candidates, problems };
}

/**
 * What this client trusts the registry itself by and shows to it, whatever the image, without what flags say. `registry`:
 * host, with its port if it has one.
 */
export async function resolveTrust(
  registry: string,
  client: string,
  host: HostView,
): Promise<Trust> {
  if (client in containerdRules) {
    const { candidates, problems } = await resolvePlainRoute(`${registry}/any`, client, host, {});
    const endpoints = candidates.flatMap((candidate) => candidate.endpoints);
    const own = endpoints.find((endpoint) => endpoint.registry === registry);
    if (own?.trust !== undefined) {
      return { ...own.trust, problems: [...new Set([...problems, ...own.trust.problems])] };
    }
  }
  return await findTrust({ registry }, client, host, {});
}

/** Their grammar of references (docker/distribution 2.8.1) has no addresses of IPv6. */
const withoutIPv6: ReadonlySet<string> = new Set(['podman@4.3', 'skopeo@1.9', 'docker@20.10']);

function unreadable({ text, reference }: AskedImage, client: string): ConfigProblem[] {
  if (!reference.registry.startsWith('[') || !withoutIPv6.has(client)) return [];
  return [
    {
      id: 'reference-ipv6',
      written: { in: text, line: 0 },
      message: `${client} takes no address of IPv6 for a registry: invalid reference format.`,
      hint: 'Give the address a name, and write that; or use a newer client.',
      isFatal: true,
    },
  ];
}

/** What the configuration files of this client say; the others have none that we know. */
function plainRouteOf(
  image: AskedImage,
  client: string,
  host: HostView,
): PlainRoute | Promise<PlainRoute> {
  if (isOfContainers(client)) return resolveByContainers(image.bare, client, host);
  if (dockerClients.has(client)) return resolveByDocker(image, client, host);
  if (client in containerdRules) return resolveByContainerd(image, client, host);
  return plainRouteAsWritten(image, client);
}

function isAskable({ url }: PlainEndpoint): boolean {
  return URL.canParse(url);
}

/** Hosts that clients take from their configuration and can never reach, such as an address of 1.2.3.400. */
function odd(endpoints: readonly PlainEndpoint[]): ConfigProblem[] {
  return endpoints
    .filter((endpoint) => !isAskable(endpoint))
    .map(({ url, written }) => ({
      id: 'host-impossible',
      written,
      message: `${JSON.stringify(url.slice(0, 200))} is no place that anybody could ask.`,
      hint: 'Write a name or an address, with a port from 1 to 65535 or without.',
      isFatal: false,
    }));
}

/** `http://`, `https://` or `--plain-http` is about the registry that is named, not about its mirrors. */
function bySchemeGiven(
  { endpoints }: PlainCandidate,
  { scheme }: AskedImage,
): readonly PlainEndpoint[] {
  if (scheme === undefined) return endpoints;
  return endpoints.map((endpoint) => {
    if (endpoint.role !== 'registry') return endpoint;
    if (scheme.name === 'http') return asHttp(endpoint, 'only', scheme.written);
    const url = endpoint.url.replace(/^http:/, 'https:');
    return { ...endpoint, url, plainHttp: 'never' as const };
  });
}

/** The endpoint with all that is shown to it. */
async function equipped(
  plain: PlainEndpoint,
  client: string,
  host: HostView,
  flags: AccessFlags,
  find: { readonly credentials: FindCredentials; readonly proxy: FindProxy },
): Promise<Endpoint> {
  const [found, trust] = await Promise.all([
    find.credentials(plain),
    plain.trust === undefined ? findTrust(plain, client, host, flags) : byFlags(plain.trust, flags),
  ]);
  const credentials = found.credentials === undefined ? (plain.credentials ?? found) : found;
  return { ...plain, credentials, trust, proxy: find.proxy(plain.url) };
}

/** What the client's own hosts file says, and flags besides. */
function byFlags(trust: Trust, flags: AccessFlags): Trust {
  const given = (flags.ca ?? []).map((pem) => ({ pem, written: { in: '--ca', line: 0 } }));
  return {
    ...trust,
    ...(flags.insecure === true && { unverified: { in: '--insecure', line: 0 } }),
    ca: [...given, ...trust.ca],
  };
}
