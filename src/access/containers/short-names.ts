// Which full names a text may stand for: Resolve of pkg/shortnames, and what the programs make of a text first.

import { parseReference } from '../../protocol/grammar/reference.ts';
import type { HostView } from '../host-view.ts';
import type { Candidate, Looked, Route, Written } from '../route.ts';
import { byDefault } from '../written.ts';
import { type Aliases, isFull, readAliases } from './aliases.ts';
import { ConfFault, shown } from './conf-fault.ts';
import { readConfTable } from './conf-table.ts';
import { crioMode } from './crio-conf.ts';
import { readConf } from './drop-ins.ts';
import type { FullName } from './pull-sources.ts';
import type { RegistriesConf } from './registries-conf.ts';
import type { ContainersRules } from './rules.ts';

export interface NameCandidate {
  readonly name: FullName;
  readonly how: Candidate['how'];
  readonly written: Written;
}

export interface Resolved {
  readonly candidates: readonly NameCandidate[];
  readonly ambiguous?: Route['ambiguous'];
}

/**
 * The names in the order in which they are tried. `looked` gets the file of aliases that podman writes.
 * @throws ConfFault where the client ends
 * @throws UserError (exit 2) for a text that is no image
 */
export async function resolveName(
  text: string,
  host: HostView,
  rules: ContainersRules,
  conf: RegistriesConf,
  looked: Looked[],
): Promise<Resolved> {
  const isDirect = text.startsWith('docker://');
  const bare = isDirect ? text.slice('docker://'.length) : text;
  if (isFull(bare) || isDirect || !rules.shortNames) {
    const how = isFull(bare) ? 'as written' : 'docker.io';
    const name = isFull(bare) ? bare : `docker.io/${bare}`;
    return { candidates: [{ name: fullName(name, rules), how, written: byDefault }] };
  }
  // Refuses what is no name, before anything is looked up.
  fullName(`docker.io/${bare}`, rules);
  const short = /^[^:@]*/.exec(bare)?.[0] ?? '';
  const suffix = bare.slice(short.length);
  const own = await ownAliases(host, rules, looked);
  const alias = own.get(short) ?? conf.aliases.get(short);
  if (alias !== undefined && alias.target !== '') {
    const name = fullName(alias.target + suffix, rules);
    return { candidates: [{ name, how: 'alias', written: alias.written }] };
  }
  const mode = rules.crioConf ? await crioMode(host, looked) : conf.mode;
  return searched(bare, host, rules, { ...conf, mode });
}

function searched(
  short: string,
  host: HostView,
  rules: ContainersRules,
  conf: RegistriesConf,
): Resolved {
  const search = conf.search ?? [];
  if (search.length === 0) {
    const message = `the short name ${shown(short)} has no alias, and no registries are searched`;
    const hint =
      'Write the registry in front, or add unqualified-search-registries to registries.conf.';
    throw new ConfFault('short-name-unresolved', conf.searchWritten ?? byDefault, message, hint);
  }
  const candidates = search.map(({ text, written }) => {
    const name = fullName(`${text}/${short}`, rules);
    return { name, how: 'search' as const, written };
  });
  const mode = conf.mode ?? { value: 'permissive', written: byDefault };
  const isAmbiguous = mode.value !== 'disabled' && candidates.length > 1;
  if (!isAmbiguous || (!host.isTerminal && mode.value === 'permissive')) return { candidates };
  return { candidates, ambiguous: { refused: !host.isTerminal, written: mode.written } };
}

/** @throws ConfFault for a file that is broken, UserError for a text that is no image */
function fullName(text: string, rules: ContainersRules): FullName {
  const { registry, repository, tag, digest } = parseReference(text);
  if (tag !== undefined && digest !== undefined && rules.tagBesideDigest === 'refused') {
    throw new ConfFault(
      'tag-and-digest',
      byDefault,
      `${shown(text)} has both a tag and a digest, which this client refuses`,
      'Leave out the tag: the digest says what is pulled.',
    );
  }
  return { registry, repository, suffix: digest === undefined ? `:${tag}` : `@${digest}` };
}

const aliasFile = 'containers/short-name-aliases.conf';

/** Of choices at the prompt, kept by podman; they win over registries.conf. @throws ConfFault */
async function ownAliases(
  host: HostView,
  rules: ContainersRules,
  looked: Looked[],
): Promise<Aliases> {
  const cache = host.variables.XDG_CACHE_HOME || `${host.home}/.cache`;
  const path = `${host.uid === 0 ? '/var/cache' : cache}/${aliasFile}`;
  const text = await readConf(host, path, looked);
  if (text === undefined) return new Map();
  looked.splice(-1, 1, { path, state: 'invalid' });
  const aliases = readConfTable(path, text, rules).table('aliases');
  const own = aliases === undefined ? new Map() : readAliases(aliases);
  looked.splice(-1, 1, { path, state: 'no match', holds: [...own.keys()].slice(0, 50) });
  return own;
}
