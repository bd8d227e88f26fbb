// A blob that nobody has read before, and a part of it: what checks of caches and mirrors begin with.

import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { type Asked, ask, blobShape, rangeOf } from './ask.ts';
import { givenBlob } from './blobs.ts';
import { contentOf, freshContent } from './content.ts';
import { givenReply, notGiven } from './given.ts';

/** Large enough that registries which redirect or cache by size do so. */
export const blobBytes = 300_000;

export const first = 100_000;

export const last = 199_999;

interface ColdBlob {
  readonly blob: Descriptor;
  /** Digest of the part that is asked for. */
  readonly part: string;
}

/** A blob of the check's own, which nobody has asked for: not even by HEAD. */
export function* givenColdBlob(context: CheckContext, name: string): Talk<ColdBlob> {
  const content = freshContent(context, name, blobBytes);
  yield* givenBlob(context, content);
  const { digest, size } = content;
  const part = contentOf(content.bytes.subarray(first, last + 1)).digest;
  return { blob: { mediaType: 'application/octet-stream', digest, size }, part };
}

/** One that was read whole first. @throws Void where even that fails, which other checks judge */
export function* givenSoundBlob(context: CheckContext, name: string): Talk<ColdBlob> {
  const cold = yield* givenColdBlob(context, name);
  const { last: reply } = yield* givenReply(
    context,
    'upload-post-put',
    ask(context, blobShape(context, cold.blob)),
  );
  if (reply.digest !== cold.blob.digest) throw notGiven(context, 'upload-post-put', 'other bytes');
  return cold;
}

export function askPart(context: CheckContext, blob: Descriptor): Talk<Asked> {
  return ask(context, rangeOf(blobShape(context, blob), `${first}-${last}`));
}
