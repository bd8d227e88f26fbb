// Pushes over connections of their own, as Docker and podman send them, and side by side into a repository that
// nobody has pushed to: what a registry keeps or makes in between is missed, or made twice.
import type { Talk } from '../../protocol/talk.ts';
import { chunkHeaders } from '../../protocol/talks/upload.ts';
import type { Check, CheckContext } from '../check.ts';
import { overFreshConnections } from '../kit/ask.ts';
import { expectBlob, givenBlob } from '../kit/blobs.ts';
import { givenBegun, leastChunkBytes } from '../kit/chunks.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { describe, expectStatus } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { bare } from '../kit/manifests.ts';
import { givenFirstPush, newRepository } from '../kit/new-repositories.ts';
import { expectManifest, givenNeeded } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';
import {
  closeUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  send,
  withQuery,
} from '../kit/upload.ts';

/** Layers that docker pushes at once. */
const uploadsAtOnce = 5;

export const freshPushChecks: readonly Check[] = [
  {
    id: 'push-fresh',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pushing-a-blob-in-chunks',
    requirement:
      'A blob and a manifest can be pushed by requests that each come over a connection of their own.',
    why: 'What a replica keeps in memory by connection is unknown to the next: pushes fail now and then.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'upload-chunks', 'upload-status'],
    covers: [
      'upload-start fresh',
      'upload-chunk fresh',
      'upload-status fresh',
      'upload-end fresh',
      'upload-cancel fresh',
      'manifest-put fresh',
    ],
    *run(context) {
      const id = 'push-fresh';
      const { repository } = context;
      // Over any connection; whether chunks are taken at all is for other checks.
      yield* giveUp(context, yield* givenBegun(context, `${id} before`));
      const session = overFreshConnections(context.session(repository, 'pull,push'));
      const begin = { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, session } as const;
      const begun = yield* send(context, begin);
      expectStatus(begun.reply, 202);
      const size = Math.max(600, leastChunkBytes({ url: '', reply: begun.reply }, 1));
      const content = freshContent(context, id, size);
      const { bytes: body, digest } = content;
      const headers = chunkHeaders(0, size);
      const path = locationOf(begun);
      const chunk = yield* send(context, { method: 'PATCH', path, headers, body, session });
      expectStatus(chunk.reply, 202);
      const status = yield* send(context, { method: 'GET', path: locationOf(chunk), session });
      if (status.reply.status !== 204 && context.hasFailed('upload-status')) {
        throw notGiven(context, 'upload-status', describe(status.reply));
      }
      expectStatus(status.reply, 204);
      const end = withQuery(locationOf(status), 'digest', digest);
      const ended = yield* send(context, { method: 'PUT', path: end, session });
      expectStatus(ended.reply, 201);
      noteLeftover(context, { kind: 'blob', repository, reference: digest });
      yield* given(context, 'upload-chunks', () => expectBlob(context, content));

      const other = yield* send(context, begin);
      expectStatus(other.reply, 202);
      const cancel = { method: 'DELETE', path: locationOf(other), session } as const;
      // Whether it can be cancelled at all is for upload-cancel.
      yield* send(context, cancel);

      const fixture = bare(context, id, {});
      yield* givenNeeded(context, fixture);
      const tag = ownTag(context, id);
      const put = yield* send(context, {
        method: 'PUT',
        path: `/v2/${repository}/manifests/${tag}`,
        headers: [['Content-Type', fixture.mediaType]],
        body: fixture.content.bytes,
        session,
      });
      expectStatus(put.reply, 201);
      const reference = fixture.content.digest;
      noteLeftover(context, { kind: 'manifest', repository, reference });
      noteLeftover(context, { kind: 'manifest', repository, reference: tag, digest: reference });
      yield* given(context, 'manifest-put-image', () => expectManifest(context, tag, fixture));
      return `a blob of ${size} bytes and a manifest`;
    },
  },
  {
    id: 'uploads-first-at-once',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#layer-upload-de-duplication',
    requirement: `The first ${uploadsAtOnce} uploads to a new repository can be at once, and every blob is there then.`,
    why: 'The first push of a new image sends all its layers at once; what each makes, the next finds.',
    needs: ['push'],
    dependsOn: ['push-first', 'upload-post-put'],
    covers: ['upload-start at-once', 'upload-end at-once'],
    *run(context) {
      const id = 'uploads-first-at-once';
      yield* givenFirstPush(context, 'first-other');
      const plain = freshContent(context, `${id} plain`, 100);
      yield* givenBlob(context, plain);
      yield* given(context, 'upload-post-put', () => expectBlob(context, plain));
      const base = newRepository(context, 'first');
      const contents = Array.from({ length: uploadsAtOnce }, (_, at) =>
        freshContent(context, `${id} ${at}`, 2_000),
      );
      const pushes = contents.map((content) => pushed(context, base, content));
      yield { parallel: pushes, limit: uploadsAtOnce };
      for (const content of contents) yield* expectBlob(context, content, base);
      return `${uploadsAtOnce} blobs`;
    },
  },
];

function* pushed(context: CheckContext, repository: string, content: Content): Talk<void> {
  const { digest, bytes } = content;
  const { url } = yield* openUpload(context, '', repository);
  const { reply } = yield* closeUpload(context, url, digest, bytes, [octets], repository);
  expectStatus(reply, 201);
  noteLeftover(context, { kind: 'blob', repository, reference: digest });
}
