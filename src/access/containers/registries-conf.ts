// One registries.conf as data, and several of them as one (containers-registries.conf(5)): what loadConfigFile,
// postProcessRegistries and updateWithConfigurationFrom of pkg/sysregistriesv2 do, in their order.
import { isRegistry } from '../../protocol/grammar/reference.ts';
import type { Written } from '../route.ts';
import { type Aliases, readAliases } from './aliases.ts';
import { ConfFault, shown } from './conf-fault.ts';
import { type ConfTable, readConfTable, type TextItem } from './conf-table.ts';
import { inBytes } from './drop-ins.ts';
import {
  type Location,
  type MirrorTable,
  type RegistryTable,
  refuseScheme,
  withoutSlashes,
} from './registry-table.ts';
import type { ContainersRules, ShortNameMode } from './rules.ts';
import { version1Tables } from './version1.ts';

export interface RegistriesConf {
  /** One for each prefix, in the order of prefixes. */
  readonly registries: readonly RegistryTable[];
  /** Undefined where no file says any; an empty list says something. */
  readonly search: readonly TextItem[] | undefined;
  /** Of clients that read one main file it is that file where none says any. */
  readonly searchWritten: Written | undefined;
  readonly credentialHelpers: readonly TextItem[] | undefined;
  readonly mode: { readonly value: ShortNameMode; readonly written: Written } | undefined;
  readonly aliases: Aliases;
}

export const emptyConf: RegistriesConf = {
  registries: [],
  search: undefined,
  searchWritten: undefined,
  credentialHelpers: undefined,
  mode: undefined,
  aliases: new Map(),
};

/** @throws ConfFault where the client ends */
export function readRegistriesConf(
  path: string,
  text: string,
  rules: ContainersRules,
  isDropIn: boolean,
): RegistriesConf {
  const top = readConfTable(path, text, rules);
  const old = version1Tables(top, rules, isDropIn);
  const tables = top.tables('registry');
  // Types first: the decoder looks at all before anything is made of it.
  const decoded = tables.map((table) => decodeRegistry(table, rules));
  const mode = top.text('short-name-mode');
  const aliases = top.table('aliases');
  const search = old?.search ?? top.texts('unqualified-search-registries');
  const credentialHelpers = top.texts('credential-helpers');

  const searchPlace = top.writtenOf('unqualified-search-registries');
  const main = isDropIn || rules.files === 'layered' ? undefined : { in: path, line: 0 };

  const registries = old?.registries ?? decoded;
  for (const [at, registry] of registries.entries()) checkRegistry(registry, tables[at]);
  checkConflicts(registries);
  return {
    registries: byPrefix(registries),
    search: search?.map(searchItem),
    searchWritten: search === undefined ? main : (old?.searchWritten ?? searchPlace),
    credentialHelpers,
    mode: mode === '' ? undefined : modeOf(mode, top.writtenOf('short-name-mode')),
    aliases: aliases === undefined ? new Map() : readAliases(aliases),
  };
}

function decodeLocation(table: ConfTable, rules: ContainersRules): Location {
  const written = table.writtenOf('location');
  return {
    location: table.text('location'),
    ...(table.flag('insecure') ? { insecure: table.writtenOf('insecure') } : {}),
    namespace: rules.namespaceProxy ? table.text('namespace-proxy') : '',
    written,
  };
}

function decodeRegistry(table: ConfTable, rules: ContainersRules): RegistryTable {
  const own = decodeLocation(table, rules);
  const location = withoutSlashes(own.location);
  const prefix = table.text('prefix');
  table.text('pull-from-mirror');
  return {
    ...own,
    location,
    prefix: prefix === '' ? location : withoutSlashes(prefix),
    ...(table.flag('blocked') ? { blocked: table.writtenOf('blocked') } : {}),
    ...(table.flag('mirror-by-digest-only')
      ? { byDigestOnly: table.writtenOf('mirror-by-digest-only') }
      : {}),
    mirrors: table.tables('mirror').map((it) => decodeMirror(it, rules)),
  };
}

function decodeMirror(table: ConfTable, rules: ContainersRules): MirrorTable {
  const own = decodeLocation(table, rules);
  const isTrimmed = rules.mirrorSlashes === 'trimmed' || withoutSlashes(own.location) === '';
  return {
    ...own,
    location: isTrimmed ? withoutSlashes(own.location) : own.location,
    use: table.text('pull-from-mirror'),
    useWritten: table.writtenOf('pull-from-mirror'),
  };
}

const uses = ['', 'all', 'digest-only', 'tag-only'];

