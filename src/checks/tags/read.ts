// distribution-spec, "Listing Tags", of the repository that is read: what holds of its list whoever has filled it,
// so that a run that only reads can tell. Others may push meanwhile: nothing here depends on what they do.
import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { encodeQueryComponent } from '../../protocol/grammar/uri.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { describe, expectReply, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { nextPage, type Page, pagesOf, readPage } from '../kit/pages.ts';
import { expectListed, expectSorted, listPath, readOfferedTags, tagsIn } from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#listing-tags';

export const tagReadChecks: readonly Check[] = [
  {
    id: 'tags-read-form',
    level: 'MUST',
    section,
    requirement:
      'GET of the tags of a repository that is read answers 200 with JSON: the name of the repository, tags.',
    why: 'Dashboards, update bots and cleaning jobs read this document.',
    needs: ['top'],
    covers: ['tags second'],
    *run(context) {
      const { reply } = yield* readOfferedTags(context);
      expectStatus(reply, 200);
      const { name, tags } = asObject(parseJson(reply.text)) ?? {};
      expectThat(name === context.repository, `name ${context.repository}`, quote(reply.text));
      const isList = asArray(tags)?.every((tag) => asString(tag) !== undefined) ?? tags === null;
      expectThat(isList, 'tags: a list of texts', quote(reply.text));
      return `${asArray(tags)?.length ?? 0} tags of ${context.repository}`;
    },
  },
  {
    id: 'tags-read',
    level: 'MUST',
    section,
    requirement:
      'The tag that is read is in the list of tags of its repository, once, over all its pages.',
    why: 'What the list leaves out is not mirrored, not scanned, not cleaned away.',
    needs: ['top'],
    dependsOn: ['tags-read-form', 'tags-read-pages'],
    covers: ['tags second', 'tags one'],
    *run(context) {
      const { reference } = context;
      if (reference.includes(':'))
        throw new Unsupported('what is read is named by digest, not by tag');
      yield* givenList(context);
      const listed = (yield* pagesOf(context, listPath(context))).flatMap(tagsIn);
      yield* expectListed(context, [reference], listed);
      return `${reference} among ${listed.length}`;
    },
  },
  {
    id: 'tags-read-order',
    level: 'MUST',
    section,
    requirement:
      'The tags of a repository that is read are sorted, by code points or whatever the case.',
    why: 'Clients page by the last tag that they saw; in a list without order they miss some.',
    needs: ['top'],
    dependsOn: ['tags-read-form', 'tags-read-pages'],
    covers: ['tags many'],
    *run(context) {
      return expectSorted(yield* givenList(context));
    },
  },
  {
    id: 'tags-read-n',
    level: 'MUST',
    section,
    requirement: 'Of the tags of a repository that is read, n=1 brings one at most.',
    why: 'A proxy that drops the query sends the whole list to programs that asked for a page.',
    needs: ['top'],
    dependsOn: ['tags-read-form'],
    covers: ['tags one'],
    *run(context) {
      if ((yield* givenFirst(context)).tags.length === 0)
        throw new Unsupported('the repository has no tags');
      const page = yield* readPage(context, listPath(context, 'n=1'));
      const { length } = tagsIn(page);
      expectThat(length <= 1, 'one tag at most with n=1', `${length} tags`);
      const isEnough = length === 1 || nextPage(page) !== undefined;
      expectThat(isEnough, 'one tag with n=1, or a Link', 'no tag, and no Link');
      return `${length}`;
    },
  },
  {
    id: 'tags-read-last',
    level: 'MUST',
    section,
    requirement:
      'Of the tags of a repository that is read, those after last come: neither it nor those before.',
    why: 'A page that begins with the last tag again is never the end.',
    needs: ['top'],
    dependsOn: ['tags-read-form', 'tags-read-pages'],
    covers: ['tags many', 'tags empty'],
    *run(context) {
      const listed = yield* givenList(context);
      const at = Math.floor((listed.length - 1) / 2);
      for (const last of new Set([listed[at], listed.at(-1)])) {
        if (last === undefined) throw new Unsupported('the repository has no tags');
        const query = `last=${encodeQueryComponent(last)}`;
        const rest = tagsIn(yield* readPage(context, listPath(context, query)));
        const before = rest.find(
          (tag) => listed.indexOf(tag) >= 0 && listed.indexOf(tag) <= listed.indexOf(last),
        );
        const expected = `tags after ${quote(last)} alone with ${query}`;
        expectThat(
          before === undefined,
          expected,
          `${quote(before ?? '')} among ${rest.length} tags`,
        );
      }
      return `after ${quote(listed[at] ?? '')}, and after the last of ${listed.length}`;
    },
  },
  {
    id: 'tags-read-pages',
    level: 'MUST',
    section,
    requirement:
      'Each Link in the list of tags of a repository that is read leads to the next page, and the pages end.',
    why: 'What stands behind a Link that leads nowhere is not there for anybody.',
    needs: ['top'],
    dependsOn: ['tags-read-n'],
    covers: ['tags many'],
    *run(context) {
      const { tags, isWhole } = yield* givenFirst(context);
      const listed = isWhole ? tags : yield* tagsOver(context);
      const n = Math.max(1, Math.ceil(listed.length / pagesWanted));
      const pages = yield* pagesOf(context, listPath(context, `n=${n}`));
      const [first, ...rest] = pages as [Page, ...Page[]];
      if (first.reply.status !== 200) throw notGiven(context, 'tags-read-n', describe(first.reply));
      if (nextPage(first) === undefined) {
        if (listed.length <= n)
          throw new Unsupported(`all ${listed.length} tags fit into one page`);
        throw new Unsupported('the list has no Link, which is optional');
      }
      for (const { url, reply } of rest) {
        expectThat(
          reply.status === 200,
          `a page where Link leads: ${pathOf(url)}`,
          describe(reply),
        );
        expectReply(reply);
      }
      const seen = pages.flatMap(tagsIn);
      const twice = seen.find((tag, at) => seen.indexOf(tag) !== at);
      expectThat(twice === undefined, 'each tag once', `${quote(twice ?? '')} twice`);
      const missed = listed.find((tag) => !seen.includes(tag));
      expectThat(
        missed === undefined,
        `all ${listed.length} tags over the pages`,
        `no ${quote(missed ?? '')}`,
      );
      return `${seen.length} tags on ${pages.length} pages`;
    },
  },
  {
    id: 'tags-read-n-zero',
    level: 'MUST',
    section,
    requirement: 'Of the tags of a repository that is read, n=0 brings none, and no Link.',
    why: 'Clients ask so whether there is a repository at all.',
    needs: ['top'],
    dependsOn: ['tags-read-form'],
    covers: ['tags empty'],
    *run(context) {
      yield* givenFirst(context);
      const page = yield* readPage(context, listPath(context, 'n=0'));
      const { length } = tagsIn(page);
      expectThat(length === 0, 'no tags with n=0', `${length} tags`);
      expectThat(
        nextPage(page) === undefined,
        'no Link with n=0',
        `Link: ${quote(page.reply.header('Link') ?? '')}`,
      );
      return 'no tags';
    },
  },
];

/** A list is read in about so many pages. */
const pagesWanted = 4;

/** What the first page has. @throws Unsupported, Void */
function* givenFirst(context: CheckContext): Talk<FirstPage> {
  return yield* given(context, 'tags-read-form', function* () {
    const page = yield* readOfferedTags(context);
    return { tags: tagsIn(page), isWhole: nextPage(page) === undefined };
  });
}

interface FirstPage {
  readonly tags: string[];
  readonly isWhole: boolean;
}

/** The whole list, as far as it can be read. @throws Unsupported, Void */
function* givenList(context: CheckContext): Talk<string[]> {
  const { tags, isWhole } = yield* givenFirst(context);
  return isWhole ? tags : yield* given(context, 'tags-read-pages', () => tagsOver(context));
}

/** @throws Broken where the pages do not end */
function* tagsOver(context: CheckContext): Talk<string[]> {
  const pages = yield* pagesOf(context, listPath(context));
  return pages.filter(({ reply }) => reply.status === 200).flatMap(tagsIn);
}

function pathOf(url: string): string {
  return quote(url.replace(/^[a-z]+:\/\/[^/]*/i, ''));
}
