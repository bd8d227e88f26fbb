// From an entry of an auth file to credentials, as each client decodes it.
import type { JsonObject } from '../../lib/json.ts';
import type { Credentials } from '../../protocol/client.ts';
import { fieldOf } from './auth-document.ts';
import { type AuthProblem, decodeAuth } from './auth-grammar.ts';
import type { LookupRules } from './lookup-rules.ts';

export type EntryRead =
  | { readonly credentials: Credentials }
  /** As logins leave beside a helper, or what this client takes for such: it looks further. */
  | { readonly empty: true; readonly problem?: AuthProblem }
  /** No further look; nothing is sent. */
  | { readonly problem: AuthProblem };

export function readEntry(entry: JsonObject, rules: LookupRules): EntryRead {
  const auth = fieldOf(entry, 'auth');
  const token = rules.identityToken ? fieldOf(entry, 'identitytoken') : '';
  const identity = token === '' ? {} : { identityToken: token };
  if (auth !== '') {
    const decoded = decodeAuth(rules.keys === 'kubelet' ? padded(auth) : auth);
    if (typeof decoded !== 'string') return { credentials: { ...decoded, ...identity } };
    if (decoded === 'has no colon inside' && rules.noColon === 'empty') {
      return { empty: true, problem: decoded };
    }
    const isNameless = decoded === 'has no user before the colon';
    if (isNameless && token !== '')
      return { credentials: { username: '', password: '', ...identity } };
    return { problem: decoded };
  }
  // containers/image takes no token from an entry without user.
  if (!rules.plainPassword) return { empty: true };
  const username = fieldOf(entry, 'username');
  const password = fieldOf(entry, 'password');
  if (username === '' && password === '' && token === '') return { empty: true };
  return { credentials: { username, password, ...identity } };
}

/** kubelet takes Base64 with and without padding. */
function padded(auth: string): string {
  const text = auth.trim();
  return text.endsWith('=') ? text : text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** When a password says itself that it ends, milliseconds since 1970: a JWT, or a password of Amazon's. */
export function endOf({ password, identityToken }: Credentials): number | undefined {
  for (const text of [identityToken ?? '', password]) {
    const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(text) ?? [];
    const seconds =
      payload === undefined ? secondsIn(text, 'expiration') : secondsIn(payload, 'exp');
    if (seconds !== undefined) return seconds * 1000;
  }
  return undefined;
}

function secondsIn(encoded: string, name: string): number | undefined {
  if (encoded.length > 64 * 1024 || !/^[\w+/-]{16,}=*$/.test(encoded)) return undefined;
  try {
    const value = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))?.[name];
    return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
