// What can be asked of a blob that was pushed: at the place that the registry named, and by HEAD.
import { follow, isRedirect } from '../../protocol/redirect.ts';
import type { Talk } from '../../protocol/talk.ts';
import {
  type CheckContext,
  expectContent,
  expectContentLength,
  expectStatus,
  expectThat,
} from '../check.ts';
import { ask, blobShape, headOf, smallBytesMax } from './ask.ts';
import type { Content } from './content.ts';
import { octets, step } from './upload.ts';

const mediaType = octets[1];

/** The URL, of the registry or of another host, brings a blob (by sha256) byte for byte. */
export function* expectBlobUnder(
  context: CheckContext,
  url: string,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  const bodyBytesMax = Math.max(size, smallBytesMax);
  const get = { method: 'GET', path: url, repository, bodyBytesMax } as const;
  let { request, reply } = yield* step(context, get);
  if (isRedirect(reply)) {
    const { client } = context.session(repository, 'pull,push');
    ({ request, reply } = yield* follow(client, request, reply));
  }
  expectContent(reply, { digest, size, mediaType });
}

/** HEAD of the blob says that it is there, and how long it is. */
export function* expectHeadOfBlob(
  context: CheckContext,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  const path = `/v2/${repository}/blobs/${digest}`;
  const shape = { ...blobShape(context, { digest, size, mediaType }), path };
  const session = context.session(repository, 'pull,push');
  const { last } = yield* ask(context, headOf(shape), session);
  expectStatus(last, 200);
  const length = expectContentLength(last);
  expectThat(length === size, `Content-Length: ${size}`, `Content-Length: ${length}`);
}
