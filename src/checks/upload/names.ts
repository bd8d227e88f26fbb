// distribution-spec, "Pulling manifests": every form of repository name that the grammar has. Each is pushed to and
// read from; whether a repository may be made by pushing is for the registry to say.
import { PullFailure } from '../../protocol/failure.ts';
import { hostOf } from '../../protocol/grammar/uri.ts';
import type { Talk } from '../../protocol/talk.ts';
import { Broken, type Check, type CheckContext, Unsupported, Void } from '../check.ts';
import { ask, headOf } from '../kit/ask.ts';
import { expectBlob, expectHeadOfBlob } from '../kit/blobs.ts';
import { describe, expectStatus, expectThat } from '../kit/expect.ts';
import { bare, type ManifestFixture } from '../kit/manifests.ts';
import { givenFirstPush, newRepository, pushFirst } from '../kit/new-repositories.ts';
import { readPage } from '../kit/pages.ts';
import { entriesIn } from '../kit/referrers.ts';
import { expectManifest, givenImage, putManifest, readShape } from '../kit/stored.ts';
import { ownTag, tagsIn } from '../kit/tags.ts';
import { closeUpload, locationOf, noteLeftover, octets, postUpload } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#pulling-manifests';

/** Many clients take no more, host and slash included (spec.md, "Pulling manifests"). */
const referenceCharsMax = 255;
/** Components of the deepest name. */
const depth = 8;
/** By these a registry says that this name may not be pushed to, by us or before somebody has made it. */
const notOffered: readonly number[] = [401, 403, 404];

interface Form {
  readonly id: string;
  readonly title: string;
  /** `base`: the namespace of the run's repository with its slash, or ''. `own`: letters and digits of this run. */
  name(base: string, own: string, context: CheckContext): string;
}

const forms: readonly Form[] = [
  { id: 'hyphens', title: 'with two hyphens together', name: (base, own) => `${base}p--${own}` },
  { id: 'hyphens-many', title: 'with many hyphens', name: (base, own) => `${base}p----${own}` },
  { id: 'underscore', title: 'with an underscore', name: (base, own) => `${base}p_${own}` },
  { id: 'underscores', title: 'with two underscores', name: (base, own) => `${base}p__${own}` },
  { id: 'dot', title: 'with a dot', name: (base, own) => `${base}p.${own}` },
  {
    id: 'separators',
    title: 'with every separator',
    name: (base, own) => `${base}p.q_r__s-t--u/v.w_x/${own}`,
  },
  { id: 'digits', title: 'of digits alone', name: (base, own) => `${base}${digitsOf(own)}/0` },
  { id: 'one', title: 'of one component', name: (_base, own) => `pullproof-${own}` },
  {
    id: 'many',
    title: `of ${depth} components`,
    name: (base, own) => {
      const above = base.split('/').length - 1;
      const more = Array.from({ length: Math.max(1, depth - above - 1) }, (_, at) => `p${at}`);
      return `${base}${more.join('/')}/${own}`;
    },
  },
  {
    id: 'endpoints',
    title: 'whose components are called as endpoints are',
    name: (base, own) => `${base}${own}/tags/blobs/uploads/manifests/v2`,
  },
  {
    id: 'longest',
    title: `that makes ${referenceCharsMax} characters with the host`,
    name: (base, own, { registryUrl }) => {
      const length = referenceCharsMax - hostOf(registryUrl).length - 1;
      return `${base}${own}-`
        .padEnd(length - 1, 'x')
        .slice(0, length - 1)
        .concat('z');
    },
  },
];

const nameChecks: readonly Check[] = forms.map(({ id: form, title, name }) => {
  const id = `repository-name-${form}`;
  return {
    id,
    // The grammar binds who names a repository; that all of it works is expected.
    level: 'COMPAT',
    section,
    requirement: `A repository ${title} can be pushed to, and what was pushed is read back by tag, digest and as a blob.`,
    why: 'Names come from branches, teams and paths; one that the router reads as something else is lost.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'push-first', 'upload-post-put'],
    covers: [
      'upload-start names',
      'manifest-put names',
      'manifest-tag names',
      'manifest-tag-head names',
      'manifest-digest names',
      'manifest-digest-head names',
      'referrers names',
      'blob names',
      'blob-head names',
      'tags names',
    ],
    *run(context) {
      const slash = context.repository.lastIndexOf('/');
      const base = context.repository.slice(0, slash + 1);
      const own = `${form.slice(0, 3)}${context.nonce}`;
      const repository = name(base, own, context);
      try {
        yield* pushAndRead(context, id, repository);
      } catch (error) {
        if (!(error instanceof Broken) && !(error instanceof PullFailure)) throw error;
        yield* givenPlain(context, form);
        throw error;
      }
      return `${repository}: pushed, and read back`;
    },
  };
});

