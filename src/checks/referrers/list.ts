// distribution-spec, "Listing Referrers": what names a manifest as its subject is found by asking for it.

import { asArray, asObject, parseJson } from '../../lib/json.ts';
import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import { mediaTypes, parseContentType } from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import { expectAbsent, noSha512, refusesAlgorithm } from '../kit/blobs.ts';
import { contentOf, freshContent } from '../kit/content.ts';
import { givenDeleted } from '../kit/deletion.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { bare, descriptorOf, list, manifest, subjectOf } from '../kit/manifests.ts';
import { pagesOf, readPage } from '../kit/pages.ts';
import {
  configType,
  entriesIn,
  expectField,
  expectOffered,
  type Family,
  filtered,
  filteredPath,
  givenFamily,
  isSaidFiltered,
  listOf,
  membersOf,
  readOffered,
  referrer,
  referrersOf,
  referrersPath,
  saysNoReferrers,
  sbomType,
  shown,
} from '../kit/referrers.ts';
import {
  expectManifest,
  givenImage,
  givenManifest,
  givenNeeded,
  givenPushed,
  put,
} from '../kit/stored.ts';
import { givenMoved } from '../kit/tag-moves.ts';
import { ownTag } from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#listing-referrers';
const pushing = 'distribution-spec/spec.md#pushing-manifests-with-subject';
const listChecks: readonly Check[] = [
  {
    id: 'referrers-list',
    level: 'MUST',
    section,
    requirement: 'Manifests that name a subject are in the list of its referrers, each once.',
    why: 'A signature that is not found counts as none: deployments are refused.',
    needs: ['push'],
    dependsOn: ['manifest-put-subject', 'manifest-put-artifact-index'],
    covers: ['referrers first', 'referrers token'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-list');
      const { reply } = yield* readPage(context, referrersPath(context, family.subject));
      if (family.isAnnounced) expectPromised(reply);
      expectOffered(reply);
      expectStatus(reply, 200);
      const pages = yield* pagesOf(context, referrersPath(context, family.subject));
      const entries = pages.flatMap((page) => entriesIn(page.reply));
      for (const { content } of membersOf(family)) {
        const count = entries.filter(({ digest }) => digest === content.digest).length;
        expectThat(count === 1, `${content.digest} once`, `${count} times: ${shown(entries)}`);
      }
      expectThat(entries.length === 4, '4 referrers', `${entries.length}`);
      return '4 referrers';
    },
  },
  {
    id: 'referrers-type',
    level: 'MUST',
    section,
    requirement: `The list of referrers has the Content-Type ${mediaTypes.ociIndex}.`,
    why: 'By this type a client tells the list from an error page of a proxy.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-type');
      const [{ reply }] = yield* listOf(context, family);
      const nobody = referrersPath(context, freshContent(context, 'referrers-type', 10).digest);
      const empty = (yield* readPage(context, nobody)).reply;
      // Whether there is one is for another check.
      for (const each of empty.status === 200 ? [reply, empty] : [reply]) {
        const value = each.header('Content-Type') ?? '';
        const type = parseContentType(value)?.type ?? '';
        expectThat(type === mediaTypes.ociIndex, mediaTypes.ociIndex, quote(value));
      }
      return mediaTypes.ociIndex;
    },
  },
  {
    id: 'referrers-index',
    level: 'MUST',
    section,
    requirement: 'The list of referrers is an image index: schemaVersion 2, mediaType, manifests.',
    why: 'Clients read it with what they read indexes with.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-index');
      const [{ reply }] = yield* listOf(context, family);
      const document = asObject(parseJson(reply.text)) ?? {};
      expectField(document, 'schemaVersion', 2);
      const { mediaType = mediaTypes.ociIndex } = document;
      expectThat(mediaType === mediaTypes.ociIndex, mediaTypes.ociIndex, quote(`${mediaType}`));
      expectThat(asArray(document.manifests) !== undefined, 'manifests', quote(reply.text));
      return 'an image index';
    },
  },
  {
    id: 'referrers-none',
    level: 'MUST',
    section,
    requirement: 'The list of referrers of a digest that nobody refers to is 200 and empty.',
    why: 'Clients take 404 for a registry without such lists, and go the long way by tags.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    covers: ['referrers empty'],
    *run(context) {
      const id = 'referrers-none';
      const family = yield* givenFamily(context, id);
      yield* listOf(context, family);
      const { digest } = freshContent(context, id, 10);
      const { reply } = yield* readPage(context, referrersPath(context, digest));
      const entries = entriesIn(reply);
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      return '200, no referrers';
    },
  },
  {
    id: 'referrers-digest-malformed',
    level: 'MUST',
    section,
    requirement: 'Asking for the referrers of what is no digest is answered 400.',
    why: 'An empty list for a mistyped digest says "not signed" of an image that is.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-digest-malformed');
      yield* listOf(context, family);
      const { reply } = yield* readPage(context, referrersPath(context, 'sha256:abc'));
      expectStatus(reply, 400);
      return '400';
    },
  },
  {
    id: 'referrers-filter',
    level: 'MUST',
    section,
    requirement: 'A list that OCI-Filters-Applied calls filtered has that artifactType alone.',
    why: 'Clients that read this header do not filter again.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    covers: ['referrers one'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-filter');
      const { pages, entries } = yield* filtered(context, family, sbomType);
      if (!pages.every(isSaidFiltered)) {
        throw new Unsupported('the registry does not filter, which it SHOULD only');
      }
      const isWhole = entries.some(({ digest }) => digest === family.typed.content.digest);
      expectThat(isWhole && entries.length === 1, `one ${sbomType}`, shown(entries));
      return `one of ${sbomType}`;
    },
  },
  {
    id: 'referrers-filter-config',
    level: 'MUST',
    section,
    requirement: 'The filter by artifactType finds manifests that have their type from the config.',
    why: 'What the filter leaves out is not there for the client.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-filter-config');
      const { entries } = yield* filtered(context, family, configType);
      const isThere = entries.some(({ digest }) => digest === family.byConfig.content.digest);
      expectThat(isThere, `one of ${configType}`, shown(entries));
      return `one of ${entries.length}`;
    },
  },
  {
    id: 'referrers-filter-said',
    level: 'MUST',
    section,
    requirement: 'A list of referrers that is filtered says so in OCI-Filters-Applied, each time.',
    why: 'Without the header a client cannot tell "none of this type" from "no filter".',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-filter-said');
      // Registries keep the list, and some of them lose what was said of it (olareg 0.2).
      for (const time of ['first', 'second']) {
        const { pages, entries } = yield* filtered(context, family, sbomType);
        if (entries.length === 4) return 'not filtered';
        const said = pages.every(isSaidFiltered);
        const actual = `${entries.length} of 4 referrers the ${time} time, and no such header`;
        expectThat(said, 'OCI-Filters-Applied: artifactType', actual);
      }
      return 'OCI-Filters-Applied: artifactType';
    },
  },
  {
    id: 'referrers-filter-unasked',
    level: 'MUST',
    section,
    requirement: 'A list of referrers that nobody wants filtered has no OCI-Filters-Applied.',
    why: 'A client would take the whole list for a part of it.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-filter-unasked');
      const [{ reply }] = yield* listOf(context, family);
      const value = reply.header('OCI-Filters-Applied');
      expectThat(value === undefined, 'no OCI-Filters-Applied', quote(value ?? ''));
      return 'no OCI-Filters-Applied';
    },
  },
  {
    id: 'referrers-filter-none',
    level: 'MUST',
    section,
    requirement: 'Filtered by a type that no referrer has, the list is empty and 200.',
    why: 'This is how clients learn that an image has no signature.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-filter-none');
      // A part of a type that one has: the filter is the whole type.
      const type = sbomType.slice(0, -1);
      const some = yield* filtered(context, family, sbomType);
      const { reply } = yield* readPage(context, filteredPath(context, family, type));
      expectStatus(reply, 200);
      const { pages, entries } = yield* filtered(context, family, type);
      if (![...some.pages, ...pages].some(isSaidFiltered)) {
        throw new Unsupported('the registry does not filter, which it SHOULD only');
      }
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      expectThat(pages.every(isSaidFiltered), 'OCI-Filters-Applied: artifactType', 'none');
      return '200, no referrers';
    },
  },
];

