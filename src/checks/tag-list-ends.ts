// distribution-spec, "Listing Tags": where the list ends, and what does not belong into it.
import { type Check, expectThat, quote } from './check.ts';
import { contentOf } from './content.ts';
import { pagesOf, readPage } from './list-pages.ts';
import { haveImage, put } from './pushed.ts';
import { listPath, tagsIn } from './tags.ts';

const section = 'distribution-spec/spec.md#listing-tags';

export const tagListEndChecks: readonly Check[] = [
  {
    id: 'tags-last-end',
    level: 'MUST',
    section,
    requirement:
      'With last, nothing comes that is before that tag, also where nothing is after it.',
    why: 'A client that asks for page after page begins anew here, and never comes to an end.',
    needs: ['push'],
    *run(context) {
      const { otherRepository } = context;
      // Where no check pushes tags that come after z.
      const own = ['a', 'b', 'zzzz'].map((name) => `${name}-tags-last-end-${context.nonce}`);
      yield* haveImage(context, 'tags-last-end', own, otherRepository);
      const last = own.at(-1) ?? '';
      for (const query of [`last=${last}`, `n=2&last=${last}`]) {
        const path = `/v2/${otherRepository}/tags/list?${query}`;
        const tags = tagsIn(yield* readPage(context, path, otherRepository));
        const before = tags.find((tag) => own.includes(tag));
        const actual = `${tags.length} tags, ${quote(before ?? '')} among them`;
        expectThat(before === undefined, `no tag before ${last}`, actual);
      }
      return `nothing before ${last}`;
    },
  },
  {
    id: 'tags-no-digests',
    level: 'MUST',
    section,
    requirement: 'A manifest that was pushed to its digest alone adds no tag to the list.',
    why: 'Cleaning jobs and mirrors take whatever stands there for a tag, and fail on it.',
    needs: ['push'],
    *run(context) {
      const built = yield* haveImage(context, 'tags-no-digests');
      const { bytes, digest } = built.content;
      const sha512 = contentOf(bytes, 'sha512').digest;
      const { reply } = yield* put(context, sha512, built);
      const listed = (yield* pagesOf(context, listPath(context))).flatMap(tagsIn);
      for (const each of reply.status === 201 ? [digest, sha512] : [digest]) {
        const hex = each.split(':')[1] ?? '';
        const found = listed.find((tag) => tag.includes(hex));
        expectThat(found === undefined, 'tags alone', quote(found ?? ''));
      }
      return `no digest among ${listed.length} tags`;
    },
  },
];
