// Rules about auth files. The grammar of keys and entries is that of the lookup, src/access. No value
// is ever repeated, and of names only what cannot be user and password.

import { decodeAuth, readAuthKey } from '../../access/auth-grammar.ts';
import { asObject, asString, type JsonObject } from '../../lib/json.ts';
import { childPointer } from '../pointer.ts';
import { maskUserinfo } from '../secrets.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

const spec = 'containers-config/containers-auth.json.5.md#format';

interface Entry {
  readonly key: string;
  readonly pointer: string;
  readonly entry: JsonObject;
}

function entriesOf(value: JsonObject): Entry[] {
  return Object.entries(asObject(value.auths) ?? {}).flatMap(([key, it]) => {
    const entry = asObject(it);
    return entry === undefined ? [] : [{ key, pointer: childPointer('/auths', key), entry }];
  });
}

function shown(key: string): string {
  return quote(maskUserinfo(key));
}

function checkEncoding({ value }: JudgedDocument, report: Report): void {
  for (const { key, pointer, entry } of entriesOf(value)) {
    const auth = asString(entry.auth) ?? '';
    const decoded = auth === '' ? undefined : decodeAuth(auth);
    if (typeof decoded === 'string') {
      report(`${pointer}/auth`, `the auth of ${shown(key)} ${decoded}`);
    }
  }
}

/** Whether a credential helper keeps the secret of the key, so that its entry may be empty. */
function isKeptElsewhere(value: JsonObject, key: string): boolean {
  const helpers = asObject(value.credHelpers) ?? {};
  const registry = readAuthKey(key)?.registry;
  return (
    value.credsStore !== undefined ||
    Object.keys(helpers).some((name) => name === key || readAuthKey(name)?.registry === registry)
  );
}

function checkPresence({ value }: JudgedDocument, report: Report): void {
  for (const { key, pointer, entry } of entriesOf(value)) {
    if ((entry.auth ?? '') !== '') {
      continue;
    }
    const others = ['identitytoken', 'registrytoken', 'username', 'password'];
    const other = others.find((name) => (entry[name] ?? '') !== '');
    if (other !== undefined) {
      report(pointer, `${shown(key)} has ${other} but no auth, which podman and skopeo read`);
    } else if (!isKeptElsewhere(value, key)) {
      report(pointer, `${shown(key)} has no auth, and no credential helper keeps one`);
    }
  }
}

function checkKeys({ value }: JudgedDocument, report: Report): void {
  for (const member of ['auths', 'credHelpers']) {
    for (const key of Object.keys(asObject(value[member]) ?? {})) {
      const pointer = childPointer(`/${member}`, key);
      if (readAuthKey(key) === undefined) {
        report(pointer, `${shown(key)} names no registry or namespace`, 'name');
      } else if (member === 'credHelpers' && /[/]/.test(key)) {
        report(pointer, `${shown(key)} is more than a host`, 'name');
      }
    }
  }
}

/** Keys for the same thing: a host and its URLs, and Docker Hub under its names. */
function checkDuplicates({ value }: JudgedDocument, report: Report): void {
  const firstByScope = new Map<string, string>();
  for (const key of Object.keys(asObject(value.auths) ?? {})) {
    const scope = readAuthKey(key);
    if (scope === undefined) continue;
    const name = `${scope.registry}/${scope.path}`;
    const first = firstByScope.get(name);
    if (first === undefined) firstByScope.set(name, key);
    else {
      const detail = `${shown(key)} is for the same as ${shown(first)}`;
      report(childPointer('/auths', key), detail, 'name');
    }
  }
}

const helperName = /^(?!docker-credential-)[A-Za-z0-9._-]+$/;

function checkHelper(name: unknown, pointer: string, report: Report): void {
  if (typeof name === 'string' && !helperName.test(name)) {
    report(pointer, 'this is not what follows docker-credential- in the name of a program');
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
  // An empty credsStore is how Docker turns it off.
  if (value.credsStore !== '') {
    checkHelper(value.credsStore, '/credsStore', report);
  }
  for (const [key, name] of Object.entries(asObject(value.credHelpers) ?? {})) {
    checkHelper(name, childPointer('/credHelpers', key), report);
  }
}

export const authFileRules: readonly ValueRule[] = [
  {
    id: 'auth-encoding',
    level: 'error',
    spec,
    summary: 'An auth is padded Base64 of user, colon, password.',
    fix: 'Log in again, or write what `printf %s USER:PASSWORD | base64 -w0` prints.',
    kinds: ['auth-file'],
    check: checkEncoding,
  },
  {
    id: 'auth-missing',
    level: 'warning',
    spec,
    summary: 'An entry has an auth, or a credential helper keeps the secret.',
    fix: 'Log in again, or remove the entry.',
    kinds: ['auth-file'],
    check: checkPresence,
  },
  {
    id: 'auth-key',
    level: 'warning',
    spec,
    summary: 'Credentials are kept by registry or namespace, helpers by registry.',
    fix: 'Write HOST[:PORT] or HOST[:PORT]/NAMESPACE, without user, tag and wildcard; no client finds anything else.',
    kinds: ['auth-file'],
    check: checkKeys,
  },
  {
    id: 'auth-key-duplicate',
    level: 'warning',
    spec,
    summary: 'There are credentials for a registry or namespace once.',
    fix: 'Remove one of them: clients differ in which they take.',
    kinds: ['auth-file'],
    check: checkDuplicates,
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
      if (['auths', 'credHelpers', 'credsStore'].every((name) => value[name] === undefined)) {
        report('', 'it has neither auths nor credHelpers nor credsStore');
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