/** Pushes that name a subject, besides the usual one: of a referrer by its digest, its subject there. */
const subjectPushes: readonly {
  readonly id: string;
  readonly level: Check['level'];
  readonly title: string;
  push(context: CheckContext, id: string, family: Family): Talk<SubjectPush>;
}[] = [
  {
    id: 'tagged',
    level: 'MUST',
    title: 'to a tag, of a manifest with a subject',
    *push(context, id, { typed, subject }) {
      return { exchange: yield* put(context, ownTag(context, id), typed), subject };
    },
  },
  {
    id: 'missing',
    level: 'MUST',
    title: 'of a manifest whose subject is not there',
    *push(context, id) {
      const subject = bare(context, `${id} absent`, {});
      const early = referrer(context, `${id} early`, subject, { artifactType: sbomType });
      yield* givenNeeded(context, early);
      const exchange = yield* put(context, early.content.digest, early);
      return { exchange, subject: subject.content.digest };
    },
  },
  {
    // The text demands the header of image manifests, and lists indexes as well.
    id: 'index',
    level: 'COMPAT',
    title: 'of an index with a subject',
    *push(context, _, { index, subject }) {
      return { exchange: yield* put(context, index.content.digest, index), subject };
    },
  },
];

interface SubjectPush {
  readonly exchange: Exchange;
  readonly subject: string;
}

