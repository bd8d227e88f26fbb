// A subject with a referrer of each kind, pushed for the checks of referrers, and reading their list.

import { asArray, asObject, type JsonObject, parseJson } from '../../lib/json.ts';
import { encodeQueryComponent } from '../../protocol/grammar/uri.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import { freshContent } from './content.ts';
import { describe, expectStatus, expectThat, quote } from './expect.ts';
import { given, notGiven } from './given.ts';
import {
  descriptorOf,
  list,
  type ManifestFixture,
  manifest,
  named,
  type PushedManifest,
  subjectOf,
} from './manifests.ts';
import { type Page, pagesOf, readPage } from './pages.ts';
import { givenImage, givenNeeded, put } from './stored.ts';

export const sbomType = 'application/vnd.pullproof.sbom';
export const configType = 'application/vnd.pullproof.signature.config+json';
export const indexType = 'application/vnd.pullproof.bundle';

/** A subject with a referrer of each kind. */
export interface Family {
  readonly subject: string;
  readonly typed: ManifestFixture;
  /** Its artifactType is the type of its config. */
  readonly byConfig: ManifestFixture;
  readonly index: ManifestFixture;
  readonly untypedIndex: ManifestFixture;
  /** Whether OCI-Subject said that the registry keeps lists of referrers. */
  readonly isAnnounced: boolean;
}

/** Pushes a subject and its referrers. @throws Void where they cannot be pushed */
export function* givenFamily(context: CheckContext, id: string): Talk<Family> {
  const parent = yield* givenImage(context, `${id} subject`);
  const subject = subjectOf(parent);
  const annotations = named(context, `${id} typed`);
  const typed = referrer(context, `${id} typed`, parent, { artifactType: sbomType, annotations });
  const byConfig = referrer(context, `${id} by config`, parent, {});
  const manifests = [descriptorOf(parent.mediaType, parent.content)];
  const ofIndex = { artifactType: indexType, annotations: named(context, `${id} index`) };
  const index = list({ manifests, subject, ...ofIndex }, [], []);
  const untypedIndex = list({ manifests, subject }, [], []);
  yield* givenNeeded(context, typed);
  yield* givenNeeded(context, byConfig);
  const replies = [
    ...(yield* givenTaken(context, 'manifest-put-subject', [typed, byConfig])),
    ...(yield* givenTaken(context, 'manifest-put-artifact-index', [index, untypedIndex])),
  ];
  const isAnnounced = replies.some((reply) => reply.header('OCI-Subject') !== undefined);
  const { digest } = parent.content;
  return { subject: digest, typed, byConfig, index, untypedIndex, isAnnounced };
}

function* givenTaken(
  context: CheckContext,
  check: string,
  pushed: readonly ManifestFixture[],
): Talk<HttpReply[]> {
  return yield* given(context, check, function* () {
    const replies: HttpReply[] = [];
    for (const each of pushed) {
      const { reply } = yield* put(context, each.content.digest, each);
      expectStatus(reply, 201);
      replies.push(reply);
    }
    return replies;
  });
}

/** A manifest of this subject, its type given by its config unless the fields say otherwise. */
export function referrer(
  context: CheckContext,
  name: string,
  subject: PushedManifest,
  fields: object,
): ManifestFixture {
  const config = freshContent(context, `${name} config`, 60);
  const own = { config: descriptorOf(configType, config), layers: [] };
  return manifest({ ...own, subject: subjectOf(subject), ...fields }, [config]);
}

/** All four referrers. */
export function membersOf({
  typed,
  byConfig,
  index,
  untypedIndex,
}: Family): readonly ManifestFixture[] {
  return [typed, byConfig, index, untypedIndex];
}

/** Where the referrers of a digest are listed. */
export function referrersPath({ repository }: CheckContext, digest: string, query = ''): string {
  return `/v2/${repository}/referrers/${digest}${query}`;
}

