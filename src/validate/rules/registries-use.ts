// Rules about registries.conf that are right by its grammar, and yet without the effect that was meant: the
// place of a drop-in, and prefixes of Docker Hub's own images.

import { asArray, asObject, asString, type JsonObject, nameIn } from '../../lib/json.ts';
import { isRegistry } from '../../protocol/grammar/reference.ts';
import { memberTables } from '../generated/validators.js';
import { isNamed } from '../other-kinds.ts';
import { maskUserinfo } from '../secrets.ts';
import { nameOf, tablesOf } from './registries-tables.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

/** A path in a folder of drop-ins, from there on. */
const dropIn = /(?:^|[/\\])registries\.conf\.d[/\\](.+)$/;

function checkDropIn({ path, value }: JudgedDocument, report: Report): void {
  const file = (isNamed(path) ? dropIn.exec(path)?.[1] : undefined) ?? '';
  if (file === '' || Object.keys(value).length === 0) return;
  if (/[/\\]/.test(file)) report('', 'it lies in a folder below registries.conf.d');
  else if (!file.endsWith('.conf')) report('', `${quote(file)} does not end in .conf`);
}

interface OldList {
  readonly name: string;
  readonly pointer: string;
  readonly value: unknown;
}

/** The lists of version 1, whatever they are. */
function oldLists(top: JsonObject): OldList[] {
  const above = nameIn(top, 'registries');
  const registries = asObject(top[above]) ?? {};
  return ['search', 'insecure', 'block'].flatMap((name) => {
    const own = nameIn(registries, name);
    const table = asObject(registries[own]);
    const list = table === undefined ? 'registries' : nameIn(table, 'registries');
    const value = table === undefined ? registries[own] : table[list];
    const pointer = `/${above}/${own}${table === undefined ? '' : `/${list}`}`;
    return value === undefined ? [] : [{ name, pointer, value }];
  });
}

/** Of empty ones clients take no notice. */
function hasVersion1(top: JsonObject): boolean {
  return oldLists(top).some(({ value }) => (asArray(value) ?? []).length > 0);
}

/** What clients refuse that read version 1. */
function checkOldLists({ value: top }: JudgedDocument, report: Report): void {
  for (const { name, pointer, value } of oldLists(top)) {
    const entries = pointer.endsWith(`/${name}`) ? undefined : asArray(value);
    if (entries === undefined) {
      report(pointer, `${name} is no table with an array registries`);
      continue;
    }
    for (const [at, entry] of entries.entries()) {
      const text = asString(entry);
      const hasScheme = text !== undefined && /^https?:\/\//.test(text);
      const isHost = text !== undefined && (name !== 'search' || isRegistry(nameOf(text)));
      if (isHost && !hasScheme) continue;
      const what = hasScheme ? 'has a scheme' : 'is no host';
      report(`${pointer}/${at}`, `${quote(maskUserinfo(text ?? ''))} ${what}`);
    }
  }
}

/** The first setting of version 2 that says something. */
function setting2(top: JsonObject): string | undefined {
  const names = Object.keys(memberTables['registries-conf'].members ?? {});
  return names.find((name) => {
    const value = top[nameIn(top, name)];
    const isText = (asString(value) ?? '') !== '';
    return (
      name !== 'registries' &&
      (isText || Object.keys(asObject(value) ?? asArray(value) ?? {}).length > 0)
    );
  });
}

function checkMixed({ value }: JudgedDocument, report: Report): void {
  const other = hasVersion1(value) ? setting2(value) : undefined;
  if (other === undefined) return;
  const name = nameIn(value, 'registries');
  report(`/${name}`, `${name} is of version 1 of this format, ${other} of version 2`, 'name');
}

function checkDropInVersion({ path, value }: JudgedDocument, report: Report): void {
  const isRead = isNamed(path) && /^[^/\\]+\.conf$/.test(dropIn.exec(path)?.[1] ?? '');
  if (!isRead || !hasVersion1(value)) return;
  const name = nameIn(value, 'registries');
  report(`/${name}`, `${name} is of version 1 of this format, in a drop-in`, 'name');
}

/** Images of Docker Hub that everybody knows by one word. Some are namespaces too: more than a note would err. */
const libraryImages = new Set(
  (
    'almalinux alpine amazoncorretto archlinux busybox buildpack-deps centos debian eclipse-temurin ' +
    'fedora gcc golang hello-world httpd mariadb memcached mongo mysql node openjdk perl php ' +
    'postgres python redis rockylinux ruby rust tomcat ubuntu'
  ).split(' '),
);

function checkLibrary({ value }: JudgedDocument, report: Report): void {
  for (const { at, prefix, hasPrefix } of tablesOf(value)) {
    const name = /^docker\.io\/([a-z0-9-]+)$/.exec(prefix)?.[1] ?? '';
    if (libraryImages.has(name)) {
      const pointer = `${at}/${hasPrefix ? 'prefix' : 'location'}`;
      const detail = `${quote(prefix)} is a namespace, the image ${name} is "docker.io/library/${name}"`;
      report(pointer, detail);
    }
  }
}

const manual = 'containers-config/containers-registries.conf';

export const registriesUseRules: readonly ValueRule[] = [
  {
    id: 'registries-drop-in',
    level: 'warning',
    spec: `${manual}.d.5.md#configuration-precedence`,
    summary: 'A drop-in lies in registries.conf.d itself, and its name ends in .conf.',
    fix: 'Name it registries.conf.d/NAME.conf; clients pass over anything else without a word.',
    kinds: ['registries-conf'],
    check: checkDropIn,
  },
  {
    id: 'registries-drop-in-version',
    level: 'error',
    spec: `${manual}.d.5.md#configuration-precedence`,
    summary: 'Drop-ins are of version 2 of the format.',
    fix: 'Write unqualified-search-registries and [[registry]]: clients that read version 1 elsewhere refuse it here, and all of their configuration.',
    kinds: ['registries-conf'],
    check: checkDropInVersion,
  },
  {
    id: 'registries-version-1-list',
    level: 'error',
    spec: `${manual}.5.md#version-1-format-deprecated`,
    summary: 'The lists of version 1 are arrays of registries.',
    fix: 'Write HOST[:PORT], without scheme: clients that read version 1 refuse the whole file.',
    kinds: ['registries-conf'],
    check: checkOldLists,
  },
  {
    id: 'registries-version-mixed',
    level: 'error',
    spec: `${manual}.5.md#version-1-format-deprecated`,
    summary: 'A file is of one version of the format.',
    fix: 'Write all of it in version 2: clients that read both refuse a file of both.',
    kinds: ['registries-conf'],
    check: checkMixed,
  },
  {
    id: 'registries-library',
    level: 'note',
    spec: `${manual}.5.md#normalization-of-dockerio-references`,
    summary: 'A prefix for an image that Docker Hub names by one word has library in it.',
    fix: 'If the image is meant, write its name in full, by which clients look it up.',
    kinds: ['registries-conf'],
    check: checkLibrary,
  },
];
