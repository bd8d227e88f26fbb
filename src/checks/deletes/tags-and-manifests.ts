// distribution-spec, "Content Management": what is gone after a tag or a manifest was deleted, and what must
// survive it.

import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { absentRepository } from '../kit/ask.ts';
import { expectAbsent, expectBlobThere } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import {
  expectAccepted,
  expectDeleted,
  expectHeadAbsent,
  expectNotFound,
  expectUnknown,
  givenDeleted,
  isKept,
  tryDelete,
} from '../kit/deletion.ts';
import { expectStatus, expectThat } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { descriptorOf, image, list, type PushedManifest } from '../kit/manifests.ts';
import { expectManifest, givenImage, givenNeeded, givenPushed, put } from '../kit/stored.ts';
import { givenMoved, putOver } from '../kit/tag-moves.ts';
import { allTags, ownTag } from '../kit/tags.ts';

const tags = 'distribution-spec/spec.md#deleting-tags';
const manifests = 'distribution-spec/spec.md#deleting-manifests';

const tagChecks: readonly Check[] = [
  {
    id: 'delete-tag',
    level: 'MUST',
    section: tags,
    requirement:
      'DELETE of a tag answers 202 (400 or 405 where it is disabled), and it is 404 then.',
    why: 'A withdrawn release must not be pulled any more.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['tag-delete first', 'tag-delete token'],
    *run(context) {
      const tag = ownTag(context, 'delete-tag');
      yield* givenImage(context, 'delete-tag', [tag]);
      yield* expectDeleted(context, `manifests/${tag}`, 'tags');
      yield* expectAbsent(context, `manifests/${tag}`);
      yield* expectHeadAbsent(context, `manifests/${tag}`);
      return '202, then 404';
    },
  },
  {
    id: 'delete-tag-listed',
    level: 'MUST',
    section: tags,
    requirement: 'A deleted tag is no longer in the list of tags.',
    why: 'Cleaning jobs would delete it for ever.',
    needs: ['push'],
    dependsOn: ['delete-tag', 'tags-list'],
    *run(context) {
      const id = 'delete-tag-listed';
      const [gone, kept] = [ownTag(context, `${id}-1`), ownTag(context, `${id}-2`)];
      yield* givenImage(context, id, [gone, kept]);
      yield* givenTagDeleted(context, gone);
      return yield* expectListed(context, kept, gone);
    },
  },
  {
    id: 'delete-tag-keeps-others',
    level: 'MUST',
    section: tags,
    requirement: 'Deleting a tag leaves the other tags of the same manifest.',
    why: 'Deleting "1.2-rc" must not take "1.2" away.',
    needs: ['push'],
    dependsOn: ['delete-tag'],
    *run(context) {
      const id = 'delete-tag-keeps-others';
      const [gone, kept] = [ownTag(context, `${id}-1`), ownTag(context, `${id}-2`)];
      const fixture = yield* givenImage(context, id, [gone, kept]);
      yield* givenTagDeleted(context, gone);
      yield* expectManifest(context, kept, fixture);
      return `${kept} is there`;
    },
  },
  {
    id: 'delete-tag-keeps-manifest',
    level: 'COMPAT',
    section: tags,
    requirement:
      'Deleting a tag leaves the manifest that it names, and the one that it named before, by digest.',
    why: 'Deployments that are pinned by digest go on pulling what lost its name.',
    needs: ['push'],
    dependsOn: ['delete-tag', 'tag-moved-keeps'],
    *run(context) {
      const id = 'delete-tag-keeps-manifest';
      const tag = ownTag(context, id);
      const manifests = [
        yield* givenImage(context, `${id} before`, [tag]),
        yield* givenMoved(context, id, [tag]),
      ];
      yield* given(context, 'tag-moved-keeps', () => expectByDigest(context, manifests));
      yield* givenTagDeleted(context, tag);
      yield* expectByDigest(context, manifests);
      return 'both are there';
    },
  },
  {
    id: 'delete-tag-unknown',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'DELETE of a tag that does not exist answers 404.',
    why: 'Whoever deletes wants to know that the name was misspelt.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      yield* givenImage(context, 'delete-tag-unknown');
      return yield* expectUnknown(context, `manifests/${ownTag(context, 'delete-tag-unknown')}`);
    },
  },
  {
    id: 'delete-tag-twice',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'DELETE of a tag a second time answers 404.',
    why: 'Two cleaning jobs meet; the second must not take this for a broken registry.',
    needs: ['push'],
    dependsOn: ['delete-tag'],
    covers: ['tag-delete second'],
    *run(context) {
      const tag = ownTag(context, 'delete-tag-twice');
      yield* givenImage(context, 'delete-tag-twice', [tag]);
      yield* givenTagDeleted(context, tag);
      return yield* expectUnknown(context, `manifests/${tag}`);
    },
  },
  {
    id: 'delete-tag-other-repository',
    level: 'MUST',
    section: tags,
    requirement: 'Deleting a tag leaves the tag of the same name in another repository.',
    why: 'Every repository has a "latest".',
    needs: ['push'],
    dependsOn: ['delete-tag'],
    *run(context) {
      const id = 'delete-tag-other-repository';
      const tag = ownTag(context, id);
      yield* givenImage(context, id, [tag]);
      const kept = yield* givenImage(context, id, [tag], context.otherRepository);
      yield* givenTagDeleted(context, tag);
      yield* expectManifest(context, tag, kept, context.otherRepository);
      return `there in ${context.otherRepository}`;
    },
  },
  {
    id: 'delete-tag-again',
    level: 'MUST',
    section: tags,
    requirement: 'A tag that was deleted can be pushed again.',
    why: 'Releases are withdrawn, mended and published again.',
    needs: ['push'],
    dependsOn: ['delete-tag'],
    *run(context) {
      const tag = ownTag(context, 'delete-tag-again');
      const fixture = yield* givenImage(context, 'delete-tag-again', [tag]);
      yield* givenTagDeleted(context, tag);
      // Some registries delete the manifest and its blobs with the last tag (Gitea).
      yield* givenNeeded(context, fixture);
      // Where tags are immutable, one that is gone may stay taken.
      const { reply } = yield* putOver(context, tag, fixture);
      expectStatus(reply, 201);
      yield* expectManifest(context, tag, fixture);
      return '201, and there';
    },
  },
];

