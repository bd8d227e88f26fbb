// registries.conf as data: its tables, and what the names in them mean. The rules are beside this.

import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { isRegistry, isRepository, isTag } from '../../protocol/grammar/reference.ts';

/** A registry or mirror, `at` being the pointer to its table. */
interface Endpoint {
  readonly at: string;
  readonly table: JsonObject;
  /** Without slashes at its end, as clients read it; '' when absent. */
  readonly location: string;
}

export interface RegistryTable extends Endpoint {
  /** The location when there is none. */
  readonly prefix: string;
  readonly hasPrefix: boolean;
  readonly mirrors: readonly Endpoint[];
}

function endpointsOf(list: unknown, at: string): Endpoint[] {
  return (asArray(list) ?? []).flatMap((it, index) => {
    const table = asObject(it);
    const location = nameOf(table?.location);
    return table === undefined ? [] : [{ at: `${at}/${index}`, table, location }];
  });
}

/** The tables [[registry]]; what is no table is left out. */
export function tablesOf(value: JsonObject): RegistryTable[] {
  return endpointsOf(value.registry, '/registry').map((endpoint) => {
    const prefix = nameOf(endpoint.table.prefix);
    return {
      ...endpoint,
      prefix: prefix === '' ? endpoint.location : prefix,
      hasPrefix: prefix !== '',
      mirrors: endpointsOf(endpoint.table.mirror, `${endpoint.at}/mirror`),
    };
  });
}

/** A prefix or location as clients read it: without slashes at its end; '' for what is no string. */
export function nameOf(value: unknown): string {
  const name = asString(value) ?? '';
  let end = name.length;
  while (name[end - 1] === '/') end--;
  return name.slice(0, end);
}

interface NameParts {
  readonly host: string;
  /** Namespace or repository; '' when there is none. */
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes a name apart, well-formed or not; a colon before the first slash belongs to the host. */
export function partsOfName(name: string): NameParts {
  const slash = name.indexOf('/');
  if (slash < 0) {
    return { host: name, path: '', tag: undefined, digest: undefined };
  }
  const [beforeDigest = '', digest] = name.slice(slash + 1).split('@', 2);
  const colon = beforeDigest.lastIndexOf(':');
  const path = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1);
  return { host: name.slice(0, slash), path, tag, digest };
}

/** In which way a prefix or location is not one, for a sentence; undefined when it is. */
export function problemOfName(name: string): string | undefined {
  if (/^[a-z]+:\/\//i.test(name)) {
    return 'has a scheme';
  }
  const { host, path, tag, digest } = partsOfName(name);
  if (!isRegistry(host)) {
    return 'does not begin with host or host:port';
  }
  const isEnd = tag === undefined && digest === undefined;
  if (!isRepository(path) && !(path === '' && isEnd)) {
    return path.toLowerCase() === path
      ? 'has no namespace of lower-case words after the host'
      : 'has upper case after the host';
  }
  if (tag !== undefined && !isTag(tag)) {
    return 'has a tag that is none';
  }
  return digest === undefined || /^[a-z0-9]+:[a-f0-9]{32,}$/.test(digest)
    ? undefined
    : 'has a digest that is none';
}

/** What a prefix for all subdomains begins with. */
export const wildcard = /^\*\./;

/** Why no image name begins so: clients complete names first (index.docker.io is docker.io, …). */
export function unreachableReason(prefix: string): string | undefined {
  const { host, path, tag, digest } = partsOfName(prefix);
  if (host === 'index.docker.io') {
    return 'clients write docker.io for it';
  }
  if (path !== '' && !/[.:A-Z]/.test(host) && host !== 'localhost') {
    return `a name that begins so is one of docker.io/${host}`;
  }
  if (tag !== undefined && digest !== undefined) {
    return 'an image is looked up by tag or by digest';
  }
  const isOneWord = host === 'docker.io' && path !== '' && !path.includes('/');
  return isOneWord && (tag ?? digest) !== undefined
    ? 'clients write docker.io/library for images of one word'
    : undefined;
}

/** Whether images of a host, no further named, are under the prefix. */
export function matches(prefix: string, host: string): boolean {
  return wildcard.test(prefix) ? host.endsWith(prefix.slice(1)) : prefix === host;
}

/** Whether the text before the first slash is a registry, as in any image name. */
export function beginsWithRegistry(name: string): boolean {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  return first === 'localhost' || /[.:]/.test(first);
}
