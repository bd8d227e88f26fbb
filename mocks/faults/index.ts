// The catalogue of faults, and finding one by its id.
import { nearestName } from '../../src/lib/nearest.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { challengeFaults } from './auth/challenges.ts';
import { tokenScopeFaults } from './auth/scopes.ts';
import { authFaults } from './auth/tokens.ts';
import { deleteFaults } from './deletes/kept.ts';
import { deletionFaults } from './deletes/lost.ts';
import type { Fault } from './fault.ts';
import { pushedManifestFaults } from './manifests/accepted.ts';
import { manifestPushFaults } from './manifests/stored.ts';
import { cacheFaults } from './pull/caches.ts';
import { conditionalFaults } from './pull/conditionals.ts';
import { contentFaults } from './pull/content.ts';
import { edgeFaults } from './pull/edges.ts';
import { encodingFaults } from './pull/encodings.ts';
import { headerFaults } from './pull/headers.ts';
import { lookupFaults } from './pull/lookups.ts';
import { rangeFaults } from './pull/ranges.ts';
import { redirectFaults } from './pull/redirects.ts';
import { representationFaults } from './pull/representations.ts';
import { wireFaults } from './pull/wires.ts';
import { listingFaults } from './referrers/descriptors.ts';
import { referrerFaults } from './referrers/list.ts';
import { subjectFaults } from './referrers/subjects.ts';
import { errorFaults } from './replies/errors.ts';
import { replyHeaderFaults } from './replies/headers.ts';
import { rateLimitFaults } from './replies/rate-limits.ts';
import { secondTryFaults } from './second-tries.ts';
import { tagFaults } from './tags/list.ts';
import { concurrencyFaults } from './upload/concurrency.ts';
import { uploadLimitFaults } from './upload/limits.ts';
import { mountFaults } from './upload/mounts.ts';
import { uploadFaults } from './upload/progress.ts';
import { uploadRefusalFaults } from './upload/refusals.ts';
import { uploadSessionFaults } from './upload/sessions.ts';
import { sharedBlobFaults } from './upload/shared-blobs.ts';
import { pushedBlobFaults } from './upload/stored.ts';

export type { Fault } from './fault.ts';

/** Every way in which the mock can be wrong. */
export const faults: readonly Fault[] = [
  ...headerFaults,
  ...contentFaults,
  ...errorFaults,
  ...rangeFaults,
  ...authFaults,
  ...challengeFaults,
  ...tokenScopeFaults,
  ...redirectFaults,
  ...wireFaults,
  ...representationFaults,
  ...conditionalFaults,
  ...encodingFaults,
  ...lookupFaults,
  ...edgeFaults,
  ...cacheFaults,
  ...rateLimitFaults,
  ...concurrencyFaults,
  ...tagFaults,
  ...uploadFaults,
  ...uploadSessionFaults,
  ...uploadRefusalFaults,
  ...uploadLimitFaults,
  ...pushedBlobFaults,
  ...mountFaults,
  ...sharedBlobFaults,
  ...referrerFaults,
  ...subjectFaults,
  ...deleteFaults,
  ...pushedManifestFaults,
  ...manifestPushFaults,
  ...listingFaults,
  ...deletionFaults,
  ...secondTryFaults,
  ...replyHeaderFaults,
];

const idCharsMax = 100;

/** @throws UserError `fault-unknown`, naming the nearest id */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  const shown = JSON.stringify(id.slice(0, idCharsMax));
  const ids = faults.map((fault) => fault.id);
  throw new UserError(
    'fault-unknown',
    `the mock has no fault named ${shown}`,
    `Did you mean "${nearestName(id, ids)}"? "pullproof list faults" shows all.`,
  );
}