/** All pages of the list. @throws Unsupported, or Void where it should be and is not */
export function* listOf(
  context: CheckContext,
  { subject, isAnnounced }: Family,
  query = '',
): Talk<[Page, ...Page[]]> {
  const pages = yield* pagesOf(context, referrersPath(context, subject, query));
  const [first, ...rest] = pages;
  if (first === undefined) throw notGiven(context, 'referrers-list', 'there is no list');
  const { reply } = first;
  if (!isAnnounced) expectOffered(reply);
  if (reply.status !== 200) throw notGiven(context, 'referrers-list', describe(reply));
  return [first, ...rest];
}

/** All entries of the list. */
export function* referrersOf(context: CheckContext, family: Family): Talk<JsonObject[]> {
  return (yield* listOf(context, family)).flatMap(({ reply }) => entriesIn(reply));
}

/** The list filtered by an artifactType, as far as the registry filters. */
export function* filtered(context: CheckContext, family: Family, type: string) {
  const pages = yield* listOf(context, family, queryFor(type));
  return { pages, entries: pages.flatMap(({ reply }) => entriesIn(reply)) };
}

/** Where the list is, filtered by an artifactType. */
export function filteredPath(
  context: CheckContext,
  { subject }: Pick<Family, 'subject'>,
  type: string,
): string {
  return referrersPath(context, subject, queryFor(type));
}

function queryFor(type: string): string {
  return `?artifactType=${encodeQueryComponent(type)}`;
}

/** Whether the page says that it is filtered by artifactType. */
export function isSaidFiltered({ reply }: Page): boolean {
  const filters = (reply.header('OCI-Filters-Applied') ?? '').split(',');
  return filters.some((filter) => filter.trim() === 'artifactType');
}

/**
 * No such endpoint, or not for us: Content Discovery is a SHOULD. 400, 405 and 501 come from registries that never
 * heard of it.
 */
const notOffered: readonly number[] = [400, 401, 403, 404, 405, 501];

/** Whether the reply to asking for a list says that there are none; OCI-Subject says that there are. */
export function saysNoReferrers({ status }: Pick<HttpReply, 'status'>): boolean {
  return notOffered.includes(status);
}

/** Of a list that nothing has promised. @throws Unsupported where it says that there are none */
export function expectOffered(reply: HttpReply): void {
  if (!saysNoReferrers(reply)) return;
  // spec.md, "Unavailable Referrers API": clients keep the list in a tag then.
  const instead = reply.status === 404 ? ': clients use the tag schema' : '';
  throw new Unsupported(`the registry has no lists of referrers (${reply.status})${instead}`);
}

/** The first page of a list that nothing has promised. @throws Unsupported */
export function* readOffered(context: CheckContext, digest: string): Talk<Page> {
  const page = yield* readPage(context, referrersPath(context, digest));
  expectOffered(page.reply);
  return page;
}

/** The entries of one page, which must be an index. */
export function entriesIn(reply: HttpReply): JsonObject[] {
  expectStatus(reply, 200);
  const entries = asArray(asObject(parseJson(reply.text))?.manifests);
  expectThat(entries !== undefined, 'an index with manifests', quote(reply.text));
  return entries.flatMap((entry): JsonObject[] => {
    const object = asObject(entry);
    return object === undefined ? [] : [object];
  });
}

/** Entries as they may stand in a verdict. */
export function shown(entries: readonly JsonObject[]): string {
  const texts = entries.slice(0, 6).map(({ digest, artifactType }) => `${digest} ${artifactType}`);
  return quote(`${entries.length}: ${texts.join(', ')}`);
}

/** The descriptor has this value there; undefined: none. */
export function expectField(entry: JsonObject, name: string, wanted: unknown): string {
  const actual = quote(JSON.stringify(entry[name]) ?? 'nothing');
  expectThat(entry[name] === wanted, `${name} ${JSON.stringify(wanted) ?? 'left out'}`, actual);
  return `${name}: ${actual}`;
}
