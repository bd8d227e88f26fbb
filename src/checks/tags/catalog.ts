// docker-registry api.md, "Listing Repositories", as far as a run that only reads can see: the OCI spec has no such
// endpoint, and who may see all names is for the operator to say.
import type { Check } from '../check.ts';
import { ofCatalog, repositoriesIn } from '../kit/catalog.ts';
import { describe, expectThat, quote } from '../kit/expect.ts';
import { nextPage, readPage } from '../kit/pages.ts';

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
      const page = yield* ofCatalog(readPage(context, `/v2/_catalog?n=${n}`, ''));
      const names = repositoriesIn(page);
      expectThat(names.length <= n, `${n} repositories at most`, `${names.length}`);
      const next = nextPage(page);
      if (next === undefined) return `${names.length} repositories and no Link`;
      const second = yield* ofCatalog(readPage(context, next, ''));
      const { reply } = second;
      expectThat(reply.status === 200, 'a page where Link leads', describe(reply));
      const twice = repositoriesIn(second).find((name) => names.includes(name));
      expectThat(twice === undefined, 'other repositories', `${quote(twice ?? '')} again`);
      return `${names.length} repositories, and others after them`;
    },
  },
];
