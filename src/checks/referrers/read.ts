// distribution-spec, "Listing Referrers", of the image that is read: what holds of the list whoever has filled it, so
// that a run that only reads can tell. A 404 says that there are no such lists.
import { asArray, asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { mediaTypes, parseContentType } from '../../protocol/grammar/media-type.ts';
import { encodeQueryComponent } from '../../protocol/grammar/uri.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { absentDigest, ask, manifestShape } from '../kit/ask.ts';
import { freshContent } from '../kit/content.ts';
import { expectStatus, expectThat, fact, quote } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { nextPage, type Page, pagesOf, readPage } from '../kit/pages.ts';
import {
  entriesIn,
  isSaidFiltered,
  readOffered,
  referrersPath,
  saysNoReferrers,
  shown,
} from '../kit/referrers.ts';

const section = 'distribution-spec/spec.md#listing-referrers';

/** Of a long list, so many are pulled. */
const pulledMax = 10;

export const referrerReadChecks: readonly Check[] = [
  {
    id: 'referrers-read',
    level: 'MUST',
    section,
    requirement: `Where there are lists of referrers, that of the image is read with 200 and is an index, of the type ${mediaTypes.ociIndex}.`,
    why: 'By status and type a client tells the list from an error page of a proxy.',
    needs: ['top'],
    covers: ['referrers first'],
    *run(context) {
      const page = yield* firstPage(context);
      const { reply } = page;
      expectStatus(reply, 200);
      const value = reply.header('Content-Type') ?? '';
      const type = parseContentType(value)?.type ?? '';
      expectThat(
        type === mediaTypes.ociIndex,
        mediaTypes.ociIndex,
        `Content-Type: ${quote(value)}`,
      );
      const { schemaVersion, manifests } = asObject(parseJson(reply.text)) ?? {};
      const isIndex = schemaVersion === 2 && asArray(manifests) !== undefined;
      expectThat(isIndex, 'schemaVersion 2, manifests', quote(reply.text));
      if (nextPage(page) === undefined) return `${asArray(manifests)?.length ?? 0} referrers`;
      const pages = yield* pagesOf(context, listOfTop(context));
      return `${pages.flatMap((each) => entriesIn(each.reply)).length} referrers on ${pages.length} pages`;
    },
  },
  {
    id: 'referrers-read-subject',
    level: 'MUST',
    section,
    requirement:
      'Each manifest in the list of referrers of the image can be pulled, and names it as its subject.',
    why: 'A list that does not belong to the image makes clients trust, or miss, the wrong signature.',
    needs: ['top'],
    dependsOn: ['referrers-read'],
    covers: ['referrers many'],
    *run(context) {
      const subject = fact(context.facts.top).digest;
      const entries = yield* givenEntries(context);
      if (entries.length === 0) throw new Unsupported('nothing refers to this image');
      for (const { digest } of entries.slice(0, pulledMax)) {
        const { last } = yield* ask(context, manifestShape(context, asString(digest) ?? ''));
        expectThat(last.status === 200, `the referrer ${digest}`, `status ${last.status}`);
        const named = asObject(asObject(parseJson(last.text))?.subject)?.digest;
        const actual = `subject ${quote(JSON.stringify(named) ?? 'none')} in ${digest}`;
        expectThat(named === subject, `subject ${subject}`, actual);
      }
      return `${Math.min(entries.length, pulledMax)} of ${entries.length} referrers, each of this image`;
    },
  },
  {
    id: 'referrers-read-filter',
    level: 'MUST',
    section,
    requirement:
      'Asked for one artifactType, the list of referrers of the image is that type alone and says so in OCI-Filters-Applied, or is whole and does not say so.',
    why: 'Who reads the header does not filter again; who does not find it takes the list for the whole.',
    needs: ['top'],
    dependsOn: ['referrers-read'],
    covers: ['referrers one', 'referrers empty'],
    *run(context) {
      const whole = yield* givenEntries(context);
      const types = [...new Set(whole.flatMap(({ artifactType }) => asString(artifactType) ?? []))];
      // A type that one has, if there is one, and a type that none has.
      const wanted = [...types.slice(0, 1), `application/vnd.pullproof.none.${context.nonce}`];
      const seen: string[] = [];
      for (const type of wanted) seen.push(yield* expectFilter(context, whole, type));
      if (whole.length === 0 && !seen.includes('filtered')) {
        throw new Unsupported(
          'nothing refers to this image, and the registry does not say that it filters',
        );
      }
      return seen.join(', ');
    },
  },
  {
    id: 'referrers-read-none',
    level: 'MUST',
    section,
    requirement:
      'Where there are lists of referrers, that of a digest that nobody refers to is 200 and empty.',
    why: 'Clients take 404 for a registry without such lists, and go the long way by tags.',
    needs: ['top'],
    dependsOn: ['referrers-read'],
    covers: ['referrers empty'],
    *run(context) {
      yield* givenEntries(context);
      const { reply } = yield* readPage(context, referrersPath(context, absentDigest(context)));
      const entries = entriesIn(reply);
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      return '200, no referrers';
    },
  },
  {
    id: 'referrers-read-none-sha512',
    level: 'MUST',
    section,
    requirement:
      'Where there are lists of referrers, that of a sha512 digest that nobody refers to is 200 and empty, or 400 where the algorithm is not known.',
    why: 'Clients take 404 for a registry without such lists, and go the long way by tags.',
    needs: ['top'],
    dependsOn: ['referrers-read'],
    covers: ['referrers sha512', 'referrers names'],
    *run(context) {
      yield* givenEntries(context);
      const { digest } = freshContent(context, 'referrers-read-none-sha512', 10, 'sha512');
      const { reply } = yield* readPage(context, referrersPath(context, digest));
      if (reply.status === 400) return '400';
      const entries = entriesIn(reply);
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      return '200, no referrers';
    },
  },
  {
    id: 'referrers-read-malformed',
    level: 'MUST',
    section,
    requirement:
      'Where there are lists of referrers, asking for those of what is no digest is answered 400.',
    why: 'An empty list for a mistyped digest says "not signed" of an image that is.',
    needs: ['top'],
    dependsOn: ['referrers-read'],
    covers: ['referrers second'],
    *run(context) {
      yield* givenEntries(context);
      const { reply } = yield* readPage(context, referrersPath(context, 'sha256:abc'));
      expectStatus(reply, 400);
      return '400';
    },
  },
];

/** @throws Unsupported where the registry has no such lists, or not for us */
function* firstPage(context: CheckContext): Talk<Page> {
  try {
    return yield* readOffered(context, fact(context.facts.top).digest);
  } catch (error) {
    if (!(error instanceof PullFailure) || !saysNoReferrers(error)) throw error;
    throw new Unsupported(`no token lists the referrers: ${error.message}`);
  }
}

function listOfTop(context: CheckContext): string {
  return referrersPath(context, fact(context.facts.top).digest);
}

/** All entries of the list. @throws Unsupported, Void */
function* givenEntries(context: CheckContext): Talk<JsonObject[]> {
  yield* firstPage(context);
  const path = listOfTop(context);
  return yield* given(context, 'referrers-read', function* () {
    return (yield* pagesOf(context, path)).flatMap(({ reply }) => entriesIn(reply));
  });
}

function* expectFilter(
  context: CheckContext,
  whole: readonly JsonObject[],
  type: string,
): Talk<string> {
  const query = `?artifactType=${encodeQueryComponent(type)}`;
  const path = referrersPath(context, fact(context.facts.top).digest, query);
  const pages = yield* pagesOf(context, path);
  const entries = pages.flatMap(({ reply }) => entriesIn(reply));
  const others = entries.filter((entry) => entry.artifactType !== type);
  if (pages.every(isSaidFiltered)) {
    expectThat(others.length === 0, `${type} alone, as OCI-Filters-Applied says`, shown(others));
    const ofType = whole.filter((entry) => entry.artifactType === type).length;
    const expected = `the ${ofType} of ${type} that the whole list has`;
    expectThat(entries.length >= ofType, expected, `${entries.length}`);
    return 'filtered';
  }
  // SHOULD only; yet what is left out has to be said.
  const expected = `all ${whole.length} referrers, or OCI-Filters-Applied: artifactType`;
  const actual = `${entries.length} of ${whole.length} and no such header`;
  expectThat(entries.length >= whole.length, expected, actual);
  return 'not filtered';
}
