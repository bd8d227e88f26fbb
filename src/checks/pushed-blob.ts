// What can be asked of a blob that was pushed: at the place that the registry named, and by HEAD.
import { follow, isRedirect } from '../protocol/redirect.ts';
import type { Talk } from '../protocol/talk.ts';
import { ask, blobShape, headOf } from './ask.ts';
import {
  type CheckContext,
  expectContent,
  expectContentLength,
  expectStatus,
  expectThat,
} from './check.ts';
import type { Content } from './content.ts';
import { octets, step } from './push.ts';

const mediaType = octets[1];

/** The URL, of the registry or of another host, brings a small blob (by sha256) byte for byte. */
export function* expectBlobUnder(
  context: CheckContext,
  url: string,
  { digest, size }: Content,
  repository = context.repository,
): Talk<void> {
  let { request, reply } = yield* step(context, { method: 'GET', path: url, repository });
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
