// What keys and entries of an auth file mean (containers-auth.json(5)): for the lookup in find-credentials.ts
// and for the rules of `validate`.
import type { Credentials } from '../../protocol/client.ts';
import { isRegistry, isRepository } from '../../protocol/grammar/reference.ts';

/** What a key of `auths` is for. */
export interface AuthScope {
  /** `host[:port]`; index.docker.io for Docker Hub under any of its names. */
  readonly registry: string;
  /** Namespace or repository; '' for the whole registry. */
  readonly path: string;
}

const urlKey = /^https?:\/\/([^/]*)/;

/**
 * Reads a key: `host[:port]`, `host[:port]/namespace…`, or a URL as Docker writes it, which stands for
 * its host alone. Undefined for what no lookup ever finds.
 */
export function readAuthKey(key: string): AuthScope | undefined {
  const url = urlKey.exec(key);
  const name = url?.[1] ?? key;
  const slash = name.indexOf('/');
  const host = slash < 0 ? name : name.slice(0, slash);
  const path = slash < 0 ? '' : name.slice(slash + 1);
  const isWell = isRegistry(host) && (slash < 0 || isRepository(path));
  return isWell ? { registry: canonicalRegistry(host), path } : undefined;
}

/** Docker Hub goes by several names; its credentials are kept under the oldest. */
function canonicalRegistry(host: string): string {
  return host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host;
}

/**
 * Keys beside that of Docker Hub under which `docker login` in a browser keeps the tokens that it renews
 * (docker/cli, internal/oauth/manager). They are for no registry.
 */
export const dockerTokenKeys: ReadonlySet<string> = new Set([
  'https://index.docker.io/v1/access-token',
  'https://index.docker.io/v1/refresh-token',
]);

/** Base64 as Go's clients decode it: standard alphabet, padded, line ends skipped. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Why an `auth` cannot be used, for a sentence that begins with its name; repeats nothing of it. */
export type AuthProblem = 'is not Base64' | 'has no colon inside' | 'has no user before the colon';

/** User and password of an `auth`, or what is wrong with it. */
export function decodeAuth(auth: string): Credentials | AuthProblem {
  const encoded = auth.replace(/[\r\n]/g, '');
  if (!base64.test(encoded)) return 'is not Base64';
  // Some writers pad the password with NULs.
  const text = Buffer.from(encoded, 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = text.indexOf(':');
  if (colon < 0) return 'has no colon inside';
  if (colon === 0) return 'has no user before the colon';
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
