// The catalogue of faults, and finding one by its id.
import { nearestName } from '../../src/lib/nearest.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { authFaults } from './auth.ts';
import { cacheFaults } from './caches.ts';
import { challengeFaults } from './challenges.ts';
import { concurrencyFaults } from './concurrency.ts';
import { conditionalFaults } from './conditionals.ts';
import { contentFaults } from './content.ts';
import { deleteFaults } from './deletes.ts';
import { deletionFaults } from './deletions.ts';
import { edgeFaults } from './edges.ts';
import { encodingFaults } from './encodings.ts';
import { errorFaults } from './errors.ts';
import type { Fault } from './fault.ts';
import { headerFaults } from './headers.ts';
import { listingFaults } from './listings.ts';
import { lookupFaults } from './lookups.ts';
import { manifestPushFaults } from './manifest-pushes.ts';
import { mountFaults } from './mounts.ts';
import { pushedBlobFaults } from './pushed-blobs.ts';
import { pushedManifestFaults } from './pushed-manifests.ts';
import { rangeFaults } from './ranges.ts';
import { rateLimitFaults } from './rate-limits.ts';
import { redirectFaults } from './redirects.ts';
import { referrerFaults } from './referrers.ts';
import { replyHeaderFaults } from './reply-headers.ts';
import { representationFaults } from './representations.ts';
import { secondTryFaults } from './second-tries.ts';
import { sharedBlobFaults } from './shared-blobs.ts';
import { subjectFaults } from './subjects.ts';
import { tagFaults } from './tags.ts';
import { tokenScopeFaults } from './token-scopes.ts';
import { uploadLimitFaults } from './upload-limits.ts';
import { uploadRefusalFaults } from './upload-refusals.ts';
import { uploadSessionFaults } from './upload-sessions.ts';
import { uploadFaults } from './uploads.ts';
import { wireFaults } from './wires.ts';

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

const ID_CHARS_MAX = 100;

/** @throws UserError `fault-unknown`, naming the nearest id */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  const shown = JSON.stringify(id.slice(0, ID_CHARS_MAX));
  const ids = faults.map((fault) => fault.id);
  throw new UserError(
    'fault-unknown',
    `the mock has no fault named ${shown}`,
    `Did you mean "${nearestName(id, ids)}"? "pullproof list faults" shows all.`,
  );
}
