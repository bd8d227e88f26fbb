// What containerd's own configuration says of registries: CRI's `registry` table, of config.toml and what it imports.

import { asArray, asInteger, asObject, asString, type JsonObject } from '../../lib/json.ts';
import type { HostView } from '../host-view.ts';
import type { ConfigProblem, Looked, Written } from '../route.ts';
import { byDefault, writtenText } from '../written.ts';
import { type NamedDocument, readConfigFiles } from './config-files.ts';
import { type ContainerdRules, everyPlugin } from './versions.ts';

export interface CriRegistry {
  /** `config_path`, split at colons. */
  readonly roots: readonly string[];
  readonly rootsWritten: Written;
  /** Of a list of folders none is read: the transfer service takes it for one name. */
  readonly isListDead: boolean;
  /** Of `mirrors`, by registry or `*`: endpoints as written. */
  readonly mirrors: ReadonlyMap<
    string,
    readonly { readonly url: string; readonly written: Written }[]
  >;
  /** Tables of `configs`, by host. */
  readonly configs: ReadonlyMap<string, PlacedTable>;
  /** Tables of `auths`, by host. */
  readonly auths: ReadonlyMap<string, PlacedTable>;
  readonly headers: readonly (readonly [string, string])[];
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

export type LineOf = (...steps: readonly (string | number)[]) => Written;

/** A table somewhere in a file, and how to find lines in it. */
export interface PlacedTable {
  readonly table: JsonObject;
  readonly lineOf: LineOf;
}

export async function readCriRegistry(
  host: HostView,
  rules: ContainerdRules,
): Promise<CriRegistry> {
  const { documents, files, problems } = await readConfigFiles(host);
  const plugins = pluginsOfAll(documents, rules, problems);
  const registries = plugins.flatMap((plugin) => below(plugin, 'registry') ?? []);
  const last = <T>(read: (found: PlacedTable) => T | undefined): T | undefined =>
    registries.map(read).findLast((value) => value !== undefined);
  problems.push(...registries.flatMap(oddTypes));
  const mirrors = new Map(registries.flatMap(mirrorsOf));
  const written = last(configPathOf);
  const defaultPath = mirrors.size === 0 && host.platform === 'linux' ? rules.configPath : '';
  const path = written ?? { text: defaultPath, written: byDefault };
  if (path.text !== '' && mirrors.size > 0) problems.push(mirrorsBesidePath(path.written));
  const configs = new Map(registries.flatMap((registry) => tablesOf(registry, 'configs')));
  if (path.text !== '' && rules.configsTls) problems.push(...tlsBesidePath(configs));
  const roots = path.text.split(':').filter((root) => root !== '');
  const isLocal = plugins.some(pullsByItself) || mirrors.size > 0;
  return {
    roots,
    rootsWritten: path.written,
    isListDead: rules.transfers && roots.length > 1 && !isLocal,
    mirrors: path.text === '' ? mirrors : new Map(),
    configs,
    auths: new Map(registries.flatMap((registry) => tablesOf(registry, 'auths', hostOf))),
    headers: registries.flatMap(headersOf),
    files,
    problems,
  };
}

/** The tables of the plugins that this containerd reads, those that win last. */
function pluginsOfAll(
  documents: readonly NamedDocument[],
  rules: ContainerdRules,
  problems: ConfigProblem[],
): PlacedTable[] {
  const versions = documents.map(({ document }) => asInteger(document.value.version) || undefined);
  const joined = rules.joinsFiles ? versions.findLast((it) => it !== undefined) : undefined;
  const tables = documents.flatMap((one, at) => {
    const version = Math.max(1, (rules.joinsFiles ? joined : versions[at]) ?? 1);
    return pluginsOf(one, version, rules, problems);
  });
  const last = tables.at(-1);
  if (!rules.joinsFiles || last === undefined) return tables;
  for (const { table, lineOf } of tables.slice(0, -1)) {
    if (asObject(table.registry) === undefined) continue;
    problems.push(tableReplaced(lineOf('registry'), last.lineOf()));
  }
  return [last];
}

function pluginsOf(
  { path, document }: NamedDocument,
  version: number,
  { plugins, joinsFiles }: ContainerdRules,
  problems: ConfigProblem[],
): PlacedTable[] {
  const { value, lineOf } = document;
  const at: LineOf = (...steps) => ({ in: path, line: lineOf(...steps) });
  const read = plugins[version];
  if (read === undefined) {
    problems.push(versionRefused(at('version'), version));
    return [];
  }
  const all = asObject(value.plugins) ?? {};
  if (joinsFiles && version > 1) {
    const short = Object.keys(all).filter((name) => name.split('.').length < 4);
    problems.push(...short.map((name) => nameRefused(at('plugins', name), name, version)));
  }
  const found = (name: string): PlacedTable | undefined => {
    const table = asObject(all[name]);
    return table && { table, lineOf: (...steps) => at('plugins', name, ...steps) };
  };
  for (const name of everyPlugin) {
    if (read.includes(name)) continue;
    const idle = found(name);
    if (idle !== undefined && asObject(idle.table.registry) !== undefined) {
      problems.push(tableIgnored(idle.lineOf('registry'), name, version, read));
    }
  }
  return read.toReversed().flatMap((name) => found(name) ?? []);
}

function versionRefused(written: Written, version: number): ConfigProblem {
  return {
    id: 'containerd-config-version',
    written,
    message: `${written.in} is of version ${version}, which this containerd does not know.`,
    hint: 'Write the version that it knows, as `containerd config default` does.',
    isFatal: true,
  };
}

function tableIgnored(
  written: Written,
  name: string,
  version: number,
  read: readonly string[],
): ConfigProblem {
  return {
    id: 'containerd-table-ignored',
    written,
    message: `plugins."${name}".registry is not read in a file of version ${version}.`,
    hint: `Write it as [plugins."${read[0]}".registry].`,
    isFatal: false,
  };
}

function tableReplaced(written: Written, by: Written): ConfigProblem {
  return {
    id: 'containerd-table-ignored',
    written,
    message: `The whole table of the plugin in ${writtenText(by)} stands in place of this one, whose registry is not read.`,
    hint: `Write all that is said of the plugin in one file, ${by.in} or ${written.in}.`,
    isFatal: false,
  };
}

function nameRefused(written: Written, name: string, version: number): ConfigProblem {
  return {
    id: 'containerd-config-invalid',
    written,
    message: `plugins.${JSON.stringify(name.slice(0, 100))} is no name of a plugin in version ${version}: containerd does not start with it.`,
    hint: 'Write the whole name, such as [plugins."io.containerd.grpc.v1.cri"].',
    isFatal: true,
  };
}

function mirrorsBesidePath(written: Written): ConfigProblem {
  return {
    id: 'mirrors-with-config-path',
    written,
    message: '`mirrors` and `config_path` stand beside each other: CRI does not start with both.',
    hint: 'Leave out `mirrors` and write a hosts.toml for each registry below `config_path`.',
    isFatal: true,
  };
}

function below({ table, lineOf }: PlacedTable, key: string): PlacedTable | undefined {
  const inner = asObject(table[key]);
  return inner && { table: inner, lineOf: (...steps) => lineOf(key, ...steps) };
}

function configPathOf({
  table,
  lineOf,
}: PlacedTable): { text: string; written: Written } | undefined {
  const text = asString(table.config_path) ?? '';
  return text === '' ? undefined : { text, written: lineOf('config_path') };
}

/** Settings that the transfer service does not know (internal/cri/config/config.go). */
function pullsByItself({ table }: PlacedTable): boolean {
  const registry = asObject(table.registry) ?? {};
  const of = { ...asObject(table.containerd), ...table };
  const isFilled = (value: unknown) => Object.keys(asObject(value) ?? {}).length > 0;
  return (
    of.use_local_image_pull === true ||
    of.disable_snapshot_annotations === false ||
    of.discard_unpacked_layers === true ||
    of.image_pull_with_sync_fs === true ||
    (asInteger(of.max_concurrent_downloads) ?? 3) !== 3 ||
    ['mirrors', 'configs', 'auths'].some((key) => isFilled(registry[key]))
  );
}

const types: Readonly<Record<string, (value: unknown) => unknown>> = {
  config_path: asString,
  mirrors: asObject,
  configs: asObject,
  auths: asObject,
  headers: asObject,
};

/** Values that CRI cannot decode. */
function oddTypes(registry: PlacedTable): ConfigProblem[] {
  const odd = Object.entries(types)
    .filter(
      ([key, as]) => registry.table[key] !== undefined && as(registry.table[key]) === undefined,
    )
    .map(([key]) => registry.lineOf(key));
  const mirrors = tablesOf(registry, 'mirrors').filter(
    ({ 1: { table } }) => table.endpoint !== undefined && !isTexts(table.endpoint),
  );
  return [...odd, ...mirrors.map(({ 1: { lineOf } }) => lineOf('endpoint'))].map((written) => ({
    id: 'containerd-config-invalid',
    written,
    message: `${writtenText(written)} has a value of another type than CRI takes there: it does not start.`,
    hint: 'Write config_path as a text, endpoint as a list of texts, the others as tables.',
    isFatal: true,
  }));
}

function isTexts(value: unknown): boolean {
  return asArray(value)?.every((item) => typeof item === 'string') === true;
}

function mirrorsOf(registry: PlacedTable) {
  const mirrors = below(registry, 'mirrors');
  return Object.entries(mirrors?.table ?? {}).map(([name, value]) => {
    const endpoints = asArray(asObject(value)?.endpoint) ?? [];
    const urls = endpoints.flatMap((url, at) =>
      typeof url === 'string'
        ? [{ url, written: mirrors?.lineOf(name, 'endpoint', at) ?? byDefault }]
        : [],
    );
    return [name, urls] as const;
  });
}

/** Tables within a table, by name; of several with one name the last. */
function tablesOf(
  registry: PlacedTable,
  key: string,
  nameOf = (name: string) => name,
): (readonly [string, PlacedTable])[] {
  const outer = below(registry, key);
  return Object.keys(outer?.table ?? {}).flatMap((name) => {
    const found = outer && below(outer, name);
    return found === undefined ? [] : [[nameOf(name), found] as const];
  });
}

/** Keys of `auths` are URLs, or hosts. */
function hostOf(key: string): string {
  return /^[a-z]+:\/\/([^/?#]*)/i.exec(key)?.[1] ?? key;
}

function tlsBesidePath(configs: ReadonlyMap<string, PlacedTable>): ConfigProblem[] {
  return [...configs.values()]
    .filter(({ table }) => asObject(table.tls) !== undefined)
    .slice(0, 1)
    .map(({ lineOf }) => ({
      id: 'configs-tls-with-config-path',
      written: lineOf('tls'),
      message:
        '`configs.*.tls` and `config_path` stand beside each other: CRI does not start with both.',
      hint: 'Write ca, client and skip_verify in the hosts.toml of each registry.',
      isFatal: true,
    }));
}

function headersOf({ table }: PlacedTable): (readonly [string, string])[] {
  return Object.entries(asObject(table.headers) ?? {}).flatMap(([name, values]) =>
    (asArray(values) ?? []).flatMap((value) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}
