// What Docker 29 asks besides where an index has an attestation beside the image: the attestation, and what
// refers to it (clients of other stores do not). Whatever comes of it, the pull goes on.
import { acceptOfType } from './blob.ts';
import { PullFailure } from './failure.ts';
import type { Descriptor } from './manifest-document.ts';
import { mediaTypes } from './media-type.ts';
import { exchange, manifestBytesMax, type Session } from './session.ts';
import type { Talk } from './talk.ts';

/** Annotations by which BuildKit ties an entry of an index to the manifest it is about. */
const typeKey = 'vnd.docker.reference.type';
const subjectKey = 'vnd.docker.reference.digest';

/** `chosen` is the digest of the manifest that is pulled. */
export function* askForAttestation(
  session: Session,
  entries: readonly Descriptor[],
  chosen: string,
): Talk<void> {
  const entry = entries.find(
    ({ annotations }) =>
      annotations?.[typeKey] === 'attestation-manifest' && annotations[subjectKey] === chosen,
  );
  if (entry === undefined) return;
  const { repository } = session;
  const { digest, mediaType } = entry;
  yield* ask(session, `/v2/${repository}/manifests/${digest}`, mediaType);
  const status = yield* ask(session, `/v2/${repository}/referrers/${digest}`, mediaTypes.ociIndex);
  if (status !== 404) return;
  // distribution-spec, "Unavailable Referrers API": the tag that stands in.
  const tag = digest.replace(':', '-');
  yield* ask(session, `/v2/${repository}/manifests/${tag}`, mediaTypes.ociIndex);
}

/** The status; 0 when there was none. */
function* ask(session: Session, path: string, mediaType: string): Talk<number> {
  try {
    const { reply } = yield* exchange(session, {
      path,
      accept: acceptOfType(mediaType),
      want: 'text',
      bodyBytesMax: manifestBytesMax,
      phase: 'other',
    });
    return reply.status;
  } catch (error) {
    if (error instanceof PullFailure) return 0;
    throw error;
  }
}
