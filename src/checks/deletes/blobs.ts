// distribution-spec, "Deleting Blobs": what is gone after a blob was deleted, and what must survive it.
import type { Check, CheckContext } from '../check.ts';
import { expectAbsent, expectBlobThere, givenBlobThere } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import { expectDeleted, expectHeadAbsent, expectNotFound, givenDeleted } from '../kit/deletion.ts';
import { expectStatus } from '../kit/expect.ts';
import { closeUpload, openUpload } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#deleting-blobs';

export const deleteBlobChecks: readonly Check[] = [
  {
    id: 'delete-blob',
    level: 'MUST',
    section,
    requirement:
      'DELETE of a blob answers 202 (400 or 405 where it is disabled); then GET and HEAD are 404.',
    why: 'A layer with a secret in it must be gone once it was deleted.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    covers: ['blob-delete first', 'blob-delete token'],
    *run(context) {
      const content = freshContent(context, 'delete-blob', 300);
      yield* givenBlobThere(context, content);
      yield* expectDeleted(context, `blobs/${content.digest}`, 'blobs');
      yield* expectAbsent(context, `blobs/${content.digest}`);
      yield* expectHeadAbsent(context, `blobs/${content.digest}`);
      return '202, then 404';
    },
  },
  {
    id: 'delete-blob-sha512',
    level: 'MUST',
    section,
    requirement: 'DELETE of a blob by its sha512 digest answers 202, and it is 404 then.',
    why: 'What was deleted because it must not be there has to be gone.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    covers: ['blob-delete sha512', 'blob-head sha512'],
    *run(context) {
      const content = freshContent(context, 'delete-blob-sha512', 300, 'sha512');
      yield* givenBlobThere(context, content);
      yield* expectDeleted(context, `blobs/${content.digest}`, 'blobs');
      yield* expectAbsent(context, `blobs/${content.digest}`);
      return '202, then 404';
    },
  },
  {
    id: 'delete-blob-shared',
    level: 'MUST',
    section,
    requirement: 'A deleted blob is 404 also where another repository has it.',
    why: 'A layer with a secret in it must be gone once it was deleted.',
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'delete-blob-shared', 300);
      yield* givenBlobThere(context, content);
      yield* givenBlobThere(context, content, context.otherRepository);
      yield* expectDeleted(context, `blobs/${content.digest}`, 'blobs');
      yield* expectAbsent(context, `blobs/${content.digest}`);
      return '404 where it was deleted';
    },
  },
  {
    id: 'delete-blob-other-repository',
    level: 'MUST',
    section,
    requirement: 'Deleting a blob leaves the same blob in another repository.',
    why: 'Base layers are in nearly every repository.',
    needs: ['push'],
    dependsOn: ['delete-blob'],
    *run(context) {
      const content = freshContent(context, 'delete-blob-other-repository', 300);
      yield* givenBlobThere(context, content);
      yield* givenBlobThere(context, content, context.otherRepository);
      yield* givenBlobDeleted(context, content.digest);
      yield* expectBlobThere(context, content, context.otherRepository);
      return `there in ${context.otherRepository}`;
    },
  },
  {
    id: 'delete-blob-unknown',
    level: 'MUST',
    section,
    requirement: 'DELETE of a blob that does not exist answers 404.',
    why: 'Whoever deletes wants to know that there was nothing to delete.',
    needs: ['push'],
    dependsOn: ['delete-blob'],
    *run(context) {
      const id = 'delete-blob-unknown';
      const other = freshContent(context, `${id} other`, 300);
      yield* givenBlobThere(context, other);
      // Where deletion is disabled, 400 and 405 are the answers to all of it.
      yield* givenBlobDeleted(context, other.digest);
      return yield* expectNotFound(context, `blobs/${freshContent(context, id, 10).digest}`);
    },
  },
  {
    id: 'delete-blob-twice',
    level: 'MUST',
    section,
    requirement: 'DELETE of a blob a second time answers 404.',
    why: 'Two cleaning jobs meet; the second must not take this for a broken registry.',
    needs: ['push'],
    dependsOn: ['delete-blob'],
    covers: ['blob-delete second'],
    *run(context) {
      const content = freshContent(context, 'delete-blob-twice', 300);
      yield* givenBlobThere(context, content);
      yield* givenBlobDeleted(context, content.digest);
      return yield* expectNotFound(context, `blobs/${content.digest}`);
    },
  },
  {
    id: 'delete-blob-again',
    level: 'MUST',
    section,
    requirement: 'A blob that was deleted can be pushed again.',
    why: 'The same layer comes back with the next build.',
    needs: ['push'],
    dependsOn: ['delete-blob'],
    *run(context) {
      const content = freshContent(context, 'delete-blob-again', 300);
      yield* givenBlobThere(context, content);
      yield* givenBlobDeleted(context, content.digest);
      const { url } = yield* openUpload(context);
      const { reply } = yield* closeUpload(context, url, content.digest, content.bytes);
      expectStatus(reply, 201);
      yield* expectBlobThere(context, content);
      return '201, and there';
    },
  },
];

const givenBlobDeleted = (context: CheckContext, digest: string) =>
  givenDeleted(context, `blobs/${digest}`, 'blobs', 'delete-blob');
