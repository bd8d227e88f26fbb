// distribution-spec, "Listing Tags": how many come. As many as there are where a client asks for more than any page
// has, and none of a repository that has none.
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { givenUploadTo, newRepository } from '../kit/new-repositories.ts';
import { nextPage, readPage } from '../kit/pages.ts';
import { givenImage } from '../kit/stored.ts';
import { listPath, readOfferedTags, readTags, tagsIn } from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#listing-tags';

/** As crane and others ask, for fewer pages. */
const n = 1000;

export const tagCountChecks: readonly Check[] = [
  {
    id: 'tags-read-n-large',
    level: 'COMPAT',
    section,
    requirement: `The list of tags of a repository that is read is answered 200 with n=${n}.`,
    why: 'Clients ask for pages as long as this: they take a refusal for a repository that cannot be listed.',
    needs: ['top'],
    dependsOn: ['tags-read-form'],
    *run(context) {
      yield* givenTags(context);
      const { reply } = yield* readPage(context, listPath(context, `n=${n}`));
      expectThat(reply.status === 200, `status 200 with n=${n}`, describe(reply));
      return `${tagsIn({ reply }).length} tags`;
    },
  },
  {
    id: 'tags-read-n-whole',
    level: 'MUST',
    section,
    requirement: `Of the tags of a repository that is read, n=${n} brings as many, or all, or a Link to the others.`,
    why: 'What is cut off and said to be all is not mirrored, not scanned, not cleaned away.',
    needs: ['top'],
    dependsOn: ['tags-read-n-large'],
    *run(context) {
      const before = yield* givenTags(context);
      const page = yield* readPage(context, listPath(context, `n=${n}`));
      if (page.reply.status !== 200) {
        throw notGiven(context, 'tags-read-n-large', describe(page.reply));
      }
      const tags = tagsIn(page);
      if (nextPage(page) !== undefined) return `${tags.length} tags, and a Link`;
      if (tags.length >= n) return `${tags.length} tags`;
      const missing = before.find((tag) => !tags.includes(tag));
      if (missing === undefined) return `all ${tags.length} tags`;
      // Others may have deleted it meanwhile.
      const isThere = (yield* givenTags(context)).includes(missing);
      const actual = `${tags.length} tags and no Link; without n there is ${quote(missing)}, too`;
      expectThat(!isThere, `all tags with n=${n}, or a Link`, actual);
      return `${tags.length} tags`;
    },
  },
  {
    id: 'tags-none',
    // Whether a repository is found that has no tag is for the registry to say.
    level: 'COMPAT',
    section,
    requirement: 'The list of tags of a repository whose manifests have none is 200, and empty.',
    why: 'Cleaning jobs that take tags away are told that there is no such repository, and leave the rest.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'tags-list'],
    *run(context) {
      const repository = newRepository(context, 'tags-none');
      yield* givenUploadTo(context, repository);
      yield* givenImage(context, 'tags-none', undefined, repository);
      yield* given(context, 'tags-list', function* () {
        expectStatus((yield* readTags(context, listPath(context))).reply, 200);
      });
      const path = `/v2/${repository}/tags/list`;
      const { reply } = yield* readPage(context, path, repository);
      const expected = `status 200 and no tags for ${repository}, which has a manifest`;
      expectThat(reply.status === 200, expected, describe(reply));
      const tags = tagsIn({ reply });
      expectThat(tags.length === 0, expected, `${tags.length} tags: ${quote(tags.join(', '))}`);
      return '200, and no tags';
    },
  },
];

/** The first page, whole or not. @throws Unsupported where the registry has no such list, or not for us; Void */
function* givenTags(context: CheckContext): Talk<string[]> {
  return yield* given(context, 'tags-read-form', function* () {
    return tagsIn(yield* readOfferedTags(context));
  });
}
