// Which places a client of containers/image asks for one full name, in order: FindRegistry,
// PullSourcesFromReference and newImageSource of the library.

import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import { isRegistry, isRepository, isTag } from '../../protocol/grammar/reference.ts';
import type { LeftOut, PlainEndpoint, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import { ConfFault, shown } from './conf-fault.ts';
import type { RegistriesConf } from './registries-conf.ts';
import type { Location, MirrorTable, RegistryTable } from './registry-table.ts';

/** A full name: `host[:port]/repository`, with a tag or a digest. */
export interface FullName {
  readonly registry: string;
  readonly repository: string;
  /** `:tag` or `@digest`. */
  readonly suffix: string;
}

export function nameText({ registry, repository, suffix }: FullName): string {
  return `${registry}/${repository}${suffix}`;
}

export interface PullSources {
  readonly endpoints: readonly PlainEndpoint[];
  /** The registry itself is refused; mirrors are asked all the same. */
  readonly blocked?: Written;
  readonly leftOut: readonly LeftOut[];
}

/** @throws ConfFault where a rewritten name is none: the client ends before it asks anybody */
export function pullSources(name: FullName, conf: RegistriesConf): PullSources {
  const found = findRegistry(conf, `${name.registry}/${name.repository}`);
  if (found === undefined) {
    return {
      endpoints: [
        endpointOf('registry', name, { location: '', namespace: '', written: byDefault }),
      ],
      leftOut: [],
    };
  }
  const leftOut: LeftOut[] = [];
  const mirrors = found.mirrors.filter((mirror) => {
    const why = whyNot(mirror, found, name.suffix.startsWith('@'));
    if (why !== undefined) leftOut.push({ name: mirror.location, ...why });
    return why === undefined;
  });
  // All names are made before any is asked.
  const sources = [...mirrors, found].map((place) => ({
    place,
    there: rewritten(name, found, place),
  }));
  let blocked: Written | undefined;
  const endpoints: PlainEndpoint[] = [];
  for (const { place, there } of sources) {
    // Whether a place is blocked is said where its own name leads, not where the image's does.
    const own = findRegistry(conf, `${there.registry}/${there.repository}`);
    const isMirror = place !== found;
    if (own?.blocked === undefined) {
      endpoints.push(endpointOf(isMirror ? 'mirror' : 'registry', there, place));
    } else if (isMirror) {
      leftOut.push({ name: place.location, why: 'it is blocked', written: own.blocked });
    } else blocked = own.blocked;
  }
  return { endpoints, leftOut, ...(blocked === undefined ? {} : { blocked }) };
}

function whyNot(
  { use, useWritten }: MirrorTable,
  { byDigestOnly }: RegistryTable,
  isDigested: boolean,
): Omit<LeftOut, 'name'> | undefined {
  if (byDigestOnly !== undefined) {
    return isDigested
      ? undefined
      : { why: 'mirrors are for pulls by digest', written: byDigestOnly };
  }
  if (use === 'digest-only' && !isDigested) {
    return { why: 'it is for pulls by digest', written: useWritten };
  }
  if (use === 'tag-only' && isDigested)
    return { why: 'it is for pulls by tag', written: useWritten };
  return undefined;
}

/** The table with the longest prefix; of those of one length the first. */
function findRegistry(conf: RegistriesConf, name: string): RegistryTable | undefined {
  let found: RegistryTable | undefined;
  for (const table of conf.registries) {
    const isLonger = table.prefix.length > (found?.prefix.length ?? 0);
    if (isLonger && matchedLength(name, table.prefix) !== undefined) found = table;
  }
  return found;
}

/** How much of the name a prefix stands for. */
function matchedLength(name: string, prefix: string): number | undefined {
  const isWildcard = prefix.startsWith('*.');
  const bare = isWildcard ? prefix.slice(1) : prefix;
  const at = isWildcard ? name.indexOf(bare) : name.startsWith(bare) ? 0 : -1;
  if (at < 0 || name.slice(0, at).includes('/')) return undefined;
  const end = at + bare.length;
  return end === name.length || ':/@'.includes(name[end] as string) ? end : undefined;
}

function rewritten(name: FullName, { prefix }: RegistryTable, place: Location): FullName {
  if (place.location === '') return name;
  const text = nameText(name);
  const there = place.location + text.slice(matchedLength(text, prefix) ?? text.length);
  const read = readFullName(there);
  if (read !== undefined) return read;
  const message = `${shown(text)} becomes ${shown(there)}, which is no full name of an image`;
  const hint =
    'Write location as host[:port][/namespace…]; names at docker.io have library/ or a user in them.';
  throw new ConfFault('registries-conf-rewrite', place.written, message, hint);
}

/** Only as it is written in full; anything else is refused, not completed. */
function readFullName(text: string): FullName | undefined {
  const slash = text.indexOf('/');
  const registry = text.slice(0, Math.max(slash, 0));
  const rest = text.slice(slash + 1);
  const cut = /[:@]/.exec(rest)?.index ?? rest.length;
  const [repository, suffix] = [rest.slice(0, cut), rest.slice(cut)];
  const isHost = isRegistry(registry) && (registry === 'localhost' || /[.:]/.test(registry));
  const isDocker = registry === 'docker.io';
  if (!isHost || registry === 'index.docker.io' || (isDocker && !repository.includes('/'))) return;
  const isWell = suffix.startsWith(':')
    ? isTag(suffix.slice(1))
    : isWellFormedDigest(suffix.slice(1));
  const isShort = registry.length + 1 + repository.length <= 255;
  return isRepository(repository) && isWell && isShort
    ? { registry, repository, suffix }
    : undefined;
}

function endpointOf(
  role: PlainEndpoint['role'],
  { registry, repository, suffix }: FullName,
  { insecure, namespace, written }: Omit<Location, 'location'> & { location: string },
): PlainEndpoint {
  return {
    role,
    url: `https://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}`,
    registry,
    repository,
    reference: suffix.slice(1),
    apiPath: '/v2',
    ...(namespace === '' ? {} : { namespace }),
    headers: [],
    resolves: true,
    pulls: true,
    plainHttp: insecure === undefined ? 'never' : 'fallback',
    ...(insecure === undefined ? {} : { insecure }),
    written,
  };
}
