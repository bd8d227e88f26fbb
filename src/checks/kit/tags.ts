// Tags that checks push, each of its own check and run, so that nobody meets another's; and reading their
// list.

import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { encodeQueryComponent } from '../../protocol/grammar/uri.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { Broken, type CheckContext, Unsupported } from '../check.ts';
import { describe, expectStatus, expectThat, quote } from './expect.ts';
import { notGiven } from './given.ts';
import { type Page, pagesOf, readPage } from './pages.ts';

/** In lower case, and below 90 characters for any check. */
export function ownTag({ nonce }: Pick<CheckContext, 'nonce'>, name: string): string {
  return `${name}-${nonce}`;
}

export function listPath({ repository }: CheckContext, query = ''): string {
  return `/v2/${repository}/tags/list${query === '' ? '' : `?${query}`}`;
}

/**
 * Content Discovery is a category that a registry SHOULD have: by these it says that it has not, or not for us. 404
 * says so only of a repository that the run has not pushed to: one that is there MUST be answered 200.
 */
const notOffered: readonly number[] = [401, 403, 405, 501];

/** Whether the reply to asking for a list says that there are none. */
export function saysNoTagLists({ status }: Pick<HttpReply, 'status'>): boolean {
  return notOffered.includes(status);
}

/** For the caller to throw. */
export function noTagLists({ status }: Pick<HttpReply, 'status'>): Unsupported {
  return new Unsupported(`the registry lists no tags (${status})`);
}

/** The first page of the list, where nothing was pushed. @throws Unsupported where there is none, or not for us */
export function* readOfferedTags(context: CheckContext): Talk<Page> {
  let page: Page;
  try {
    page = yield* readPage(context, listPath(context));
  } catch (error) {
    if (!(error instanceof PullFailure) || !isUnknownOrNone(error)) throw error;
    throw new Unsupported(`no token lists the tags: ${error.message}`);
  }
  if (isUnknownOrNone(page.reply)) throw noTagLists(page.reply);
  return page;
}

function isUnknownOrNone(reply: Pick<HttpReply, 'status'>): boolean {
  return reply.status === 404 || saysNoTagLists(reply);
}

/** A page of a list of tags. @throws Unsupported where there are none; Void where no list is found */
export function* readTags(context: CheckContext, path: string, repository?: string): Talk<Page> {
  const page = yield* readPage(context, path, repository);
  const [plain = path, query] = path.split('?', 2);
  if (page.reply.status !== 404 || query === undefined) return asOffered(context, page);
  // It may be the query alone that is not found: then that is for the caller to judge.
  asOffered(context, yield* readPage(context, plain, repository));
  return page;
}

/** See `pagesOf`. */
type PagesMore = [
  isOver?: (pages: readonly Page[]) => boolean,
  guess?: (page: Page) => string | undefined,
];

/** All pages, as `pagesOf`. @throws Unsupported where there are none; Void where they are not found */
export function* tagPagesOf(
  context: CheckContext,
  start: string,
  ...more: PagesMore
): Talk<Page[]> {
  const pages = yield* pagesOf(context, start, ...more);
  for (const page of pages.slice(0, 1)) asOffered(context, page);
  return pages;
}

/** All tags of the list. @throws Unsupported where there is none; Void where it is not found */
export function* allTags(context: CheckContext, path = listPath(context)): Talk<string[]> {
  return (yield* tagPagesOf(context, path)).flatMap(tagsIn);
}

function asOffered(context: CheckContext, page: Page): Page {
  const { reply } = page;
  if (saysNoTagLists(reply)) throw noTagLists(reply);
  if (reply.status === 404) throw notGiven(context, 'tags-list', describe(reply));
  return page;
}

/** Tags of a page, which must be a list of them; `null` is the empty list of Go's programs. */
export function tagsIn({ reply }: Pick<Page, 'reply'>): string[] {
  expectStatus(reply, 200);
  const tags = asObject(parseJson(reply.text))?.tags;
  const list = tags === null ? [] : asArray(tags);
  expectThat(list !== undefined, 'a list of tags', quote(reply.text));
  return list.flatMap((tag) => asString(tag) ?? []);
}

const tagCharsMax = 128;

/** Names that are tags by the grammar, made from one of our own. */
export const goodNames = [
  { id: 'longest', what: `of ${tagCharsMax} characters`, name: (tag: string) => longest(tag) },
  { id: 'upper-case', what: 'with capitals', name: (tag: string) => `V1.Beta-RC_${tag}` },
  { id: 'underscore-first', what: 'that begins with _', name: (tag: string) => `_${tag}` },
  { id: 'digit-first', what: 'that begins with a digit', name: (tag: string) => `0.0.1_${tag}` },
  { id: 'punctuation', what: 'with all its punctuation', name: (tag: string) => `${tag}.._-_--.` },
  {
    id: 'like-digest',
    what: 'that looks like a digest',
    name: (tag: string) => `sha256-${tag}`.padEnd(71, '0'),
  },
] as const;

export function longest(tag: string): string {
  return tag.padEnd(tagCharsMax, 'x');
}

/**
 * Each of the tags is in the list once. A list that is cut without saying so is told as that, not as a tag that is
 * not there.
 */
export function* expectListed(
  context: CheckContext,
  tags: readonly string[],
  listed: readonly string[],
): Talk<void> {
  for (const tag of tags) {
    const count = listed.filter((each) => each === tag).length;
    if (count === 0) yield* expectUncut(context, listed);
    expectThat(count === 1, `${tag} once`, `${count} times, of ${listed.length} tags`);
  }
}

/** Where the list ended without a Link, nothing comes after its last tag. */
function* expectUncut(context: CheckContext, listed: readonly string[]): Talk<void> {
  const last = listed.at(-1);
  if (last === undefined) return;
  const query = `last=${encodeQueryComponent(last)}`;
  const { reply } = yield* readPage(context, listPath(context, query));
  const rest = reply.status === 200 ? tagsIn({ reply }) : [];
  // A registry that does not know last begins anew.
  if (rest.length === 0 || rest.some((tag) => listed.includes(tag))) return;
  const actual = `${listed.length} tags and no Link, and ${rest.length} more with ${query}`;
  throw new Broken('a Link where the list of tags is cut, as more tags follow', actual);
}

/** In one of the orders that the text can mean. */
export function expectSorted(tags: readonly string[]): string {
  const misplaced = orders.map((compare) =>
    tags.findIndex((tag, at) => at > 0 && compare(tags[at - 1] ?? '', tag) > 0),
  );
  const [at = -1] = misplaced;
  const actual = `${quote(tags[at - 1] ?? '')} before ${quote(tags[at] ?? '')}`;
  expectThat(misplaced.includes(-1), 'sorted tags', actual);
  return `${tags.length} tags in order`;
}

type Order = (a: string, b: string) => number;

const by =
  (key: (tag: string) => string): Order =>
  (a, b) =>
    key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;

/**
 * "Lexical (i.e. case-insensitive alphanumeric order)" or by code points; where punctuation belongs is not said, and
 * databases pass over it or put it first.
 */
const orders: readonly Order[] = [
  by((tag) => tag),
  by((tag) => tag.toLowerCase()),
  by((tag) => tag.toUpperCase()),
  by((tag) => tag.toLowerCase().replace(/[^a-z0-9]/g, '')),
  new Intl.Collator('en').compare,
];
