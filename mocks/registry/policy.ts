// What an operator of a registry may decide: limits, what is refused, what is announced. Data only.
import { UserError } from '../../src/lib/user-error.ts';

/** What can be deleted; each kind can be refused by itself (spec.md, "Content Management"). */
export type Deletable = 'tag' | 'manifest' | 'blob';

export interface Policy {
  /** Whether a manifest may name content that is not there; a missing `subject` always may be. */
  readonly sparse: 'allow' | 'refuse';
  /** Answered 405. */
  readonly noDelete: readonly Deletable[];
  /** Whether anyone may push, and pull what was pushed, with an anonymous token. */
  readonly anonymousPush: boolean;
  /** Larger blobs are answered 413. */
  readonly blobBytesMax: number;
  /** Larger manifests are answered 413; clients expect at least 4 MiB. */
  readonly manifestBytesMax: number;
  /** Announced as `OCI-Chunk-Min-Length` and insisted on; 0: neither. */
  readonly chunkBytesMin: number;
  /** Names or descriptors in one page of a listing. */
  readonly pageEntriesMax: number;
  /** Uploads under way at once; more are answered 429. */
  readonly uploadsMax: number;
  /** What all of them may hold together; more is answered 429. */
  readonly uploadsBytesMax: number;
  /** An upload that nobody touches for so long is forgotten. */
  readonly uploadTtlSeconds: number;
  /** Texts sent with every reply as `Warning: 299 - "…"`. */
  readonly warnings: readonly string[];
}

export type PolicyOptions = { readonly [Key in keyof Policy]?: Policy[Key] | undefined };

const defaultPolicy: Policy = {
  sparse: 'refuse',
  noDelete: [],
  anonymousPush: false,
  blobBytesMax: 64 * 1024 ** 3,
  manifestBytesMax: 4 * 1024 ** 2,
  chunkBytesMin: 0,
  pageEntriesMax: 10_000,
  uploadsMax: 1_000,
  uploadsBytesMax: 256 * 1024 ** 3,
  uploadTtlSeconds: 3_600,
  warnings: [],
};

/** spec.md, "Warnings": of all warning headers together. */
const warningBytesMax = 4_096;

/** The defaults where an option is absent. @throws UserError `warning-invalid` */
export function policyOf(options: PolicyOptions): Policy {
  const given = Object.entries(options).filter(
    ([key, value]) => Object.hasOwn(defaultPolicy, key) && value !== undefined,
  );
  const policy: Policy = { ...defaultPolicy, ...Object.fromEntries(given) };
  const values = policy.warnings.map(warningValue);
  const bytes = values.reduce((total, value) => total + value.length, 0);
  if (bytes > warningBytesMax || !values.every((value) => /^[\t\x20-\x7e]*$/.test(value))) {
    throw new UserError(
      'warning-invalid',
      'the warnings cannot be sent in headers',
      `Use printable ASCII, at most ${warningBytesMax} bytes in all.`,
    );
  }
  return policy;
}

/** Value of a `Warning` header: code 299, agent "-", no date. */
export function warningValue(text: string): string {
  return `299 - "${text.replace(/["\\]/g, '\\$&')}"`;
}
