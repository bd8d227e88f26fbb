// distribution-spec, "Pushing Manifests with Subject" and "Referrers Tag Schema": what a client does where
// the registry has no lists of referrers. It keeps the list of a subject in a tag, an index like theirs.

import { asArray, asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import { referrersTag } from '../../protocol/grammar/referrers-tag.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type CheckContext, Void } from '../check.ts';
import { ask } from './ask.ts';
import { expectStatus } from './expect.ts';
import { given } from './given.ts';
import {
  descriptorOf,
  list,
  type ManifestFixture,
  named,
  type PushedManifest,
} from './manifests.ts';
import { readPage } from './pages.ts';
import { entriesIn, referrersPath, saysNoReferrers } from './referrers.ts';
import { put, readShape } from './stored.ts';
import { unlessTagsStay } from './tag-moves.ts';

/**
 * Pushes a manifest of this subject, and sees that it is found: in the registry's own list, if the reply
 * says that there is one, else in the tag. True: in the registry's own. @throws Void where it is refused
 */
export function* givenReferrer(
  context: CheckContext,
  fixture: ManifestFixture,
  subject: PushedManifest,
): Talk<boolean> {
  const { reply } = yield* given(context, 'manifest-put-subject', function* () {
    const exchange = yield* put(context, fixture.content.digest, fixture);
    expectStatus(exchange.reply, 201);
    return exchange;
  });
  if (reply.header('OCI-Subject') !== undefined) return true;
  yield* addToTag(context, fixture, subject);
  return false;
}

/** Adds a referrer to the list in the tag, which begins empty; one that is there stays as it is. */
export function* addToTag(
  context: CheckContext,
  fixture: ManifestFixture,
  subject: PushedManifest,
): Talk<void> {
  const entries = yield* listInTag(context, subject, 'to add to');
  const { digest } = fixture.content;
  if (entries.some((entry) => entry.digest === digest)) return;
  yield* putInTag(context, subject, [...entries, entryOf(fixture)], entries);
}

/** Takes a referrer out of the list in the tag, as is due when it was deleted. */
export function* removeFromTag(
  context: CheckContext,
  fixture: ManifestFixture,
  subject: PushedManifest,
): Talk<void> {
  const entries = yield* listInTag(context, subject, 'to remove from');
  const rest = entries.filter(({ digest }) => digest !== fixture.content.digest);
  if (rest.length < entries.length) yield* putInTag(context, subject, rest, entries);
}

/** The referrers of a subject, wherever they are listed. */
export function* findReferrers(context: CheckContext, subject: PushedManifest): Talk<JsonObject[]> {
  const { reply } = yield* readPage(context, referrersPath(context, subject.content.digest));
  if (!saysNoReferrers(reply)) return entriesIn(reply);
  return yield* referrersInTag(context, subject);
}

/** What the tag alone says. No valid index there: no referrers. */
export function* referrersInTag(
  context: CheckContext,
  subject: PushedManifest,
): Talk<JsonObject[]> {
  return (yield* readTag(context, subject)) ?? [];
}

/** @throws Void where something else stands in the tag: whoever put it there may need it */
function* listInTag(
  context: CheckContext,
  subject: PushedManifest,
  purpose: string,
): Talk<JsonObject[]> {
  const entries = yield* readTag(context, subject);
  if (entries !== undefined) return entries;
  const tag = referrersTag(subject.content.digest);
  throw new Void(`${tag} is no index ${purpose}: what stands there is left as it is`);
}

/** Entries of the index in the tag, none where there is no such tag; undefined where it is no index. */
function* readTag(context: CheckContext, subject: PushedManifest): Talk<JsonObject[] | undefined> {
  const shape = readShape(context, referrersTag(subject.content.digest), emptyIndex);
  const session = context.session(context.repository, 'pull,push');
  const { last } = yield* ask(context, shape, session);
  expectStatus(last, 200, 404);
  if (last.status === 404) return [];
  const document = asObject(parseJson(last.text));
  const manifests = asArray(document?.manifests);
  const mediaType = asString(document?.mediaType) ?? mediaTypes.ociIndex;
  if (manifests === undefined || mediaType !== mediaTypes.ociIndex) return undefined;
  return manifests.flatMap((entry): JsonObject[] => {
    const object = asObject(entry);
    return object === undefined ? [] : [object];
  });
}

/**
 * What this run puts into the tag of the subject. Its own even when it is empty: another run that has the
 * same manifest would delete it, and the tag with it.
 */
export function indexInTag(
  context: CheckContext,
  digest: string,
  manifests: readonly object[],
): ManifestFixture {
  return list({ manifests, annotations: named(context, referrersTag(digest)) }, [], []);
}

function* putInTag(
  context: CheckContext,
  { content }: PushedManifest,
  manifests: readonly object[],
  before: readonly object[],
): Talk<void> {
  const index = indexInTag(context, content.digest, manifests);
  const { reply } = yield* put(context, referrersTag(content.digest), index);
  if (before.length > 0) yield* unlessTagsStay(context, content.digest.slice(7, 20), reply);
  expectStatus(reply, 201);
}

/** As lists of referrers have it: the artifactType, of a manifest else the type of its config, and annotations. */
function entryOf({ content, mediaType }: ManifestFixture): JsonObject {
  const document = asObject(parseJson(new TextDecoder().decode(content.bytes))) ?? {};
  const { annotations, artifactType = asObject(document.config)?.mediaType } = document;
  return {
    ...descriptorOf(mediaType, content),
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations !== undefined && { annotations }),
  };
}

const emptyIndex = list({ manifests: [] }, [], []);
