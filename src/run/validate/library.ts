// `pullproof/validate`: the validator as a library for Node. No network, no output, nothing written.
import type { DocumentResult } from '../../../reports/results.ts';
import { type Kind, type Severity, validateDocument } from '../../validate/index.ts';

export type { DocumentResult, Excerpt, Finding } from '../../../reports/results.ts';
export { UserError } from '../../lib/user-error.ts';
export { type Kind, kinds, type Rule, type RuleLevel, rules } from '../../validate/index.ts';

export interface ValidateOptions extends Severity {
  /** What the documents have to be; found from their content when absent. */
  readonly kind?: Kind | undefined;
  /** Of bytes: their name in the result. Default `document`. */
  readonly name?: string | undefined;
  /** Of bytes: the Content-Type that they came with. */
  readonly contentType?: string | undefined;
  /** Of images: look into layers, not only at their digests. */
  readonly layers?: boolean | undefined;
  /** Of images: largest layer, packed or unpacked. Default 64 GiB. */
  readonly layerBytesMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const layerBytesMaxDefault = 64 * 1024 ** 3;

/**
 * Judges one document that is at hand as bytes.
 *
 * What is wrong with a document is in the result; nothing is thrown for it.
 */
export async function validate(
  document: Uint8Array,
  options?: ValidateOptions,
): Promise<DocumentResult>;
/**
 * Judges files, globs, folders and archives, as the command line does: an image gives a result for each of
 * its documents.
 *
 * @throws UserError for a path that does not exist or cannot be read; the reason of `signal` when aborted
 */
export async function validate(
  paths: string | readonly string[],
  options?: ValidateOptions,
): Promise<DocumentResult[]>;
export async function validate(
  what: Uint8Array | string | readonly string[],
  options: ValidateOptions = {},
): Promise<DocumentResult | DocumentResult[]> {
  const { kind, strict, levels, name = 'document', contentType, signal } = options;
  if (what instanceof Uint8Array) {
    return validateDocument(what, {
      path: name,
      strict,
      levels,
      ...(kind !== undefined && { kind }),
      ...(contentType !== undefined && { contentType }),
    });
  }
  const { judgeInputs } = await import('./judge-inputs.ts');
  const words = typeof what === 'string' ? [what] : what;
  const { documents, unread } = await judgeInputs(
    { words },
    {
      kindOf: () => kind,
      excludes: () => false,
      strict,
      levels,
      layers: options.layers ?? false,
      layerBytesMax: options.layerBytesMax ?? layerBytesMaxDefault,
      signal: signal ?? new AbortController().signal,
      progress: () => undefined,
    },
  );
  signal?.throwIfAborted();
  const [error] = unread;
  if (error !== undefined) throw error;
  return documents;
}
