// The error body of the distribution spec (spec.md, "Error Codes"), which is
// `{"errors":[{code,message,detail}]}`. Reads what it can and says what is wrong with the rest.

import { asArray, asObject, parseJson } from '../../lib/json.ts';

export interface RegistryError {
  /** '' when the entry has none. */
  readonly code: string;
  readonly message: string;
  /** Any JSON; undefined when absent. */
  readonly detail: unknown;
}

export interface ErrorBody {
  /** Readable entries, at most 100. */
  readonly errors: readonly RegistryError[];
  /** Whether the body has the form that the spec demands of a JSON error body. */
  readonly wellFormed: boolean;
  /** What is wrong, for a person; '' when well formed. */
  readonly problem: string;
}

/** The codes of the spec's table (code-1 to code-14), with their meaning in our words. */
export const errorCodes: ReadonlyMap<string, string> = new Map([
  ['BLOB_UNKNOWN', 'the registry does not have this blob'],
  ['BLOB_UPLOAD_INVALID', 'the upload cannot be completed'],
  ['BLOB_UPLOAD_UNKNOWN', 'the registry does not know this upload'],
  ['DIGEST_INVALID', 'the digest is malformed or does not match the content'],
  ['MANIFEST_BLOB_UNKNOWN', 'the manifest names content that the registry does not have'],
  ['MANIFEST_INVALID', 'the manifest is not valid'],
  ['MANIFEST_UNKNOWN', 'the registry does not have this manifest'],
  ['NAME_INVALID', 'the repository name is not valid'],
  ['NAME_UNKNOWN', 'the registry does not have this repository'],
  ['SIZE_INVALID', 'the announced length does not match the content'],
  ['UNAUTHORIZED', 'credentials or a token are needed'],
  ['DENIED', 'the credentials do not allow this'],
  ['UNSUPPORTED', 'the registry does not offer this operation'],
  ['TOOMANYREQUESTS', 'the client sent too many requests'],
]);

const errorBodyCharsMax = 1_048_576;
const errorEntriesMax = 100;
const errorCodeCharsMax = 128;
const errorMessageCharsMax = 4_096;

const codeGrammar = /^[A-Z_]+$/;

/** Reads the body of a 4xx or 5xx reply. Never throws; an empty or foreign body has no errors. */
export function parseErrorBody(text: string): ErrorBody {
  if (text.length > errorBodyCharsMax) {
    return malformed(`the body is longer than ${errorBodyCharsMax} characters`);
  }
  const json = parseJson(text);
  if (json === undefined) {
    return malformed(text === '' ? 'the body is empty' : 'the body is not JSON');
  }
  const entries = asArray(asObject(json)?.errors);
  if (entries === undefined) {
    return malformed('the body is not an object with an array named "errors"');
  }
  if (entries.length === 0) {
    return malformed('"errors" is empty');
  }
  const errors: RegistryError[] = [];
  let problem = entries.length > errorEntriesMax ? `more than ${errorEntriesMax} errors` : '';
  for (const [index, entry] of entries.slice(0, errorEntriesMax).entries()) {
    const object = asObject(entry);
    const entryProblem = problemOfEntry(object);
    if (problem === '' && entryProblem !== '') {
      problem = `errors[${index}]: ${entryProblem}`;
    }
    if (object !== undefined) {
      errors.push({
        code: clip(object.code, errorCodeCharsMax),
        message: clip(object.message, errorMessageCharsMax),
        detail: object.detail,
      });
    }
  }
  return { errors, wellFormed: problem === '', problem };
}

function malformed(problem: string): ErrorBody {
  return { errors: [], wellFormed: false, problem };
}

function problemOfEntry(entry: { readonly [key: string]: unknown } | undefined): string {
  if (entry === undefined) {
    return 'not an object';
  }
  const { code, message } = entry;
  if (typeof code !== 'string') {
    return 'no text named "code"';
  }
  if (code.length > errorCodeCharsMax || !codeGrammar.test(code)) {
    return '"code" holds more than upper-case letters and underscores';
  }
  if (message !== undefined && typeof message !== 'string') {
    return '"message" is not text';
  }
  return '';
}

function clip(value: unknown, charsMax: number): string {
  return typeof value === 'string' ? value.slice(0, charsMax) : '';
}
