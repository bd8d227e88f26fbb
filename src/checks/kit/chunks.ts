// How checks push in chunks: one PATCH or several, and what the replies say of the progress.

import type { HeaderLine, HttpReply, Talk } from '../../protocol/talk.ts';
import { chunkBytesMin, chunkHeaders } from '../../protocol/talks/upload.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from './ask.ts';
import { expectBlob } from './blobs.ts';
import { type Content, freshContent } from './content.ts';
import { expectStatus, expectThat, quote } from './expect.ts';
import { given } from './given.ts';
import {
  closeUpload,
  expectTaken,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  send,
  type Upload,
} from './upload.ts';

/** How a chunk goes out: with Content-Range or without, its length announced or streamed. */
export interface Manner {
  readonly ranged: boolean;
  readonly chunked?: true;
}

export const ranged: Manner = { ranged: true };

/** What a check sends at most for the sake of a registry's least chunk. */
const chunkedBytesMax = 64 * 1024 * 1024;

/** One chunk by PATCH; any reply is an answer. `first`: place of its first byte in the blob. */
export function* patchChunk(
  context: CheckContext,
  url: string,
  bytes: Uint8Array,
  first: number,
  manner: Manner = ranged,
): Talk<Exchange> {
  const headers = headersOf(bytes, first, manner);
  const { chunked } = manner;
  const streamed = chunked === undefined ? {} : { chunked };
  return yield* send(context, { method: 'PATCH', path: url, headers, body: bytes, ...streamed });
}

/** The PUT that brings the last chunk; any reply is an answer. */
export function* closeWithChunk(
  context: CheckContext,
  url: string,
  digest: string,
  bytes: Uint8Array,
  first: number,
): Talk<Exchange> {
  return yield* closeUpload(context, url, digest, bytes, headersOf(bytes, first, ranged));
}

/** Chunks that end at each of the places, every one accepted; returns where the upload goes on. */
export function* patchChunks(
  context: CheckContext,
  upload: Upload,
  bytes: Uint8Array,
  ends: readonly number[],
  manner: Manner = ranged,
): Talk<Upload> {
  let { url, reply } = upload;
  let first = 0;
  for (const end of ends) {
    const exchange = yield* patchChunk(context, url, bytes.subarray(first, end), first, manner);
    expectTaken(exchange.reply, end);
    expectStatus(exchange.reply, 202);
    url = locationOf(exchange);
    reply = exchange.reply;
    first = end;
  }
  return { url, reply };
}

function headersOf(bytes: Uint8Array, first: number, manner: Manner): HeaderLine[] {
  return manner.ranged ? chunkHeaders(first, bytes.length) : [octets];
}

/**
 * How many bytes every chunk but the last must have at least, by the reply that began the upload; 1
 * where it does not say. @throws Unsupported when a blob of so many such chunks is too much for a check
 */
export function leastChunkBytes({ reply }: Upload, chunks: number): number {
  const least = chunkBytesMin(reply);
  if (least * chunks <= chunkedBytesMax) return least;
  throw new Unsupported(`chunks of ${least} bytes at least are too much for a check`);
}

/**
 * `Range` counts all bytes that have come. A unit before it, as other headers of that name have it, is
 * for a check of its own to judge.
 */
export function expectProgress(reply: HttpReply, bytes: number): void {
  const value = reply.header('Range');
  const said = value === undefined ? 'none' : quote(value);
  const held = value?.replace(/^bytes=/, '') === `0-${bytes - 1}`;
  expectThat(held, `Range: 0-${bytes - 1} after ${bytes} bytes`, said);
}

/** Bytes of a chunk where the registry names no least length. */
export const chunkBytes = 700;

/** An upload of which the first of two chunks has come. */
export interface Begun extends Upload {
  readonly content: Content;
  readonly sent: number;
  /** Where it began. */
  readonly start: string;
}

/** @throws Void where chunks cannot be pushed, which other checks judge */
export function* givenBegun(context: CheckContext, id: string): Talk<Begun> {
  return yield* given(context, 'upload-chunks', function* () {
    const start = yield* openUpload(context);
    const sent = Math.max(chunkBytes, leastChunkBytes(start, 2));
    const content = freshContent(context, id, 2 * sent);
    const next = yield* patchChunks(context, start, content.bytes, [sent]);
    return { ...next, content, sent, start: start.url };
  });
}

/** Sends the rest, ends the upload, and finds the blob there. */
export function* complete(context: CheckContext, at: Begun, url = at.url): Talk<void> {
  const { content, sent } = at;
  const rest = yield* patchChunk(context, url, content.bytes.subarray(sent), sent);
  expectStatus(rest.reply, 202);
  const { reply } = yield* closeUpload(context, locationOf(rest), content.digest);
  expectStatus(reply, 201);
  noteLeftover(context, {
    kind: 'blob',
    repository: context.repository,
    reference: content.digest,
  });
  yield* expectBlob(context, content);
}
