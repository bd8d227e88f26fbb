// Docker-Content-Digest by another algorithm than the one that was asked by.
import { createHash } from 'node:crypto';
import { type Body, headerOf, type Reply, withHeader } from '../../call.ts';

/** Digests of contents that were hashed before: layers are asked for many times. */
const known = new WeakMap<object, Map<string, string>>();

/** Digest of the body; undefined where its bytes come later. */
function digestBy(algorithm: string, body: Body): string | undefined {
  const digests = known.get(body) ?? new Map<string, string>();
  known.set(body, digests);
  const before = digests.get(algorithm);
  if (before !== undefined) return before;
  const hash = createHash(algorithm);
  const chunks = body instanceof Uint8Array ? [body] : body.chunks();
  if (!(Symbol.iterator in chunks)) return undefined;
  for (const chunk of chunks) hash.update(chunk);
  const digest = `${algorithm}:${hash.digest('hex')}`;
  digests.set(algorithm, digest);
  return digest;
}

/** The header, where the reply has it, as the digest of this content by the algorithm. */
export function claimedBy(algorithm: string, reply: Reply, body: Body | undefined): Reply {
  const digest = body && digestBy(algorithm, body);
  const isClaimed = headerOf(reply, 'Docker-Content-Digest') !== undefined;
  return digest !== undefined && isClaimed
    ? withHeader(reply, 'Docker-Content-Digest', digest)
    : reply;
}
