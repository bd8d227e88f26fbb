// docker-registry api.md, "Listing Repositories", as far as a run that only reads can see: the OCI spec has no such
// endpoint, and who may see all names is for the operator to say.
import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { nextPage, type Page, readPage } from '../kit/pages.ts';

/** No such endpoint, or not for everybody. */
const notOffered = [400, 401, 403, 404, 405, 501];
/** Few, as the list may be that of a large registry. */
const n = 2;

export const catalogReadChecks: readonly Check[] = [
  {
    id: 'catalog-read',
    level: 'COMPAT',
    section: 'docker-registry/api.md#listing-repositories',
    requirement: `The catalog, where there is one, brings ${n} names at most with n=${n}, and its Link leads to others.`,
    why: 'Mirrors and scanners go through the pages of the catalog to find what there is.',
    needs: ['top'],
    covers: ['catalog first', 'catalog second', 'catalog many'],
    *run(context) {
      const page = yield* readCatalog(context, `/v2/_catalog?n=${n}`);
      const names = namesIn(page);
      expectThat(names.length <= n, `${n} repositories at most`, `${names.length}`);
      const next = nextPage(page);
      if (next === undefined) return `${names.length} repositories and no Link`;
      const isBelow = next.startsWith(`${context.registryUrl}/`);
      expectThat(isBelow, `a Link below ${context.registryUrl}`, quote(next));
      const second = yield* readCatalog(context, next.slice(context.registryUrl.length));
      const { reply } = second;
      expectThat(reply.status === 200, 'a page where Link leads', describe(reply));
      const twice = namesIn(second).find((name) => names.includes(name));
      expectThat(twice === undefined, 'other repositories', `${quote(twice ?? '')} again`);
      return `${names.length} repositories, and others after them`;
    },
  },
];

function* readCatalog(context: CheckContext, path: string): Talk<Page> {
  let page: Page;
  try {
    page = yield* readPage(context, path, '');
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    throw new Unsupported(`the catalog is no part of the OCI spec: ${error.message}`);
  }
  if (notOffered.includes(page.reply.status) && path.endsWith(`?n=${n}`)) {
    throw new Unsupported(`the registry shows no catalog (${page.reply.status})`);
  }
  return page;
}

function namesIn({ reply }: Page): string[] {
  expectStatus(reply, 200);
  const names = asArray(asObject(parseJson(reply.text))?.repositories);
  expectThat(names !== undefined, 'a list of repositories', quote(reply.text));
  return names.flatMap((name) => asString(name) ?? []);
}
