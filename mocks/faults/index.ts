// The catalogue of faults, file by file, and finding one by its id. A file that is not in this table has no say.
import { nearestName } from '../../src/lib/nearest.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { challengeFaults } from './auth/challenges.ts';
import { authOddities } from './auth/oddities.ts';
import { tokenScopeFaults } from './auth/scopes.ts';
import { tokenFaults } from './auth/tokens.ts';
import { keptContentFaults } from './deletes/kept.ts';
import { lostContentFaults } from './deletes/lost.ts';
import { deleteOddities } from './deletes/oddities.ts';
import type { Fault } from './fault.ts';
import { acceptedManifestFaults } from './manifests/accepted.ts';
import { manifestOddities } from './manifests/oddities.ts';
import { shapeFaults } from './manifests/shapes.ts';
import { storedManifestFaults } from './manifests/stored.ts';
import { askFaults } from './pull/asks.ts';
import { cacheFaults } from './pull/caches.ts';
import { conditionalFaults } from './pull/conditionals.ts';
import { contentFaults } from './pull/content.ts';
import { edgeFaults } from './pull/edges.ts';
import { encodingFaults } from './pull/encodings.ts';
import { headerFaults } from './pull/headers.ts';
import { lookupFaults } from './pull/lookups.ts';
import { missFaults } from './pull/misses.ts';
import { pullOddities } from './pull/oddities.ts';
import { rangeFaults } from './pull/ranges.ts';
import { redirectFaults } from './pull/redirects.ts';
import { representationFaults } from './pull/representations.ts';
import { wireFaults } from './pull/wires.ts';
import { referrerDescriptorFaults } from './referrers/descriptors.ts';
import { referrerListFaults } from './referrers/list.ts';
import { referrerOddities } from './referrers/oddities.ts';
import { subjectFaults } from './referrers/subjects.ts';
import { errorFaults } from './replies/errors.ts';
import { replyHeaderFaults } from './replies/headers.ts';
import { nowAndThenFaults } from './replies/now-and-then.ts';
import { replyOddities } from './replies/oddities.ts';
import { rateLimitFaults } from './replies/rate-limits.ts';
import { tagCountFaults } from './tags/counts.ts';
import { tagListFaults } from './tags/list.ts';
import { tagOddities } from './tags/oddities.ts';
import { tagPushFaults } from './tags/pushes.ts';
import { concurrencyFaults } from './upload/concurrency.ts';
import { uploadLimitFaults } from './upload/limits.ts';
import { mountFaults } from './upload/mounts.ts';
import { uploadOddities } from './upload/oddities.ts';
import { uploadProgressFaults } from './upload/progress.ts';
import { uploadRefusalFaults } from './upload/refusals.ts';
import { uploadSessionFaults } from './upload/sessions.ts';
import { sharedBlobFaults } from './upload/shared-blobs.ts';
import { storedBlobFaults } from './upload/stored.ts';

export type { Fault } from './fault.ts';

/** A fault, and where it is written. */
export type CatalogueFault = Fault & {
  /** From the root of the project, such as `mocks/faults/pull/headers.ts`. */
  readonly file: string;
  /** The folder of that file, such as `pull`: checks of the same subject have the same one. */
  readonly room: string;
};

const files: Readonly<Record<string, readonly Fault[]>> = {
  'pull/headers': headerFaults,
  'pull/content': contentFaults,
  'replies/errors': errorFaults,
  'pull/ranges': rangeFaults,
  'auth/tokens': tokenFaults,
  'auth/challenges': challengeFaults,
  'auth/scopes': tokenScopeFaults,
  'pull/redirects': redirectFaults,
  'pull/wires': wireFaults,
  'pull/representations': representationFaults,
  'pull/conditionals': conditionalFaults,
  'pull/encodings': encodingFaults,
  'pull/lookups': lookupFaults,
  'pull/edges': edgeFaults,
  'pull/caches': cacheFaults,
  'pull/misses': missFaults,
  'pull/asks': askFaults,
  'replies/rate-limits': rateLimitFaults,
  'replies/now-and-then': nowAndThenFaults,
  'upload/concurrency': concurrencyFaults,
  'tags/list': tagListFaults,
  'tags/pushes': tagPushFaults,
  'tags/counts': tagCountFaults,
  'upload/progress': uploadProgressFaults,
  'upload/sessions': uploadSessionFaults,
  'upload/refusals': uploadRefusalFaults,
  'upload/limits': uploadLimitFaults,
  'upload/stored': storedBlobFaults,
  'upload/mounts': mountFaults,
  'upload/shared-blobs': sharedBlobFaults,
  'referrers/list': referrerListFaults,
  'referrers/subjects': subjectFaults,
  'referrers/descriptors': referrerDescriptorFaults,
  'deletes/kept': keptContentFaults,
  'deletes/lost': lostContentFaults,
  'manifests/accepted': acceptedManifestFaults,
  'manifests/stored': storedManifestFaults,
  'manifests/shapes': shapeFaults,
  'replies/headers': replyHeaderFaults,
  'upload/oddities': uploadOddities,
  'tags/oddities': tagOddities,
  'replies/oddities': replyOddities,
  'referrers/oddities': referrerOddities,
  'pull/oddities': pullOddities,
  'manifests/oddities': manifestOddities,
  'deletes/oddities': deleteOddities,
  'auth/oddities': authOddities,
};

/** Every way in which the mock can be wrong. */
export const faults: readonly CatalogueFault[] = Object.entries(files).flatMap(([file, own]) =>
  own.map((fault) => ({
    ...fault,
    file: `mocks/faults/${file}.ts`,
    room: file.split('/')[0] ?? '',
  })),
);

const idCharsMax = 100;

/** @throws UserError `fault-unknown`, naming the nearest id */
export function findFault(id: string): CatalogueFault {
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
