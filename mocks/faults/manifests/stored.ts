// Faults of what becomes of a pushed manifest and its tags: taken that is none, refused that is fine, stored
// in other bytes.
import { asArray, asObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { isTag } from '../../../src/protocol/grammar/reference.ts';
import { type Call, emptyReply, type Reply, withBody } from '../../call.ts';
import { Fields } from '../../registry/query.ts';
import { digestOf } from '../../store.ts';
import { drop, type Fault, fail } from '../fault.ts';
import { codeOf, fieldOf, mayPush, withoutFields } from '../kit/calls.ts';
import { ofShapes, ofShapesBut } from '../kit/shape-checks.ts';

const layer = 'response';
const push = { at: ['manifest'], methods: ['PUT'] } as const;
const accepted = { ...push, statuses: [201] } as const;
const refused = { ...push, statuses: [400] } as const;
const read = { at: ['manifest'], methods: ['GET'], statuses: [200] } as const;
const seenIn: readonly string[] = [];

/** Tags that a registry of a small table takes. */
export const shortTagCharsMax = 100;
/** Tag parameters that a hasty registry reads. */
const fewTags = 4;

export const manifestPushFaults: readonly Fault[] = [
  {
    id: 'manifest-put-ok',
    title: 'PUT of a manifest is answered 200, not 201',
    layer,
    seenIn,
    breaks: [
      ...ofShapesBut(
        'manifest-put',
        'index',
        'index-untyped',
        'index-nested',
        'artifact-index',
        'subject',
        'docker-list',
        'index-sparse',
        'image-sparse',
      ),
      ...ofShapesBut(
        'manifest-put-tagged',
        'index',
        'index-untyped',
        'index-nested',
        'artifact-index',
        'subject',
        'docker-list',
        'index-sparse',
        'image-sparse',
      ),
    ],
    on: accepted,
    change: (reply) => ({ ...reply, status: 200 }),
  },
  {
    id: 'index-refused',
    title: 'An index that lists manifests is answered 415',
    layer,
    seenIn,
    breaks: [
      ...ofShapes('manifest-put', [
        'index',
        'index-untyped',
        'index-sparse',
        'artifact-index',
        'docker-list',
      ]),
      ...ofShapes('manifest-put-tagged', [
        'index',
        'index-untyped',
        'index-sparse',
        'artifact-index',
        'docker-list',
      ]),
      'manifest-missing-code',
      'referrers-tag-schema',
    ],
    on: { ...push, when: listsManifests },
    instead: (scene) => (mayPush(scene) ? fail(415, 'UNSUPPORTED')() : undefined),
  },
  {
    id: 'index-nested-refused',
    title: 'An index that lists an index is answered 400',
    layer,
    seenIn,
    breaks: ['manifest-put-index-nested', 'manifest-put-tagged-index-nested'],
    on: { ...push, when: listsIndexes },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'manifest-compacted',
    title: 'A pushed manifest is parsed and written anew, without blanks',
    layer,
    seenIn: ['distribution-spec#333'],
    breaks: [
      'manifest-location-indented',
      'manifest-location-odd-json',
      'manifest-get-indented',
      'manifest-get-odd-json',
      'manifest-get-large',
      'manifest-by-tag-indented',
      'manifest-by-tag-odd-json',
    ],
    on: read,
    change: (reply) => rewritten(reply, (text) => JSON.stringify(JSON.parse(text))),
  },
  {
    id: 'manifest-trimmed',
    title: 'Blanks and line feeds at the end of a pushed manifest are taken away',
    layer,
    seenIn,
    breaks: [
      'manifest-location-indented',
      'manifest-get-indented',
      'manifest-get-large',
      'manifest-by-tag-indented',
    ],
    on: read,
    change: (reply) => rewritten(reply, (text) => text.trimEnd()),
  },
  {
    id: 'manifest-garbage-accepted',
    title: 'What is no manifest is answered 201',
    layer,
    seenIn,
    breaks: [
      'manifest-refuse-empty',
      'manifest-refuse-truncated',
      'manifest-refuse-no-json',
      'manifest-refuse-no-object',
      'manifest-refuse-no-utf8',
      'manifest-refuse-type-mismatch',
      'manifest-refuse-digest-field-malformed',
    ],
    on: refused,
    change: (reply, { call, route }) =>
      codeOf(reply) === 'MANIFEST_INVALID' && !hasOddName(route.reference)
        ? stored(route.repository, digestOf(call.body))
        : reply,
  },
  {
    id: 'manifest-digest-malformed-accepted',
    title: 'A manifest that is pushed to a malformed digest is answered 201',
    layer,
    seenIn,
    breaks: ['manifest-refuse-digest-malformed'],
    on: { ...refused, by: 'digest' },
    change: (reply, { route }) =>
      route.reference.length < 'sha256:'.length + 32
        ? stored(route.repository, route.reference)
        : reply,
  },
  {
    id: 'manifest-missing-miscoded',
    title: 'A manifest whose layers are not there is refused as MANIFEST_INVALID',
    layer,
    seenIn,
    breaks: [
      'manifest-put-index-sparse',
      'manifest-put-image-sparse',
      'manifest-put-tagged-index-sparse',
      'manifest-put-tagged-image-sparse',
      'manifest-missing-code',
    ],
    on: refused,
    change: (reply) =>
      codeOf(reply) === 'MANIFEST_BLOB_UNKNOWN' ? fail(400, 'MANIFEST_INVALID')() : reply,
  },
  {
    id: 'manifest-too-large-crash',
    title: 'A manifest that is too large is answered 500, not 413',
    layer,
    seenIn,
    breaks: ['manifest-too-large'],
    on: { ...push, statuses: [413] },
    change: fail(500, 'UNSUPPORTED'),
  },
  {
    id: 'manifest-type-parameter-refused',
    title: 'A manifest whose Content-Type has a parameter is answered 415',
    layer,
    seenIn,
    breaks: ['manifest-type-parameter'],
    on: { ...push, when: (call) => (call.header('content-type') ?? '').includes(';') },
    instead: (scene) => (mayPush(scene) ? fail(415, 'UNSUPPORTED')() : undefined),
  },
  {
    id: 'manifest-leaks',
    title: 'A manifest is served in every repository, whichever it was pushed to',
    layer,
    seenIn,
    breaks: ['manifest-other-repository'],
    on: { at: ['manifest'], methods: ['GET', 'HEAD'], statuses: [404], repository: 'known' },
    change: (reply, { call, registry, route, site }) => {
      const { reference } = route;
      const owner = site.store
        .repositories()
        .find((name) => site.store.manifest(name, reference) !== undefined);
      if (owner === undefined) return reply;
      const digest = site.store.manifest(owner, reference)?.digest ?? '';
      const { bytes, mediaType } = site.store.manifest(owner, digest) ?? {};
      if (bytes === undefined || mediaType === undefined) return reply;
      // As if it had been pushed here, too; nothing is left of that afterwards.
      const had = site.store.hasManifest(route.repository, digest);
      site.store.putManifest(route.repository, bytes, mediaType);
      const path = `/v2/${route.repository}/manifests/${digest}`;
      const found = registry.answer({ ...call, path });
      if (!had) site.store.deleteManifest(route.repository, digest);
      return found;
    },
  },
  {
    id: 'tag-grammar-unchecked',
    title: 'A manifest is taken under names that are no tags',
    layer,
    seenIn,
    breaks: [
      'tag-refuse-too-long',
      'tag-refuse-dot-first',
      'tag-refuse-hyphen-first',
      'tag-refuse-blank',
      'tag-refuse-plus',
      'tag-refuse-letter',
    ],
    on: { ...refused, by: 'tag' },
    change: (reply, { call, route }) =>
      hasOddName(route.reference) ? stored(route.repository, digestOf(call.body)) : reply,
  },
  {
    id: 'tag-long-refused',
    title: `Tags of more than ${shortTagCharsMax} characters are refused`,
    layer,
    seenIn,
    breaks: ['tag-name-longest'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { reference } = scene.route;
      const isLong = isTag(reference) && reference.length > shortTagCharsMax;
      return isLong && mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined;
    },
  },
  {
    id: 'tag-case-blind',
    title: 'Tags are the same whatever their capitals',
    layer,
    seenIn,
    breaks: ['manifest-unknown-case', 'tags-odd-names', 'tag-case', 'tags-new'],
    on: { at: ['manifest'], by: 'tag' },
    instead: ({ call, registry, route }) => {
      const { reference } = route;
      const lower = reference.toLowerCase();
      if (lower === reference || !isTag(reference)) return undefined;
      return registry.answer({ ...call, path: `/v2/${route.repository}/manifests/${lower}` });
    },
  },
  {
    id: 'tag-stuck',
    title: 'A tag stays at the first manifest that was pushed to it, though later ones answer 201',
    layer,
    seenIn,
    breaks: ['tag-moved-head', 'tag-moved', 'referrers-tag-schema'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { call, registry, route, site } = scene;
      const before = site.store.manifest(route.repository, route.reference)?.digest;
      if (before === undefined) return undefined;
      const reply = registry.answer(call);
      if (reply.status === 201) site.store.putTag(route.repository, route.reference, before);
      return reply;
    },
  },
  {
    id: 'tag-moved-collects',
    title: 'A manifest that loses its last tag is gone at once',
    layer,
    seenIn,
    breaks: ['tag-moved-keeps', 'tag-concurrent'],
    on: { ...push, by: 'tag' },
    instead: (scene) => {
      const { call, registry, route, site } = scene;
      const { repository, reference } = route;
      const before = site.store.manifest(repository, reference)?.digest;
      if (before === undefined) return undefined;
      const reply = registry.answer(call);
      const tags = site.store.tags(repository) ?? [];
      const isTagged = tags.some((tag) => site.store.manifest(repository, tag)?.digest === before);
      if (!isTagged) site.store.deleteManifest(repository, before);
      return reply;
    },
  },
  {
    id: 'tag-parameters-ignored',
    title: 'Tag parameters are ignored, which the spec allows',
    layer,
    seenIn,
    breaks: [],
    on: { ...push, by: 'digest' },
    instead: (scene) => {
      const { call, registry } = scene;
      if (fieldOf(call, 'tag') === undefined) return undefined;
      return drop('OCI-Tag')(registry.answer(withoutFields(call, 'tag')));
    },
  },
  {
    id: 'tag-parameters-unsaid',
    title: 'Tags of tag parameters are set, but no OCI-Tag says so',
    layer,
    seenIn,
    breaks: ['tag-parameters-said'],
    on: accepted,
    change: drop('OCI-Tag'),
  },
  {
    id: 'tag-parameters-few',
    title: `Of many tag parameters only ${fewTags} count`,
    layer,
    seenIn,
    breaks: ['tag-parameters-ten'],
    on: { ...push, by: 'digest' },
    instead: ({ call, registry }) => {
      const tags = new Fields(call.query).all('tag');
      if (tags.length <= fewTags) return undefined;
      const query = tags.slice(0, fewTags).map((tag) => `tag=${tag}`);
      return registry.answer({ ...call, query: query.join('&') });
    },
  },
];

function listsManifests(call: Call): boolean {
  return entriesOf(call).length > 0;
}

function listsIndexes(call: Call): boolean {
  return entriesOf(call).some((entry) => asObject(entry)?.mediaType === mediaTypes.ociIndex);
}

function entriesOf({ body }: Call): readonly unknown[] {
  return asArray(asObject(parseJson(Buffer.from(body).toString()))?.manifests) ?? [];
}

function hasOddName(reference: string): boolean {
  return !reference.includes(':') && !isTag(reference);
}

/** What a sound push is answered; nothing was stored. */
function stored(repository: string, digest: string): Reply {
  return emptyReply(201, [
    ['Location', `/v2/${repository}/manifests/${digest}`],
    ['Docker-Content-Digest', digest],
  ]);
}

function rewritten(reply: Reply, write: (text: string) => string): Reply {
  if (!(reply.body instanceof Uint8Array)) return reply;
  return withBody(reply, write(Buffer.from(reply.body).toString()));
}
