// What Docker 29 asks besides where an index has an attestation beside the image: the attestation, what
// refers to it, and its blobs, all while it reads the image (clients of other stores do not). Without the
// attestation or its blobs the pull fails, as without the rest.

import { failureOf } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { mediaTypes } from '../grammar/media-type.ts';
import type { Exchange } from '../redirect.ts';
import { exchange, manifestBytesMax, type Session } from '../session.ts';
import type { Talk } from '../talk.ts';
import { acceptOfType } from './blob.ts';
import { exchangeAnywhere } from './hosts.ts';
import { fetchManifest } from './manifest.ts';

/** Annotations by which BuildKit ties an entry of an index to the manifest it is about. */
const typeKey = 'vnd.docker.reference.type';
const subjectKey = 'vnd.docker.reference.digest';

/** The index's attestation of the manifest that is pulled. */
export function attestationOf(
  entries: readonly Descriptor[],
  chosen: string,
): Descriptor | undefined {
  return entries.find(
    ({ annotations }) =>
      annotations?.[typeKey] === 'attestation-manifest' && annotations[subjectKey] === chosen,
  );
}

/** @throws PullFailure */
export function* fetchAttestation(session: Session, entry: Descriptor): Talk<void> {
  const { document } = yield* fetchManifest(session, entry, 'other');
  yield* askForReferrers(session, entry.digest);
  if (document.kind !== 'manifest') return;
  const blobs = [document.config, ...document.layers];
  const parallel = blobs.map((blob) => fetchOther(session, blob));
  yield { parallel, limit: session.client.parallelBlobs };
}

/** Whatever the API answers, the tag may be there (distribution-spec, "Unavailable Referrers API"). */
function* askForReferrers(session: Session, digest: string): Talk<void> {
  const { ociIndex } = mediaTypes;
  const api = yield* read(session, `referrers/${digest}`, ociIndex, manifestBytesMax);
  if (isRead(api)) return;
  const path = `manifests/${digest.replace(':', '-')}`;
  const tag = yield* read(session, path, ociIndex, manifestBytesMax);
  if (tag.reply.status !== 404 && !isRead(tag)) throw failureOf(tag.request, tag.reply);
}

function* fetchOther(session: Session, { digest, mediaType, size }: Descriptor): Talk<void> {
  const blob = yield* read(session, `blobs/${digest}`, mediaType, size, exchangeAnywhere);
  if (!isRead(blob)) throw failureOf(blob.request, blob.reply);
}

function read(
  session: Session,
  path: string,
  mediaType: string,
  bodyBytesMax: number,
  ask = exchange,
): Talk<Exchange> {
  return ask(session, {
    path: `/v2/${session.repository}/${path}`,
    accept: acceptOfType(mediaType),
    want: 'none',
    bodyBytesMax,
    phase: 'other',
  });
}

function isRead({ reply }: Exchange): boolean {
  return reply.failure === '' && reply.status === 200;
}
