// registries.conf version 1, `[registries.search]`, `[registries.insecure]` and `[registries.block]`: read by
// older libraries as what version 2 would say, refused by newer ones.
import type { Written } from '../route.ts';
import { ConfFault } from './conf-fault.ts';
import type { ConfTable, TextItem } from './conf-table.ts';
import { type RegistryTable, refuseScheme, withoutSlashes } from './registry-table.ts';
import type { ContainersRules } from './rules.ts';

interface Version1 {
  readonly registries: readonly RegistryTable[];
  readonly search: readonly TextItem[] | undefined;
  readonly searchWritten: Written | undefined;
}

const ofVersion2 = [
  'registry',
  'unqualified-search-registries',
  'credential-helpers',
  'short-name-mode',
  'additional-layer-store-auth-helper',
  'aliases',
];

/** Undefined where the file says nothing in the old way. @throws ConfFault */
export function version1Tables(
  top: ConfTable,
  rules: ContainersRules,
  isDropIn: boolean,
): Version1 | undefined {
  const table = top.table('registries');
  if (table === undefined) return undefined;
  const [search, insecure, block] = ['search', 'insecure', 'block'].map((name) =>
    table.table(name)?.texts('registries'),
  );
  const lists = [search, insecure, block].filter((list) => list !== undefined);
  const counts =
    rules.version1 === 'if not empty' ? lists.some((it) => it.length > 0) : lists.length > 0;
  if (!counts) return undefined;
  refuseVersion1(top, rules, isDropIn);
  return {
    registries: registriesOf(block ?? [], insecure ?? []),
    search,
    searchWritten: search && table.writtenOf('search'),
  };
}

function refuseVersion1(top: ConfTable, rules: ContainersRules, isDropIn: boolean): void {
  const written = top.writtenOf('registries');
  const hint =
    'Write version 2: unqualified-search-registries, and [[registry]] with insecure and blocked.';
  const refuse = (message: string) => new ConfFault('registries-conf-v1', written, message, hint);
  if (rules.version1 === 'refused') {
    throw refuse(
      'this is version 1 of registries.conf, which podman up to 5 reads and podman 6 refuses',
    );
  }
  if (isDropIn) throw refuse('a drop-in is written in version 1 of registries.conf');
  const emptyCounts = rules.version1 === 'read';
  const isMixed = ofVersion2.some((name) => (emptyCounts ? top.has(name) : !top.isEmpty(name)));
  if (isMixed) throw refuse('version 1 and version 2 of registries.conf are mixed');
}

function registriesOf(block: readonly TextItem[], insecure: readonly TextItem[]): RegistryTable[] {
  const tables = new Map<string, RegistryTable>();
  const mark = (flag: 'blocked' | 'insecure', { text, written }: TextItem) => {
    refuseScheme(text, written);
    const location = withoutSlashes(text);
    const known = tables.get(location);
    const fresh = { location, prefix: location, namespace: '', written, mirrors: [] };
    tables.set(location, { ...(known ?? fresh), [flag]: written });
  };
  for (const item of block) mark('blocked', item);
  for (const item of insecure) mark('insecure', item);
  return [...tables.values()];
}
