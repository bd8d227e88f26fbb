// distribution-spec, "Pushing Manifests": what tags may be called, moving them, and several at once.

import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import { expectAbsent } from '../kit/blobs.ts';
import { expectClaim } from '../kit/claims.ts';
import { describe, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { bare, type ManifestFixture } from '../kit/manifests.ts';
import { expectRefusal } from '../kit/refusal.ts';
import { expectManifest, givenImage, givenNeeded, put } from '../kit/stored.ts';
import { givenMoved, isRefused, putOver, tagsStay, unlessTagsStay } from '../kit/tag-moves.ts';
import { goodNames, longest, ownTag } from '../kit/tags.ts';
import { send } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#pushing-manifests';
const grammar = 'distribution-spec/spec.md#pulling-manifests';

const goodNameChecks = goodNames.map(
  ({ id: kind, what, name }): Check => ({
    id: `tag-name-${kind}`,
    level: 'MUST',
    section: grammar,
    requirement: `A tag ${what} can be pushed to, and leads to what was pushed.`,
    why: 'Builds make tags of branch names, versions and dates.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['manifest-put names', 'manifest-tag names'],
    *run(context) {
      const id = `tag-name-${kind}`;
      const tag = name(ownTag(context, id));
      const fixture = yield* givenImage(context, id);
      const { reply } = yield* put(context, tag, fixture);
      expectStatus(reply, 201);
      yield* expectManifest(context, tag, fixture);
      return `${tag.length} characters: ${tag}`;
    },
  }),
);

/** Names that are no tags by the grammar, as they go into a URL. */
const badNames = [
  { id: 'too-long', what: 'of 129 characters', name: (tag: string) => `${longest(tag)}x` },
  { id: 'dot-first', what: 'that begins with a dot', name: (tag: string) => `.${tag}` },
  { id: 'hyphen-first', what: 'that begins with a hyphen', name: (tag: string) => `-${tag}` },
  { id: 'blank', what: 'with a blank in it', name: (tag: string) => `a%20${tag}` },
  { id: 'plus', what: 'with a plus in it', name: (tag: string) => `1.0+${tag}` },
  { id: 'letter', what: 'with a letter beyond ASCII', name: (tag: string) => `%C3%A9${tag}` },
] as const;

const badNameChecks = badNames.map(
  ({ id: kind, what, name }): Check => ({
    id: `tag-refuse-${kind}`,
    level: 'MUST',
    section: grammar,
    requirement: `PUT of a manifest to a tag ${what} is refused: it is no tag.`,
    why: 'No client can pull by a name that it takes for a mistake.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = `tag-refuse-${kind}`;
      const fixture = yield* givenImage(context, id);
      const { reply } = yield* put(context, name(ownTag(context, id)), fixture);
      expectRefusal(reply, 'name');
      return `${reply.status}`;
    },
  }),
);

