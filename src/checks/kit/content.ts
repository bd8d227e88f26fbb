// Content that checks push: made from the run's seed and a name, so that two runs never meet in it and
// a check never finds another one's blobs.
import { createHash } from 'node:crypto';
import type { DigestAlgorithm } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';

export interface Content {
  readonly bytes: Uint8Array;
  readonly digest: string;
  readonly size: number;
}

export function contentOf(bytes: Uint8Array, algorithm: DigestAlgorithm = 'sha256'): Content {
  const hex = createHash(algorithm).update(bytes).digest('hex');
  return { bytes, digest: `${algorithm}:${hex}`, size: bytes.length };
}

/** `size` bytes that look random, the same for the same run and name. */
export function freshContent(
  context: CheckContext,
  name: string,
  size: number,
  algorithm: DigestAlgorithm = 'sha256',
): Content {
  const stream = createHash('shake256', { outputLength: size });
  const bytes = size === 0 ? new Uint8Array(0) : stream.update(`${context.nonce} ${name}`).digest();
  return contentOf(bytes, algorithm);
}

export function jsonContent(value: unknown, algorithm: DigestAlgorithm = 'sha256'): Content {
  return contentOf(new TextEncoder().encode(JSON.stringify(value)), algorithm);
}

/** Content of no run's own, which others have too: the empty blob, and the config of most artifacts. */
export const commonContents: readonly Content[] = ['', '{}'].map((text) =>
  contentOf(new TextEncoder().encode(text)),
);
