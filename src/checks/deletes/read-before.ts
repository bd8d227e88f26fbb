// What was read before it was deleted is gone as well: caches, in the registry and before it, keep what they served.
// A table of what can be deleted; what a plain deletion does is for the check that a row depends on.
import type { RequestShape } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, blobShape, headOf } from '../kit/ask.ts';
import { expectAbsent, givenBlob } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import { expectHeadAbsent, givenDeleted } from '../kit/deletion.ts';
import { describe, expectReply, expectStatus, expectThat } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { givenImage, readShape } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';

/** A kind of thing that can be deleted. */
interface Kind {
  /** The check that judges a plain deletion; the id here begins with it. */
  readonly judgedBy: 'delete-tag' | 'delete-manifest' | 'delete-blob';
  readonly title: string;
  readonly titles: string;
  readonly section: string;
  /** The check of having it pushed and read. */
  readonly pushedBy: string;
  /** The check of HEAD of what is not there. */
  readonly unknownBy: string;
  push(context: CheckContext, name: string): Talk<Pushed>;
}

interface Pushed {
  /** Where it stands below its repository. */
  readonly below: string;
  readonly shape: RequestShape;
}

const kinds: readonly Kind[] = [
  {
    judgedBy: 'delete-tag',
    title: 'A tag',
    titles: 'tags',
    section: 'distribution-spec/spec.md#deleting-tags',
    pushedBy: 'manifest-put-image',
    unknownBy: 'manifest-head-unknown',
    *push(context, name) {
      const tag = ownTag(context, name);
      const fixture = yield* givenImage(context, name, [tag]);
      return { below: `manifests/${tag}`, shape: readShape(context, tag, fixture) };
    },
  },
  {
    judgedBy: 'delete-manifest',
    title: 'A manifest',
    titles: 'manifests',
    section: 'distribution-spec/spec.md#deleting-manifests',
    pushedBy: 'manifest-put-image',
    unknownBy: 'manifest-head-unknown',
    *push(context, name) {
      const fixture = yield* givenImage(context, name);
      const { digest } = fixture.content;
      return { below: `manifests/${digest}`, shape: readShape(context, digest, fixture) };
    },
  },
  {
    judgedBy: 'delete-blob',
    title: 'A blob',
    titles: 'blobs',
    section: 'distribution-spec/spec.md#deleting-blobs',
    pushedBy: 'upload-post-put',
    unknownBy: 'blob-head-unknown',
    *push(context, name) {
      const content = freshContent(context, name, 300);
      yield* givenBlob(context, content);
      const { digest, size } = content;
      const blob = { mediaType: 'application/octet-stream', digest, size };
      return { below: `blobs/${digest}`, shape: blobShape(context, blob) };
    },
  },
];

export const readBeforeDeleteChecks: readonly Check[] = kinds.map((kind): Check => {
  const id = `${kind.judgedBy}-read`;
  return {
    id,
    level: 'MUST',
    section: kind.section,
    requirement: `${kind.title} that was read, by GET and by HEAD, before it was deleted is 404 for both after it.`,
    why: 'What was deleted because it must not be there is what was in use, and is in the caches.',
    needs: ['push'],
    dependsOn: [kind.judgedBy, kind.pushedBy, kind.unknownBy],
    isAlone: kind.judgedBy !== 'delete-blob',
    *run(context) {
      const { below, shape } = yield* kind.push(context, id);
      const ways = [
        ['GET', shape],
        ['HEAD', headOf(shape)],
      ] as const;
      const session = () => context.session(context.repository, 'pull,push');
      for (const [, way] of ways) {
        yield* given(context, kind.pushedBy, function* () {
          expectStatus((yield* ask(context, way, session())).last, 200);
        });
      }
      yield* givenDeleted(context, below, kind.titles, kind.judgedBy);
      for (const [method, way] of ways) {
        const { last } = yield* ask(context, way, session());
        if (last.status !== 404) yield* givenGone(context, kind, `${id}-plain`);
        const expected = `status 404 for ${method} of ${below}, which was read before it was deleted`;
        expectThat(last.status === 404, expected, describe(last));
        expectReply(last);
      }
      return 'read, 202, then 404 by GET and HEAD';
    },
  };
});

/** What nobody has read is gone once it was deleted. @throws Void, Unsupported */
function* givenGone(context: CheckContext, kind: Kind, name: string): Talk<void> {
  const { below } = yield* kind.push(context, name);
  yield* givenDeleted(context, below, kind.titles, kind.judgedBy);
  yield* given(context, kind.judgedBy, () => expectAbsent(context, below));
  yield* given(context, kind.unknownBy, () => expectHeadAbsent(context, below));
}
