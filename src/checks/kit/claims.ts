// Docker-Content-Digest in the reply to a push or a HEAD, where the content is known: it may be of another
// algorithm than the one that was asked by (spec.md, "Pulling manifests"), and is compared in its own.

import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { type Content, contentOf } from './content.ts';
import { expectThat, quote } from './expect.ts';

/** What Docker-Content-Digest says, each line of it a digest; none without one. */
export function claimsIn(reply: HttpReply): string[] {
  const value = reply.header('Docker-Content-Digest');
  return value === undefined ? [] : value.split(',').map((claim) => claim.trim());
}

/** Docker-Content-Digest, where the reply has one, is the digest of the content by the algorithm that it names. */
export function expectClaim(reply: HttpReply, { bytes }: Pick<Content, 'bytes'>): string {
  const claims = claimsIn(reply);
  for (const claim of claims) {
    const said = `Docker-Content-Digest: ${quote(claim)}`;
    expectThat(isWellFormedDigest(claim), 'a digest in Docker-Content-Digest', said);
    const algorithm = algorithmOf(claim);
    if (algorithm === undefined) continue; // we cannot compute it, so we cannot judge it
    const { digest } = contentOf(bytes, algorithm);
    expectThat(claim === digest, `Docker-Content-Digest: ${digest}`, said);
  }
  return claims.length === 0 ? 'none, which the spec allows' : claims.join(', ');
}
