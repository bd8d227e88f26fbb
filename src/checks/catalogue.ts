// All checks, file by file, in the order in which they run: from what everything else stands on to the whole
// pull, then what is pushed. A file that is not in this table has no say.

import { tokenChallengeChecks } from './auth/challenges.ts';
import { tokenFormChecks } from './auth/form.ts';
import { tokenScopeChecks } from './auth/scopes.ts';
import { tokenChecks } from './auth/tokens.ts';
import type { Check } from './check.ts';
import { deleteBlobChecks } from './deletes/blobs.ts';
import { readBeforeDeleteChecks } from './deletes/read-before.ts';
import { deleteStateChecks } from './deletes/states.ts';
import { deleteChecks } from './deletes/tags-and-manifests.ts';
import { fieldShapeChecks } from './manifests/field-shapes.ts';
import { pushManifestChecks } from './manifests/operations.ts';
import { manifestRefusalChecks } from './manifests/refusals.ts';
import { afterMissChecks } from './pull/after-miss.ts';
import { blobChecks } from './pull/blobs.ts';
import { conditionalChecks } from './pull/conditional.ts';
import { encodingChecks } from './pull/encodings.ts';
import { headChecks } from './pull/head.ts';
import { headFirstChecks } from './pull/head-first.ts';
import { largeBlobChecks } from './pull/large-blobs.ts';
import { malformedChecks } from './pull/malformed.ts';
import { manifestTypeChecks } from './pull/manifest-types.ts';
import { manifestChecks } from './pull/manifests.ts';
import { pingChecks } from './pull/ping.ts';
import { rangeChecks } from './pull/range.ts';
import { rangeColdChecks } from './pull/range-cold.ts';
import { redirectChecks } from './pull/redirects.ts';
import { stateChecks } from './pull/states.ts';
import { wholePullChecks } from './pull/whole-pull.ts';
import { referrerDescriptorChecks } from './referrers/descriptors.ts';
import { referrerFallbackChecks } from './referrers/fallback.ts';
import { referrerChecks } from './referrers/list.ts';
import { referrerPageChecks } from './referrers/pages.ts';
import { referrerReadChecks } from './referrers/read.ts';
import { apiVersionChecks } from './replies/api-version.ts';
import { errorChecks } from './replies/errors.ts';
import { proxyingChecks } from './replies/proxying.ts';
import { rateLimitChecks } from './replies/rate-limit.ts';
import { warningChecks } from './replies/warnings.ts';
import { wholeRunChecks } from './replies/whole-run.ts';
import { catalogReadChecks } from './tags/catalog.ts';
import { tagCountChecks } from './tags/counts.ts';
import { tagListChecks } from './tags/list.ts';
import { tagListEndChecks } from './tags/list-ends.ts';
import { tagPushChecks } from './tags/pushes.ts';
import { tagReadChecks } from './tags/read.ts';
import { concurrencyChecks } from './upload/concurrency.ts';
import { pushDigestChecks } from './upload/digests.ts';
import { pushBlobChecks } from './upload/forms.ts';
import { freshPushChecks } from './upload/fresh.ts';
import { mountChecks } from './upload/mounts.ts';
import { repositoryNameChecks } from './upload/names.ts';
import { pushOrderChecks } from './upload/order.ts';
import { pushChunkChecks } from './upload/progress.ts';
import { uploadSessionChecks } from './upload/sessions.ts';
import { sharedBlobChecks } from './upload/shared-blobs.ts';

/** A check with all that it depends on, and where it is written. */
export interface CatalogueCheck extends Check {
  /** Ids of the checks that it depends on, of those that these depend on, and so on. */
  readonly dependsOn: readonly string[];
  /** From the root of the project, such as `src/checks/pull/head.ts`. */
  readonly file: string;
  /** The folder of that file, such as `pull`: faults of the same subject have the same one. */
  readonly room: string;
}

const files: Readonly<Record<string, readonly Check[]>> = {
  // Before anything else is read.
  'pull/head-first': headFirstChecks,
  'pull/ping': pingChecks,
  'auth/tokens': tokenChecks,
  'auth/challenges': tokenChallengeChecks,
  'pull/manifests': manifestChecks,
  'pull/manifest-types': manifestTypeChecks,
  'pull/blobs': blobChecks,
  'pull/head': headChecks,
  'pull/range': rangeChecks,
  'pull/conditional': conditionalChecks,
  'pull/encodings': encodingChecks,
  'pull/redirects': redirectChecks,
  'pull/malformed': malformedChecks,
  'tags/read': tagReadChecks,
  'tags/counts': tagCountChecks,
  'tags/catalog': catalogReadChecks,
  'referrers/read': referrerReadChecks,
  'pull/states': stateChecks,
  'replies/errors': errorChecks,
  'pull/whole-pull': wholePullChecks,
  'upload/forms': pushBlobChecks,
  'upload/progress': pushChunkChecks,
  'upload/digests': pushDigestChecks,
  'upload/order': pushOrderChecks,
  'upload/sessions': uploadSessionChecks,
  'upload/mounts': mountChecks,
  'upload/names': repositoryNameChecks,
  'upload/shared-blobs': sharedBlobChecks,
  'pull/range-cold': rangeColdChecks,
  'pull/large-blobs': largeBlobChecks,
  'pull/after-miss': afterMissChecks,
  'upload/concurrency': concurrencyChecks,
  'upload/fresh': freshPushChecks,
  'manifests/operations': pushManifestChecks,
  'manifests/field-shapes': fieldShapeChecks,
  'manifests/refusals': manifestRefusalChecks,
  'tags/pushes': tagPushChecks,
  'tags/list': tagListChecks,
  'tags/list-ends': tagListEndChecks,
  'referrers/list': referrerChecks,
  'referrers/pages': referrerPageChecks,
  'referrers/fallback': referrerFallbackChecks,
  'referrers/descriptors': referrerDescriptorChecks,
  'deletes/tags-and-manifests': deleteChecks,
  'deletes/blobs': deleteBlobChecks,
  'deletes/states': deleteStateChecks,
  'deletes/read-before': readBeforeDeleteChecks,
  'auth/scopes': tokenScopeChecks,
  'auth/form': tokenFormChecks,
  'replies/warnings': warningChecks,
  'replies/api-version': apiVersionChecks,
  'replies/proxying': proxyingChecks,
  'replies/rate-limit': rateLimitChecks,
  'replies/whole-run': wholeRunChecks,
};

const byId = new Map(
  Object.values(files).flatMap((own) => own.map((check) => [check.id, check] as const)),
);

export const checks: readonly CatalogueCheck[] = Object.entries(files).flatMap(([file, own]) =>
  own.map((check) => {
    const room = file.split('/')[0] ?? '';
    return { ...check, dependsOn: allBelow(check), file: `src/checks/${file}.ts`, room };
  }),
);

function allBelow({ dependsOn = [] }: Check): readonly string[] {
  const all = new Set(dependsOn);
  // A set that grows while one goes through it is gone through to its end.
  for (const id of all) for (const below of byId.get(id)?.dependsOn ?? []) all.add(below);
  return [...all];
}
