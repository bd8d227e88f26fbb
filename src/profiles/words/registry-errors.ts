// The errors that a registry puts into its reply (distribution-spec, "Error Codes"), as clients read them.
import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';

export interface RegistryError {
  readonly code: string;
  readonly message: string;
  /** Undefined where there is none. */
  readonly detail: unknown;
}

/** None for a body that is no such document. */
export function registryErrors(body: string): RegistryError[] {
  const errors = asArray(asObject(parseJson(body))?.errors) ?? [];
  return errors.flatMap((one) => {
    const error = asObject(one);
    if (error === undefined) return [];
    const { detail } = error;
    const code = asString(error.code) ?? '';
    return [{ code, message: asString(error.message) ?? '', detail: detail ?? undefined }];
  });
}

/** `MANIFEST_UNKNOWN` → `manifest unknown`. */
export function lowerCode(code: string): string {
  return code.toLowerCase().replaceAll('_', ' ');
}

/** Messages that stand for their code in docker/distribution and the libraries that copied it. */
export const generalMessages: Readonly<Record<string, string>> = {
  UNKNOWN: 'unknown error',
  UNSUPPORTED: 'The operation is unsupported.',
  UNAUTHORIZED: 'authentication required',
  DENIED: 'requested access to the resource is denied',
  UNAVAILABLE: 'service unavailable',
  TOOMANYREQUESTS: 'too many requests',
};

export const distributionMessages: Readonly<Record<string, string>> = {
  ...generalMessages,
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  SIZE_INVALID: 'provided length did not match content length',
  NAME_INVALID: 'invalid repository name',
  TAG_INVALID: 'manifest tag did not match URI',
  NAME_UNKNOWN: 'repository name not known to registry',
  MANIFEST_UNKNOWN: 'manifest unknown',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNVERIFIED: 'manifest failed signature verification',
  MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UPLOAD_UNKNOWN: 'blob upload unknown to registry',
  BLOB_UPLOAD_INVALID: 'blob upload invalid',
};

/**
 * An error as docker/distribution's errcode prints it: the code alone where the message says no more, and an
 * unknown code as `unknown`.
 */
export function distributionWords(
  { code, message, detail }: RegistryError,
  messages: Readonly<Record<string, string>>,
): string {
  const known = messages[code];
  const name = known === undefined ? 'unknown' : lowerCode(code);
  const standard = known ?? messages.UNKNOWN;
  if (detail === undefined && (message === '' || message === standard)) return name;
  return `${name}: ${message}`;
}