const firstPush: Check = {
  id: 'push-first',
  level: 'COMPAT',
  section: 'distribution-spec/spec.md#pushing-manifests',
  requirement:
    'The first push to a repository that is not there yet holds: a blob, a manifest, and reading it back.',
  why: 'A new project begins with it; a registry that trips over what it makes then fails the first build.',
  needs: ['push'],
  dependsOn: ['manifest-put-image', 'upload-post-put'],
  *run(context) {
    yield* givenImage(context, 'push-first before');
    return `${yield* pushFirst(context, 'plain')}: pushed, and read back`;
  },
};

export const repositoryNameChecks: readonly Check[] = [firstPush, ...nameChecks];

/** The same under plain names: of the run's own repository, and of a new one. @throws Void where even that does not hold */
function* givenPlain(context: CheckContext, form: string): Talk<void> {
  const id = `repository-name-${form} plain`;
  yield* givenImage(context, `${id} before`);
  yield* unlessTheSame(pushAndRead(context, id, context.repository));
  try {
    yield* givenFirstPush(context, `plain-${form}`);
    yield* unlessTheSame(pushAndRead(context, id, newRepository(context, `plain-${form}`)));
  } catch (error) {
    // Not every registry makes a repository of a plain name.
    if (!(error instanceof Unsupported)) throw error;
  }
}

function* unlessTheSame(talk: Talk<void>): Talk<void> {
  try {
    yield* talk;
  } catch (error) {
    if (!(error instanceof Broken) && !(error instanceof PullFailure)) throw error;
    throw new Void(`a plain name comes to the same: ${error.message}`);
  }
}

/** A config and a manifest, read back in every way. @throws Unsupported where the name may not be pushed to */
function* pushAndRead(context: CheckContext, id: string, repository: string): Talk<void> {
  const fixture = bare(context, id, {});
  yield* pushConfig(context, fixture, repository);
  const { content, mediaType } = fixture;
  const tag = ownTag(context, id.replaceAll(' ', '-'));
  const { reply } = yield* putManifest(context, tag, content, mediaType, { repository });
  expectStatus(reply, 201);
  const session = context.session(repository, 'pull,push');
  for (const reference of [tag, content.digest]) {
    yield* expectManifest(context, reference, fixture, repository);
    const head = headOf(readShape(context, reference, fixture, repository));
    expectStatus((yield* ask(context, head, session)).last, 200);
  }
  for (const blob of fixture.blobs) {
    yield* expectHeadOfBlob(context, blob, repository);
    yield* expectBlob(context, blob, repository);
  }
  yield* expectReferrers(context, repository, content.digest);
  const { reply: list } = yield* readPage(context, `/v2/${repository}/tags/list`, repository);
  // Where tags are listed at all; in pages, which are for others to judge.
  if (list.status !== 200 || list.header('Link') !== undefined) return;
  const tags = tagsIn({ reply: list });
  expectThat(tags.includes(tag), `${tag} in the list of ${repository}`, `${tags.length} tags`);
}

/** @throws Unsupported where the name may not be pushed to */
function* pushConfig(
  context: CheckContext,
  { blobs }: ManifestFixture,
  repository: string,
): Talk<void> {
  for (const { digest, bytes } of blobs) {
    const begun = yield* beginIn(context, repository);
    const { status } = begun.reply;
    if (notOffered.includes(status)) {
      throw new Unsupported(`${repository} may not be pushed to (${status})`);
    }
    expectThat(status === 202, `status 202 for an upload to ${repository}`, describe(begun.reply));
    const url = locationOf(begun);
    const { reply } = yield* closeUpload(context, url, digest, bytes, [octets], repository);
    expectStatus(reply, 201);
    noteLeftover(context, { kind: 'blob', repository, reference: digest });
  }
}

function* beginIn(context: CheckContext, repository: string): ReturnType<typeof postUpload> {
  try {
    return yield* postUpload(context, '', repository);
  } catch (error) {
    const isRefused = error instanceof PullFailure && [400, ...notOffered].includes(error.status);
    if (!isRefused) throw error;
    throw new Unsupported(`there is no token for ${repository} (${error.status})`);
  }
}

/** The list of what refers to the manifest, which is empty, where there are such lists. */
function* expectReferrers(context: CheckContext, repository: string, digest: string): Talk<void> {
  const path = `/v2/${repository}/referrers/${digest}`;
  const { reply } = yield* readPage(context, path, repository);
  if ([400, 401, 403, 404, 405, 501].includes(reply.status)) return;
  entriesIn(reply);
}

function digitsOf(own: string): string {
  return own.replaceAll(/[^0-9]/g, '0');
}