const headerRows = subjectPushes.map(
  ({ id: kind, level, title, push }): Check => ({
    id: `referrers-subject-header-${kind}`,
    level,
    section: pushing,
    requirement: `PUT ${title}, answers OCI-Subject with the digest of the subject.`,
    why: 'Without it clients keep a list of their own in a tag, and lose entries to each other.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const id = `referrers-subject-header-${kind}`;
      const family = yield* givenFamily(context, id);
      yield* listOf(context, family);
      const { exchange, subject } = yield* given(context, 'manifest-put-subject', function* () {
        const pushed = yield* push(context, id, family);
        expectStatus(pushed.exchange.reply, 201);
        return pushed;
      });
      return expectSubject(exchange, subject);
    },
  }),
);

/** Subjects of other kinds than an image, which the family has. */
const subjectKinds: readonly {
  readonly id: string;
  readonly level: Check['level'];
  readonly title: string;
  readonly why: string;
  /** See Check. */
  readonly dependsOn: readonly string[];
  subject(context: CheckContext, id: string): Talk<Descriptor>;
}[] = [
  {
    id: 'index',
    level: 'MUST',
    title: 'an index',
    why: 'Signatures of images for several platforms belong to their index.',
    dependsOn: ['manifest-put-index'],
    *subject(context, id) {
      const child = bare(context, `${id} child`, {});
      const entries = [descriptorOf(child.mediaType, child.content)];
      const parent = list({ manifests: entries }, [child], child.blobs);
      yield* givenPushed(context, parent);
      return subjectOf(parent);
    },
  },
  {
    id: 'referrer',
    level: 'MUST',
    title: 'a manifest that has a subject itself',
    why: 'SBOMs and attestations are signed, too.',
    dependsOn: ['manifest-put-image'],
    *subject(context, id) {
      const image = yield* givenImage(context, `${id} image`);
      const middle = referrer(context, `${id} middle`, image, { artifactType: sbomType });
      yield* givenPushed(context, middle);
      return subjectOf(middle);
    },
  },
  {
    id: 'sha512',
    level: 'COMPAT',
    title: 'named by a sha512 digest',
    why: 'Where sha256 is not enough, signatures are what counts most.',
    dependsOn: ['manifest-put-image'],
    // biome-ignore lint/correctness/useYield: it need not be there
    *subject(context, id) {
      const { content, mediaType } = bare(context, `${id} image`, {});
      return descriptorOf(mediaType, contentOf(content.bytes, 'sha512'));
    },
  },
];

