// What a case is.

import type { Kind } from '../kinds.ts';

export interface RuleCase {
  readonly rule: string;
  /** Given to the validator; without it the kind is found from the content. */
  readonly kind?: Kind;
  readonly contentType?: string;
  /** Names of the documents, where that is what counts. */
  readonly paths?: { readonly bad: string; readonly good: string };
  /** Rules that may speak of both documents as well, where that cannot be helped. */
  readonly besides?: readonly string[];
  readonly bad: Source;
  readonly good: Source;
}

/** A value stands for its JSON, a string for itself; large ones are made when they are needed. */
export type Source = string | Uint8Array | object | (() => string | object);
