// Reads credentials from a file in the auth.json form (containers-auth.json(5), Docker's config.json).
import { createReadStream } from 'node:fs';
import { asObject, asString, parseJson } from '../lib/json.ts';
import { UserError } from '../lib/user-error.ts';
import type { Credentials } from '../protocol/client.ts';
import {
  canonicalRegistry,
  decodeAuth,
  dockerTokenKeys,
  readAuthKey,
} from './credentials/auth-grammar.ts';

const fileBytesMax = 1024 * 1024;

/**
 * Credentials for a repository, looked up from the most special key to the host alone:
 * `host/ns/repo`, `host/ns`, `host`, then keys written as URLs. Undefined when none matches.
 * @throws UserError (exit 2) when the file cannot be read or an entry cannot be used
 */
export async function credentialsFromFile(
  path: string,
  registry: string,
  repository: string,
): Promise<Credentials | undefined> {
  const document = parseJson(await readBounded(path));
  if (document === undefined) throw unusable(path, 'is not JSON');
  const auths = asObject(asObject(document)?.auths);
  if (auths === undefined) throw unusable(path, 'has no "auths" object');
  const key = findKey(Object.keys(auths), registry, repository);
  if (key === undefined) return undefined;
  return decode(path, key, asString(asObject(auths[key])?.auth) ?? '');
}

/** Reads no more than the limit: the path may be a pipe or a device. */
async function readBounded(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      bytes += chunk.length;
      if (bytes > fileBytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw unusable(path, `cannot be read: ${(error as Error).message}`);
  }
  if (bytes > fileBytesMax) throw unusable(path, 'is too large to be an auth file');
  return Buffer.concat(chunks).toString('utf8');
}

function findKey(
  keys: readonly string[],
  registry: string,
  repository: string,
): string | undefined {
  const path = `${registry}/${repository}`;
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const candidate = path.slice(0, end);
    if (keys.includes(candidate)) return candidate;
  }
  const host = canonicalRegistry(registry);
  return keys.find((key) => {
    const scope = dockerTokenKeys.has(key) ? undefined : readAuthKey(key);
    return scope?.path === '' && scope.registry === host;
  });
}

function decode(path: string, key: string, auth: string): Credentials {
  if (auth === '') {
    throw unusable(path, `has no "auth" for ${key} (credential helpers are not asked)`);
  }
  const decoded = decodeAuth(auth);
  if (typeof decoded === 'string') throw unusable(path, `has an "auth" for ${key} that ${decoded}`);
  return decoded;
}

function unusable(path: string, problem: string): UserError {
  const hint =
    'Give a file as `podman login --authfile` writes it: {"auths":{"HOST":{"auth":"…"}}}.';
  return new UserError('authfile-unusable', `the auth file ${path} ${problem}`, hint);
}
