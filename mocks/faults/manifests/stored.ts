// Faults of what becomes of a pushed manifest and its tags: taken that is none, refused that is fine, stored
// in other bytes.
import { asArray, asObject, parseJson } from '../../../src/lib/json.ts';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { type Call, type Reply, withBody } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Fault } from '../fault.ts';
import { codeOf, mayPush } from '../kit/calls.ts';
import { hasOddName, stored } from '../kit/pushes.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const push = { at: ['manifest'], methods: ['PUT'] } as const;
const accepted = { ...push, statuses: [201] } as const;
const refused = { ...push, statuses: [400] } as const;
const read = { at: ['manifest'], methods: ['GET'], statuses: [200] } as const;
const seenIn: readonly string[] = [];

export const storedManifestFaults: readonly Fault[] = [
  {
    id: 'manifest-put-ok',
    title: 'PUT of a manifest is answered 200, not 201',
    layer,
    seenIn,
    noticedBy: [
      'manifest-put-odd-*',
      'manifest-put-tagged-odd-*',
      'manifest-put-image',
      'manifest-put-image-untyped',
      'manifest-put-annotations',
      'manifest-put-custom-fields',
    ],
    on: accepted,
    change: (reply) => ({ ...reply, status: 200 }),
  },
  {
    id: 'index-refused',
    title: 'An index that lists manifests is answered 415',
    layer,
    seenIn,
    noticedBy: [
      'manifest-put-index',
      'manifest-put-index-untyped',
      'manifest-put-artifact-index',
      'manifest-put-docker-list',
      'manifest-put-tagged-index',
    ],
    on: { ...push, when: listsManifests },
    instead: (scene) => (mayPush(scene) ? fail(415, 'UNSUPPORTED')() : undefined),
  },
  {
    id: 'index-nested-refused',
    title: 'An index that lists an index is answered 400',
    layer,
    seenIn,
    noticedBy: ['manifest-put-index-nested', 'manifest-put-tagged-index-nested'],
    on: { ...push, when: listsIndexes },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'manifest-compacted',
    title: 'A pushed manifest is parsed and written anew, without blanks',
    layer,
    seenIn: ['distribution-spec#333'],
    noticedBy: [
      'manifest-location-indented',
      'manifest-location-odd-json',
      'manifest-get-indented',
      'manifest-get-odd-json',
      'manifest-get-large',
      'manifest-by-tag-indented',
    ],
    on: read,
    change: (reply) => rewritten(reply, (text) => JSON.stringify(JSON.parse(text))),
  },
  {
    id: 'manifest-html-escaped',
    title: 'A pushed manifest is written anew by an encoder that escapes <, > and &',
    layer,
    seenIn: ['distribution#1066'],
    noticedBy: ['manifest-get-annotations', 'manifest-by-tag-annotations'],
    on: read,
    change: (reply) =>
      rewritten(reply, (text) =>
        text.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
      ),
  },
  {
    id: 'manifest-trimmed',
    title: 'Blanks and line feeds at the end of a pushed manifest are taken away',
    layer,
    seenIn,
    noticedBy: [
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
    noticedBy: [
      'manifest-refuse-no-*',
      'manifest-refuse-empty',
      'manifest-refuse-truncated',
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
    noticedBy: ['manifest-refuse-digest-malformed'],
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
    noticedBy: ['*-sparse', 'manifest-missing-code'],
    on: refused,
    change: (reply) =>
      codeOf(reply) === 'MANIFEST_BLOB_UNKNOWN' ? fail(400, 'MANIFEST_INVALID')() : reply,
  },
  {
    id: 'manifest-too-large-crash',
    title: 'A manifest that is too large is answered 500, not 413',
    layer,
    seenIn,
    noticedBy: ['manifest-too-large'],
    on: { ...push, statuses: [413] },
    change: fail(500, 'UNSUPPORTED'),
  },
  {
    id: 'manifest-type-parameter-refused',
    title: 'A manifest whose Content-Type has a parameter is answered 415',
    layer,
    seenIn,
    noticedBy: ['manifest-type-parameter'],
    on: { ...push, when: (call) => (call.header('content-type') ?? '').includes(';') },
    instead: (scene) => (mayPush(scene) ? fail(415, 'UNSUPPORTED')() : undefined),
  },
  {
    id: 'manifest-leaks',
    title: 'A manifest is served in every repository, whichever it was pushed to',
    layer,
    seenIn,
    noticedBy: ['manifest-other-repository'],
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
    id: 'manifest-refused-stored',
    title: 'A manifest that is refused for what is missing is served by its digest all the same',
    layer,
    seenIn,
    noticedBy: [
      'manifest-refuse-missing-config',
      'manifest-refuse-missing-layer',
      'manifest-refuse-missing-one-of-many',
    ],
    on: { at: ['manifest'], methods: ['PUT'], statuses: [400] },
    change: (reply, { call, route, site }) => {
      if (codeOf(reply) !== 'MANIFEST_BLOB_UNKNOWN') return reply;
      site.store.putManifest(route.repository, call.body, call.header('content-type') ?? '');
      return { ...reply };
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

function rewritten(reply: Reply, write: (text: string) => string): Reply {
  if (!(reply.body instanceof Uint8Array)) return reply;
  return withBody(reply, write(Buffer.from(reply.body).toString()));
}
