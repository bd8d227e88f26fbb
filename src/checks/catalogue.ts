// All checks, in the order in which they run: from what everything else stands on to the whole pull.

import { tokenChallengeChecks } from './auth/challenges.ts';
import { tokenFormChecks } from './auth/form.ts';
import { tokenScopeChecks } from './auth/scopes.ts';
import { tokenChecks } from './auth/tokens.ts';
import type { Check } from './check.ts';
import { deleteBlobChecks } from './deletes/blobs.ts';
import { deleteChecks } from './deletes/tags-and-manifests.ts';
import { pushManifestChecks } from './manifests/operations.ts';
import { manifestRefusalChecks } from './manifests/refusals.ts';
import { blobChecks } from './pull/blobs.ts';
import { conditionalChecks } from './pull/conditional.ts';
import { encodingChecks } from './pull/encodings.ts';
import { blobHeadChecks, manifestHeadChecks } from './pull/head.ts';
import { largeBlobChecks } from './pull/large-blobs.ts';
import { malformedChecks } from './pull/malformed.ts';
import { manifestTypeChecks } from './pull/manifest-types.ts';
import { manifestChecks } from './pull/manifests.ts';
import { pingChecks } from './pull/ping.ts';
import { rangeChecks } from './pull/range.ts';
import { rangeColdChecks } from './pull/range-cold.ts';
import { redirectChecks } from './pull/redirects.ts';
import { wholePullChecks } from './pull/whole-pull.ts';
import { referrerDescriptorChecks } from './referrers/descriptors.ts';
import { referrerFallbackChecks } from './referrers/fallback.ts';
import { referrerChecks } from './referrers/list.ts';
import { referrerPageChecks } from './referrers/pages.ts';
import { errorChecks, rateLimitChecks } from './replies/errors.ts';
import { replyChecks } from './replies/warnings.ts';
import { tagListChecks } from './tags/list.ts';
import { tagListEndChecks } from './tags/list-ends.ts';
import { tagPushChecks } from './tags/pushes.ts';
import { concurrencyChecks } from './upload/concurrency.ts';
import { pushDigestChecks } from './upload/digests.ts';
import { pushBlobChecks } from './upload/forms.ts';
import { mountChecks } from './upload/mounts.ts';
import { pushOrderChecks } from './upload/order.ts';
import { pushChunkChecks } from './upload/progress.ts';
import { uploadSessionChecks } from './upload/sessions.ts';
import { sharedBlobChecks } from './upload/shared-blobs.ts';

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
