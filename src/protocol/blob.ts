// The blob conversation: one descriptor's bytes through the registry and its redirects, size and
// digest checked on the way. A body that breaks off goes on as its client goes on (resume.ts).
import { failureOf, PullFailure, requestLine } from './failure.ts';
import type { Descriptor } from './manifest-document.ts';
import { remember } from './remember.ts';
import { recover } from './resume.ts';
import { exchange, type RequestShape, type Session } from './session.ts';
import type { DigestAlgorithm, HttpRequest, Talk } from './talk.ts';

/** What is checked of each blob: size and digest, the size alone, or nothing. */
export type Verification = 'all' | 'size' | 'none';

export interface BlobResult {
  readonly bytes: number;
  readonly verifiedBytes: number;
}

/**
 * Fetches one blob; its bytes are streamed and dropped.
 * @throws PullFailure
 */
export function* fetchBlob(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const { client } = session;
  const shape = blobShape(session, descriptor, phase, verification);
  const exchanged = yield* exchange(session, shape);
  const { request, reply } = exchanged;
  if (reply.failure === '' && reply.status === 200) {
    return checked(request, descriptor, verification, reply.bytes, reply.digest);
  }
  if (client.resume === undefined && client.retry?.[phase] === undefined) {
    throw failureOf(request, reply);
  }
  const { last, bytes } = yield* recover(session, shape, phase, descriptor.size, exchanged);
  return checked(last.request, descriptor, verification, bytes, last.reply.digest);
}

/** What the client asks for when it wants a blob. */
export function blobShape(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): RequestShape {
  const { digest, size } = descriptor;
  const algorithm = algorithmOf(digest);
  return {
    path: `/v2/${session.repository}/blobs/${digest}`,
    accept: session.client.acceptBlob === 'descriptor' ? acceptOf(descriptor) : undefined,
    want: verification === 'all' && algorithm !== undefined ? 'digest' : 'none',
    algorithm: algorithm ?? 'sha256',
    bodyBytesMax: verification === 'none' ? Number.MAX_SAFE_INTEGER : size,
    phase,
  };
}

/**
 * Holds what came against the descriptor. `digest` is '' when it was not computed.
 * @throws PullFailure
 */
export function checked(
  request: HttpRequest,
  expected: Descriptor,
  verification: Verification,
  bytes: number,
  digest: string,
): BlobResult {
  if (verification === 'none') return { bytes, verifiedBytes: 0 };
  if (bytes !== expected.size) {
    const kind = bytes < expected.size ? 'short-body' : 'long-body';
    const message = `${requestLine(request)}: ${bytes} bytes came, the descriptor says ${expected.size}`;
    throw new PullFailure(kind, request, 200, message);
  }
  const hashed = request.ask.want === 'digest' && digest !== '';
  if (hashed && digest !== expected.digest) {
    const message = `${requestLine(request)}: the bytes hash to ${digest}`;
    throw new PullFailure('wrong-digest', request, 200, message);
  }
  return { bytes, verifiedBytes: hashed ? bytes : 0 };
}

/** The algorithm of a well-formed digest (or a tag: none), if it is one that drivers can compute. */
export function algorithmOf(digest: string): DigestAlgorithm | undefined {
  if (digest.startsWith('sha256:')) return 'sha256';
  return digest.startsWith('sha512:') ? 'sha512' : undefined;
}

/** `Accept` of containerd for something whose descriptor is known. */
export function acceptOf({ mediaType }: Pick<Descriptor, 'mediaType'>): readonly string[] {
  return acceptOfType(mediaType);
}

const acceptOfType = remember((mediaType): readonly string[] => [`${mediaType}, */*`]);
