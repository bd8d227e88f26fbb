// Pushes of manifests and tags as faults answer them.
import { isTag } from '../../../src/protocol/grammar/reference.ts';
import { emptyReply, type Reply } from '../../call.ts';

/** Tags that a registry of a small table takes. */
export const shortTagCharsMax = 100;

export function hasOddName(reference: string): boolean {
  return !reference.includes(':') && !isTag(reference);
}

/** What a sound push is answered; nothing was stored. */
export function stored(repository: string, digest: string): Reply {
  return emptyReply(201, [
    ['Location', `/v2/${repository}/manifests/${digest}`],
    ['Docker-Content-Digest', digest],
  ]);
}
