// Which key of an auth file is for an image, as each client compares them. Keys are what people and logins wrote:
// `host[:port]`, with a path, a URL, a pattern.
import { dockerTokenKeys } from './auth-grammar.ts';

export interface Wanted {
  /** `host[:port]` as in the image's full name; `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly repository: string;
}

export interface KeyRule {
  /** What a helper is asked for, in order: the name in `credHelpers`, and what goes to its standard input. */
  servers(wanted: Wanted): readonly string[];
  /** The key that fits, of those in their order in the file; `server` is one of `servers`. */
  find(keys: readonly string[], wanted: Wanted, server: string, isOld: boolean): string | undefined;
}

const dockerHubKey = 'https://index.docker.io/v1/';
const hubNames: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
]);

/** Docker Hub goes by several names. */
function isHub(registry: string): boolean {
  return hubNames.has(registry);
}

const withoutScheme = (key: string) => key.replace(/^http:\/\//, '').replace(/^https:\/\//, '');
const upToSlash = (text: string) => text.split('/', 1)[0] ?? '';
const hubIndex = (host: string) =>
  host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host;

/** `host/a/b`, `host/a`, `host`. */
function pathsOf({ registry, repository }: Wanted): string[] {
  const parts = repository === '' ? [] : repository.split('/');
  const paths = parts.map((_, at) => [registry, ...parts.slice(0, parts.length - at)].join('/'));
  return [...paths, registry];
}

/** containers/image: exact keys from the longest, then keys that come to the same host. */
const containers: KeyRule = {
  servers: ({ registry }) => [registry],
  find(keys, wanted, _server, isOld) {
    const exact = (isOld ? [wanted.registry] : pathsOf(wanted)).find((it) => keys.includes(it));
    if (exact !== undefined) return exact;
    const host = hubIndex(wanted.registry);
    return keys.find((key) => {
      // Go walks them in any order: what a login by browser keeps beside the login itself is no login.
      if (dockerTokenKeys.has(key)) return false;
      const stripped = withoutScheme(key);
      return hubIndex(isOld || stripped !== key ? upToSlash(stripped) : stripped) === host;
    });
  },
};

const findDocker: KeyRule['find'] = (keys, _wanted, server) =>
  keys.find((key) => key === server) ??
  keys.find((key) => upToSlash(withoutScheme(key)) === server);

const docker: KeyRule = {
  servers: ({ registry }) => [isHub(registry) ? dockerHubKey : registry],
  find: findDocker,
};

/** The repository as a whole, then the registry (pkg/authn). */
const crane: KeyRule = {
  servers({ registry, repository }) {
    const host = hubIndex(registry);
    const whole = repository === '' ? [] : [`${host}/${repository}`];
    return [...whole, host === 'index.docker.io' ? dockerHubKey : host];
  },
  find: findDocker,
};

const regclientName = (key: string) =>
  key === dockerHubKey || key === 'docker.io' || key === 'registry-1.docker.io'
    ? 'docker.io'
    : /^(?:https?:\/\/)?([^/]+)\/?$/.exec(key)?.[1];

const regclient: KeyRule = {
  servers: ({ registry }) => [isHub(registry) ? dockerHubKey : registry],
  find: (keys, { registry }) =>
    keys.find((key) => regclientName(key) === (isHub(registry) ? 'docker.io' : registry)),
};

/**
 * Patterns by label of the host, the port exactly, the path as a beginning; the last by the alphabet first
 * (kubernetes, pkg/credentialprovider).
 */
const kubelet: KeyRule = {
  servers: ({ registry }) => [registry],
  find(keys, wanted) {
    const sorted = [...keys].map((key) => ({ key, is: kubeletKey(key) }));
    sorted.sort((a, b) => (a.is < b.is ? 1 : a.is > b.is ? -1 : 0));
    const match = sorted.find(({ is }) => is !== '' && isGlobOf(is, wanted));
    if (match !== undefined || !isHub(wanted.registry)) return match?.key;
    return sorted.find(({ is }) => is === 'index.docker.io')?.key;
  },
};

/** A key as kubelet indexes it: no scheme, `/v1/` and `/v2/` not counted. */
function kubeletKey(key: string): string {
  const text = /^https?:\/\//.test(key) ? withoutScheme(key) : key;
  const host = upToSlash(text);
  const path = text.slice(host.length).replace(/^\/v[12](?=\/)/, '');
  return path === '/' ? host : host + path;
}

function isGlobOf(key: string, { registry, repository }: Wanted): boolean {
  const host = upToSlash(key);
  const [labels, port] = splitHost(host);
  const [otherLabels, otherPort] = splitHost(registry);
  if (port !== otherPort || labels.length !== otherLabels.length) return false;
  if (!`/${repository}`.startsWith(key.slice(host.length))) return false;
  return labels.every((label, at) => isGlobMatch(label, otherLabels[at] ?? ''));
}

function splitHost(host: string): [labels: string[], port: string] {
  const [, name = host, port = ''] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return [name.split('.'), port];
}

/** `*` and `?` within a label, as Go's filepath.Match reads them; it has no time to run away in. */
function isGlobMatch(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let i = 0; i < text.length; ) {
    if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (pattern[at] === '*') {
      star = at++;
      from = i;
    } else if (star >= 0) {
      at = star + 1;
      i = ++from;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

export const keyRules = {
  containers,
  docker,
  crane,
  regclient,
  /** oras-go, registry/remote/credentials: as Docker's. */
  oras: docker,
  kubelet,
} as const;

/** Whether somebody who wrote this key may have meant that registry. */
export function isMeantFor(key: string, wanted: Wanted): boolean {
  const host = upToSlash(withoutScheme(key.trim())).toLowerCase();
  const { registry } = wanted;
  if (isHub(registry)) return hubNames.has(host) || host === 'hub.docker.com';
  return host.replace(/:\d+$/, '') === registry.replace(/:\d+$/, '').toLowerCase();
}

/** A key as it may be shown: whoever wrote a password into it did not mean to. */
export function shownKey(key: string): string {
  const shown = key.replace(/^((?:[a-z]+:\/\/)?)[^/]*@/i, '$1***@');
  return shown.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}
