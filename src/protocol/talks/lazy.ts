// A layer as lazy snapshotters read it (stargz, SOCI, nydus): the registry's redirect is asked for once and
// its target kept, then pieces are read there by Range, without credentials, until the URL has run out.

import { failureOf, PullFailure, requestLine } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { type Exchange, isRedirect, redirected } from '../redirect.ts';
import { retryPause } from '../retry.ts';
import { type RequestShape, registryRequest, type Session } from '../session.ts';
import type { HeaderLine, HttpReply, HttpRequest, Talk } from '../talk.ts';
import { type BlobResult, blobShape, checked, type Verification } from './blob.ts';

/** Pieces of one layer; a larger layer is a failure, not a run without end. */
const piecesMax = 1_000_000;

/**
 * Reads a whole layer piece by piece. Pieces come one after the other, so that one digest covers them.
 * @throws PullFailure
 */
export function* fetchLazily(
  session: Session,
  descriptor: Descriptor,
  phase: 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const { size } = descriptor;
  const shape = blobShape(session, descriptor, phase, verification);
  const pieceBytes = session.client.lazy?.chunkBytes ?? size;
  let target = yield* locateBlob(session, shape);
  let asked = target;
  let before: HttpReply | undefined;
  let bytes = 0;
  for (let pieces = 0; bytes < size && pieces < piecesMax; pieces++) {
    const range = `bytes=${bytes}-${Math.min(bytes + pieceBytes, size) - 1}`;
    let piece = yield* readPiece(session, pieceOf(session, target, shape, range, before));
    if (piece.reply.status === 403) {
      // "403 → re-resolve once": the URL has run out.
      target = yield* locateBlob(session, shape);
      piece = yield* readPiece(session, pieceOf(session, target, shape, range, before));
    }
    const { request, reply } = piece;
    const isWhole = reply.status === 200 && bytes === 0;
    if (reply.failure !== '' || (reply.status !== 206 && !isWhole)) throw failureOf(request, reply);
    if (isWhole)
      return checked(request, descriptor, verification, reply.bytes, reply.digest, reply);
    if (reply.bytes === 0) {
      throw new PullFailure('short-body', request, 206, `${requestLine(request)}: an empty part`);
    }
    bytes += reply.bytes;
    before = reply;
    asked = request;
  }
  return checked(asked, descriptor, verification, bytes, before?.digest ?? '', before);
}

/**
 * Two bytes of the registry tell where the layer lies; the size is asked for there, by HEAD or where that is
 * refused by two bytes again. Neither is content: they are measured apart from layers.
 */
function* locateBlob(session: Session, shape: RequestShape): Talk<HttpRequest> {
  const extra: HeaderLine[] = [['Range', 'bytes=0-1']];
  const request = registryRequest(session, { ...shape, want: 'none', phase: 'other', extra });
  const { reply } = yield* readPiece(session, request);
  const isPart = reply.status === 206 || reply.status === 200;
  if (!isRedirect(reply)) {
    if (reply.failure !== '' || !isPart) throw failureOf(request, reply);
    return request;
  }
  const target = { ...redirected(session.client, request, reply), referer: '' };
  const headers: HeaderLine[] = [['User-Agent', session.client.userAgent]];
  const ask = { ...target.ask, method: 'HEAD', headers } as const;
  const head = yield* readPiece(session, { ...target, ask });
  if (head.reply.status === 200) return target;
  const again = yield* readPiece(session, target);
  if (again.reply.failure !== '' || again.reply.status !== 206) {
    throw failureOf(again.request, again.reply);
  }
  return target;
}

function pieceOf(
  { client }: Session,
  target: HttpRequest,
  { want, phase }: RequestShape,
  range: string,
  before: HttpReply | undefined,
): HttpRequest {
  const headers: HeaderLine[] = [
    ['User-Agent', client.userAgent],
    ['Accept-Encoding', client.lazy?.acceptEncoding ?? 'identity'],
    ['Range', range],
  ];
  const ask = { ...target.ask, headers, headersLast: [], want, phase };
  return { ...target, ask, ...(before !== undefined && { resumes: before }) };
}

/** One request, tried again as the client does. */
function* readPiece(session: Session, request: HttpRequest): Talk<Exchange> {
  const rule = session.client.retry?.request;
  let statusBefore = 0;
  for (let tries = 1; ; tries++) {
    const reply: HttpReply = yield request;
    const { status, failure } = reply;
    if (status >= 200 && status < 400) return { request, reply };
    const failed = { tries, status, failure, statusBefore, reply };
    const pause = rule && retryPause(rule, failed, session.random?.() ?? 0.5);
    if (pause === undefined) return { request, reply };
    yield { ...pause, after: failureOf(request, reply) };
    statusBefore = status;
  }
}