const kindRows = subjectKinds.map(
  ({ id: kind, level, title, why, dependsOn, subject }): Check => ({
    id: `referrers-of-${kind}`,
    level,
    section,
    requirement: `The subject may be ${title}: what names it is in the list of its referrers.`,
    why,
    needs: ['push'],
    dependsOn,
    covers: kind === 'sha512' ? ['referrers sha512'] : [],
    *run(context) {
      const id = `referrers-of-${kind}`;
      const image = yield* givenImage(context, `${id} before`);
      const of = yield* subject(context, id);
      const { reply: before } = yield* readPage(context, referrersPath(context, of.digest));
      if (saysNoReferrers(before)) yield* readOffered(context, image.content.digest);
      if (kind === 'sha512' && before.status === 404) throw noSha512(before);
      const config = freshContent(context, `${id} config`, 60);
      const own = { config: descriptorOf(configType, config), layers: [], artifactType: sbomType };
      const fixture = manifest({ ...own, subject: of }, [config]);
      yield* givenNeeded(context, fixture);
      const { reply } = yield* put(context, fixture.content.digest, fixture);
      // By 405 it is subjects that are not taken.
      const isOfAlgorithm = kind === 'sha512' && reply.status !== 405;
      if (isOfAlgorithm && refusesAlgorithm(reply)) throw noSha512(reply);
      expectStatus(reply, 201);
      const pages = yield* pagesOf(context, referrersPath(context, of.digest));
      const entries = pages.flatMap((page) => entriesIn(page.reply));
      const isThere = entries.some(({ digest }) => digest === fixture.content.digest);
      expectThat(isThere, fixture.content.digest, shown(entries));
      return `${fixture.content.digest} is listed`;
    },
  }),
);

