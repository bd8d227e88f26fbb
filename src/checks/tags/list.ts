// distribution-spec, "Listing Tags": what is in the list, in which order, and its pages. The repository may
// hold any tags besides; those of a check stand together in every order that the spec allows.
import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { absentRepository } from '../kit/ask.ts';
import { ofCatalog, repositoriesIn } from '../kit/catalog.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { nextPage, type Page, pagesOf, readPage } from '../kit/pages.ts';
import { expectCode } from '../kit/refusal.ts';
import { givenImage } from '../kit/stored.ts';
import {
  allTags,
  expectListed,
  expectSorted,
  listPath,
  noTagLists,
  ownTag,
  readTags,
  saysNoTagLists,
  tagPagesOf,
  tagsIn,
} from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#listing-tags';

export const tagListChecks: readonly Check[] = [
  {
    id: 'tags-list',
    level: 'MUST',
    section,
    requirement: 'GET of the list of tags answers 200 with JSON: the name of the repository, tags.',
    why: 'Dashboards, update bots and cleaning jobs read this document.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['tags second', 'tags token'],
    *run(context) {
      const own = ['a', 'b'].map((letter) => `${ownTag(context, 'tags-list')}-${letter}`);
      yield* givenImage(context, 'tags-list', own);
      let found = 0;
      for (const query of ['', `n=1&last=${own[0]}`]) {
        const { reply } = yield* readPage(context, listPath(context, query));
        if (saysNoTagLists(reply)) throw noTagLists(reply);
        expectStatus(reply, 200);
        const document = asObject(parseJson(reply.text));
        expectThat(document !== undefined, 'a JSON object', quote(reply.text));
        const { name, tags } = document;
        expectThat(name === context.repository, `name ${context.repository}`, quote(`${name}`));
        const isList = asArray(tags)?.every((tag) => asString(tag) !== undefined) ?? false;
        expectThat(isList, 'tags: a list of texts', quote(JSON.stringify(tags) ?? 'nothing'));
        found = Math.max(found, asArray(tags)?.length ?? 0);
      }
      return `${found} tags of ${context.repository}`;
    },
  },
  {
    id: 'tags-list-type',
    level: 'COMPAT',
    section,
    requirement: 'The list of tags comes as application/json.',
    why: 'Client libraries refuse to parse what is not called JSON.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      yield* givenImage(context, 'tags-list-type', [ownTag(context, 'tags-list-type')]);
      const { reply } = yield* readTags(context, listPath(context));
      expectStatus(reply, 200);
      const value = reply.header('Content-Type') ?? '';
      const type = parseContentType(value)?.type ?? '';
      const isJson = type === 'application/json' || type.endsWith('+json');
      expectThat(isJson, 'application/json', `Content-Type: ${quote(value)}`);
      return value;
    },
  },
  {
    id: 'tags-new',
    level: 'MUST',
    section,
    requirement: 'A tag that was just pushed is in the list of tags, once, as it was written.',
    why: 'Pipelines push, list, and go on from what they find.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags many'],
    *run(context) {
      const tags = [ownTag(context, 'tags-new'), `Tags-NEW_${context.nonce}`];
      yield* givenImage(context, 'tags-new', tags);
      const listed = yield* allTags(context);
      yield* expectListed(context, tags, listed);
      return `${tags.join(' and ')} among ${listed.length}`;
    },
  },
  {
    id: 'tags-order',
    level: 'MUST',
    section,
    requirement: 'The list of tags is sorted, by code points or whatever the case.',
    why: 'Clients page by the last tag that they saw; in a list without order they miss some.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags many'],
    *run(context) {
      yield* givenTags(context, 'tags-order');
      const { reply } = yield* readTags(context, listPath(context));
      return expectSorted(tagsIn({ reply }));
    },
  },
  {
    id: 'tags-order-pages',
    level: 'MUST',
    section,
    requirement: 'Tags are sorted over all pages of their list.',
    why: 'Clients page by the last tag that they saw; in a list without order they miss some.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const own = yield* givenTags(context, 'tags-order-pages');
      // The pages are those after the first tag, so it stands before them.
      const seen = own.slice(0, 1);
      for (const page of yield* ownPages(context, 'tags-order-pages', own)) {
        seen.push(...tagsIn(page));
      }
      return expectSorted(seen);
    },
  },
  {
    id: 'tags-n',
    level: 'MUST',
    section,
    requirement: 'With n, as many tags come as were asked for; fewer only at the end or with Link.',
    why: 'Programs with little memory ask for small pages.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags one'],
    *run(context) {
      yield* givenTags(context, 'tags-n');
      for (const n of [2, 1]) {
        const page = yield* readTags(context, listPath(context, `n=${n}`));
        const { length } = tagsIn(page);
        expectThat(length <= n, `${n} tags at most`, `${length}`);
        const isEnough = length === n || nextPage(page) !== undefined;
        expectThat(isEnough, `${n} tags, or a Link`, `${length} and no Link`);
      }
      return 'as many as asked for';
    },
  },
  {
    id: 'tags-last',
    level: 'MUST',
    section,
    requirement: 'With last, the list begins after that tag, which is not in it.',
    why: 'A page that begins with the last tag again is never the end.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const own = yield* givenTags(context, 'tags-last');
      const [first = '', second = '', third = ''] = own;
      const tags = tagsIn(yield* readTags(context, listPath(context, `n=2&last=${first}`)));
      const actual = tags.slice(0, 4).map(quote).join(', ') || 'nothing';
      expectThat(tags[0] === second, `first ${second}`, actual);
      expectThat(tags.length < 2 || tags[1] === third, `then ${third}`, actual);
      return `after ${first}: ${tags.join(', ')}`;
    },
  },
  {
    id: 'tags-last-alone',
    level: 'MUST',
    section,
    requirement: 'With last and without n, all tags come after that one.',
    why: 'Clients that want all the rest do not say how many.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const own = yield* givenTags(context, 'tags-last-alone');
      const [, second = '', third = ''] = own;
      const tags = tagsIn(yield* readTags(context, listPath(context, `last=${second}`)));
      expectThat(tags[0] === third, `first ${third}`, quote(tags[0] ?? ''));
      return `after ${second}: ${tags.length} tags`;
    },
  },
  {
    id: 'tags-last-unknown',
    level: 'COMPAT',
    section,
    requirement: 'With a last that is no tag (any more) the list goes on where it would be.',
    why: 'Whoever deletes tags page by page asks for what comes after a tag that is gone.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const [first = '', second = ''] = yield* givenTags(context, 'tags-last-unknown');
      const page = yield* readTags(context, listPath(context, `n=1&last=${first}-0`));
      const [tag = ''] = tagsIn(page);
      expectThat(tag === second, second, quote(tag));
      return `after ${first}-0: ${tag}`;
    },
  },
  {
    id: 'tags-pages',
    level: 'MUST',
    section,
    requirement: 'Going through the pages of the list, by Link or by last, brings each tag once.',
    why: 'What a list leaves out is not backed up, not scanned, not cleaned away.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags many'],
    *run(context) {
      const own = yield* givenTags(context, 'tags-pages');
      const pages = yield* ownPages(context, 'tags-pages', own);
      const seen = pages.flatMap(tagsIn);
      const actual = seen.slice(0, 12).map(quote).join(', ');
      for (const tag of own.slice(1)) {
        const count = seen.filter((each) => each === tag).length;
        expectThat(count === 1, `${tag} once`, `${count} times: ${actual}`);
      }
      return `${own.length - 1} tags on ${pages.length} pages`;
    },
  },
  {
    id: 'tags-link',
    level: 'MUST',
    section,
    requirement: 'A Link of the list of tags has the form of RFC 8288, with rel="next".',
    why: 'A client that cannot read it takes the first page for all there is.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const [first = ''] = yield* givenTags(context, 'tags-link');
      const page = yield* readTags(context, listPath(context, `n=1&last=${first}`));
      tagsIn(page);
      const value = page.reply.header('Link');
      if (value === undefined) throw new Unsupported('the list has no Link, which is optional');
      const next = nextPage(page);
      expectThat(next !== undefined, '<URL>; rel="next"', `Link: ${quote(value)}`);
      return `Link: ${value}`;
    },
  },
  {
    id: 'tags-n-zero',
    level: 'MUST',
    section,
    requirement: 'With n=0 the list of tags is empty.',
    why: 'Clients ask so whether there is a repository at all.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags empty'],
    *run(context) {
      yield* givenTags(context, 'tags-n-zero');
      const tags = tagsIn(yield* readTags(context, listPath(context, 'n=0')));
      expectThat(tags.length === 0, 'no tags', `${tags.length} tags`);
      return 'no tags';
    },
  },
  {
    id: 'tags-n-zero-link',
    level: 'MUST',
    section,
    requirement: 'With n=0 the list of tags has no Link.',
    why: 'A client that follows it never comes to an end.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      yield* givenTags(context, 'tags-n-zero-link');
      const page = yield* readTags(context, listPath(context, 'n=0'));
      tagsIn(page);
      const value = page.reply.header('Link');
      expectThat(value === undefined, 'no Link', `Link: ${quote(value ?? '')}`);
      return 'no Link';
    },
  },
  {
    id: 'tags-unknown-repository',
    // By the table of endpoints alone; no sentence demands it.
    level: 'SHOULD',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'The list of tags of a repository that does not exist is 404.',
    why: 'An empty list and a misspelt name are different things to who asks.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['tags anonymous'],
    *run(context) {
      const reply = yield* readUnknown(context, 'tags-unknown-repository');
      expectStatus(reply, 404);
      return '404';
    },
  },
  {
    id: 'tags-unknown-repository-code',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#error-codes',
    requirement: 'The list of tags of a repository that does not exist is refused as NAME_UNKNOWN.',
    why: 'Clients say "no such image" by this code, and "something went wrong" without.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const reply = yield* readUnknown(context, 'tags-unknown-repository-code');
      if (reply.status !== 404) {
        throw new Unsupported(`tags-unknown-repository does not hold: ${describe(reply)}`);
      }
      return expectCode(reply, 'NAME_UNKNOWN');
    },
  },
  {
    id: 'catalog-new',
    level: 'COMPAT',
    section: 'docker-registry/api.md#listing-repositories',
    requirement: 'The catalog, where there is one, lists a repository that was pushed to.',
    why: 'Mirrors and scanners find by the catalog what there is.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['catalog first', 'catalog many'],
    *run(context) {
      yield* givenImage(context, 'catalog-new', [ownTag(context, 'catalog-new')]);
      const names = yield* readCatalog(context);
      const actual = `${names.length} other names`;
      expectThat(names.includes(context.repository), context.repository, actual);
      return `${context.repository} among ${names.length}`;
    },
  },
];

