// Fetches every document of an image, as text: what the reference names, all manifests below it, and
// their configs. For judging them; a pull reads only the manifest of its platform.

import { failureOf } from '../failure.ts';
import { type Descriptor, readManifestDocument } from '../grammar/manifest-document.ts';
import { parseContentType } from '../grammar/media-type.ts';
import { exchange, manifestBytesMax, type Session } from '../session.ts';
import type { Talk } from '../talk.ts';
import { acceptOfType } from './blob.ts';

/** Documents of one image; more is a runaway. */
const documentsMax = 1000;

export interface RemoteDocument {
  /** `repository:tag`, or `repository@digest` below it. */
  readonly name: string;
  readonly text: string;
  /** Media type of the reply, or of the descriptor for blobs. */
  readonly mediaType: string;
}

/** @throws PullFailure */
export function* fetchDocuments(session: Session, reference: string): Talk<RemoteDocument[]> {
  const documents: RemoteDocument[] = [];
  const seen = new Set<string>();
  const waiting: Wanted[] = [
    { kind: 'manifests', reference, accept: session.client.acceptResolve },
  ];
  while (waiting.length > 0 && documents.length < documentsMax) {
    const wanted = waiting.shift() as Wanted;
    const document = yield* fetchDocument(session, wanted);
    documents.push(document);
    if (wanted.kind === 'blobs') continue;
    for (const next of below(document)) {
      if (!seen.has(next.reference)) waiting.push(next);
      seen.add(next.reference);
    }
  }
  return documents;
}

interface Wanted {
  readonly kind: 'manifests' | 'blobs';
  readonly reference: string;
  readonly accept: readonly string[];
  readonly mediaType?: string;
}

function* fetchDocument(session: Session, wanted: Wanted): Talk<RemoteDocument> {
  const { kind, reference, accept } = wanted;
  const { request, reply } = yield* exchange(session, {
    path: `/v2/${session.repository}/${kind}/${reference}`,
    accept,
    want: 'text',
    bodyBytesMax: manifestBytesMax,
    phase: kind === 'blobs' ? 'config' : 'manifest',
  });
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  const name = `${session.repository}${reference.includes(':') ? '@' : ':'}${reference}`;
  const type = parseContentType(reply.header('Content-Type') ?? '')?.type ?? '';
  return { name, text: reply.text, mediaType: wanted.mediaType ?? type };
}

/** Manifests of an index, the config of a manifest. */
function below({ text, mediaType }: RemoteDocument): Wanted[] {
  const document = readManifestDocument(text, mediaType);
  if (typeof document === 'string' || document.kind === 'schema1') return [];
  const wanted = (kind: Wanted['kind'], descriptor: Descriptor): Wanted => {
    const accept = kind === 'manifests' ? acceptOfType(descriptor.mediaType) : [];
    return { kind, reference: descriptor.digest, accept, mediaType: descriptor.mediaType };
  };
  if (document.kind === 'index') return document.entries.map((entry) => wanted('manifests', entry));
  return [wanted('blobs', document.config)];
}
