// distribution-spec, "Pulling manifests", as far as types go: Content-Type and the Accept header.
import { algorithmOf } from '../protocol/blob.ts';
import { asObject, asString, parseJson } from '../protocol/json.ts';
import { kindOfMediaType, mediaTypes, parseContentType } from '../protocol/media-type.ts';
import type { HttpReply, Talk } from '../protocol/talk.ts';
import { ask, granted, manifestShape } from './ask.ts';
import { type Check, type CheckContext, expectReply, expectThat, quote } from './check.ts';

const section = 'distribution-spec/spec.md#pulling-manifests';

/** What clients, scanners and people send; '' is no Accept at all. */
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

export const manifestTypeChecks: readonly Check[] = [
  {
    id: 'manifest-content-type',
    level: 'SHOULD',
    section,
    requirement: 'Content-Type of a manifest is the media type that it was pushed with.',
    why: 'Clients choose the parser by this header, and refuse a manifest that contradicts it.',
    needs: ['top'],
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
    requirement: 'No Accept header, however odd, makes the request for a manifest a server error.',
    why: 'Scanners, proxies and new clients send types that the registry has never heard of.',
    needs: ['top'],
    *run(context) {
      for (const accept of oddAccepts) {
        const shape = manifestShape(context, context.reference);
        const { last } = yield* ask(context, { ...shape, accept: accept === '' ? [] : [accept] });
        expectReply(last);
        const actual = `status ${last.status} for Accept: ${quote(accept)}`;
        expectThat(last.status < 500, 'a status below 500', actual);
      }
      return `${oddAccepts.length} Accept headers, none a server error`;
    },
  },
];

interface Fetched {
  readonly reply: HttpReply;
  /** The media type that the index announces. */
  readonly expected: string | undefined;
}

/** What the reference names and, below an index, the manifest of one platform. */
function* fetchManifests(context: CheckContext): Talk<Fetched[]> {
  const { entry } = context.facts;
  const shape = manifestShape(context, context.reference);
  const top = yield* granted('manifest-by-tag', ask(context, shape));
  const fetched: Fetched[] = [{ reply: top.last, expected: undefined }];
  if (entry === undefined || algorithmOf(entry.digest) === undefined) return fetched;
  const below = yield* granted(
    'manifest-by-digest',
    ask(context, manifestShape(context, entry.digest)),
  );
  return [...fetched, { reply: below.last, expected: entry.mediaType.toLowerCase() }];
}
