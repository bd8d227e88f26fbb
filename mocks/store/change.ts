// What can happen to the index of a store, as data: written to a journal, read back, applied again in the
// same order, here or in another process.

import { asInteger, asObject, asString, parseJson } from '../../src/lib/json.ts';
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { isRepository, isTag } from '../../src/protocol/grammar/reference.ts';

interface At {
  readonly repository: string;
}

interface Content extends At {
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

interface CreateChange extends At {
  readonly op: 'create';
  /** Made by someone's push: not for everybody's eyes. */
  readonly isPrivate: boolean;
}

interface BlobChange extends Content {
  readonly op: 'blob';
}

export interface ManifestChange extends Content {
  readonly op: 'manifest';
  readonly mediaType: string;
  /** Digest of the manifest that it belongs to. */
  readonly subject?: string | undefined;
}

interface TagChange extends At {
  readonly op: 'tag';
  readonly tag: string;
  readonly digest: string;
  /** What a layout made elsewhere calls it, if that is not `repository:tag`; it lasts with the tag. */
  readonly refName?: string | undefined;
}

interface UntagChange extends At {
  readonly op: 'untag';
  readonly tag: string;
}

interface DropChange extends At {
  readonly op: 'drop-blob' | 'drop-manifest';
  readonly digest: string;
}

export type Change =
  | CreateChange
  | BlobChange
  | ManifestChange
  | TagChange
  | UntagChange
  | DropChange;

/** The change in a line of a journal; undefined for what is none. */
export function parseChange(line: string): Change | undefined {
  const fields = asObject(parseJson(line)) ?? {};
  const repository = asString(fields.repository) ?? '';
  if (!isRepository(repository)) return undefined;
  const { op } = fields;
  if (op === 'create') return { op, repository, isPrivate: fields.isPrivate === true };
  const tag = asString(fields.tag) ?? '';
  if (op === 'untag') return isTag(tag) ? { op, repository, tag } : undefined;
  const digest = asString(fields.digest) ?? '';
  if (!isWellFormedDigest(digest)) return undefined;
  const refName = asString(fields.refName);
  if (op === 'tag') return isTag(tag) ? { op, repository, tag, digest, refName } : undefined;
  if (op === 'drop-blob' || op === 'drop-manifest') return { op, repository, digest };
  const size = asInteger(fields.size) ?? -1;
  if (size < 0) return undefined;
  if (op === 'blob') return { op, repository, digest, size };
  const mediaType = asString(fields.mediaType);
  if (op !== 'manifest' || mediaType === undefined) return undefined;
  return { op, repository, digest, size, mediaType, subject: asString(fields.subject) };
}
