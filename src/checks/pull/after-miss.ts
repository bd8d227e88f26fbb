// What was asked for and missing is there once it was pushed: caches, in the registry and before it, keep "not found"
// as they keep content. A table of what there is, each by GET and HEAD. (GET of a tag: tag-after-miss.) Where what nobody
// asked for is not there either once it was pushed, that is for other checks to tell.
import { PullFailure } from '../../protocol/failure.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { ask, askHere, blobShape, headOf } from '../kit/ask.ts';
import { givenBlob } from '../kit/blobs.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { describe, expectContent, expectStatus, expectThat } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { bare } from '../kit/manifests.ts';
import { givenUploadTo, newRepository } from '../kit/new-repositories.ts';
import {
  expectManifest,
  givenImage,
  givenManifest,
  givenNeeded,
  givenPushed,
  readShape,
} from '../kit/stored.ts';
import { allTags, expectListed, ownTag } from '../kit/tags.ts';
import { isServed } from '../kit/tokens.ts';

const existence = 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry';
const why = 'Who waits for a build, or looks before pushing, asks for what is not there yet.';

/** What a check is going to push. */
interface Missing {
  readonly content: Content;
  readonly shape: RequestShape;
  push(): Talk<void>;
}

interface Kind {
  /** Ids begin with it. */
  readonly id: string;
  readonly title: string;
  readonly section: string;
  /** Checks of what is not there, by the method that asks for it. */
  readonly unknown: Readonly<Partial<Record<'GET' | 'HEAD', string>>>;
  /** The check of pushing it. */
  readonly pushed: string;
  prepare(context: CheckContext, id: string): Talk<Missing>;
}

const kinds: readonly Kind[] = [
  {
    id: 'tag-after-miss',
    title: 'a tag',
    section: 'distribution-spec/spec.md#pulling-manifests',
    unknown: { HEAD: 'manifest-head-unknown' },
    pushed: 'manifest-put-image',
    prepare: (context, id) => missingManifest(context, id, ownTag(context, id)),
  },
  {
    id: 'manifest-after-miss',
    title: 'a manifest by its digest',
    section: 'distribution-spec/spec.md#pulling-manifests',
    unknown: { GET: 'manifest-unknown-digest', HEAD: 'manifest-head-unknown' },
    pushed: 'manifest-put-image',
    prepare: (context, id) => missingManifest(context, id),
  },
  {
    id: 'blob-after-miss',
    title: 'a blob',
    section: 'distribution-spec/spec.md#pulling-blobs',
    unknown: { GET: 'blob-unknown', HEAD: 'blob-head-unknown' },
    pushed: 'upload-post-put',
    *prepare(context, id) {
      const content = freshContent(context, id, 300);
      const { digest, size } = content;
      return {
        content,
        shape: blobShape(context, { mediaType: 'application/octet-stream', digest, size }),
        push: () => givenBlob(context, content),
      };
    },
  },
];

const methods = ['GET', 'HEAD'] as const;

const readChecks = kinds.flatMap(({ id: kind, title, section, unknown, pushed, prepare }) =>
  methods.flatMap((method): Check[] => {
    const id = method === 'GET' ? kind : `${kind}-head`;
    const judge = unknown[method];
    if (judge === undefined) return [];
    return [
      {
        id,
        level: 'COMPAT',
        section: method === 'GET' ? section : existence,
        requirement: `${method} of ${title} that was asked for so before, and was missing, answers 200 once it was pushed.`,
        why,
        needs: ['push'],
        dependsOn: [pushed, judge],
        *run(context) {
          const { content, shape, push } = yield* prepare(context, id);
          const asked = method === 'GET' ? shape : headOf(shape);
          const session = () => context.session(context.repository, 'pull,push');
          yield* given(context, judge, function* () {
            expectStatus((yield* ask(context, asked, session())).last, 404);
          });
          yield* push();
          const { reply } = yield* askHere(context, asked, session());
          if (!isServed(reply)) {
            const plain = yield* prepare(context, `${id}-plain`);
            yield* plain.push();
            yield* given(context, pushed, function* () {
              const way = method === 'GET' ? plain.shape : headOf(plain.shape);
              expectServed((yield* askHere(context, way, session())).reply);
            });
          }
          const expected = `status 200 for ${method} of ${title}, which was 404 before it was pushed`;
          expectThat(isServed(reply), expected, describe(reply));
          if (method === 'GET' && reply.status === 200)
            expectContent(reply, { ...content, mediaType: 'application/octet-stream' });
          return `404, then 200 for ${content.digest}`;
        },
      },
    ];
  }),
);

