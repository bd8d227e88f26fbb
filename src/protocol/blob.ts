// The blob conversation: one descriptor's bytes through the registry and its redirects, size and
// digest checked on the way.
import { failureOf, PullFailure, requestLine } from './failure.ts';
import type { Descriptor } from './manifest-document.ts';
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
    accept: session.client.acceptBlob === 'descriptor' ? [acceptOf(descriptor)] : undefined,
    want: verification === 'all' && algorithm !== undefined ? 'digest' : 'none',
    algorithm: algorithm ?? 'sha256',
    bodyBytesMax: verification === 'none' ? Number.MAX_SAFE_INTEGER : size,
    phase,
  } as const;
  const { request, reply } = yield* exchange(session, shape);
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  if (verification !== 'none') checkBody(request, descriptor, reply, shape.want === 'digest');
  const verified = shape.want === 'digest';
  return { bytes: reply.bytes, verifiedBytes: verified ? reply.bytes : 0 };
}

function checkBody(request: HttpRequest, expected: Descriptor, reply: HttpReply, hashed: boolean) {
  if (reply.bytes !== expected.size) {
    const kind = reply.bytes < expected.size ? 'short-body' : 'long-body';
    const message = `${requestLine(request)}: ${reply.bytes} bytes came, the descriptor says ${expected.size}`;
    throw new PullFailure(kind, request, reply.status, message);
  }
  if (hashed && reply.digest !== expected.digest) {
    const message = `${requestLine(request)}: the bytes hash to ${reply.digest}`;
    throw new PullFailure('wrong-digest', request, reply.status, message);
  }
}

/** The algorithm of a well-formed digest (or a tag: none), if it is one that drivers can compute. */
export function algorithmOf(digest: string): DigestAlgorithm | undefined {
  if (digest.startsWith('sha256:')) return 'sha256';
  return digest.startsWith('sha512:') ? 'sha512' : undefined;
}

/** `Accept` of containerd for something whose descriptor is known. */
export function acceptOf(descriptor: Descriptor): string {
  return `${descriptor.mediaType}, */*`;
}
