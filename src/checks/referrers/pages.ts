// distribution-spec, "Listing Referrers": a list of many, which may come in pages.

import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { expectThat } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { type ManifestFixture, named } from '../kit/manifests.ts';
import { pagesOf } from '../kit/pages.ts';
import {
  entriesIn,
  filteredPath,
  isSaidFiltered,
  readOffered,
  referrer,
  referrersPath,
  sbomType,
  shown,
} from '../kit/referrers.ts';
import { givenImage, givenManifest, givenPushed } from '../kit/stored.ts';

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
    dependsOn: ['manifest-put-image'],
    covers: ['referrers many', 'manifest-put at-once'],
    *run(context) {
      const id = 'referrers-pages';
      const subject = yield* givenImage(context, `${id} subject`);
      const { digest } = subject.content;
      const path = referrersPath(context, digest);
      // Asked before, so that registries without lists get none of it.
      yield* readOffered(context, digest);
      const crowd = yield* givenCrowd(context, id, subject);
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
  {
    id: 'referrers-filter-pages',
    level: 'MUST',
    section,
    requirement: `Of ${crowdSize} referrers those of one type come if filtered, over all pages, and no others.`,
    why: 'Clients that read OCI-Filters-Applied once do not filter the later pages.',
    needs: ['push'],
    dependsOn: ['referrers-pages'],
    *run(context) {
      const id = 'referrers-filter-pages';
      const subject = yield* givenImage(context, `${id} subject`);
      const { digest } = subject.content;
      yield* readOffered(context, digest);
      const isWanted = (at: number) => at % 2 === 0;
      const crowd = yield* givenCrowd(context, id, subject, (at) => {
        return isWanted(at) ? { artifactType: sbomType } : {};
      });
      const path = referrersPath(context, digest);
      yield* given(context, 'referrers-pages', function* () {
        const whole = (yield* pagesOf(context, path)).flatMap(({ reply }) => entriesIn(reply));
        const known = whole.map((entry) => entry.digest);
        const missing = crowd.find((each) => !known.includes(each));
        expectThat(missing === undefined, `${missing} in the whole list`, shown(whole));
      });
      const pages = yield* pagesOf(context, filteredPath(context, { subject: digest }, sbomType));
      const entries = pages.flatMap(({ reply }) => entriesIn(reply));
      if (!pages.some(isSaidFiltered)) {
        throw new Unsupported('the registry does not filter, which it SHOULD only');
      }
      const said = pages.filter(isSaidFiltered).length;
      expectThat(said === pages.length, 'OCI-Filters-Applied on all pages', `${said} of them`);
      const wanted = crowd.filter((_, at) => isWanted(at)).toSorted();
      const listed = entries.map((entry) => String(entry.digest)).toSorted();
      const isEqual = listed.join() === wanted.join();
      expectThat(isEqual, `${wanted.length} of ${sbomType}`, shown(entries));
      return `${wanted.length} over ${pages.length} pages`;
    },
  },
];

/** Pushes that many referrers of a subject, which differ in an annotation alone; gives their digests. */
function* givenCrowd(
  context: CheckContext,
  id: string,
  subject: ManifestFixture,
  typeOf: (at: number) => object = () => ({}),
): Talk<string[]> {
  const crowd = Array.from({ length: crowdSize }, (_, at) => {
    const annotations = named(context, `${id} ${at}`);
    return referrer(context, id, subject, { annotations, ...typeOf(at) });
  });
  const [first, ...rest] = crowd;
  if (first !== undefined) yield* givenPushed(context, first);
  const pushes = rest.map(({ content, mediaType }) =>
    givenManifest(context, content.digest, content, mediaType),
  );
  yield { parallel: pushes, limit: crowdPushesAtOnce };
  return crowd.map(({ content }) => content.digest);
}
