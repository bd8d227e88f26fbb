// distribution-spec, "Listing Referrers": a list of many, which may come in pages.
import type { Talk } from '../protocol/talk.ts';
import { type Built, named } from './built.ts';
import { type Check, type CheckContext, expectThat } from './check.ts';
import { pagesOf, readPage } from './list-pages.ts';
import { haveManifest } from './push.ts';
import { haveImage, havePushed } from './pushed.ts';
import { entriesIn, noReferrers, referrer, referrersPath } from './referrer-family.ts';

const section = 'distribution-spec/spec.md#listing-referrers';
/** More than fit into one page of some registries, few enough to push. */
const crowdSize = 24;
const crowdPushesAtOnce = 4;

export const referrerPageChecks: readonly Check[] = [
  {
    id: 'referrers-pages',
    level: 'MUST',
    section,
    requirement: `Each of ${crowdSize} referrers is in the list once, over all pages that Link leads to.`,
    why: 'An image collects signatures, SBOMs and scans with every build: what is lost counts as absent.',
    needs: ['push'],
    *run(context) {
      const id = 'referrers-pages';
      const subject = yield* haveImage(context, `${id} subject`);
      const { digest } = subject.content;
      const path = referrersPath(context, digest);
      // Asked before, so that registries without lists get none of it.
      if ((yield* readPage(context, path)).reply.status === 404) throw noReferrers();
      const crowd = yield* haveCrowd(context, id, subject);
      const pages = yield* pagesOf(context, path);
      const listed = pages.flatMap(({ reply }) => entriesIn(reply)).map((entry) => entry.digest);
      const over = `over ${pages.length} pages`;
      for (const each of crowd) {
        const count = listed.filter((one) => one === each).length;
        expectThat(count === 1, `${each} once ${over}`, `${count} times`);
      }
      expectThat(listed.length === crowd.length, `${crowd.length} referrers`, `${listed.length}`);
      return `${crowd.length} referrers ${over}`;
    },
  },
];

/** Pushes that many referrers of a subject, which differ in an annotation alone; gives their digests. */
function* haveCrowd(context: CheckContext, id: string, subject: Built): Talk<string[]> {
  const crowd = Array.from({ length: crowdSize }, (_, at) =>
    referrer(context, id, subject, { annotations: named(context, `${id} ${at}`) }),
  );
  const [first, ...rest] = crowd;
  if (first !== undefined) yield* havePushed(context, first);
  const pushes = rest.map(({ content, mediaType }) =>
    haveManifest(context, content.digest, content, mediaType),
  );
  yield { parallel: pushes, limit: crowdPushesAtOnce };
  return crowd.map(({ content }) => content.digest);
}
