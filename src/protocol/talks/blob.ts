// The blob conversation: one descriptor's bytes through the registry and its redirects, size and
// digest checked on the way. A body that breaks off goes on as its client goes on (resume.ts).

import { keep, remember } from '../../lib/remember.ts';
import type { ClientProfile } from '../client.ts';
import { codingWords, edgeWords } from '../edge.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { type Exchange, isRedirect, redirected } from '../redirect.ts';
import {
  isDue,
  knownOf,
  type RequestShape,
  registryRequest,
  renew,
  type Session,
  settle,
} from '../session.ts';
import type { DigestAlgorithm, HttpReply, HttpRequest, Talk } from '../talk.ts';
import { exchangeAnywhere } from './hosts.ts';
import { recover } from './resume.ts';

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
  const { client, renewal } = session;
  if (renewal !== undefined && isDue(renewal, session)) yield* renew(session, renewal);
  const shape = blobShape(session, descriptor, phase, verification);
  let request = registryRequest(session, shape);
  let reply: HttpReply = yield request;
  let followed = 0;
  // The usual way by hand, see `settle`.
  if (client.redirectsMax > 0 && isRedirect(reply)) {
    request = redirected(client, request, reply);
    reply = yield request;
    followed = 1;
  }
  if (reply.status !== 200) {
    ({ request, reply } = yield* settle(session, shape, request, reply, followed));
  }
  if (reply.failure === '' && reply.status === 200) {
    return checked(request, descriptor, verification, reply.bytes, reply.digest, reply);
  }
  return yield* mended(session, descriptor, phase, verification, { request, reply });
}

/** The same at the hosts of the session: the first that opens the blob. @throws PullFailure */
export function* fetchBlobAtHosts(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const shape = blobShape(session, descriptor, phase, verification);
  const met = yield* exchangeAnywhere(session, shape);
  const { request, reply } = met;
  if (reply.failure !== '' || reply.status !== 200) {
    return yield* mended(session, descriptor, phase, verification, met);
  }
  return checked(request, descriptor, verification, reply.bytes, reply.digest, reply);
}

/** What became of a blob that did not come at once. @throws PullFailure */
function* mended(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
  first: Exchange,
): Talk<BlobResult> {
  const { client } = session;
  const { size } = descriptor;
  const shape = blobShape(session, descriptor, phase, verification);
  if (client.resume === undefined && client.retry?.[phase] === undefined) {
    throw failureOf(first.request, first.reply, knownOf(session, shape));
  }
  const { last, bytes } = yield* recover(session, shape, phase, size, first);
  return checked(last.request, descriptor, verification, bytes, last.reply.digest, last.reply);
}

/** What was last made of a descriptor. */
interface Made {
  readonly repository: string;
  readonly accept: RequestShape['accept'];
  readonly verification: Verification;
  readonly shape: RequestShape;
}

const lastMade = new Map<Descriptor, Made>();

/** What the client asks for when it wants a blob; the same object as long as the same is asked for. */
export function blobShape(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): RequestShape {
  const { repository, client } = session;
  const accept = acceptOfBlob(client, descriptor.mediaType);
  const last = lastMade.get(descriptor);
  if (
    last !== undefined &&
    last.accept === accept &&
    last.verification === verification &&
    last.repository === repository &&
    last.shape.phase === phase
  ) {
    return last.shape;
  }
  const { digest, size } = descriptor;
  const algorithm = algorithmOf(digest);
  const shape: RequestShape = {
    path: `/v2/${repository}/blobs/${digest}`,
    accept,
    want: verification === 'all' && algorithm !== undefined ? 'digest' : 'none',
    algorithm: algorithm ?? 'sha256',
    bodyBytesMax: verification === 'none' ? Number.MAX_SAFE_INTEGER : size,
    phase,
  };
  keep(lastMade, descriptor, { repository, accept, verification, shape });
  return shape;
}

function acceptOfBlob(
  { acceptBlob }: ClientProfile,
  mediaType: string,
): readonly string[] | undefined {
  if (acceptBlob === 'none') return undefined;
  return acceptBlob === 'descriptor' ? acceptOfType(mediaType) : acceptAlone(mediaType);
}

/**
 * Holds what came against the descriptor. `digest` is '' when it was not computed. `reply` is only for the
 * words of a failure.
 * @throws PullFailure
 */
export function checked(
  request: HttpRequest,
  expected: Descriptor,
  verification: Verification,
  bytes: number,
  digest: string,
  reply?: HttpReply,
): BlobResult {
  if (verification === 'none') return { bytes, verifiedBytes: 0 };
  const reason = isDocument(request, reply) ? 'other-content' : undefined;
  const { digest: reference, size: bytesExpected } = expected;
  const known = { reply, reference, bytesExpected, reason } as const;
  const words = () => `${codingWords(request, reply)}${edgeWords(request, reply)}`;
  if (bytes !== expected.size) {
    const kind = bytes < expected.size ? 'short-body' : 'long-body';
    const message = `${requestLine(request)}: ${bytes} bytes came, the descriptor says ${expected.size}${words()}`;
    throw new PullFailure(kind, request, 200, message, known);
  }
  const hashed = request.ask.want === 'digest' && digest !== '';
  if (hashed && digest !== expected.digest) {
    const message = `${requestLine(request)}: the bytes hash to ${digest}${words()}`;
    throw new PullFailure('wrong-digest', request, 200, message, known);
  }
  return { bytes, verifiedBytes: hashed ? bytes : 0 };
}

/** Text in place of a blob: a page of a proxy, an error that came as 200. */
function isDocument({ ask }: HttpRequest, reply: HttpReply | undefined): boolean {
  const text = reply?.text.trimStart() ?? '';
  return text.startsWith('<') || (text.startsWith('{') && ask.phase !== 'config');
}

/** The algorithm of a well-formed digest (or a tag: none), if it is one that drivers can compute. */
export function algorithmOf(digest: string): DigestAlgorithm | undefined {
  if (digest.startsWith('sha256:')) return 'sha256';
  return digest.startsWith('sha512:') ? 'sha512' : undefined;
}

/** `Accept` of containerd for something whose media type is known. */
export const acceptOfType = remember((mediaType): readonly string[] => [`${mediaType}, */*`]);

/** `Accept` of a client that takes that type alone. */
export const acceptAlone = remember((mediaType): readonly string[] => [mediaType]);
