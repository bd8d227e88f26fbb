// Which file of a checkout the path of a document stands for: code scanning and annotations can only
// point at files. `validate` names content as FOLDER/FILE, ARCHIVE!/FILE or HOST/NAME@DIGEST.

import type { Checkout } from './options.ts';

export interface FilePlace {
  readonly file: string;
  /** The document within the file, which is then an archive: line and column say nothing about it. */
  readonly inside?: string;
}

/** Undefined for standard input and for what lies in a registry. */
export function filePlace(path: string): FilePlace | undefined {
  if (path === '-' || /@[a-z0-9+._-]+:[a-fA-F0-9]{32,128}$/.test(path)) return undefined;
  const at = path.indexOf('!/');
  return at < 1 ? { file: path } : { file: path.slice(0, at), inside: path.slice(at + 2) };
}

/** The name of a file from the root of the checkout; as it is given where it lies elsewhere. */
export function nameInCheckout(file: string, checkout: Checkout): string {
  return checkout.pathOf(file) ?? file;
}
