// What a hosts.toml says: hosts in the order in which they stand in the file, the server last. As containerd reads it
// (core/remotes/docker/config/hosts.go): what it would not decode is no hosts.toml at all to it.
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import type { HeaderLine } from '../../protocol/talk.ts';
import { readToml } from '../config-file.ts';

/** One host, as the file has it; paths of files are absolute. */
export interface HostEntry {
  /** Absent: no `server` is named, so the registry itself is meant. */
  readonly origin?: { readonly scheme: string; readonly host: string; readonly path: string };
  readonly resolves: boolean;
  readonly pulls: boolean;
  /** What is true of the TLS there; each with its line. */
  readonly skipVerify?: { readonly value: boolean; readonly line: number };
  readonly ca?: { readonly paths: readonly string[]; readonly line: number };
  /** Certificate and key; the same path where one file has both. */
  readonly client?: {
    readonly pairs: readonly (readonly [string, string])[];
    readonly line: number;
  };
  readonly headers: readonly HeaderLine[];
  readonly line: number;
}

export type HostsFile =
  | { readonly entries: readonly HostEntry[] }
  | { readonly line: number; readonly why: string };

/** Why the text is none, and where. */
class Undecoded extends Error {
  readonly steps: readonly string[];

  constructor(why: string, ...steps: readonly string[]) {
    super(why);
    this.steps = steps;
  }
}

/**
 * `folder`: absolute; paths in the file begin there. `oldHostsToml`: as containerd 1.6, which takes a file without any
 * `host` for broken, asks each host once and knows no `dial_timeout`.
 */
export function readHostsFile(text: string, folder: string, oldHostsToml = false): HostsFile {
  const read = readToml(text);
  if (read.state === 'invalid') return read;
  if (read.state !== 'read') return { line: 1, why: 'cannot be read' };
  const { value, lineOf } = read;
  try {
    const hosts = tableOf(value, 'host');
    // Each is decoded, those too that are never asked because no table of their own begins with them.
    for (const name of Object.keys(hosts)) tableOf(hosts, name, ['host']);
    if (oldHostsToml && Object.keys(hosts).length === 0) {
      throw new Undecoded('has no table [host."…"], without which it counts for nothing here');
    }
    const asked = { folder, lineOf, knowsTimeout: !oldHostsToml };
    const begun = headersInOrder(text);
    const named = (oldHostsToml ? [...new Set(begun)] : begun).map((name) => {
      const steps = ['host', name];
      return readEntry(name, asObject(hosts[name]) ?? {}, steps, asked);
    });
    const server = optional(value, 'server', asString, []) ?? '';
    return { entries: [...named, readEntry(server, value, [], asked)] };
  } catch (error) {
    if (!(error instanceof Undecoded)) throw error;
    return { line: lineOf(...error.steps), why: error.message };
  }
}

