// distribution-spec, "Listing Referrers": what names a manifest as its subject is found by asking for it.
import { asArray, asObject, parseJson } from '../protocol/json.ts';
import { mediaTypes } from '../protocol/media-type.ts';
import { bare } from './built.ts';
import { type Check, describe, expectStatus, expectThat, quote, Unsupported } from './check.ts';
import { freshContent } from './content.ts';
import { haveDeleted } from './deletion.ts';
import { readPage } from './list-pages.ts';
import { haveImage, haveNeeded, havePushed, put } from './pushed.ts';
import {
  configType,
  entriesIn,
  expectField,
  filtered,
  haveFamily,
  isSaidFiltered,
  listOf,
  membersOf,
  noReferrers,
  referrer,
  referrersOf,
  referrersPath,
  sbomType,
  shown,
} from './referrer-family.ts';

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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-list');
      const { reply } = yield* readPage(context, referrersPath(context, family.subject));
      if (family.isAnnounced) {
        expectThat(reply.status !== 404, '200, as OCI-Subject promised', describe(reply));
      }
      const entries = yield* referrersOf(context, family);
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-type');
      const [{ reply }] = yield* listOf(context, family);
      const value = reply.header('Content-Type') ?? '';
      expectThat(value === mediaTypes.ociIndex, mediaTypes.ociIndex, quote(value));
      return value;
    },
  },
  {
    id: 'referrers-index',
    level: 'MUST',
    section,
    requirement: 'The list of referrers is an image index: schemaVersion 2, mediaType, manifests.',
    why: 'Clients read it with what they read indexes with.',
    needs: ['push'],
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-index');
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
    *run(context) {
      const id = 'referrers-none';
      const family = yield* haveFamily(context, id);
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-digest-malformed');
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-filter');
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-filter-config');
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
    requirement: 'A list of referrers that is filtered says so in OCI-Filters-Applied.',
    why: 'Without the header a client cannot tell "none of this type" from "no filter".',
    needs: ['push'],
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-filter-said');
      const { pages, entries } = yield* filtered(context, family, sbomType);
      if (entries.length === 4) return 'not filtered';
      const said = pages.every(isSaidFiltered);
      const actual = `${entries.length} of 4 referrers, and no such header`;
      expectThat(said, 'OCI-Filters-Applied: artifactType', actual);
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-filter-unasked');
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
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-filter-none');
      const type = 'application/vnd.pullproof.nobody';
      const { pages, entries } = yield* filtered(context, family, type);
      if (!pages.every(isSaidFiltered)) {
        throw new Unsupported('the registry does not filter, which it SHOULD only');
      }
      expectThat(entries.length === 0, 'no referrers', shown(entries));
      return '200, no referrers';
    },
  },
];

const pushChecks: readonly Check[] = [
  {
    id: 'referrers-subject-header',
    level: 'MUST',
    section: pushing,
    requirement: 'PUT of a manifest with a subject answers OCI-Subject with the digest of it.',
    why: 'Without it clients keep a list of their own in a tag, and lose entries to each other.',
    needs: ['push'],
    *run(context) {
      const id = 'referrers-subject-header';
      const family = yield* haveFamily(context, id);
      yield* listOf(context, family);
      const { reply } = yield* put(context, family.typed.content.digest, family.typed);
      const value = reply.header('OCI-Subject');
      const actual = value === undefined ? 'none' : `OCI-Subject: ${quote(value)}`;
      expectThat(value === family.subject, `OCI-Subject: ${family.subject}`, actual);
      return actual;
    },
  },
  {
    id: 'referrers-subject-unclaimed',
    level: 'MUST',
    section: pushing,
    requirement: 'A registry that answers OCI-Subject has the list of referrers.',
    why: 'A client that reads the header keeps no list of its own: then nobody has one.',
    needs: ['push'],
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-subject-unclaimed');
      if (!family.isAnnounced) return 'no OCI-Subject';
      const { reply } = yield* readPage(context, referrersPath(context, family.subject));
      expectThat(reply.status !== 404, 'a list of referrers', describe(reply));
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
    *run(context) {
      const id = 'referrers-subject-later';
      const subject = bare(context, `${id} subject`, {});
      const early = referrer(context, id, subject, { artifactType: sbomType });
      yield* haveImage(context, `${id} before`);
      yield* haveNeeded(context, early);
      const { reply } = yield* put(context, early.content.digest, early);
      expectStatus(reply, 201);
      yield* havePushed(context, subject);
      const { digest } = subject.content;
      const page = yield* readPage(context, referrersPath(context, digest));
      if (page.reply.status === 404) throw noReferrers();
      const entries = entriesIn(page.reply);
      const isThere = entries.some((entry) => entry.digest === early.content.digest);
      expectThat(isThere, early.content.digest, shown(entries));
      return 'among the referrers';
    },
  },
  {
    id: 'referrers-other-repository',
    level: 'MUST',
    section,
    requirement: 'Referrers are those in the repository that is asked, not in others.',
    why: 'Names of what is in a private repository must not show in another.',
    needs: ['push'],
    *run(context) {
      const id = 'referrers-other-repository';
      const family = yield* haveFamily(context, id);
      yield* listOf(context, family);
      const { otherRepository } = context;
      yield* haveImage(context, `${id} there`, undefined, otherRepository);
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
    requirement: 'A manifest that was deleted is no longer among the referrers of its subject.',
    why: 'Clients fail when they pull a signature that the list still has.',
    needs: ['push'],
    isAlone: true,
    *run(context) {
      const family = yield* haveFamily(context, 'referrers-deleted');
      yield* listOf(context, family);
      const { digest } = family.byConfig.content;
      yield* haveDeleted(context, `manifests/${digest}`, 'manifests', 'delete-manifest');
      const entries = yield* referrersOf(context, family);
      const isThere = entries.some((entry) => entry.digest === digest);
      expectThat(!isThere, `no ${digest}`, shown(entries));
      expectThat(entries.length === 3, 'the other 3 referrers', shown(entries));
      return '3 of 4 referrers are left';
    },
  },
];

export const referrerChecks: readonly Check[] = [...listChecks, ...pushChecks];
