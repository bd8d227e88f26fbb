// All checks, in the order in which they run: from what everything else stands on to the whole pull.
import type { Check } from './check.ts';
import { concurrencyChecks } from './concurrency.ts';
import { conditionalChecks } from './conditional.ts';
import { deleteBlobChecks } from './delete-blobs.ts';
import { deleteChecks } from './deletes.ts';
import { encodingChecks } from './encodings.ts';
import { errorChecks, rateLimitChecks } from './errors.ts';
import { blobHeadChecks, manifestHeadChecks } from './head.ts';
import { largeBlobChecks } from './large-blobs.ts';
import { malformedChecks } from './malformed.ts';
import { manifestRefusalChecks } from './manifest-refusals.ts';
import { manifestTypeChecks } from './manifest-types.ts';
import { mountChecks } from './mounts.ts';
import { pingChecks } from './ping.ts';
import { blobChecks } from './pull-blobs.ts';
import { manifestChecks } from './pull-manifests.ts';
import { pushBlobChecks } from './push-blobs.ts';
import { pushChunkChecks } from './push-chunks.ts';
import { pushDigestChecks } from './push-digests.ts';
import { pushManifestChecks } from './push-manifests.ts';
import { pushOrderChecks } from './push-order.ts';
import { rangeChecks } from './range.ts';
import { rangeColdChecks } from './range-cold.ts';
import { redirectChecks } from './redirects.ts';
import { referrerDescriptorChecks } from './referrer-descriptors.ts';
import { referrerFallbackChecks } from './referrer-fallback.ts';
import { referrerPageChecks } from './referrer-pages.ts';
import { referrerChecks } from './referrers.ts';
import { replyChecks } from './replies.ts';
import { sharedBlobChecks } from './shared-blobs.ts';
import { tagListEndChecks } from './tag-list-ends.ts';
import { tagPushChecks } from './tag-pushes.ts';
import { tagListChecks } from './tags.ts';
import { tokenChallengeChecks } from './token-challenges.ts';
import { tokenFormChecks } from './token-form.ts';
import { tokenScopeChecks } from './token-scopes.ts';
import { tokenChecks } from './tokens.ts';
import { uploadSessionChecks } from './upload-sessions.ts';
import { wholePullChecks } from './whole-pull.ts';

export const checks: readonly Check[] = [
  ...pingChecks,
  ...tokenChecks,
  ...tokenChallengeChecks,
  ...manifestChecks,
  ...manifestTypeChecks,
  ...manifestHeadChecks,
  ...blobChecks,
  ...blobHeadChecks,
  ...rangeChecks,
  ...conditionalChecks,
  ...encodingChecks,
  ...redirectChecks,
  ...malformedChecks,
  ...errorChecks,
  ...wholePullChecks,
  ...pushBlobChecks,
  ...pushChunkChecks,
  ...pushDigestChecks,
  ...pushOrderChecks,
  ...uploadSessionChecks,
  ...mountChecks,
  ...sharedBlobChecks,
  ...rangeColdChecks,
  ...largeBlobChecks,
  ...concurrencyChecks,
  ...pushManifestChecks,
  ...manifestRefusalChecks,
  ...tagPushChecks,
  ...tagListChecks,
  ...tagListEndChecks,
  ...referrerChecks,
  ...referrerPageChecks,
  ...referrerFallbackChecks,
  ...referrerDescriptorChecks,
  ...deleteChecks,
  ...deleteBlobChecks,
  ...tokenScopeChecks,
  ...tokenFormChecks,
  ...replyChecks,
  ...rateLimitChecks,
];
