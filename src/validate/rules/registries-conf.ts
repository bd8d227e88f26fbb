// Rules about registries.conf, version 2: which table an image finds, and where that leads. Levels
// follow containers/image: what it refuses to load is an error, what has no effect a warning.

import { childPointer } from '../../formats/places.ts';
import { asArray, asObject, asString, type JsonObject, nameIn } from '../../lib/json.ts';
import { isRegistry, isRepository } from '../../protocol/grammar/reference.ts';
import { memberTables } from '../generated/validators.js';
import { maskUserinfo } from '../secrets.ts';
import { placeOf } from './member-table.ts';
import {
  beginsWithRegistry,
  matches,
  nameOf,
  partsOfName,
  problemOfName,
  type RegistryTable,
  tablesOf,
  unreachableReason,
  wildcard,
} from './registries-tables.ts';
import { type JudgedDocument, quote, type Report, type ValueRule, writeInstead } from './rule.ts';

const manual = 'containers-config/containers-registries.conf.5.md';
const choosing = `${manual}#choosing-a-registry-toml-table`;
const remapping = `${manual}#remapping-and-mirroring-registries`;
const aliasing = `${manual}#short-name-aliasing`;

function shown(name: string): string {
  return quote(maskUserinfo(name));
}

/** The name with the least change: without scheme, in lower case after the host. */
function rightName(name: string): string | undefined {
  const bare = name.replace(/^https?:\/\//i, '');
  const slash = bare.indexOf('/');
  const lower = slash < 0 ? bare : bare.slice(0, slash) + bare.slice(slash).toLowerCase();
  return [bare, lower].find((it) => it !== name && problemOfName(nameOf(it)) === undefined);
}

function checkNames({ value }: JudgedDocument, report: Report): void {
  function check(name: string, pointer: string): void {
    const problem = name === '' ? undefined : problemOfName(name);
    if (problem !== undefined) {
      const right = rightName(name);
      const fix = right === undefined || /^http:/i.test(name) ? undefined : { value: right };
      const insecure = right !== undefined && fix === undefined ? ' and insecure = true' : '';
      report(pointer, `${shown(name)} ${problem}${writeInstead(right)}${insecure}`, 'value', fix);
    }
  }
  for (const { at, hasPrefix, prefix, location, mirrors } of tablesOf(value)) {
    if (hasPrefix && !prefix.includes('*')) {
      check(prefix, `${at}/prefix`);
    }
    check(location, `${at}/location`);
    for (const mirror of mirrors) {
      check(mirror.location, `${mirror.at}/location`);
    }
  }
}

function checkWildcards({ value }: JudgedDocument, report: Report): void {
  for (const { at, hasPrefix, prefix } of tablesOf(value)) {
    if (!hasPrefix || !prefix.includes('*')) continue;
    const host = prefix.replace(wildcard, '');
    if (!wildcard.test(prefix) || !isRegistry(host) || host.includes(':')) {
      report(`${at}/prefix`, `${shown(prefix)} has a wildcard that no client understands`);
    }
  }
}

function checkLocations({ value }: JudgedDocument, report: Report): void {
  for (const { at, table } of tablesOf(value)) {
    const prefix = nameOf(table[nameIn(table, 'prefix')]);
    const location = table[nameIn(table, 'location')] ?? '';
    // One of another type is the schema's finding. Of a lone slash clients leave nothing.
    const isAbsent = typeof location === 'string' && nameOf(location) === '';
    if (isAbsent && !wildcard.test(prefix)) {
      const detail =
        prefix !== '' ? `${shown(prefix)} has no location` : 'the table names no registry';
      report(at, detail);
    }
  }
}

function checkDuplicates({ value }: JudgedDocument, report: Report): void {
  const firstByPrefix = new Map<string, string>();
  for (const { at, prefix, hasPrefix } of tablesOf(value)) {
    const first = firstByPrefix.get(prefix);
    if (prefix === '') continue;
    if (first === undefined) firstByPrefix.set(prefix, at);
    else {
      const pointer = `${at}/${hasPrefix ? 'prefix' : 'location'}`;
      report(
        pointer,
        `the table at ${first} is for ${shown(prefix)} too, and is the one that counts`,
      );
    }
  }
}

function checkConflicts({ value }: JudgedDocument, report: Report): void {
  const firstByLocation = new Map<string, RegistryTable>();
  for (const table of tablesOf(value)) {
    const name = table.location === '' ? table.prefix : table.location;
    const first = firstByLocation.get(name);
    if (name === '') continue;
    if (first === undefined) {
      firstByLocation.set(name, table);
      continue;
    }
    const flag = ['insecure', 'blocked'].find(
      (it) => (table.table[it] === true) !== (first.table[it] === true),
    );
    if (flag !== undefined) {
      const pointer = flag in table.table ? `${table.at}/${flag}` : table.at;
      report(pointer, `${shown(name)} has another value of ${flag} at ${first.at}`);
    }
  }
}

function checkReachable({ value }: JudgedDocument, report: Report): void {
  for (const { at, prefix, hasPrefix } of tablesOf(value)) {
    const bare = prefix.replace(wildcard, '');
    const isWell = bare !== '' && !bare.includes('*') && problemOfName(bare) === undefined;
    const reason = isWell ? unreachableReason(prefix) : undefined;
    if (reason !== undefined) {
      const pointer = `${at}/${hasPrefix ? 'prefix' : 'location'}`;
      report(pointer, `no image is matched by ${shown(prefix)}: ${reason}`);
    }
  }
}

function checkMirrorUse({ value }: JudgedDocument, report: Report): void {
  for (const { table, mirrors } of tablesOf(value)) {
    if (table['mirror-by-digest-only'] !== true) continue;
    for (const mirror of mirrors) {
      if ((asString(mirror.table['pull-from-mirror']) ?? '') !== '') {
        const detail = 'pull-from-mirror stands beside mirror-by-digest-only = true';
        report(`${mirror.at}/pull-from-mirror`, detail);
      }
    }
  }
}

function checkEffect({ value }: JudgedDocument, report: Report): void {
  for (const { at, table, mirrors } of tablesOf(value)) {
    if (table['mirror-by-digest-only'] === true && table.mirror === undefined) {
      report(`${at}/mirror-by-digest-only`, 'there is no mirror that it could be about');
    }
    const seen = new Set<string>();
    for (const mirror of mirrors) {
      const use = asString(mirror.table['pull-from-mirror']) || 'all';
      const keys = [`${mirror.location} ${use}`, `${mirror.location} all`];
      if (mirror.location !== '' && keys.some((key) => seen.has(key))) {
        report(`${mirror.at}/location`, `${shown(mirror.location)} was asked before`);
      }
      seen.add(`${mirror.location} ${use}`);
    }
  }
}

function checkSearch({ value }: JudgedDocument, report: Report): void {
  const tables = tablesOf(value);
  const seen = new Set<string>();
  for (const [at, it] of (asArray(value['unqualified-search-registries']) ?? []).entries()) {
    const host = nameOf(it);
    if (host === '') continue;
    const pointer = `/unqualified-search-registries/${at}`;
    const [table] = tables
      .filter(({ prefix }) => matches(prefix, host))
      .sort((a, b) => b.prefix.length - a.prefix.length);
    if (seen.has(host)) {
      report(pointer, `${shown(host)} is searched already`);
    } else if (table?.table.blocked === true) {
      report(pointer, `${shown(host)} is blocked at ${table.at}`);
    }
    seen.add(host);
  }
}

function aliasesOf(value: JsonObject): [name: string, target: unknown][] {
  return Object.entries(asObject(value.aliases) ?? {});
}

function checkAliasNames({ value }: JudgedDocument, report: Report): void {
  for (const [name] of aliasesOf(value)) {
    if (beginsWithRegistry(name) || !isRepository(name)) {
      report(childPointer('/aliases', name), `${shown(name)} is no short name`, 'name');
    }
  }
}

function checkAliasTargets({ value }: JudgedDocument, report: Report): void {
  for (const [name, it] of aliasesOf(value)) {
    const target = asString(it) ?? '';
    if (target === '') continue;
    const { host, path, tag, digest } = partsOfName(target);
    const isPlain = tag === undefined && digest === undefined && isRepository(path);
    if (!beginsWithRegistry(target) || !isRegistry(host) || !isPlain) {
      const place = placeOf(name, memberTables['registries-conf']);
      const stray = place === undefined ? '' : `; if ${name} is no alias, it belongs ${place}`;
      const bare =
        isPlain || !isRegistry(host) || !isRepository(path) ? undefined : `${host}/${path}`;
      const detail = `${shown(target)} is not registry/repository${writeInstead(bare)}${stray}`;
      report(childPointer('/aliases', name), detail);
    }
  }
}

export const registriesConfRules: readonly ValueRule[] = [
  {
    id: 'registries-name',
    level: 'error',
    spec: choosing,
    summary: 'Prefixes and locations read host[:port][/namespace…], without scheme.',
    fix: 'Write registry.example.com:5000/team, say; plain HTTP is asked for by insecure = true.',
    kinds: ['registries-conf'],
    check: checkNames,
  },
  {
    id: 'registries-wildcard',
    level: 'error',
    spec: choosing,
    summary: 'A wildcard stands at the beginning of a prefix, before a host without port and path.',
    fix: 'Write *.example.com, or one table for each registry.',
    kinds: ['registries-conf'],
    check: checkWildcards,
  },
  {
    id: 'registries-location-missing',
    level: 'error',
    spec: remapping,
    summary: 'Every registry has a location, unless its prefix is a wildcard.',
    fix: 'Add location; it may be the same as prefix. Clients refuse the whole file.',
    kinds: ['registries-conf'],
    check: checkLocations,
  },
  {
    id: 'registries-prefix-duplicate',
    level: 'warning',
    spec: choosing,
    summary: 'There is one table for a prefix.',
    fix: 'Put the settings into one table: clients skip the second without a word.',
    kinds: ['registries-conf'],
    check: checkDuplicates,
  },
  {
    id: 'registries-conflict',
    level: 'error',
    spec: `${manual}#per-namespace-settings`,
    summary: 'Tables of the same location agree on insecure and blocked.',
    fix: 'Give both tables the same value: clients refuse the whole file.',
    kinds: ['registries-conf'],
    check: checkConflicts,
  },
  {
    id: 'registries-unreachable',
    level: 'warning',
    spec: `${manual}#normalization-of-dockerio-references`,
    summary: 'Every table can be found by some image name.',
    fix: 'Write the prefix as it stands in complete names, such as docker.io/library/alpine.',
    kinds: ['registries-conf'],
    check: checkReachable,
  },
  {
    id: 'registries-mirror-use',
    level: 'error',
    spec: remapping,
    summary: 'Either the registry or each mirror says which pulls mirrors are for.',
    fix: 'Remove mirror-by-digest-only, or pull-from-mirror here. Clients refuse the whole file.',
    kinds: ['registries-conf'],
    check: checkMirrorUse,
  },
  {
    id: 'registries-no-effect',
    level: 'warning',
    spec: remapping,
    summary: 'Every mirror and every setting of mirrors can come into play.',
    fix: 'Remove it, or what keeps it from having an effect.',
    kinds: ['registries-conf'],
    check: checkEffect,
  },
  {
    id: 'registries-search-useless',
    level: 'warning',
    spec: `${manual}#global-settings`,
    summary: 'Registries to search are named once and not blocked.',
    fix: 'Remove it from unqualified-search-registries: it can add nothing.',
    kinds: ['registries-conf'],
    check: checkSearch,
  },
  {
    id: 'registries-alias-name',
    level: 'error',
    spec: aliasing,
    summary: 'The name of an alias is a short name: no registry, tag or digest.',
    fix: 'Write what users type, such as "fedora" or "team/app".',
    kinds: ['registries-conf'],
    check: checkAliasNames,
  },
  {
    id: 'registries-alias-target',
    level: 'error',
    spec: aliasing,
    summary: 'An alias stands for registry and repository, without tag and digest.',
    fix: 'Write a full name such as "registry.example.com/team/app".',
    kinds: ['registries-conf'],
    check: checkAliasTargets,
  },
];
