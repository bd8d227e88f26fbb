// What a manifest says of the one that it belongs to: the entry that it gets in a list of referrers
// (spec.md, "Listing Referrers"). Reading only; the lists are the store's.

import { asObject, asString, parseJson } from '../../src/lib/json.ts';
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { kindOfMediaType } from '../../src/protocol/grammar/media-type.ts';

/** An entry of the index of referrers. */
export interface ReferrerEntry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: object;
}

export interface Referrer {
  /** Digest of the manifest that it belongs to, which need not exist. */
  readonly subject: string;
  readonly entry: ReferrerEntry;
}

/** Undefined when the manifest has no `subject` that can be found by its digest. */
export function referrerOf(
  bytes: Uint8Array,
  mediaType: string,
  digest: string,
): Referrer | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Few manifests have one: most are not parsed for it.
  if (!text.includes('"subject"')) return undefined;
  const document = asObject(parseJson(text.toString()));
  const subject = asString(asObject(document?.subject)?.digest) ?? '';
  if (document === undefined || !isWellFormedDigest(subject)) return undefined;
  const isIndex = kindOfMediaType(mediaType.toLowerCase()) === 'index';
  const ofConfig = isIndex ? undefined : asString(asObject(document.config)?.mediaType);
  const artifactType = asString(document.artifactType) || ofConfig;
  const annotations = asObject(document.annotations);
  const entry = {
    mediaType,
    digest,
    size: bytes.length,
    ...(artifactType !== undefined && artifactType !== '' && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
  return { subject, entry };
}
