// Lists that come in pages: tags, referrers, the catalog. Each page is one GET; the next is where Link
// says (RFC 8288), or where the caller knows.
import { nextLink } from '../../protocol/grammar/link.ts';
import { resolveUri } from '../../protocol/grammar/uri.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type CheckContext, Void } from '../check.ts';
import { ask } from './ask.ts';
import { expectThat, quote } from './expect.ts';

/** One index of referrers may have 4 MiB. */
const pageBytesMax = 4 * 1024 * 1024;
/** A list that does not end within these is not read further. */
const pagesMax = 100;

export interface Page {
  readonly url: string;
  readonly reply: HttpReply;
}

/** `repository`: whose authorization is used, by default as much as the run may; '' for that of the registry. */
export function* readPage(
  context: CheckContext,
  path: string,
  repository = context.repository,
): Talk<Page> {
  const isReading = repository === '' || !context.mayPush;
  const session = context.session(repository, isReading ? 'pull' : 'pull,push');
  const shape = { path, want: 'text', bodyBytesMax: pageBytesMax, phase: 'other' } as const;
  const { last } = yield* ask(context, shape, session);
  return { url: context.registryUrl + path, reply: last };
}

/** Where Link says that the list goes on, as a whole URL; undefined without a link that can be read. */
export function nextPage({ url, reply }: Page): string | undefined {
  const next = nextLink(reply.header('Link') ?? '');
  return next === undefined ? undefined : resolveUri(url, next);
}

/**
 * The pages from this one on. `isOver` ends it early, `guess` knows the next page where there is no Link.
 * @throws Broken when a link leads away or back, Void when there are too many
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
  let path: string | undefined = start;
  while (path !== undefined) {
    expectThat(!asked.has(path), 'a list that ends', `a page that came before: ${quote(path)}`);
    if (pages.length === pagesMax) throw new Void(`the list has more than ${pagesMax} pages`);
    asked.add(path);
    const page: Page = yield* readPage(context, path, repository);
    pages.push(page);
    if (page.reply.status !== 200 || isOver(pages)) break;
    const next = nextPage(page);
    path = next === undefined ? guess(page) : below(context, next);
  }
  return pages;
}

function below({ registryUrl }: CheckContext, url: string): string {
  expectThat(url.startsWith(`${registryUrl}/`), `a Link below ${registryUrl}`, quote(url));
  return url.slice(registryUrl.length);
}
