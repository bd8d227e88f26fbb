// A blob as long as layers are: buffers, proxies and CDNs have limits that a few kilobytes never meet.
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { ask, blobShape } from '../kit/ask.ts';
import { expectBlobThere } from '../kit/blobs.ts';
import { patchChunk } from '../kit/chunks.ts';
import { givenSoundBlob } from '../kit/cold-blobs.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { expectContent, expectStatus } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import {
  closeUpload,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  openUpload,
} from '../kit/upload.ts';

/** Just beyond 8 MiB, at whose multiples replies have been seen to end (microsoft/containerregistry#196). */
const blobBytes = 8 * 1024 ** 2 + 1;
/** Of a stream that has to be taken whatever the limit is: as `upload-stream-large` has it. */
const shortBytes = 1024 ** 2 + 1;
/** As Docker and podman push every layer. */
const streamed = { ranged: false, chunked: true } as const;

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
      yield* givenLarge(context, content);
      const { digest, size } = content;
      const blob = { mediaType: 'application/octet-stream', digest, size };
      const { last } = yield* ask(context, blobShape(context, blob));
      expectContent(last, blob);
      return `${blobBytes} bytes`;
    },
  },
  {
    id: 'upload-stream-layer',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pushing-a-blob-in-chunks',
    requirement: `A PATCH may stream a blob of ${blobBytes} bytes, as a PUT may bring one.`,
    why: 'Docker and podman push each layer by one PATCH: what is longer than a limit on it stays away.',
    needs: ['push'],
    dependsOn: ['upload-post-put', 'upload-stream-large'],
    *run(context) {
      const content = freshContent(context, 'upload-stream-layer', blobBytes);
      const { bytes, digest } = content;
      const upload = yield* givenUpload(context);
      const exchange = yield* patchChunk(context, upload.url, bytes, 0, streamed);
      if (exchange.reply.status !== 202) {
        yield* giveUp(context, upload);
        if (exchange.reply.status === 413) yield* givenLarge(context, content);
        else yield* givenStream(context);
      }
      expectStatus(exchange.reply, 202);
      const { reply } = yield* closeUpload(context, locationOf(exchange), digest);
      expectStatus(reply, 201);
      noteBlob(context, content);
      yield* expectBlobThere(context, content);
      return `${blobBytes} bytes`;
    },
  },
];

/** By POST and PUT. @throws Unsupported where so many bytes are too many, Void */
function* givenLarge(context: CheckContext, content: Content): Talk<void> {
  yield* given(context, 'upload-post-put', function* () {
    const upload = yield* openUpload(context);
    const { reply } = yield* closeUpload(context, upload.url, content.digest, content.bytes);
    if (reply.status === 413) {
      yield* giveUp(context, upload);
      throw tooLarge(content, reply);
    }
    expectStatus(reply, 201);
    noteBlob(context, content);
  });
}

/** A shorter stream is taken. @throws Void */
function* givenStream(context: CheckContext): Talk<void> {
  const { bytes } = freshContent(context, 'upload-stream-layer short', shortBytes);
  yield* given(context, 'upload-stream-large', function* () {
    const upload = yield* openUpload(context);
    const { reply } = yield* patchChunk(context, upload.url, bytes, 0, streamed);
    yield* giveUp(context, upload);
    expectStatus(reply, 202);
  });
}

/** RFC 9110 15.5.14: how large content may be is for the server to say. */
function tooLarge({ size }: Content, { status }: HttpReply): Unsupported {
  return new Unsupported(`the registry takes no blob of ${size} bytes (${status})`);
}

function noteBlob(context: CheckContext, { digest }: Content): void {
  const { repository } = context;
  noteLeftover(context, { kind: 'blob', repository, reference: digest });
}