const header =
  /^[ \t]*\[[ \t]*(?:host|"host"|'host')[ \t]*\.[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*[.\]]/gm;

/**
 * Names of the tables below `host` as they begin, one again where it goes on after another. Keys with dots and tables
 * in braces begin none.
 */
function headersInOrder(text: string): string[] {
  const names = [...text.matchAll(header)].map(([, token = '']) => unquoted(token));
  return names.filter((name, at) => name !== names[at - 1]);
}

function unquoted(token: string): string {
  if (token.startsWith("'")) return token.slice(1, -1);
  if (!token.startsWith('"')) return token;
  const read = readToml(`a = ${token}`);
  return read.state === 'read' ? (asString(read.value.a) ?? '') : token.slice(1, -1);
}

interface Reading {
  readonly folder: string;
  readonly lineOf: (...steps: readonly string[]) => number;
  readonly knowsTimeout: boolean;
}

function readEntry(
  server: string,
  table: JsonObject,
  steps: readonly string[],
  { folder, lineOf, knowsTimeout }: Reading,
): HostEntry {
  const at = (key: string) => lineOf(...steps, key);
  const skipVerify = optional(table, 'skip_verify', asBoolean, steps);
  const isOverridden = optional(table, 'override_path', asBoolean, steps) === true;
  const origin = originOf(server, isOverridden, steps);
  const ca = pathsOf(table.ca, 'ca', steps, folder);
  const client = pairsOf(table.client, steps, folder);
  if (knowsTimeout) refuseOddTimeout(optional(table, 'dial_timeout', asString, steps), steps);
  return {
    ...(origin !== undefined && { origin }),
    ...capabilitiesOf(table, steps, origin === undefined),
    ...(skipVerify !== undefined && { skipVerify: { value: skipVerify, line: at('skip_verify') } }),
    ...(ca !== undefined && { ca: { paths: ca, line: at('ca') } }),
    ...(client !== undefined && { client: { pairs: client, line: at('client') } }),
    headers: headersOf(table, steps),
    line: steps.length === 0 ? at('server') : lineOf(...steps),
  };
}

/** The path as requests have it, with `/v2` behind it unless `override_path` says that it is whole. */
function originOf(
  server: string,
  isOverridden: boolean,
  steps: readonly string[],
): HostEntry['origin'] {
  if (server === '') return undefined;
  const whole = server.startsWith('http') ? server : `https://${server}`;
  const [, scheme, authority = '', path = ''] =
    /^(https?):\/\/([^/?#\s]*)([^?#]*)/i.exec(whole) ?? [];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (scheme === undefined || !URL.canParse(`https://${host}`)) {
    throw new Undecoded(`has ${JSON.stringify(server.slice(0, 100))}, which is no URL`, ...steps);
  }
  return { scheme: scheme.toLowerCase(), host, path: apiPathOf(path, isOverridden) };
}

function apiPathOf(path: string, isOverridden: boolean): string {
  const clean = cleanPath(path);
  return clean.endsWith('/v2') || isOverridden
    ? clean.replace(/^\/$/, '')
    : cleanPath(`${clean}/v2`);
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const capabilities: ReadonlySet<string> = new Set(['pull', 'resolve', 'push', 'referrers']);

/** `isItself`: of the registry itself, which may be asked for everything whatever stands there. */
function capabilitiesOf(table: JsonObject, steps: readonly string[], isItself: boolean) {
  const named = optional(table, 'capabilities', asTexts, steps) ?? [];
  const lower = named.map((name) => name.toLowerCase());
  const odd = lower.find((name) => !capabilities.has(name));
  if (odd !== undefined) {
    throw new Undecoded(
      `names the unknown capability ${JSON.stringify(odd)}`,
      ...steps,
      'capabilities',
    );
  }
  const isAll = isItself || lower.length === 0;
  return {
    resolves: isAll || lower.includes('resolve'),
    pulls: isAll || lower.includes('pull'),
  };
}

function pathsOf(
  value: unknown,
  key: string,
  steps: readonly string[],
  folder: string,
): string[] | undefined {
  if (value === undefined) return undefined;
  const paths = typeof value === 'string' ? [value] : asTexts(value);
  if (paths === undefined) throw new Undecoded(`has a "${key}" of another type`, ...steps, key);
  return paths.map((path) => absolute(path, folder));
}

/** One file with both, several of those, or pairs of certificate and key. */
function pairsOf(
  value: unknown,
  steps: readonly string[],
  folder: string,
): (readonly [string, string])[] | undefined {
  if (value === undefined) return undefined;
  const items = typeof value === 'string' ? [value] : asArray(value);
  const pairs = items?.map((item) => {
    const [cert, key, ...more] = typeof item === 'string' ? [item, item] : (asTexts(item) ?? []);
    return cert === undefined || key === undefined || more.length > 0
      ? undefined
      : ([absolute(cert, folder), absolute(key, folder)] as const);
  });
  if (pairs === undefined || pairs.includes(undefined)) {
    throw new Undecoded('has a "client" of another type', ...steps, 'client');
  }
  return pairs.filter((pair) => pair !== undefined);
}

function headersOf(table: JsonObject, steps: readonly string[]): HeaderLine[] {
  const headers = tableOf(table, 'header', steps);
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = typeof value === 'string' ? [value] : asTexts(value);
    if (values === undefined) {
      throw new Undecoded('has a header of another type', ...steps, 'header', name);
    }
    return values.map((text) => [name, text] as const);
  });
}

/** Go's time.ParseDuration. */
const duration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

function refuseOddTimeout(text: string | undefined, steps: readonly string[]): void {
  if (text === undefined || text === '' || duration.test(text)) return;
  throw new Undecoded('has a "dial_timeout" that is no duration', ...steps, 'dial_timeout');
}

function tableOf(table: JsonObject, key: string, steps: readonly string[] = []): JsonObject {
  return optional(table, key, asObject, steps) ?? {};
}

/** @throws Undecoded for a value of another type */
function optional<T>(
  table: JsonObject,
  key: string,
  as: (value: unknown) => T | undefined,
  steps: readonly string[],
): T | undefined {
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (value === undefined) return undefined;
  const read = as(value);
  if (read === undefined) {
    throw new Undecoded(`has a ${JSON.stringify(key)} of another type`, ...steps, key);
  }
  return read;
}

function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function asTexts(value: unknown): string[] | undefined {
  const items = asArray(value);
  return items?.every((item) => typeof item === 'string') ? (items as string[]) : undefined;
}

function absolute(path: string, folder: string): string {
  return path.startsWith('/') ? path : cleanPath(`${folder}/${path}`);
}
