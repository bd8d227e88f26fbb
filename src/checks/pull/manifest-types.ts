// distribution-spec, "Pulling manifests", as far as types go: Content-Type and the Accept header.

import { asObject, asString, parseJson } from '../../lib/json.ts';
import { isWellFormedDigest } from '../../protocol/grammar/digest.ts';
import {
  kindOfMediaType,
  mediaTypes,
  parseContentType,
} from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, expectDigestHeader, manifestShape } from '../kit/ask.ts';
import { claimsIn } from '../kit/claims.ts';
import { describe, expectReply, expectThat, fact, quote } from '../kit/expect.ts';
import { givenReply, notGiven } from '../kit/given.ts';

const section = 'distribution-spec/spec.md#pulling-manifests';

/** What clients, scanners and people send; '' is no Accept at all: any type, as by the next (RFC 9110 12.5.1). */
const oddAccepts: readonly string[] = [
  '',
  '*/*',
  'application/json',
  'text/html, */*;q=0.1',
  `${mediaTypes.ociIndex};q=0.5, ${mediaTypes.ociManifest};q=0.9, */*;q=0`,
  mediaTypes.schema1Signed,
  mediaTypes.ociArtifactManifest,
  'not a media type',
  Array.from({ length: 40 }, (_, i) => `application/vnd.pullproof.none.v${i}+json`).join(','),
];

/**
 * The manifest; not in any type that is welcome (RFC 9110 12.5.1; 404 of registries that call it unknown then);
 * a header that is none, or a conversion for old clients that cannot be.
 */
const acceptStatuses = [200, 400, 404, 406];