function checkRegistry(registry: RegistryTable, table: ConfTable | undefined): void {
  const { location, prefix, written, mirrors } = registry;
  refuseScheme(location, written);
  refuseScheme(prefix, table?.writtenOf('prefix') ?? written);
  if (location === '' && !prefix.startsWith('*.')) {
    const message =
      prefix === ''
        ? 'the table has neither prefix nor location'
        : `${shown(prefix)} has no location`;
    const hint = 'Add location; it may be the same as prefix.';
    throw new ConfFault('registries-conf-location', written, message, hint);
  }
  if (prefix.startsWith('*.') && /[/@:]/.test(prefix)) {
    const message = `the wildcard ${shown(prefix)} has more than a host behind it`;
    const at = table?.writtenOf('prefix') ?? written;
    throw new ConfFault('registries-conf-wildcard', at, message, 'Write *.example.com.');
  }
  if (table !== undefined && table.text('pull-from-mirror') !== '') {
    const message = 'pull-from-mirror stands at the registry';
    const at = table.writtenOf('pull-from-mirror');
    throw new ConfFault('registries-conf-mirror', at, message, 'Write it at each mirror.');
  }
  for (const mirror of mirrors) checkMirror(mirror, registry);
}

function checkMirror({ location, use, useWritten, written }: MirrorTable, of: RegistryTable): void {
  const refuse = (at: Written, message: string, hint: string) =>
    new ConfFault('registries-conf-mirror', at, message, hint);
  refuseScheme(location, written);
  if (location === '') throw refuse(written, 'a mirror has no location', 'Add its location.');
  if (of.byDigestOnly !== undefined && use !== '') {
    const message = 'pull-from-mirror stands beside mirror-by-digest-only = true';
    throw refuse(useWritten, message, 'Leave out one of the two.');
  }
  if (!uses.includes(use)) {
    throw refuse(
      useWritten,
      `pull-from-mirror has the value ${shown(use)}`,
      'Write all, digest-only or tag-only.',
    );
  }
}

/** Tables of one location agree, whatever their prefixes. */
function checkConflicts(registries: readonly RegistryTable[]): void {
  const firsts = new Map<string, RegistryTable>();
  for (const registry of registries) {
    const name = registry.location === '' ? registry.prefix : registry.location;
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, registry);
    const differs = (['insecure', 'blocked'] as const).find(
      (flag) =>
        first !== undefined && (registry[flag] === undefined) !== (first[flag] === undefined),
    );
    if (differs === undefined || first === undefined) continue;
    const written = registry[differs] ?? first[differs] ?? registry.written;
    const message = `${shown(name)} stands in two tables with different values of ${differs}`;
    throw new ConfFault(
      'registries-conf-conflict',
      written,
      message,
      'Give both tables the same value.',
    );
  }
}

/** The first of each prefix, in the order of prefixes. */
function byPrefix(registries: readonly RegistryTable[]): RegistryTable[] {
  const firsts = new Map<string, RegistryTable>();
  for (const registry of registries) {
    if (!firsts.has(registry.prefix)) firsts.set(registry.prefix, registry);
  }
  return sorted(firsts);
}

function sorted(tables: ReadonlyMap<string, RegistryTable>): RegistryTable[] {
  return [...tables.values()].sort((a, b) => inBytes(a.prefix, b.prefix));
}

function searchItem({ text, written }: TextItem): TextItem {
  refuseScheme(text, written);
  const name = withoutSlashes(text);
  if (isRegistry(name)) return { text: name, written };
  const message = `${shown(name)} in unqualified-search-registries is not host[:port]`;
  throw new ConfFault('registries-conf-search', written, message, 'Write the host alone.');
}

const modes: readonly string[] = ['enforcing', 'permissive', 'disabled'];

function modeOf(value: string, written: Written): RegistriesConf['mode'] {
  if (modes.includes(value)) return { value: value as ShortNameMode, written };
  const message = `short-name-mode is ${shown(value)}`;
  const hint = `Write one of ${modes.join(', ')}.`;
  throw new ConfFault('registries-conf-mode', written, message, hint);
}

/** What the later file says stands in place of what the earlier one does; tables and aliases add up. */
export function merged(earlier: RegistriesConf, later: RegistriesConf): RegistriesConf {
  const tables = [...earlier.registries, ...later.registries];
  return {
    registries: sorted(new Map(tables.map((table) => [table.prefix, table]))),
    search: later.search ?? earlier.search,
    searchWritten: later.searchWritten ?? earlier.searchWritten,
    credentialHelpers: later.credentialHelpers ?? earlier.credentialHelpers,
    mode: later.mode ?? earlier.mode,
    aliases: new Map([...earlier.aliases, ...later.aliases]),
  };
}
