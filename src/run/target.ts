// From the words of a user to what is asked over the wire: which registry, by which scheme, what in it.

import { UserError } from '../lib/user-error.ts';
import type { Credentials } from '../protocol/client.ts';
import {
  isRegistry,
  isRepository,
  parseReference,
  type Reference,
} from '../protocol/grammar/reference.ts';

export interface Image {
  /** Origin of the registry: `https://host[:port]`. */
  readonly registryUrl: string;
  readonly registry: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  /** What the user wrote, without scheme. */
  readonly text: string;
  readonly credentials?: Credentials | undefined;
}

/** Default of a reference without registry; refused, so that no test runs against it by accident. */
const implicitRegistry = 'docker.io';

/**
 * Reads `[http://|https://]HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]`.
 * @throws UserError (exit 2)
 */
export function parseImage(text: string, plainHttp: boolean): Image {
  const { scheme, rest } = splitScheme(text, plainHttp);
  const reference: Reference = parseReference(rest);
  if (reference.registry === implicitRegistry && !rest.startsWith(`${implicitRegistry}/`)) {
    throw new UserError(
      'registry-missing',
      `${JSON.stringify(text)} names no registry`,
      'Write the registry in front: HOST[:PORT]/REPOSITORY[:TAG].',
    );
  }
  return {
    registryUrl: `${scheme}://${reference.registry}`,
    registry: reference.registry,
    repository: reference.repository,
    reference: reference.digest ?? reference.tag ?? 'latest',
    text: rest,
  };
}

/**
 * As `parseImage`; a host alone and a repository without tag are targets too, unlike for `load`.
 * @throws UserError (exit 2)
 */
export function parseTarget(text: string, plainHttp: boolean): Image {
  const { scheme, rest } = splitScheme(text, plainHttp);
  const slash = rest.indexOf('/');
  const registry = slash < 0 ? rest : rest.slice(0, slash);
  const repository = slash < 0 ? '' : rest.slice(slash + 1);
  const open = isRegistry(registry) && (repository === '' || isRepository(repository));
  if (!open) return parseImage(text, plainHttp);
  return {
    registryUrl: `${scheme}://${registry}`,
    registry,
    repository,
    reference: '',
    text: rest,
  };
}

/**
 * `http://` or `https://` in front decides; else `--plain-http`; else HTTPS.
 * @throws UserError (exit 2) for credentials in front of the host; they are not repeated
 */
export function splitScheme(text: string, plainHttp: boolean): { scheme: string; rest: string } {
  if (/^(?:https?:\/\/)?[^/]*@(?!sha(?:256|512):)/i.test(text)) {
    throw new UserError(
      'target-credentials',
      'the target holds credentials, which would end up in process lists and shell histories',
      'Leave out what stands before the @ and give --username NAME --password-stdin, or --authfile FILE.',
    );
  }
  const match = /^(https?):\/\//i.exec(text);
  if (match === null) return { scheme: plainHttp ? 'http' : 'https', rest: text };
  return {
    scheme: match[1]?.toLowerCase() ?? 'https',
    rest: text.slice(match[0].length).replace(/\/+$/, ''),
  };
}
