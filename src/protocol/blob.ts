// The blob conversation: one descriptor's bytes through the registry and its redirects, size and
// digest checked on the way.
import { failureOf, PullFailure, requestLine } from './failure.ts';
import type { Descriptor } from './manifest-document.ts';
import { remember } from './remember.ts';
import { exchange, type Session } from './session.ts';
import type { DigestAlgorithm, HttpReply, HttpRequest, Talk } from './talk.ts';

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
  const { digest, size } = descriptor;
  const algorithm = algorithmOf(digest);
  const shape = {
    path: `/v2/${session.repository}/blobs/${digest}`,
    accept: session.client.acceptBlob === 'descriptor' ? acceptOf(descriptor) : undefined,
    want: verification === 'all' && algorithm !== undefined ? 'digest' : 'none',
    algorithm: algorithm ?? 'sha256',
    bodyBytesMax: verification === 'none' ? Number.MAX_SAFE_INTEGER : size,
    phase,
  } as const;
  const { request, reply } = yield* exchange(session, shape);
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  const { bytes } = reply;
  const hashed = shape.want === 'digest';
  if (verification !== 'none') checkBody(request, descriptor, bytes, hashed ? reply : undefined);
  return { bytes, verifiedBytes: hashed ? bytes : 0 };
}

/** `hashed` is the reply when its digest was computed. */
function checkBody(
  request: HttpRequest,
  expected: Descriptor,
  bytes: number,
  hashed: HttpReply | undefined,
): void {
  if (bytes !== expected.size) {
    const kind = bytes < expected.size ? 'short-body' : 'long-body';
    const message = `${requestLine(request)}: ${bytes} bytes came, the descriptor says ${expected.size}`;
    throw new PullFailure(kind, request, 200, message);
  }
  const digest = hashed?.digest ?? expected.digest;
  if (digest !== expected.digest) {
    const message = `${requestLine(request)}: the bytes hash to ${digest}`;
    throw new PullFailure('wrong-digest', request, 200, message);
  }
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
