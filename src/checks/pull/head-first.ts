// distribution-spec, "Checking if content exists in the registry", of content that nobody has asked for: caches
// answer HEAD from what they have, and keep what HEAD brought. These come before all other checks, which read.
import { PullFailure } from '../../protocol/failure.ts';
import { isTag } from '../../protocol/grammar/reference.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { Broken, type Check, type CheckContext, Unsupported } from '../check.ts';
import { ask, blobShape, headOf, manifestShape, rangeOf, smallBytesMax } from '../kit/ask.ts';
import { givenBlob } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import { describe, expectStatus, expectThat } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { readPage } from '../kit/pages.ts';
import { givenImage, readShape } from '../kit/stored.ts';
import { listPath, ownTag, tagsIn } from '../kit/tags.ts';
import { untouchedBlobs, untouchedManifest } from '../kit/untouched.ts';
import { octets } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry';
const why =
  'A client that looks by HEAD before it pulls is told that nothing is there, or gets an empty file after.';

/** Asked for as a part first; the end of a small blob is its own. */
const partBytesMax = 1_000;

export const headFirstChecks: readonly Check[] = [
  {
    id: 'manifest-head-first',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a manifest that nobody has asked for answers as GET does after it, and GET then brings all of it.',
    why,
    needs: ['top'],
    dependsOn: ['manifest-by-digest'],
    covers: ['manifest-digest-head first', 'manifest-digest head-first'],
    *run(context) {
      const { digest } = untouchedManifest(context);
      const shape = manifestShape(context, digest);
      const { head, get } = yield* headThenGet(context, 'manifest-by-digest', shape);
      // An index may be sparse: index-complete tells.
      if (get.status === 404 && head.status === 404) {
        throw new Unsupported(`there is no manifest ${digest} here, by HEAD nor by GET`);
      }
      expectAlike(context, 'manifest-by-digest', { head, get }, digest);
      return `HEAD 200, then ${get.bytes} bytes that hash to ${digest}`;
    },
  },
  {
    id: 'manifest-head-first-tag',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a tag that nobody has asked for answers as GET does after it, and GET then brings all of it.',
    why,
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    covers: ['manifest-tag-head first', 'manifest-tag head-first', 'tags first'],
    *run(context) {
      // What else is there depends on the runs before, and a verdict must not.
      if (context.mayPush) {
        throw new Unsupported(
          'a run that pushes asks for a tag of its own: manifest-head-first-pushed',
        );
      }
      const tag = yield* otherTag(context);
      const shape = manifestShape(context, tag);
      const { head, get } = yield* headThenGet(context, 'manifest-by-tag', shape);
      // It may have been deleted since, or be listed wrongly: tags-read tells.
      if (get.status === 404 && head.status === 404) {
        throw new Unsupported(`there is no tag ${tag} here, by HEAD nor by GET`);
      }
      expectAlike(context, 'manifest-by-tag', { head, get });
      return `HEAD ${head.status}, then ${get.bytes} bytes of ${tag}`;
    },
  },
  {
    id: 'blob-head-first',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a blob that nobody has asked for answers as GET does after it, and GET then brings all of it.',
    why,
    needs: ['image'],
    dependsOn: ['blob-layers'],
    covers: ['blob-head first', 'blob head-first'],
    *run(context) {
      const [blob] = yield* untouchedBlobs(context);
      if (blob === undefined) throw new Unsupported('there is no other blob');
      const replies = yield* headThenGet(context, 'blob-layers', blobShape(context, blob));
      expectAlike(context, 'blob-layers', replies, blob.digest);
      return `HEAD 200, then ${replies.get.bytes} bytes that hash to ${blob.digest}`;
    },
  },
  {
    id: 'blob-range-first',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement:
      'A blob of which nobody has asked for more than a part comes whole to whoever asks for all of it.',
    why: 'A cache that keeps the part as the blob breaks the layer for everybody after.',
    needs: ['image'],
    dependsOn: ['blob-layers'],
    covers: ['blob-range first', 'blob second'],
    *run(context) {
      const [, blob] = yield* untouchedBlobs(context);
      if (blob === undefined) throw new Unsupported('the run has asked for every other blob');
      const last = Math.min(blob.size - 1, partBytesMax) - 1;
      const shape = rangeOf(blobShape(context, blob), `0-${last}`);
      const { part, whole } = yield* given(context, 'blob-layers', function* () {
        const { last: first } = yield* ask(context, shape);
        return { part: first, whole: (yield* ask(context, blobShape(context, blob))).last };
      });
      const isPart = whole.status === 206 || (whole.status === 200 && whole.bytes === part.bytes);
      const actual = `status ${whole.status} and ${whole.bytes} bytes, as of the part before`;
      expectThat(part.status === 200 || !isPart, `all ${blob.size} bytes of the blob`, actual);
      const isWhole = whole.status === 200 && whole.digest === blob.digest;
      if (!isWhole) throw notGiven(context, 'blob-layers', describe(whole));
      // Range is a SHOULD; the blob is there, so nothing else says that it does not come.
      expectStatus(part, 200, 206, 416);
      return `${part.status} for its part, then ${whole.bytes} bytes that hash to ${blob.digest}`;
    },
  },
  {
    id: 'manifest-head-first-pushed',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a tag that was just pushed answers 200 before any GET, which brings it then.',
    why,
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['manifest-tag-head first', 'manifest-tag head-first'],
    *run(context) {
      const id = 'manifest-head-first-pushed';
      const tag = ownTag(context, id);
      const fixture = yield* givenImage(context, id, [tag]);
      const shape = readShape(context, tag, fixture);
      const replies = yield* headThenGet(context, 'manifest-put-image', shape);
      expectAlike(context, 'manifest-put-image', replies, fixture.content.digest);
      return `HEAD 200, then ${replies.get.bytes} bytes`;
    },
  },
  {
    id: 'blob-head-first-pushed',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a blob that was just pushed answers 200 before any GET, which brings it then.',
    why,
    needs: ['push'],
    dependsOn: ['upload-post-put'],
    covers: ['blob-head first', 'blob head-first'],
    *run(context) {
      const content = freshContent(context, 'blob-head-first-pushed', 2 * smallBytesMax);
      yield* givenBlob(context, content);
      const blob = { ...content, mediaType: octets[1] };
      const replies = yield* headThenGet(context, 'upload-post-put', blobShape(context, blob));
      expectAlike(context, 'upload-post-put', replies, blob.digest);
      return `HEAD 200, then ${replies.get.bytes} bytes`;
    },
  },
];