const pushChecks: readonly Check[] = [
  {
    id: 'referrers-subject-header',
    level: 'MUST',
    section: pushing,
    requirement: 'PUT of a manifest with a subject answers OCI-Subject with the digest of it.',
    why: 'Without it clients keep a list of their own in a tag, and lose entries to each other.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const id = 'referrers-subject-header';
      const family = yield* givenFamily(context, id);
      yield* listOf(context, family);
      const exchange = yield* put(context, family.typed.content.digest, family.typed);
      return expectSubject(exchange, family.subject);
    },
  },
  ...headerRows,
  {
    id: 'referrers-subject-unclaimed',
    level: 'MUST',
    section: pushing,
    requirement: 'A registry that answers OCI-Subject has the list of referrers.',
    why: 'A client that reads the header keeps no list of its own: then nobody has one.',
    needs: ['push'],
    dependsOn: ['manifest-put-subject', 'manifest-put-artifact-index'],
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-subject-unclaimed');
      if (!family.isAnnounced) return 'no OCI-Subject';
      const { reply } = yield* readPage(context, referrersPath(context, family.subject));
      expectPromised(reply);
      return 'OCI-Subject, and a list';
    },
  },
  {
    id: 'referrers-subject-later',
    level: 'MUST',
    section: 'distribution-spec/spec.md#push',
    requirement: 'A manifest may come before its subject, and is among the referrers then.',
    why: 'Copying tools push signatures and images in any order.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'referrers-subject-later';
      const subject = bare(context, `${id} subject`, {});
      const early = referrer(context, id, subject, { artifactType: sbomType });
      yield* givenImage(context, `${id} before`);
      yield* givenNeeded(context, early);
      const { reply } = yield* put(context, early.content.digest, early);
      expectStatus(reply, 201);
      yield* givenPushed(context, subject);
      const { digest } = subject.content;
      const page = yield* readPage(context, referrersPath(context, digest));
      if (reply.header('OCI-Subject') === undefined) expectOffered(page.reply);
      const entries = entriesIn(page.reply);
      const isThere = entries.some((entry) => entry.digest === early.content.digest);
      expectThat(isThere, early.content.digest, shown(entries));
      return 'among the referrers';
    },
  },
  {
    id: 'referrers-tagged',
    level: 'MUST',
    section,
    requirement:
      'A referrer is in the list once, also when it and its subject had tags that moved on.',
    why: 'Signatures are tagged "latest" for a while; they count as long as they are there.',
    needs: ['push'],
    dependsOn: ['referrers-list', 'tag-moved-keeps'],
    *run(context) {
      const id = 'referrers-tagged';
      const tag = ownTag(context, id);
      const family = yield* givenFamily(context, id);
      yield* listOf(context, family);
      const { content, mediaType } = family.typed;
      yield* givenManifest(context, tag, content, mediaType);
      // The subject as well.
      const subjectTag = `${tag}-subject`;
      yield* givenImage(context, `${id} subject`, [subjectTag]);
      yield* givenMoved(context, `${id} next`, [tag, subjectTag]);
      // A registry that drops what has no tag has dropped it from the list, too.
      yield* given(context, 'tag-moved-keeps', () =>
        expectManifest(context, content.digest, family.typed),
      );
      const entries = yield* referrersOf(context, family);
      const count = entries.filter(({ digest }) => digest === content.digest).length;
      expectThat(count === 1, `${content.digest} once`, `${count} times: ${shown(entries)}`);
      return 'once';
    },
  },
  {
    id: 'referrers-other-repository',
    level: 'MUST',
    section,
    requirement: 'Referrers are those in the repository that is asked, not in others.',
    why: 'Names of what is in a private repository must not show in another.',
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const id = 'referrers-other-repository';
      const family = yield* givenFamily(context, id);
      yield* listOf(context, family);
      const { otherRepository } = context;
      yield* givenImage(context, `${id} there`, undefined, otherRepository);
      const path = `/v2/${otherRepository}/referrers/${family.subject}`;
      const { reply } = yield* readPage(context, path, otherRepository);
      const entries = entriesIn(reply);
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      return `none in ${otherRepository}`;
    },
  },
  {
    id: 'referrers-deleted',
    level: 'MUST',
    section,
    requirement:
      'A manifest that was deleted is no longer among the referrers of its subject, which stays.',
    why: 'Clients fail when they pull a signature that the list still has.',
    needs: ['push'],
    dependsOn: ['delete-manifest', 'referrers-list'],
    isAlone: true,
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-deleted');
      const before = yield* referrersOf(context, family);
      const { digest } = family.byConfig.content;
      if (!before.some((entry) => entry.digest === digest)) {
        throw notGiven(context, 'referrers-list', `no ${digest} in ${shown(before)}`);
      }
      yield* givenDeleted(context, `manifests/${digest}`, 'manifests', 'delete-manifest');
      const entries = yield* referrersOf(context, family);
      const isThere = entries.some((entry) => entry.digest === digest);
      expectThat(!isThere, `no ${digest}`, shown(entries));
      // Those that it had: whether all are there is for another check.
      const others = before.length - 1;
      expectThat(entries.length === others, `the other ${others} referrers`, shown(entries));
      const { entries: ofType } = yield* filtered(context, family, configType);
      const isLeft = ofType.some((entry) => entry.digest === digest);
      expectThat(!isLeft, `no ${digest}, filtered by its type`, shown(ofType));
      const parent = bare(context, 'referrers-deleted subject', {});
      yield* expectManifest(context, family.subject, parent);
      return `${others} of ${before.length} referrers are left`;
    },
  },
  {
    id: 'referrers-subject-deleted',
    level: 'MUST',
    section,
    requirement: 'The list of referrers of a manifest that was deleted has those that are left.',
    why: 'What still names it is found by this list alone, to be copied, restored or cleaned away.',
    needs: ['push'],
    dependsOn: ['delete-manifest', 'referrers-list'],
    isAlone: true,
    *run(context) {
      const family = yield* givenFamily(context, 'referrers-subject-deleted');
      yield* listOf(context, family);
      const { digest } = family.typed.content;
      const subject = `manifests/${family.subject}`;
      const use = 'that other manifests name';
      yield* givenDeleted(context, subject, 'manifests', 'delete-manifest', undefined, use);
      const pages = yield* pagesOf(context, referrersPath(context, family.subject));
      const entries = pages.flatMap(({ reply }) => entriesIn(reply));
      const isListed = entries.some((entry) => entry.digest === digest);
      if (isListed) return `${entries.length} of 4 referrers are listed`;
      // A registry may delete them with their subject.
      yield* expectAbsent(context, `manifests/${digest}`);
      return 'the referrers went with their subject';
    },
  },
];

export const referrerChecks: readonly Check[] = [...listChecks, ...kindRows, ...pushChecks];

/** OCI-Subject said that there is a list. */
function expectPromised(reply: HttpReply): void {
  expectThat(!saysNoReferrers(reply), '200, as OCI-Subject promised', describe(reply));
}

function expectSubject({ reply }: Exchange, subject: string): string {
  const value = reply.header('OCI-Subject');
  const actual = value === undefined ? 'none' : `OCI-Subject: ${quote(value)}`;
  expectThat(value === subject, `OCI-Subject: ${subject}`, actual);
  return actual;
}
