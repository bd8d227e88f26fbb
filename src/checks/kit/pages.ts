// Lists that come in pages: tags, referrers, the catalog. Each page is one GET; the next is where Link
// says (RFC 8288), or where the caller knows.
import { nextLink } from '../../protocol/grammar/link.ts';
import { pathAt, resolveUri } from '../../protocol/grammar/uri.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { requestTo } from '../../protocol/talks/upload.ts';
import { type CheckContext, Void } from '../check.ts';
import { type Asked, ask, followed, lastOf } from './ask.ts';
import { expectThat, quote } from './expect.ts';

/** One index of referrers may have 4 MiB. */
const pageBytesMax = 4 * 1024 * 1024;
/** A list that does not end within these is not read further. */
const pagesMax = 100;

export interface Page {
  readonly url: string;
  readonly reply: HttpReply;
}

/**
 * `at`: the path of the page, or a whole URL as Link may name it: a list may go on at another host (RFC 8288 3.1),
 * which is shown no credentials. `repository`: whose authorization is used, by default as much as the run may; ''
 * for that of the registry.
 */
export function* readPage(
  context: CheckContext,
  at: string,
  repository = context.repository,
): Talk<Page> {
  const isReading = repository === '' || !context.mayPush;
  const session = context.session(repository, isReading ? 'pull' : 'pull,push');
  const shape = { want: 'text', bodyBytesMax: pageBytesMax, phase: 'other' } as const;
  const path = at.startsWith('/') ? at : pathAt(context.registryUrl, at);
  if (path !== undefined) return pageOf(yield* ask(context, { ...shape, path }, session));
  const request = requestTo(session, at, shape);
  return pageOf(yield* followed(session, { request, reply: yield request }));
}

function pageOf(asked: Asked): Page {
  const { request, reply } = lastOf(asked);
  return { url: request.url, reply };
}

/** Where Link says that the list goes on, as a whole URL; undefined without a link that can be read. */
export function nextPage({ url, reply }: Page): string | undefined {
  const next = nextLink(reply.header('Link') ?? '');
  return next === undefined ? undefined : resolveUri(url, next);
}

/**
 * The pages from this one on. `isOver` ends it early, `guess` knows the next page where there is no Link.
 * @throws Broken when a link leads back, Void when there are too many
 */
export function* pagesOf(
  context: CheckContext,
  start: string,
  isOver: (pages: readonly Page[]) => boolean = () => false,
  guess: (page: Page) => string | undefined = () => undefined,
  repository?: string,
): Talk<Page[]> {
  const pages: Page[] = [];
  const asked = new Set<string>();
  let at: string | undefined = start;
  while (at !== undefined) {
    expectThat(!asked.has(at), 'a list that ends', `a page that came before: ${quote(at)}`);
    if (pages.length === pagesMax) throw new Void(`the list has more than ${pagesMax} pages`);
    asked.add(at);
    const page: Page = yield* readPage(context, at, repository);
    pages.push(page);
    if (page.reply.status !== 200 || isOver(pages)) break;
    const next = nextPage(page);
    at = next === undefined ? guess(page) : (pathAt(context.registryUrl, next) ?? next);
  }
  return pages;
}