const otherChecks: readonly Check[] = [
  {
    id: 'tag-moved',
    level: 'MUST',
    section,
    requirement: 'A tag leads to the manifest that was pushed to it last.',
    why: 'A tag that stays behind deploys the old version.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'tag-moved';
      const tag = ownTag(context, id);
      yield* givenImage(context, `${id} before`, [tag]);
      const after = bare(context, `${id} after`, {});
      yield* givenNeeded(context, after);
      // Read before, so that what is kept of it shows.
      const path = `/v2/${context.repository}/manifests/${tag}`;
      yield* send(context, { method: 'GET', path, headers: acceptAll });
      const { reply } = yield* putOver(context, tag, after);
      expectStatus(reply, 201);
      yield* expectManifest(context, tag, after);
      expectClaim(reply, after.content);
      return `${tag} is ${after.content.digest} now`;
    },
  },
  {
    id: 'tag-moved-head',
    level: 'MUST',
    section: 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry',
    requirement: 'HEAD of a tag speaks of the manifest that was pushed to it last.',
    why: 'Clients that watch a tag ask by HEAD alone; one that stays behind hides the new version.',
    needs: ['push'],
    dependsOn: ['manifest-head', 'tag-moved'],
    *run(context) {
      const id = 'tag-moved-head';
      const tag = ownTag(context, id);
      yield* givenImage(context, `${id} before`, [tag]);
      // Another length than before, as not every registry sends the digest.
      const after = bare(context, `${id} after`, { annotations: { 'org.example.name': id } });
      yield* givenNeeded(context, after);
      const path = `/v2/${context.repository}/manifests/${tag}`;
      const head = () => send(context, { method: 'HEAD', path, headers: acceptAll });
      yield* head();
      yield* given(context, 'tag-moved', function* () {
        expectStatus((yield* putOver(context, tag, after)).reply, 201);
      });
      const { reply } = yield* head();
      if (reply.status !== 200) throw notGiven(context, 'manifest-head', describe(reply));
      const { digest, size } = after.content;
      expectClaim(reply, after.content);
      const length = reply.header('Content-Length') ?? `${size}`;
      expectThat(length === `${size}`, `Content-Length: ${size}`, quote(length));
      return `${tag} is ${digest} now`;
    },
  },
  {
    id: 'tag-case',
    level: 'MUST',
    section: grammar,
    requirement: 'Two tags that differ in capitals alone lead each to what was pushed to it.',
    why: 'Tags are made of branch names: one build must not replace the image of another.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const [small, capital] = [ownTag(context, 'tag-case'), `Tag-CASE-${context.nonce}`];
      const first = yield* givenImage(context, `tag-case ${small}`, [small]);
      const second = yield* givenImage(context, `tag-case ${capital}`);
      expectStatus((yield* put(context, capital, second)).reply, 201);
      yield* expectManifest(context, small, first);
      yield* expectManifest(context, capital, second);
      return `${small} and ${capital}`;
    },
  },
  {
    id: 'tag-after-miss',
    level: 'COMPAT',
    section: grammar,
    requirement: 'A tag that was asked for, and was missing, is there once it was pushed.',
    why: 'Deployments ask for a tag until the build has pushed it.',
    needs: ['push'],
    dependsOn: ['manifest-put-image', 'manifest-unknown-tag'],
    *run(context) {
      const id = 'tag-after-miss';
      const tag = ownTag(context, id);
      const fixture = yield* givenImage(context, id);
      yield* given(context, 'manifest-unknown-tag', () =>
        expectAbsent(context, `manifests/${tag}`),
      );
      const { reply } = yield* put(context, tag, fixture);
      expectStatus(reply, 201);
      yield* expectManifest(context, tag, fixture);
      return `404, then ${fixture.content.digest}`;
    },
  },
  {
    id: 'tag-moved-keeps',
    level: 'COMPAT',
    section,
    requirement: 'A manifest that lost its tag to another one can still be pulled by digest.',
    why: 'Running deployments are pinned by digest, and are pulled again on other machines.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'tag-moved-keeps';
      const tag = ownTag(context, id);
      const before = yield* givenImage(context, `${id} before`, [tag]);
      yield* givenMoved(context, `${id} after`, [tag]);
      yield* expectManifest(context, before.content.digest, before);
      return `${before.content.digest} is there`;
    },
  },
  {
    id: 'tag-two-of-one',
    level: 'MUST',
    section,
    requirement: 'A manifest can have several tags, and moving one leaves the others.',
    why: '"latest" and "1.2.3" are often the same image, until one of them moves.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'tag-two-of-one';
      const [first, second] = [ownTag(context, `${id}-1`), ownTag(context, `${id}-2`)];
      const fixture = yield* givenImage(context, id, [first]);
      expectStatus((yield* put(context, second, fixture)).reply, 201);
      for (const tag of [first, second]) yield* expectManifest(context, tag, fixture);
      yield* givenMoved(context, `${id} after`, [first]);
      yield* expectManifest(context, second, fixture);
      return `${second} is ${fixture.content.digest} still`;
    },
  },
  {
    id: 'tag-parameters',
    level: 'MUST',
    section,
    requirement:
      'Tags that OCI-Tag names after PUT by digest with tag parameters lead to the manifest.',
    why: 'A client that pushes several tags at once believes this header.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const pushed = yield* pushTags(context, 'tag-parameters', 2);
      const said = saidTags(pushed.reply);
      if (said.length === 0) throw new Unsupported('the registry answers no OCI-Tag');
      for (const tag of said) {
        expectThat(pushed.tags.includes(tag), 'tags that were asked for', quote(tag));
        yield* expectManifest(context, tag, pushed.fixture);
      }
      return said.join(', ');
    },
  },
  {
    id: 'tag-parameters-move',
    level: 'MUST',
    section,
    requirement:
      'A tag that OCI-Tag names leads to the manifest that was pushed last, if it was moved.',
    why: '"latest" is there already when the next release is pushed with all its tags.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'tag-parameters-move';
      yield* givenImage(context, `${id} before`, [ownTag(context, `${id}-0`)]);
      const { fixture, tags, reply } = yield* pushTags(context, id, 2, 'over');
      const moved = tags.filter((tag) => saidTags(reply).includes(tag));
      if (moved.length === 0) throw new Unsupported('the registry answers no OCI-Tag');
      for (const tag of moved) yield* expectManifest(context, tag, fixture);
      return moved.join(', ');
    },
  },
  {
    id: 'tag-parameters-said',
    level: 'MUST',
    section,
    requirement: 'PUT by digest with tag parameters answers OCI-Tag for each tag that it sets.',
    why: 'A client that does not find a tag in this header pushes it again by itself.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const { tags, reply } = yield* pushTags(context, 'tag-parameters-said', 2);
      const said = saidTags(reply);
      for (const tag of tags.filter((each) => !said.includes(each))) {
        yield* expectAbsent(context, `manifests/${tag}`);
      }
      if (said.length === 0) throw new Unsupported('the registry ignores tag parameters');
      return `${said.length} of ${tags.length}`;
    },
  },
  {
    id: 'tag-parameters-ten',
    level: 'SHOULD',
    section,
    requirement: 'Ten tags can be pushed with one manifest, where tag parameters are supported.',
    why: 'Releases carry many tags; clients send them all at once.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      const id = 'tag-parameters-ten';
      const one = yield* pushTags(context, `${id}-one`, 1);
      if (saidTags(one.reply).length === 0) {
        throw new Unsupported('the registry ignores tag parameters');
      }
      const { fixture, tags, reply } = yield* putTags(context, id, 10);
      expectStatus(reply, 201);
      const said = new Set(saidTags(reply));
      const set = tags.filter((tag) => said.has(tag));
      expectThat(set.length === 10, '10 tags in OCI-Tag', `${set.length}`);
      yield* expectManifest(context, tags.at(-1) ?? '', fixture);
      return '10 tags';
    },
  },
  {
    id: 'tag-concurrent',
    level: 'COMPAT',
    section,
    requirement:
      'Of several pushes to one tag at once all answer 201, and the tag is one of the manifests.',
    why: 'Parallel builds push "latest" at the same moment.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    covers: ['manifest-put at-once'],
    *run(context) {
      const id = 'tag-concurrent';
      const tag = ownTag(context, id);
      const racers: ManifestFixture[] = [1, 2, 3, 4].map((n) => bare(context, `${id} ${n}`, {}));
      yield* givenImage(context, `${id} before`);
      for (const racer of racers) yield* givenNeeded(context, racer);
      const pushes = racers.map((racer) => put(context, tag, racer));
      const exchanges: Exchange[] = yield { parallel: pushes, limit: racers.length };
      // Where no tag can be overwritten, only one of them can win.
      for (const { reply } of exchanges) yield* unlessTagsStay(context, id, reply);
      for (const { reply } of exchanges) expectStatus(reply, 201);
      const path = `/v2/${context.repository}/manifests/${tag}`;
      const { reply } = yield* send(context, { method: 'GET', path, headers: acceptAll });
      const known = racers.some(({ content }) => content.digest === reply.digest);
      const actual = `${describe(reply)}, ${reply.digest}`;
      expectThat(reply.status === 200 && known, 'one of the manifests', actual);
      for (const { content } of racers) yield* expectThere(context, content.digest);
      return `${tag} is ${reply.digest}`;
    },
  },
];