/** Another one of the list of tags. @throws Unsupported where there is none */
function* otherTag(context: CheckContext): Talk<string> {
  let tags: readonly string[] = [];
  try {
    const page = yield* readPage(context, listPath(context));
    if (page.reply.status === 200) tags = tagsIn(page);
  } catch (error) {
    // Lists are for others to judge.
    if (!(error instanceof PullFailure) && !(error instanceof Broken)) throw error;
  }
  const other = tags.find((tag) => tag !== context.reference && isTag(tag));
  if (other === undefined) throw new Unsupported('no other tag of the repository is known');
  return other;
}

/** @throws Void where it cannot be asked for at all, which `judge` judges */
function* headThenGet(
  context: CheckContext,
  judge: string,
  shape: RequestShape,
): Talk<{ head: HttpReply; get: HttpReply }> {
  return yield* given(context, judge, function* () {
    const { last: head } = yield* ask(context, headOf(shape));
    const { last: get } = yield* ask(context, shape);
    return { head, get };
  });
}

/**
 * HEAD does not find what GET does, or GET finds nothing any more: told apart. What is wrong either way, or other
 * bytes, is for `judge` to judge.
 * @throws Void
 */
function expectAlike(
  context: CheckContext,
  judge: string,
  { head, get }: { head: HttpReply; get: HttpReply },
  digest?: string,
): void {
  if (head.status !== 200 && get.status !== 200) throw notGiven(context, judge, describe(get));
  const found = `status 200 for GET after HEAD, which was answered ${head.status}`;
  expectThat(get.status === 200, found, describe(get));
  expectThat(get.bytes > 0, 'the whole body for GET after HEAD', 'status 200 and an empty body');
  const expected = 'status 200 for HEAD before any GET, as GET is answered after it';
  expectThat(head.status === 200, expected, describe(head));
  if (get.failure !== '') throw notGiven(context, judge, describe(get));
  if (digest !== undefined && get.digest !== digest) {
    throw notGiven(context, judge, `bytes that hash to ${get.digest}`);
  }
}
