// Digests that the mock can make: well formed, and of an algorithm that it knows.
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import type { DigestAlgorithm } from '../../src/protocol/talk.ts';

/** Undefined for what is not a digest, or of another algorithm. */
export function algorithmOf(digest: string): DigestAlgorithm | undefined {
  return isWellFormedDigest(digest)
    ? algorithmNamed(digest.slice(0, digest.indexOf(':')))
    : undefined;
}

export function algorithmNamed(name: string): DigestAlgorithm | undefined {
  return name === 'sha256' || name === 'sha512' ? name : undefined;
}