const manifestChecks: readonly Check[] = [
  {
    id: 'delete-manifest',
    level: 'MUST',
    section: manifests,
    requirement:
      'DELETE of a manifest answers 202 (400 or 405 where it is disabled); then GET and HEAD of its digest and of its tags are 404.',
    why: 'What was deleted because it must not be there has to be gone.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['manifest-delete first', 'manifest-delete token'],
    *run(context) {
      const id = 'delete-manifest';
      const named = [ownTag(context, `${id}-1`), ownTag(context, `${id}-2`)];
      const { digest } = (yield* givenImage(context, id, named)).content;
      const tried = yield* tryDelete(context, `manifests/${digest}`);
      // Registries may keep what a tag names: then one without tags is judged.
      if (isKept(tried)) {
        yield* expectUntaggedDeleted(context, id);
        const { status } = tried.reply;
        return `202, then 404, of one without tags; one that a tag names is kept (${status})`;
      }
      expectAccepted(tried, 'manifests');
      yield* expectGone(context, [digest, ...named]);
      return '202, then 404 by digest and by both tags';
    },
  },
  {
    id: 'delete-manifest-listed',
    level: 'MUST',
    section: manifests,
    requirement: 'Tags of a deleted manifest are no longer in the list of tags.',
    why: 'Whoever pulls what the list names fails.',
    needs: ['push'],
    dependsOn: ['delete-manifest', 'tags-list'],
    *run(context) {
      const id = 'delete-manifest-listed';
      const gone = [ownTag(context, `${id}-1`), ownTag(context, `${id}-3`)];
      const kept = ownTag(context, `${id}-2`);
      const { digest } = (yield* givenImage(context, id, gone)).content;
      yield* givenImage(context, `${id} kept`, [kept]);
      yield* givenManifestDeleted(context, digest);
      return yield* expectListed(context, kept, ...gone);
    },
  },
  {
    id: 'delete-manifest-keeps-moved-tag',
    level: 'MUST',
    section: manifests,
    requirement: 'Deleting a manifest leaves a tag that was moved from it to another one.',
    why: 'Cleaning jobs delete what "latest" was yesterday.',
    needs: ['push'],
    dependsOn: ['delete-manifest', 'tag-moved', 'tag-moved-keeps'],
    *run(context) {
      const id = 'delete-manifest-keeps-moved-tag';
      const tag = ownTag(context, id);
      const before = yield* givenImage(context, `${id} before`, [tag]);
      const after = yield* givenMoved(context, `${id} after`, [tag]);
      yield* given(context, 'tag-moved', () => expectManifest(context, tag, after));
      yield* given(context, 'tag-moved-keeps', () => expectByDigest(context, [before]));
      yield* givenManifestDeleted(context, before.content.digest);
      yield* expectManifest(context, tag, after);
      return `${tag} is ${after.content.digest} still`;
    },
  },
  {
    id: 'delete-manifest-keeps-shared',
    level: 'MUST',
    section: manifests,
    requirement: 'Deleting a manifest leaves another one with the same blobs, and the blobs.',
    why: 'Images share their layers: deleting one must not break the others.',
    needs: ['push'],
    dependsOn: ['delete-manifest'],
    *run(context) {
      const id = 'delete-manifest-keeps-shared';
      const gone = image(context, id);
      const kept = image(context, id, { annotations: { 'org.example.kept': 'yes' } });
      for (const fixture of [gone, kept]) yield* givenPushed(context, fixture);
      yield* givenManifestDeleted(context, gone.content.digest);
      yield* expectManifest(context, kept.content.digest, kept);
      for (const blob of kept.blobs) yield* expectBlobThere(context, blob);
      return `${kept.content.digest} and its blobs are there`;
    },
  },
  {
    id: 'delete-manifest-other-repository',
    level: 'MUST',
    section: manifests,
    requirement: 'Deleting a manifest leaves the same manifest in another repository.',
    why: 'Promotion copies images between repositories, and cleans up behind itself.',
    needs: ['push'],
    dependsOn: ['delete-manifest'],
    *run(context) {
      const id = 'delete-manifest-other-repository';
      const fixture = yield* givenImage(context, id);
      yield* givenPushed(context, fixture, undefined, context.otherRepository);
      yield* givenManifestDeleted(context, fixture.content.digest);
      yield* expectManifest(context, fixture.content.digest, fixture, context.otherRepository);
      return `there in ${context.otherRepository}`;
    },
  },
  {
    id: 'delete-index-keeps-children',
    level: 'COMPAT',
    section: manifests,
    requirement: 'Deleting an index leaves the manifests that it lists.',
    why: 'Platform images are in other indexes too, or are deployed by their own digest.',
    needs: ['push'],
    dependsOn: ['delete-manifest', 'manifest-put-index'],
    *run(context) {
      const id = 'delete-index-keeps-children';
      const child = yield* givenImage(context, id);
      const entries = [descriptorOf(child.mediaType, child.content)];
      const index = list({ manifests: entries }, [child], child.blobs);
      yield* givenPushed(context, index);
      yield* givenManifestDeleted(context, index.content.digest);
      yield* expectManifest(context, child.content.digest, child);
      return `${child.content.digest} is there`;
    },
  },
  {
    id: 'delete-manifest-unknown',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'DELETE of a manifest that does not exist answers 404.',
    why: 'Whoever deletes wants to know that there was nothing to delete.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'delete-manifest-unknown';
      yield* givenImage(context, id);
      const { digest } = freshContent(context, id, 10);
      return yield* expectUnknown(context, `manifests/${digest}`);
    },
  },
  {
    id: 'delete-manifest-twice',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'DELETE of a manifest a second time answers 404.',
    why: 'Two cleaning jobs meet; the second must not take this for a broken registry.',
    needs: ['push'],
    dependsOn: ['delete-manifest'],
    covers: ['manifest-delete second'],
    *run(context) {
      const { digest } = (yield* givenImage(context, 'delete-manifest-twice')).content;
      yield* givenManifestDeleted(context, digest);
      return yield* expectUnknown(context, `manifests/${digest}`);
    },
  },
  {
    id: 'delete-manifest-again',
    level: 'MUST',
    section: manifests,
    requirement: 'A manifest that was deleted can be pushed again.',
    why: 'Builds are reproducible: the same bytes come back.',
    needs: ['push'],
    dependsOn: ['delete-manifest'],
    *run(context) {
      const fixture = yield* givenImage(context, 'delete-manifest-again');
      const { digest } = fixture.content;
      yield* givenManifestDeleted(context, digest);
      yield* givenNeeded(context, fixture);
      const { reply } = yield* put(context, digest, fixture);
      expectStatus(reply, 201);
      yield* expectManifest(context, digest, fixture);
      return '201, and there';
    },
  },
  {
    id: 'delete-unknown-repository',
    level: 'MUST',
    section: manifests,
    requirement: 'DELETE of a manifest in a repository that does not exist answers 404.',
    why: 'A misspelt name must not look like a job well done.',
    needs: ['push'],
    dependsOn: ['delete-manifest'],
    *run(context) {
      const id = 'delete-unknown-repository';
      const { digest } = (yield* givenImage(context, id)).content;
      // Where deletion is disabled, 400 and 405 are the answers to all of it.
      yield* givenManifestDeleted(context, digest);
      return yield* expectNotFound(context, `manifests/${digest}`, absentRepository(context));
    },
  },
];

