// Rules about auth files. The grammar of keys and entries is that of the lookup, src/access. No value
// is ever repeated, and of names only what cannot be user and password.

import { decodeAuth, dockerTokenKeys, readAuthKey } from '../../access/credentials/auth-grammar.ts';
import { childPointer } from '../../formats/places.ts';
import { asObject, asString, type JsonObject, nameIn } from '../../lib/json.ts';
import { memberTables } from '../generated/validators.js';
import type { Kind } from '../kinds.ts';
import { isNamed, kindOfName } from '../other-kinds.ts';
import { maskUserinfo } from '../secrets.ts';
import { placeOf } from './member-table.ts';
import { type Fix, type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

const spec = 'containers-config/containers-auth.json.5.md#format';

const kinds: readonly Kind[] = ['auth-file', 'dockercfg'];

interface Entry {
  readonly key: string;
  readonly pointer: string;
  readonly entry: JsonObject;
}

/** Under it Docker looks for the helper of Docker Hub, as for its entry. */
const dockerHubKey = 'https://index.docker.io/v1/';

/** The object whose names are registries, and the pointer to it: a .dockercfg is nothing else. */
function authsOf({ kind, value }: JudgedDocument): { auths: JsonObject; at: string } {
  if (kind === 'dockercfg') return { auths: value, at: '' };
  const name = nameIn(value, 'auths');
  return { auths: asObject(value[name]) ?? {}, at: childPointer('', name) };
}

function entriesOf(document: JudgedDocument): Entry[] {
  const { auths, at } = authsOf(document);
  return Object.entries(auths).flatMap(([key, it]) => {
    const entry = asObject(it);
    return entry === undefined ? [] : [{ key, pointer: childPointer(at, key), entry }];
  });
}

function shown(key: string): string {
  return quote(maskUserinfo(key));
}

function checkEncoding(document: JudgedDocument, report: Report): void {
  for (const { key, pointer, entry } of entriesOf(document)) {
    const name = nameIn(entry, 'auth');
    const auth = asString(entry[name]) ?? '';
    const decoded = auth === '' ? undefined : decodeAuth(auth);
    if (typeof decoded === 'string') {
      report(childPointer(pointer, name), `the auth of ${shown(key)} ${decoded}`);
    }
  }
}

/** `echo user:password | base64` takes the end of the line along. */
function checkLineEnds(document: JudgedDocument, report: Report): void {
  for (const { key, pointer, entry } of entriesOf(document)) {
    const name = nameIn(entry, 'auth');
    const decoded = decodeAuth(asString(entry[name]) ?? '');
    if (typeof decoded === 'object' && /[\r\n]$/.test(decoded.password)) {
      report(childPointer(pointer, name), `the password of ${shown(key)} ends in a line end`);
    }
  }
}

/** The helper that Docker asks about a key: its own, where one is named, even by nothing; else the store. */
function helperOf(value: JsonObject, key: string): unknown {
  const registry = readAuthKey(key)?.registry;
  const own = Object.entries(asObject(value.credHelpers) ?? {}).find(
    ([name]) => name === key || readAuthKey(name)?.registry === registry,
  );
  return own === undefined ? value.credsStore : own[1];
}

const secretMembers = ['auth', 'identitytoken', 'registrytoken', 'username', 'password'] as const;

/** The first member of an entry that holds something secret, or goes with it. */
function secretOf(entry: JsonObject): string | undefined {
  return secretMembers.find((name) => (entry[nameIn(entry, name)] ?? '') !== '');
}

function checkPresence(document: JudgedDocument, report: Report): void {
  for (const { key, pointer, entry } of entriesOf(document)) {
    const found = secretOf(entry);
    if (found === 'auth' || dockerTokenKeys.has(key)) {
      continue;
    }
    if (found !== undefined) {
      report(pointer, `${shown(key)} has ${found} but no auth, which podman and skopeo read`);
    } else if ((helperOf(document.value, key) ?? '') === '') {
      report(pointer, `${shown(key)} has no auth, and no credential helper keeps one`);
    }
  }
}

/** Whether a value is what stands below the name of a registry: credentials, or a helper. */
function isEntry(value: unknown): boolean {
  return typeof value === 'string' || asString(asObject(value)?.auth) !== undefined;
}

/** The host of a key as its new name, where the name is free and Docker Hub's names are not at stake. */
function hostOf(key: string, helpers: JsonObject): Fix | undefined {
  const name = readAuthKey(key)?.registry ?? '';
  return name === 'index.docker.io' || Object.hasOwn(helpers, name) ? undefined : { name };
}

function checkKeys(document: JudgedDocument, report: Report): void {
  const { kind, value } = document;
  const { auths, at } = authsOf(document);
  const helpers = (kind === 'auth-file' && asObject(value.credHelpers)) || {};
  const judge = (parent: string, key: string, isMoreThanHost: boolean) => {
    const pointer = childPointer(parent, key);
    const place = placeOf(key, memberTables['auth-file']);
    if (place !== undefined && !isEntry(parent === at ? auths[key] : helpers[key])) {
      report(pointer, `${shown(key)} belongs ${place}`, 'name');
    } else if (readAuthKey(key) === undefined) {
      report(pointer, `${shown(key)} names no registry or namespace`, 'name');
    } else if (isMoreThanHost) {
      const fix = parent === at ? undefined : hostOf(key, helpers);
      const host = shown(readAuthKey(key)?.registry ?? '');
      report(
        pointer,
        `${shown(key)} is more than a host, which is all that counts here: ${host}`,
        'name',
        fix,
      );
    }
  };
  for (const key of Object.keys(auths)) {
    // Of a .dockercfg clients take the host alone.
    judge(at, key, kind === 'dockercfg' && readAuthKey(key)?.path !== '');
  }
  for (const key of Object.keys(helpers)) {
    const isDocker = key === dockerHubKey || dockerTokenKeys.has(key);
    judge('/credHelpers', key, key.includes('/') && !isDocker);
  }
}

/** The keys that docker login and podman login write for Docker Hub: each reads its own first. */
const hubKeys: ReadonlySet<string> = new Set([dockerHubKey, 'docker.io']);

/**
 * Entries with credentials for the same thing: a host and its URLs, and Docker Hub under its names.
 * `isWritten`: whether to look for those that clients write beside each other, or for all others.
 */
function checkDuplicates(isWritten: boolean): ValueRule['check'] {
  return (document, report) => {
    const firstByScope = new Map<string, string>();
    for (const { key, pointer, entry } of entriesOf(document)) {
      const scope = readAuthKey(key);
      // An entry without credentials can be mistaken for no other.
      if (scope === undefined || secretOf(entry) === undefined) continue;
      const name = `${scope.registry}/${scope.path}`;
      const first = firstByScope.get(name);
      if (first === undefined) {
        firstByScope.set(name, key);
        continue;
      }
      const keys = [first, key];
      const written =
        keys.some((it) => dockerTokenKeys.has(it)) || keys.every((it) => hubKeys.has(it));
      if (written !== isWritten) continue;
      report(pointer, `${shown(key)} is for the same as ${shown(first)}`, 'name');
    }
  };
}

const helperName = /^(?!docker-credential-)[A-Za-z0-9._-]+$/;

/** The name itself may be a secret in the wrong place. */
function helperFault(name: string): string {
  if (/^docker-credential-./.test(name))
    return 'the helper is named with docker-credential-, which clients put before it';
  return /[/\\]/.test(name)
    ? 'the helper is named by a path, clients look for docker-credential-NAME in PATH'
    : 'this is not what follows docker-credential- in the name of a program';
}

function checkHelper(name: unknown, pointer: string, report: Report): void {
  if (typeof name === 'string' && !helperName.test(name)) {
    const value = name.replace(/^docker-credential-/, '');
    const fix = helperName.test(value) ? { value } : undefined;
    report(pointer, helperFault(name), 'value', fix);
  }
}

function checkHelpers({ kind, value }: JudgedDocument, report: Report): void {
  if (kind === 'registries-conf') {
    const names = value['credential-helpers'];
    for (const [at, name] of (Array.isArray(names) ? names : []).entries()) {
      checkHelper(name, `/credential-helpers/${at}`, report);
    }
    return;
  }
  // An empty one is how Docker does without, for everything or for one registry.
  if (value.credsStore !== '') checkHelper(value.credsStore, '/credsStore', report);
  for (const [key, name] of Object.entries(asObject(value.credHelpers) ?? {})) {
    if (name !== '') checkHelper(name, childPointer('/credHelpers', key), report);
  }
}

export const authFileRules: readonly ValueRule[] = [
  {
    id: 'auth-encoding',
    level: 'error',
    spec,
    summary: 'An auth is padded Base64 of user, colon, password.',
    fix: 'Log in again, or write what `printf %s USER:PASSWORD | base64 -w0` prints.',
    kinds,
    check: checkEncoding,
  },
  {
    id: 'auth-line-end',
    level: 'warning',
    spec,
    summary: 'A password has no line end behind it.',
    fix: 'Log in again, or write what `printf %s USER:PASSWORD | base64 -w0` prints: clients send the line end along.',
    kinds,
    check: checkLineEnds,
  },
  {
    id: 'auth-missing',
    level: 'warning',
    spec,
    summary: 'An entry has an auth, or a credential helper keeps the secret.',
    fix: 'Log in again, or remove the entry.',
    kinds,
    check: checkPresence,
  },
  {
    id: 'auth-key',
    level: 'warning',
    spec,
    summary: 'Credentials are kept by registry or namespace, helpers by registry.',
    fix: 'Write HOST[:PORT] or HOST[:PORT]/NAMESPACE, without user, tag and wildcard; no client finds anything else.',
    kinds,
    check: checkKeys,
  },
  {
    id: 'auth-key-duplicate',
    level: 'warning',
    spec,
    summary: 'There are credentials for a registry or namespace once.',
    fix: 'Remove one of them: clients differ in which they take.',
    kinds,
    check: checkDuplicates(false),
  },
  {
    id: 'auth-key-login',
    level: 'note',
    spec,
    summary:
      'Of the entries that clients write for Docker Hub beside each other, one has credentials.',
    fix: 'It is legal as it is; podman and skopeo may take any: keep credentials for them in auth.json.',
    kinds,
    check: checkDuplicates(true),
  },
  {
    id: 'auth-creds-store',
    level: 'note',
    spec,
    summary: 'Credentials are where podman and skopeo look, too.',
    fix: 'Log in by podman or skopeo as well, or name the helper in credHelpers.',
    kinds: ['auth-file'],
    check({ value }, report) {
      if ((value.credsStore ?? '') !== '') {
        report('/credsStore', 'Docker asks the credsStore, podman and skopeo do not');
      }
    },
  },
  {
    id: 'auth-file-empty',
    level: 'warning',
    spec,
    summary: 'An auth file says where credentials are: auths, credHelpers or credsStore.',
    fix: 'Log in, or give another file; without credentials every pull is anonymous.',
    kinds: ['auth-file'],
    check({ value }, report) {
      if (
        ['auths', 'credHelpers', 'credsStore'].every(
          (name) => value[nameIn(value, name)] === undefined,
        )
      ) {
        report('', 'it has neither auths nor credHelpers nor credsStore');
      }
    },
  },
  {
    id: 'credential-helper-empty',
    level: 'note',
    spec,
    summary: 'A credential helper of one registry has a name.',
    fix: 'It is how Docker excepts a registry from credsStore; podman and skopeo fail there: give them an auth.json.',
    kinds: ['auth-file'],
    check({ value }, report) {
      for (const [key, name] of Object.entries(asObject(value.credHelpers) ?? {})) {
        if (name === '') report(childPointer('/credHelpers', key), `${shown(key)} has no helper`);
      }
    },
  },
  {
    id: 'dockercfg-name',
    level: 'warning',
    spec: 'containers-config/containers-auth.json.5.md#description',
    summary: 'Entries without auths around them are in a file named .dockercfg.',
    fix: 'Put them below auths: {"auths": {…}}; or name the file .dockercfg, which podman and skopeo read.',
    kinds: ['dockercfg'],
    check({ path, value }, report) {
      const isElsewhere = isNamed(path) && kindOfName(path) !== 'dockercfg';
      if (isElsewhere && Object.keys(value).length > 0) {
        report('', 'entries without auths are read from .dockercfg only');
      }
    },
  },
  {
    id: 'credential-helper-name',
    level: 'warning',
    spec,
    summary: 'Credential helpers are named by what follows docker-credential-.',
    fix: 'Write osxkeychain for the program docker-credential-osxkeychain.',
    kinds: ['auth-file', 'registries-conf'],
    check: checkHelpers,
  },
];
