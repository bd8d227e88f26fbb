// Ranges of a blob that nobody has read before, which caches and mirrors must fetch first: the part must
// be a part, and the blob must be whole afterwards.

import type { Check } from '../check.ts';
import { ask, blobShape } from '../kit/ask.ts';
import {
  askPart,
  blobBytes,
  first,
  givenColdBlob,
  givenSoundBlob,
  last,
} from '../kit/cold-blobs.ts';
import { describe, expectContent, expectDigest, expectStatus } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';

export const rangeColdChecks: readonly Check[] = [
  {
    id: 'blob-range-large',
    level: 'SHOULD',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: `A range of a blob of ${blobBytes} bytes brings 206 and exactly these bytes.`,
    why: 'Ranges are for layers; that they work for a config of a few bytes helps nobody.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { blob, part } = yield* givenSoundBlob(context, 'blob-range-large');
      const { last: reply } = yield* askPart(context, blob);
      expectStatus(reply, 206);
      expectDigest(reply, part);
      return `206, bytes ${first}-${last} of ${blobBytes}`;
    },
  },
  {
    id: 'blob-range-cold',
    level: 'SHOULD',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement:
      'A range of a blob that nobody has read before brings 206 and exactly these bytes.',
    why: 'Caches that ignore the range on a miss send whole layers to whoever wants one file.',
    needs: ['push'],
    dependsOn: ['blob-range-large'],
    covers: ['blob-range first'],
    *run(context) {
      const known = yield* givenSoundBlob(context, 'blob-range-cold known');
      const { last: warm } = yield* askPart(context, known.blob);
      if (warm.status !== 206 || warm.digest !== known.part) {
        throw notGiven(context, 'blob-range-large', `${describe(warm)} for a blob read before`);
      }
      const { blob, part } = yield* givenColdBlob(context, 'blob-range-cold');
      const { last: reply } = yield* askPart(context, blob);
      expectStatus(reply, 206);
      expectDigest(reply, part);
      return `206, bytes ${first}-${last} of ${blobBytes}`;
    },
  },
  {
    id: 'blob-whole-after-part',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: 'A blob of which only a part was read before is served whole.',
    why: 'A cache that takes the part for the blob breaks the layer for everybody after.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    covers: ['blob-range first', 'blob second'],
    *run(context) {
      yield* givenSoundBlob(context, 'blob-whole-after-part known');
      const { blob } = yield* givenColdBlob(context, 'blob-whole-after-part');
      yield* askPart(context, blob);
      const { last: reply } = yield* ask(context, blobShape(context, blob));
      expectContent(reply, blob);
      return `${blobBytes} bytes`;
    },
  },
];
