// Conditional requests (RFC 9110 section 13), which caches and clients send of themselves to whoever
// shows an entity tag: a 304 must be true, and a tag that matches nothing must not matter.

import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { ask, blobShape, headOf, manifestShape, manifestShapes } from '../kit/ask.ts';
import { sampleBlobs } from '../kit/blobs.ts';
import {
  describe,
  expectContent,
  expectDigest,
  expectStatus,
  expectThat,
  quote,
} from '../kit/expect.ts';
import { givenReply, notGiven } from '../kit/given.ts';
import { bare } from '../kit/manifests.ts';
import { givenPushed, readShape } from '../kit/stored.ts';
import { givenMovedTo } from '../kit/tag-moves.ts';
import { ownTag } from '../kit/tags.ts';

const section = 'RFC 9110 section 13.1.2';

/** RFC 9110 8.8.3: visible characters in quotes, after W/ for a weak one. */
const entityTag = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

const manifestTypes = [mediaTypes.ociManifest, mediaTypes.dockerManifest];

export const conditionalChecks: readonly Check[] = [
  {
    id: 'manifest-etag',
    level: 'SHOULD',
    section: 'RFC 9110 section 8.8.3',
    requirement: 'ETag of a manifest, where it is sent, is an entity tag in double quotes.',
    why: 'Caches drop a tag that they cannot read, or compare it wrongly, and fetch every time.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const values: string[] = [];
      for (const shape of manifestShapes(context)) {
        const { last } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
        const value = last.header('ETag');
        if (value === undefined) continue;
        expectThat(entityTag.test(value), 'an entity tag in quotes', `ETag: ${quote(value)}`);
        values.push(value);
      }
      if (values.length === 0) throw new Unsupported('manifests have no ETag, which is optional');
      return `ETag: ${values.join(', ')}`;
    },
  },
  {
    id: 'manifest-if-none-match',
    level: 'MUST',
    section,
    requirement:
      'If-None-Match with the entity tag of nothing brings the manifest, by GET and HEAD.',
    why: 'A false 304 makes caches and update watchers keep the image of yesterday.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const shapes = manifestShapes(context);
      for (const shape of [...shapes, ...shapes.map(headOf)]) {
        yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
        const { last } = yield* ask(context, unless(shape, foreignTag(context)));
        expectUnconditional(last, shape);
      }
      return '200';
    },
  },
  {
    id: 'manifest-if-none-match-own',
    level: 'SHOULD',
    section,
    requirement:
      'If-None-Match with the own ETag of a manifest is answered 304, or with the manifest.',
    why: 'Proxies ask this before they serve a tag again; another status is an outage to them.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const { last: plain } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
      const { last } = yield* ask(context, unless(shape, etagOf(plain)));
      expectStatus(last, 200, 304);
      if (last.status === 200) expectDigest(last, plain.digest);
      else expectThat(last.bytes === 0, '304 without a body', `304 with ${last.bytes} bytes`);
      return `${last.status}`;
    },
  },
  {
    id: 'manifest-if-none-match-accept',
    level: 'MUST',
    section,
    requirement: 'The ETag of one representation of a tag brings no 304 for another one.',
    why: 'A client that knows no indexes is told that the index which a cache has is still right.',
    needs: ['index'],
    dependsOn: ['manifest-by-tag'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const { last: one } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
      const etag = etagOf(one);
      const otherShape = { ...shape, accept: [manifestTypes.join(', ')] };
      const { last: other } = yield* ask(context, otherShape);
      if (other.status !== 200 || other.digest === one.digest) {
        throw new Unsupported('the tag has one representation, whatever Accept says');
      }
      const { last } = yield* ask(context, unless(otherShape, etag));
      expectThat(last.status !== 304, 'the other representation', '304');
      expectStatus(last, 200);
      return 'the other representation';
    },
  },
  {
    id: 'blob-if-none-match',
    level: 'MUST',
    section,
    requirement: 'If-None-Match with the entity tag of nothing brings the blob.',
    why: 'A false 304 leaves a client with no bytes, and a cache with wrong ones.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const shape = blobShape(context, blob);
        yield* givenReply(context, 'blob-config', ask(context, shape));
        const { last } = yield* ask(context, unless(shape, foreignTag(context)));
        expectUnconditional(last, shape);
      }
      return '200';
    },
  },
  {
    id: 'tag-moved-etag',
    level: 'MUST',
    section,
    requirement: 'The ETag from before a tag was moved brings no 304, but what the tag names now.',
    why: 'Caches in front of a registry serve the old image until their entity tag is refused.',
    needs: ['push'],
    dependsOn: ['manifest-by-tag-image', 'tag-moved'],
    *run(context) {
      const id = 'tag-moved-etag';
      const tag = ownTag(context, id);
      const [old, moved] = ['before', 'after'].map((when) => bare(context, `${id} ${when}`, {}));
      if (old === undefined || moved === undefined) throw new Error('two manifests were made');
      yield* givenPushed(context, old, [tag]);
      const shape = readShape(context, tag, old);
      const { last: before } = yield* givenReply(
        context,
        'manifest-by-tag-image',
        ask(context, shape),
      );
      const etag = etagOf(before);
      yield* givenMovedTo(context, moved, [tag]);
      const { last: plain } = yield* givenReply(context, 'tag-moved', ask(context, shape));
      if (plain.digest !== moved.content.digest) throw notGiven(context, 'tag-moved', 'it was not');
      const { last } = yield* ask(context, unless(shape, etag));
      expectThat(last.status !== 304, 'the manifest that the tag names now', '304');
      expectContent(last, { ...moved.content, mediaType: moved.mediaType });
      return 'the manifest that the tag names now';
    },
  },
];

function unless(shape: RequestShape, etag: string): RequestShape {
  return { ...shape, extra: [['If-None-Match', etag]] };
}

function foreignTag({ nonce }: CheckContext): string {
  return `"pullproof-${nonce}"`;
}

function expectUnconditional(reply: HttpReply, { method = 'GET' }: RequestShape): void {
  const expected = `status 200 for ${method} with an entity tag that matches nothing`;
  expectThat(reply.status === 200, expected, describe(reply));
}

/** @throws Unsupported without a tag that could be sent back */
function etagOf(reply: HttpReply): string {
  const value = reply.header('ETag') ?? '';
  if (!entityTag.test(value)) throw new Unsupported('manifests have no ETag, which is optional');
  return value;
}
