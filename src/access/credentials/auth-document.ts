// An auth file as it was read: entries and helpers by key, with their lines. Names are taken as readers in Go take
// them; what is not of its type makes the whole file unreadable to them.
import { asObject, asString, type JsonObject, nameIn } from '../../lib/json.ts';
import { readJson } from '../config-file.ts';
import { shownKey } from './keys.ts';
import type { Place } from './lookup-rules.ts';

export interface AuthDocument {
  readonly auths: ReadonlyMap<string, JsonObject>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore: string;
  /** Lines of names, from 1. */
  lineOfEntry(key: string): number;
  lineOfHelper(key: string): number;
  lineOfStore(): number;
}

export interface NotAuth {
  /** What is wrong, for a sentence that begins with the file's name. */
  readonly problem: string;
  readonly line: number;
}

/** Reads the text of an auth file. `exactNames`: tables in other letters are none. */
export function readAuthDocument(
  text: string,
  form: Place['form'],
  exactNames = false,
): AuthDocument | NotAuth {
  const read = readJson(text);
  // What the reader says of the place may repeat what stands there.
  if (read.state === 'invalid') return { problem: 'is no JSON object', line: read.line };
  if (read.state !== 'read') return { problem: 'is no JSON object', line: 1 };
  const { value, lineOf } = read;
  if (form === 'regctl') return documentOf(lineOf, '', hostsOf(value), {}, '');
  if (form === 'dockercfg') return documentOf(lineOf, '', value, {}, '');
  const named = (name: string) => (exactNames ? name : nameIn(value, name));
  const table = named('auths');
  const auths = value[table] ?? {};
  const helpers = value[named('credHelpers')] ?? {};
  const store = value[named('credsStore')] ?? '';
  const isWell = isObject(auths) && isObject(helpers) && typeof store === 'string';
  if (isWell) return documentOf(lineOf, table, auths, helpers, store);
  const wrong = !isObject(auths) ? table : !isObject(helpers) ? 'credHelpers' : 'credsStore';
  return { problem: `has a "${wrong}" of another shape`, line: lineOf(wrong) };
}

/** What stands in JSON beside `auths`, or in one of them beside its `auth`, which may not be missing. */
export function besideAuths(text: string): NotAuth | undefined {
  const read = readJson(text);
  if (read.state !== 'read') return undefined;
  const { value, lineOf } = read;
  const isNot = (wanted: string) => (name: string) => name.toLowerCase() !== wanted;
  const table = Object.keys(value).find(isNot('auths'));
  if (table !== undefined) {
    const problem = `has ${shownKey(table)}, and may have nothing but "auths"`;
    return { problem, line: lineOf(table) };
  }
  const auths = nameIn(value, 'auths');
  for (const [key, entry] of Object.entries(asObject(value[auths]) ?? {})) {
    const fields = asObject(entry) ?? {};
    const isMore = Object.keys(fields).some(isNot('auth'));
    if (!isMore && fieldOf(fields, 'auth') !== '') continue;
    const said = isMore ? 'more than an "auth"' : 'no "auth"';
    const problem = `has ${said} for ${shownKey(key)}, where this client takes an "auth" alone`;
    return { problem, line: lineOf(auths, key) };
  }
  return undefined;
}

const isObject = (value: unknown): value is JsonObject => asObject(value) !== undefined;

type LineOf = (...steps: readonly string[]) => number;

function documentOf(
  lineOf: LineOf,
  table: string,
  auths: JsonObject,
  helpers: JsonObject,
  credsStore: string,
): AuthDocument | NotAuth {
  const stepsOf = (key: string) => (table === '' ? [key] : [table, key]);
  const entries = new Map<string, JsonObject>();
  for (const [key, value] of Object.entries(auths)) {
    const entry = asObject(value ?? {});
    if (entry === undefined || !isEntry(entry)) {
      return { problem: 'has an entry of another shape', line: lineOf(...stepsOf(key)) };
    }
    entries.set(key, entry);
  }
  const named = new Map<string, string>();
  for (const [key, value] of Object.entries(helpers)) {
    if (typeof value !== 'string') {
      return { problem: 'has a helper of another shape', line: lineOf('credHelpers', key) };
    }
    named.set(key, value);
  }
  return {
    auths: entries,
    credHelpers: named,
    credsStore,
    lineOfEntry: (key) => lineOf(...stepsOf(key)),
    lineOfHelper: (key) => lineOf('credHelpers', key),
    lineOfStore: () => lineOf('credsStore'),
  };
}

const textFields = ['auth', 'username', 'password', 'identitytoken'];

function isEntry(entry: JsonObject): boolean {
  return textFields.every((name) => {
    const value = entry[nameIn(entry, name)];
    return value === undefined || value === null || typeof value === 'string';
  });
}

/** regctl's own configuration: `{"hosts":{"h":{"user":…,"pass":…,"token":…}}}`. */
function hostsOf(document: JsonObject): JsonObject {
  const hosts = Object.entries(asObject(document.hosts) ?? {});
  return Object.fromEntries(
    hosts.map(([name, it]) => {
      const { user, pass, token } = asObject(it) ?? {};
      return [name, { username: user, password: pass, identitytoken: token }];
    }),
  );
}

/** A field of an entry as Go reads it. */
export function fieldOf(entry: JsonObject, name: string): string {
  return asString(entry[nameIn(entry, name)]) ?? '';
}
