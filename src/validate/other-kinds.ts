// The kinds of document that are no image documents: replies of registries and token servers, files of
// clients, our own configuration. Which they are, in what format, and how they are recognised.

import { decodeAuth, readAuthKey } from '../access/credentials/auth-grammar.ts';
import { asObject, type JsonObject } from '../lib/json.ts';

/** The file in schemas/ of each. */
export const otherSchemaFiles = {
  'oci-layout': 'oci-layout.schema.json',
  'token-reply': 'token-reply.schema.json',
  'error-reply': 'error-reply.schema.json',
  'tag-list': 'tag-list.schema.json',
  catalog: 'catalog.schema.json',
  referrers: 'referrers.schema.json',
  'auth-file': 'auth-file.schema.json',
  dockercfg: 'dockercfg.schema.json',
  'registries-conf': 'registries-conf.schema.json',
  'pullproof-config': 'config.schema.json',
} as const;

export type OtherKind = keyof typeof otherSchemaFiles;

export type Format = 'json' | 'toml' | 'yaml';

const formats: Readonly<Record<string, Format>> = {
  'registries-conf': 'toml',
  'pullproof-config': 'yaml',
};

/** What documents of a kind are written in. */
export function formatOf(kind: string | undefined): Format {
  return formats[kind ?? ''] ?? 'json';
}

/** Whether documents of a kind hold secrets, so that no finding may repeat a value of theirs. */
export function holdsSecrets(kind: string | undefined): boolean {
  return kind === 'auth-file' || kind === 'dockercfg' || kind === 'token-reply';
}

const written: readonly string[] = ['auth-file', 'registries-conf', 'pullproof-config'];

/** Whether people write documents of a kind, and no digest names them: those may be mended. */
export function isWrittenByHand(kind: string | undefined): boolean {
  return written.includes(kind ?? '');
}

/** Members that tell a kind, most telling first. A referrers reply is an index like any other. */
const tellingMembers: readonly (readonly [OtherKind, readonly string[]])[] = [
  ['oci-layout', ['imageLayoutVersion']],
  ['auth-file', ['auths', 'credHelpers', 'credsStore']],
  ['token-reply', ['token', 'access_token']],
  ['error-reply', ['errors']],
  ['tag-list', ['tags']],
  ['catalog', ['repositories']],
];

/** The kind of a JSON document that is no image document; undefined when nothing tells it. */
export function otherKindOf(document: JsonObject): OtherKind | undefined {
  const isTold = ([, members]: (typeof tellingMembers)[number]) =>
    members.some((member) => Object.hasOwn(document, member));
  return tellingMembers.find(isTold)?.[0] ?? (isDockercfg(document) ? 'dockercfg' : undefined);
}

/** Whether every member is an entry of an auth file: of a host, or with an auth that can be read. */
function isDockercfg(document: JsonObject): boolean {
  const isEntry = ([key, value]: [string, unknown]) => {
    const entry = asObject(value) ?? {};
    const isOfHost = /[.:]|^localhost$/.test(key) && readAuthKey(key) !== undefined;
    if (isOfHost) return ['auth', 'username', 'email'].some((name) => Object.hasOwn(entry, name));
    return typeof entry.auth === 'string' && typeof decodeAuth(entry.auth) !== 'string';
  };
  const members = Object.entries(document);
  return members.length > 0 && members.every(isEntry);
}

/** What bytes are called that have no name: of standard input, and of the library's callers. */
const unnamed: ReadonlySet<string> = new Set(['-', 'document']);

export function isNamed(path: string): boolean {
  return !unnamed.has(path);
}

const tellingNames: readonly (readonly [OtherKind, RegExp])[] = [
  ['registries-conf', /(?:^|[/\\])(?:registries|short-name-aliases|[^/\\]*shortnames)\.conf$/],
  ['registries-conf', /(?:^|[/\\])registries\.conf\.d[/\\][^/\\]+\.conf$/],
  ['pullproof-config', /(?:^|[/\\])\.pullproof\.ya?ml$/],
  ['auth-file', /(?:^|[/\\])(?:auth\.json|\.dockerconfigjson|\.docker[/\\]config\.json)$/],
  ['dockercfg', /(?:^|[/\\])[^/\\]*\.dockercfg$/],
  ['oci-layout', /(?:^|[/\\])oci-layout$/],
];

/** The kind that the name of a file announces. For JSON the content comes first. */
export function kindOfName(path: string): OtherKind | undefined {
  return tellingNames.find(([, name]) => name.test(path))?.[0];
}

/** A line of registries.conf, version 1 or 2, that nothing else has. */
const registriesLine =
  /^[ \t]*(?:\[\[[ \t]*registry(?:[ \t]*\.[ \t]*mirror)?[ \t]*\]\]|\[registries\.(?:search|insecure|block)\]|(?:unqualified-search-registries|short-name-mode|credential-helpers|additional-layer-store-auth-helper)[ \t]*=)/m;
/** The table of short names, which other programs may have too; these have other tables beside it. */
const aliasesHeader = /^[ \t]*\[[ \t]*aliases[ \t]*\]/m;
const otherHeader = /^[ \t]*\[(?![ \t]*aliases[ \t]*\])/m;
/** A section of our configuration. */
const settingsLine = /^(?:rules|validate):(?:[ \t]|\r?$)/m;
/** Kinds that are not JSON show themselves within so many bytes. */
const lookedAtBytes = 65_536;

/** The kind of a text that is not JSON, by its name and else its content; undefined for JSON. */
export function kindOfText(path: string, bytes: Uint8Array): OtherKind | undefined {
  const named = kindOfName(path);
  if (formatOf(named) !== 'json') {
    return named;
  }
  // Most documents are JSON objects, and known by their first byte.
  if (named !== undefined || bytes[0] === 0x7b) {
    return undefined;
  }
  const start = hasByteOrderMark(bytes) ? 3 : 0;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .subarray(start, lookedAtBytes)
    .toString('latin1');
  if (/^\s*[{"]/.test(head)) {
    return undefined;
  }
  if (registriesLine.test(head) || (aliasesHeader.test(head) && !otherHeader.test(head))) {
    return 'registries-conf';
  }
  return settingsLine.test(head) ? 'pullproof-config' : undefined;
}

function hasByteOrderMark([first, second, third]: Uint8Array): boolean {
  return first === 0xef && second === 0xbb && third === 0xbf;
}