export const deleteChecks: readonly Check[] = [...tagChecks, ...manifestChecks].map((check) => ({
  ...check,
  isAlone: true,
}));

const givenTagDeleted = (context: CheckContext, tag: string) =>
  givenDeleted(context, `manifests/${tag}`, 'tags', 'delete-tag');

const givenManifestDeleted = (context: CheckContext, digest: string) =>
  givenDeleted(context, `manifests/${digest}`, 'manifests', 'delete-manifest');

function* expectUntaggedDeleted(context: CheckContext, id: string): Talk<void> {
  const { digest } = (yield* givenImage(context, `${id} untagged`)).content;
  yield* expectDeleted(context, `manifests/${digest}`, 'manifests');
  yield* expectGone(context, [digest]);
}

function* expectGone(context: CheckContext, references: readonly string[]): Talk<void> {
  for (const reference of references) {
    yield* expectAbsent(context, `manifests/${reference}`);
    yield* expectHeadAbsent(context, `manifests/${reference}`);
  }
}

function* expectListed(context: CheckContext, kept: string, ...gone: string[]): Talk<string> {
  const listed = yield* allTags(context);
  for (const tag of gone) {
    expectThat(!listed.includes(tag), `no ${tag} in the list`, 'it is there');
  }
  expectThat(listed.includes(kept), `${kept} in the list`, `${listed.length} other tags`);
  return `${kept} is listed, ${gone.join(' and ')} not`;
}

function* expectByDigest(context: CheckContext, manifests: readonly PushedManifest[]): Talk<void> {
  for (const pushed of manifests) yield* expectManifest(context, pushed.content.digest, pushed);
}