const acceptAll = [['Accept', 'application/vnd.oci.image.manifest.v1+json']] as const;

export const tagPushChecks: readonly Check[] = [
  ...goodNameChecks,
  ...badNameChecks,
  ...otherChecks,
];

function* expectThere(context: CheckContext, digest: string): Talk<void> {
  const path = `/v2/${context.repository}/manifests/${digest}`;
  const { reply } = yield* send(context, { method: 'GET', path, headers: acceptAll });
  expectStatus(reply, 200);
  expectThat(reply.digest === digest, digest, reply.digest);
}

interface PushedTags {
  readonly fixture: ManifestFixture;
  readonly tags: readonly string[];
  readonly reply: HttpReply;
}

/**
 * Pushes one manifest with so many tag parameters; `over`: some of the tags are there.
 * @throws Void where the push itself fails, Unsupported
 */
/** @throws Unsupported where tag parameters are refused */
function* pushTags(
  context: CheckContext,
  id: string,
  count: number,
  where: 'new' | 'over' = 'new',
): Talk<PushedTags> {
  const pushed = yield* putTags(context, id, count, where);
  const { status } = pushed.reply;
  if (status !== 201) throw new Unsupported(`tag parameters are refused (${status})`);
  return pushed;
}

/** The reply is a 201, or one of those that answer too many tags, or what is not supported at all. */
function* putTags(
  context: CheckContext,
  id: string,
  count: number,
  where: 'new' | 'over' = 'new',
): Talk<PushedTags> {
  const fixture = bare(context, id, {});
  yield* givenNeeded(context, fixture);
  const tags = Array.from({ length: count }, (_, at) => ownTag(context, `${id}-${at}`));
  const query = tags.map((tag) => `tag=${tag}`).join('&');
  const { reply } = yield* given(context, 'manifest-put-image', function* () {
    const exchange = yield* put(context, fixture.content.digest, fixture, query);
    if (where === 'over' && isRefused(exchange.reply)) throw tagsStay(exchange.reply);
    expectStatus(exchange.reply, 201, 400, 413, 414, 431);
    return exchange;
  });
  return { fixture, tags, reply };
}

/** All values of OCI-Tag: a list in one line or in several (RFC 9110 5.3). */
function saidTags(reply: HttpReply): string[] {
  const value = reply.header('OCI-Tag') ?? '';
  return value
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}