/** Five tags that stand together in every order, in that order; the first is only to begin after. */
function* givenTags(context: CheckContext, id: string): Talk<string[]> {
  const tags = ['a', 'b', 'c', 'd', 'e'].map((letter) => `${ownTag(context, id)}-${letter}`);
  // Pushed in another order than they are listed in.
  yield* givenImage(
    context,
    id,
    [2, 0, 4, 1, 3].map((at) => tags[at] ?? ''),
  );
  return tags;
}

/** Pages of two from after the first of the tags on, until all were seen or there are no more. */
function* ownPages(context: CheckContext, id: string, own: readonly string[]): Talk<Page[]> {
  const start = listPath(context, `n=2&last=${own[0]}`);
  const isOver = (pages: readonly Page[]) => {
    const tags = pages.flatMap(tagsIn);
    return !(tags.at(-1) ?? '').startsWith(ownTag(context, id)) || tags.length > 20;
  };
  return yield* tagPagesOf(context, start, isOver, ({ reply }) => {
    const last = tagsIn({ reply }).at(-1);
    return last === undefined ? undefined : listPath(context, `n=2&last=${last}`);
  });
}

/** Asks for the tags of a repository that nobody has made, after pushing to one that somebody has. */
function* readUnknown(context: CheckContext, id: string): Talk<HttpReply> {
  yield* givenImage(context, id);
  const repository = absentRepository(context);
  try {
    const { reply } = yield* readPage(context, `/v2/${repository}/tags/list`, repository);
    if (reply.status === 401 || reply.status === 403) throw hidden(reply.status);
    if (saysNoTagLists(reply)) throw noTagLists(reply);
    return reply;
  } catch (error) {
    const isRefused = error instanceof PullFailure && [400, 401, 403, 404].includes(error.status);
    throw isRefused && context.facts.challenged !== undefined ? hidden(error.status) : error;
  }
}

/** Authorization comes before existence and is outside the spec: it may hide which names exist. */
function hidden(status: number): Unsupported {
  return new Unsupported(`the registry hides unknown names behind authorization (${status})`);
}

function* readCatalog(context: CheckContext): Talk<string[]> {
  const all = pagesOf(context, '/v2/_catalog', undefined, undefined, '');
  return (yield* ofCatalog(all)).flatMap(repositoriesIn);
}
