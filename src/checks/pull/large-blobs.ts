// A blob as long as layers are: buffers, proxies and CDNs have limits that a few kilobytes never meet.
import type { Check } from '../check.ts';
import { ask, blobShape } from '../kit/ask.ts';
import { givenBlob } from '../kit/blobs.ts';
import { givenSoundBlob } from '../kit/cold-blobs.ts';
import { freshContent } from '../kit/content.ts';
import { expectContent } from '../kit/expect.ts';

/** Just beyond 8 MiB, at whose multiples replies have been seen to end (microsoft/containerregistry#196). */
const blobBytes = 8 * 1024 ** 2 + 1;

export const largeBlobChecks: readonly Check[] = [
  {
    id: 'blob-large',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: `GET of a blob of ${blobBytes} bytes brings all of them.`,
    why: 'Proxies and CDNs cut or refuse what is larger than their buffers: layers are.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    covers: ['blob first'],
    *run(context) {
      yield* givenSoundBlob(context, 'blob-large known');
      const content = freshContent(context, 'blob-large', blobBytes);
      yield* givenBlob(context, content);
      const { digest, size } = content;
      const blob = { mediaType: 'application/octet-stream', digest, size };
      const { last } = yield* ask(context, blobShape(context, blob));
      expectContent(last, blob);
      return `${blobBytes} bytes`;
    },
  },
];