export const manifestTypeChecks: readonly Check[] = [
  {
    id: 'manifest-content-type',
    level: 'SHOULD',
    section,
    requirement: 'Content-Type of a manifest is the media type that it was pushed with.',
    why: 'Clients choose the parser by this header, and refuse a manifest that contradicts it.',
    needs: ['top'],
    dependsOn: ['manifest-by-digest', 'manifest-by-tag'],
    *run(context) {
      const types: string[] = [];
      for (const { reply, expected } of yield* fetchManifests(context)) {
        const value = reply.header('Content-Type') ?? '';
        const type = parseContentType(value)?.type ?? '';
        const inBody = asString(asObject(parseJson(reply.text))?.mediaType)?.toLowerCase();
        const wanted = inBody ?? expected;
        const held = wanted === undefined ? kindOfMediaType(type) !== undefined : type === wanted;
        const said = value === '' ? 'no Content-Type' : `Content-Type: ${quote(value)}`;
        expectThat(held, `Content-Type: ${wanted ?? 'that of a manifest or index'}`, said);
        types.push(type);
      }
      return types.join(', ');
    },
  },
  {
    id: 'manifest-content-type-bare',
    level: 'SHOULD',
    section,
    requirement: 'Content-Type of a manifest has no parameters such as charset.',
    why: 'Many clients compare the whole header with the media types that they know.',
    needs: ['top'],
    dependsOn: ['manifest-by-digest', 'manifest-by-tag'],
    *run(context) {
      for (const { reply } of yield* fetchManifests(context)) {
        const value = reply.header('Content-Type') ?? '';
        const bare = !value.includes(';');
        expectThat(bare, 'a media type without parameters', `Content-Type: ${quote(value)}`);
      }
      return 'no parameters';
    },
  },
  {
    id: 'manifest-accept',
    level: 'COMPAT',
    section: 'distribution-spec/content-negotiation.md',
    requirement:
      'No Accept header, however odd, makes the request for a manifest a server error; without one, and with */*, the manifest comes.',
    why: 'Scanners, proxies and new clients send types that the registry has never heard of.',
    needs: ['top'],
    *run(context) {
      for (const accept of oddAccepts) {
        const shape = manifestShape(context, context.reference);
        const { last } = yield* ask(context, { ...shape, accept: accept === '' ? [] : [accept] });
        const isAny = accept === '' || accept === '*/*';
        const statuses = isAny ? [200] : acceptStatuses;
        const said = accept === '' ? 'without Accept' : `for Accept: ${quote(accept)}`;
        const expected = `status ${statuses.join(', ')}${isAny ? ', as any type is welcome,' : ''}`;
        expectThat(
          statuses.includes(last.status),
          `${expected} ${said}`,
          `${describe(last)} ${said}`,
        );
        expectReply(last);
      }
      return `${oddAccepts.length} Accept headers, none a server error`;
    },
  },
  {
    id: 'manifest-accept-own',
    level: 'COMPAT',
    section: 'RFC 9110 section 12.5.1',
    requirement:
      'A manifest comes to whoever accepts its type: in any of several Accept lines, at any place of a list, with a weight.',
    why: 'Docker and podman send a line for each type, other clients a list, some of them weights.',
    needs: ['top'],
    dependsOn: ['manifest-content-type'],
    *run(context) {
      const { mediaType, text } = fact(context.facts.top);
      const inBody = asString(asObject(parseJson(text))?.mediaType);
      const type = inBody ?? parseContentType(mediaType)?.type ?? '';
      if (kindOfMediaType(type) === undefined) {
        throw notGiven(context, 'manifest-content-type', 'the type is that of no manifest');
      }
      const usual = manifestShape(context, context.reference);
      const { digest } = (yield* givenReply(context, 'manifest-by-tag', ask(context, usual))).last;
      const accepts = acceptsOf(type);
      for (const accept of accepts) {
        const { last } = yield* ask(context, { ...usual, accept });
        const said = `Accept: ${accept.map(quote).join(' and ')}`;
        expectThat(last.status === 200, `status 200 for ${said}`, describe(last));
        const actual = `bytes that hash to ${last.digest}`;
        expectThat(last.digest === digest, `${digest} for ${said}`, actual);
      }
      return `${accepts.length} Accept headers, each brings it`;
    },
  },
  {
    id: 'manifest-accept-digest',
    level: 'MUST',
    section,
    requirement: 'Whatever Accept brings, Docker-Content-Digest is that of the bytes that come.',
    why: 'Registries that convert for old clients send the digest of what they converted from.',
    needs: ['top'],
    dependsOn: ['manifest-digest-header'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const { last: usual } = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
      const claims = claimsIn(usual);
      const isTrue = (claim: string) =>
        claim === usual.digest || (isWellFormedDigest(claim) && algorithmOf(claim) !== 'sha256');
      if (claims.length === 0 || !claims.every(isTrue)) {
        throw notGiven(context, 'manifest-digest-header', 'it does not name the usual bytes');
      }
      const seen: string[] = [];
      for (const types of fewerTypes) {
        const other = { ...shape, accept: [types.join(', ')] };
        const { exchanges, last } = yield* ask(context, other);
        const isConverted = last.bytes > 0 && last.digest !== usual.digest;
        if (last.status !== 200 || !isConverted) continue;
        yield* expectDigestHeader(context, exchanges, last.digest, other);
        seen.push(last.digest);
      }
      return seen.length === 0 ? 'the same to everybody' : seen.join(', ');
    },
  },
];

/** What clients accept that know no indexes, or only Docker's types. */
const fewerTypes: readonly (readonly string[])[] = [
  [mediaTypes.ociManifest, mediaTypes.dockerManifest],
  [mediaTypes.dockerManifestList, mediaTypes.dockerManifest],
];

/** Ways to say that one type is welcome, each of which some client uses (RFC 9110 12.5.1, 5.3). */
function acceptsOf(type: string): readonly (readonly string[])[] {
  const others = [mediaTypes.schema1Signed, 'application/vnd.pullproof.none+json'];
  return [
    [type],
    [...others, type],
    [[...others, type].join(', ')],
    [`${others[0]};q=0.1, ${type};q=0.9`],
    [`${type} ; q=0.5`],
  ];
}

interface Fetched {
  readonly reply: HttpReply;
  /** The media type that the index announces. */
  readonly expected: string | undefined;
}

/** What the reference names and, below an index, the manifest of one platform. */
function* fetchManifests(context: CheckContext): Talk<Fetched[]> {
  const { entry } = context.facts;
  const shape = manifestShape(context, context.reference);
  const top = yield* givenReply(context, 'manifest-by-tag', ask(context, shape));
  const fetched: Fetched[] = [{ reply: top.last, expected: undefined }];
  if (entry === undefined || algorithmOf(entry.digest) === undefined) return fetched;
  const below = yield* givenReply(
    context,
    'manifest-by-digest',
    ask(context, manifestShape(context, entry.digest)),
  );
  return [...fetched, { reply: below.last, expected: entry.mediaType.toLowerCase() }];
}