export const afterMissChecks: readonly Check[] = [
  ...readChecks,
  {
    id: 'tags-after-miss',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#listing-tags',
    requirement: 'A tag that is pushed after the list of tags was read is in the list then.',
    why: 'Dashboards and update bots read the list again and again, until there is something new.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'tags-list', 'tags-new'],
    *run(context) {
      const id = 'tags-after-miss';
      const [first, early, late] = ['1', '2', '3'].map((n) => ownTag(context, `${id}-${n}`)) as [
        string,
        string,
        string,
      ];
      const read = function* (tag: string) {
        const listed = yield* allTags(context);
        yield* expectListed(context, [tag], listed);
        return listed;
      };
      // Two, as other checks may have read the list: what is pushed first may be lost to that.
      yield* givenImage(context, `${id} before`, [first, early]);
      const before = yield* given(context, 'tags-new', () => read(early));
      yield* givenImage(context, id, [late]);
      const after = yield* read(late);
      return `${before.length} tags, then ${after.length}`;
    },
  },
  {
    id: 'repository-after-miss',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-manifests',
    requirement:
      'A repository that was asked for, and did not exist, serves what is pushed to it then.',
    why: 'The first build of a project looks whether there is an image before it pushes one.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'repository-unknown'],
    *run(context) {
      const id = 'repository-after-miss';
      const repository = newRepository(context, 'after-miss');
      const fixture = bare(context, id, {});
      const { digest } = fixture.content;
      const shape = readShape(context, digest, fixture, repository);
      yield* given(context, 'repository-unknown', () =>
        expectNoRepository(context, shape, repository),
      );
      yield* givenUploadTo(context, repository);
      yield* givenPushed(context, fixture, [digest], repository);
      const session = context.session(repository, 'pull,push');
      const { last } = yield* ask(context, shape, session);
      if (last.status !== 200) {
        const plain = yield* givenImage(context, `${id} plain`);
        yield* given(context, 'manifest-put-image', () =>
          expectManifest(context, plain.content.digest, plain),
        );
      }
      const expected = `status 200 in ${repository}, which did not exist when it was asked for first`;
      expectThat(last.status === 200, expected, describe(last));
      expectContent(last, { ...fixture.content, mediaType: fixture.mediaType });
      return `404, then ${digest}`;
    },
  },
];

function expectServed(reply: HttpReply): void {
  expectThat(isServed(reply), 'status 200, or a redirect', describe(reply));
}

function* missingManifest(context: CheckContext, id: string, tag?: string): Talk<Missing> {
  const fixture = bare(context, id, {});
  const { content, mediaType } = fixture;
  const reference = tag ?? content.digest;
  yield* givenNeeded(context, fixture);
  return {
    content,
    shape: readShape(context, reference, fixture),
    push: () => givenManifest(context, reference, content, mediaType),
  };
}

/** @throws Unsupported where authorization, which comes first, hides that there is none */
function* expectNoRepository(
  context: CheckContext,
  shape: RequestShape,
  repository: string,
): Talk<void> {
  let status: number;
  try {
    const { last } = yield* ask(context, shape, context.session(repository, 'pull,push'));
    status = last.status;
    if (status !== 401 && status !== 403) expectStatus(last, 404);
  } catch (error) {
    if (!(error instanceof PullFailure) || ![400, 401, 403, 404].includes(error.status))
      throw error;
    status = error.status;
  }
  if (status === 404) return;
  throw new Unsupported(`the registry hides unknown names behind authorization (${status})`);
}
