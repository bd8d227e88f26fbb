// Faults of pushing manifests: what is accepted that must not be, or refused that should not.
import { asArray, asObject, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { isWellFormedDigest } from '../../../src/protocol/grammar/digest.ts';
import { type Call, emptyReply, headerOf, type Reply, withHeader } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { codeOf, digestsAtFault, fieldOf, keyOf, mayPush } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];

const layer = 'response';
const push = { at: ['manifest'], methods: ['PUT'] } as const;

export const acceptedManifestFaults: readonly Fault[] = [
  {
    id: 'manifest-blob-missing-accepted',
    title: 'A manifest is accepted whose config or layers are not there',
    layer,
    seenIn: ['nora#652'],
    noticedBy: ['manifest-refuse-missing-*'],
    on: { ...push, statuses: [400], when: (call) => !isIndex(call) },
    change: asIfSparse,
  },
  {
    id: 'index-child-missing-accepted',
    title: 'An index is accepted that lists a manifest that is not there, which the spec allows',
    layer,
    seenIn: ['quay#7033'],
    noticedBy: [],
    legal: 'spec.md, Push: a registry MAY reject a manifest for what it names',
    on: { ...push, statuses: [400], when: isIndex },
    change: asIfSparse,
  },
  {
    id: 'manifest-digest-unchecked',
    title: 'A manifest is stored under whatever digest it is pushed to',
    layer,
    seenIn: ['serverless-registry#137', 'artifact-keeper#3116', 'nexspence#195'],
    noticedBy: [
      'manifest-refuse-digest-known',
      'manifest-refuse-digest-other',
      'manifest-refuse-digest-other-sha512',
      'manifest-refuse-digest-unknown-algorithm',
    ],
    on: { ...push, by: 'digest', statuses: [400] },
    begin: digestUnchecked,
  },
  {
    id: 'sha512-refused',
    title: 'Whatever is pushed with a sha512 digest is answered 400',
    layer,
    seenIn: ['distribution#4420'],
    noticedBy: [],
    legal: 'spec.md, Pushing blobs: an unsupported algorithm SHOULD be answered 400',
    on: { at: ['manifest', 'upload'], methods: ['POST', 'PUT'], when: namesSha512 },
    instead: (scene) => (mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined),
  },
  {
    id: 'artifact-refused',
    title: 'A manifest with subject or artifactType is answered 405',
    layer,
    seenIn: ['containers-roadmap#2783'],
    noticedBy: [
      'manifest-put-artifact',
      'manifest-put-artifact-index',
      'manifest-put-subject',
      'manifest-put-subject-missing',
      'manifest-put-tagged-artifact',
      'manifest-put-tagged-artifact-index',
    ],
    on: { ...push, when: isOfOci11 },
    instead: (scene) => (mayPush(scene) ? fail(405, 'UNSUPPORTED')() : undefined),
  },
  {
    id: 'index-of-blobs-refused',
    title: 'An index that lists blobs, as BuildKit keeps a cache, is answered 400',
    layer,
    seenIn: ['harbor#14774', 'pulp_container#1587', 'buildkit#1143'],
    noticedBy: ['manifest-put-index-of-blobs', 'manifest-put-tagged-index-of-blobs'],
    on: { ...push, when: (call) => entriesOf(call).some(isNoManifest) },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'index-platform-demanded',
    title: 'An index with an entry that names no platform is answered 400',
    layer,
    seenIn: ['buildkit#1550'],
    noticedBy: ['manifest-put-index-platformless', 'manifest-put-tagged-index-platformless'],
    on: {
      ...push,
      when: (call) =>
        entriesOf(call).some((entry) => !isNoManifest(entry) && entry.platform === undefined),
    },
    instead: (scene) => (mayPush(scene) ? fail(400, 'MANIFEST_INVALID')() : undefined),
  },
  {
    id: 'manifest-location-untrue',
    title: 'The Location of a pushed manifest leads nowhere',
    layer,
    seenIn: ['mbr/container_registry-rs#2'],
    noticedBy: ['manifest-location-*'],
    on: { ...push, statuses: [201] },
    change: (reply, { route }) =>
      withHeader(reply, 'Location', `/v2/${route.repository}/manifest/${route.reference}`),
  },
  {
    id: 'manifest-known-unchecked',
    title: 'To the digest of a manifest that is there any bytes are answered 201, and dropped',
    layer,
    seenIn,
    noticedBy: ['manifest-refuse-digest-known'],
    on: { at: ['manifest'], methods: ['PUT'], by: 'digest', statuses: [400] },
    change: (reply, { call, route, site }) => {
      const isKnown = site.store.hasManifest(route.repository, route.reference);
      return isKnown ? emptyReply(201, [['Location', call.path]]) : reply;
    },
  },
  {
    id: 'manifest-blob-elsewhere-accepted',
    title: 'A manifest is accepted whose blobs are in another repository alone',
    layer,
    seenIn,
    noticedBy: ['manifest-refuse-missing-elsewhere'],
    on: { at: ['manifest'], methods: ['PUT'], statuses: [400] },
    change: (reply, { call, registry, site }) => {
      const missing = digestsAtFault(reply);
      const isElsewhere = missing.every((digest) => site.store.blobOfAny(digest) !== undefined);
      if (missing.length === 0 || !isElsewhere) return reply;
      return registry.under({ sparse: 'allow' }).answer(call);
    },
  },
  {
    id: 'manifest-blob-deleted-accepted',
    title: 'A manifest is accepted whose blobs were there, and were deleted',
    layer,
    seenIn,
    noticedBy: ['manifest-refuse-missing-deleted'],
    on: { at: ['manifest'], methods: ['PUT'], statuses: [400] },
    begin: () => {
      const gone = new Memory<true>();
      return {
        follow: (reply, scene) => {
          const { call, place } = scene;
          const isDeleted = place === 'blob' && call.method === 'DELETE' && reply.status === 202;
          if (isDeleted) gone.set(keyOf(scene), true);
          return reply;
        },
        change: (reply, { call, registry, route }) => {
          const missing = digestsAtFault(reply);
          const isGone = missing.every((digest) => gone.has(`${route.repository}@${digest}`));
          if (missing.length === 0 || !isGone) return reply;
          return registry.under({ sparse: 'allow' }).answer(call);
        },
      };
    },
  },
];

function asIfSparse(reply: Reply, { call, registry }: Scene): Reply {
  if (codeOf(reply) !== 'MANIFEST_BLOB_UNKNOWN') return reply;
  return registry.under({ sparse: 'allow' }).answer(call);
}

function digestUnchecked(): Behaviour {
  /** True digest of what was pushed to another one. */
  const pushed = new Memory<string>();
  const askFor = (digest: string, { call, registry, route }: Scene): Reply => {
    const path = `/v2/${route.repository}/manifests/${digest}`;
    const reply = registry.answer({ ...call, path });
    if (headerOf(reply, 'Docker-Content-Digest') === undefined) return reply;
    return withHeader(reply, 'Docker-Content-Digest', route.reference);
  };
  return {
    change: (reply, scene) => {
      const { call, route } = scene;
      const isWrong = codeOf(reply) === 'DIGEST_INVALID' && isWellFormedDigest(route.reference);
      if (!isWrong) return reply;
      const digest = digestOf(call.body);
      const stored = askFor(digest, scene);
      if (stored.status !== 201) return stored;
      pushed.set(keyOf(scene), digest);
      return withHeader(stored, 'Location', call.path);
    },
    follow: (reply, scene) => {
      const isMissing = scene.place === 'manifest' && reply.status === 404;
      const digest = isMissing ? pushed.get(keyOf(scene)) : undefined;
      return digest === undefined ? reply : askFor(digest, scene);
    },
  };
}

function namesSha512(call: Call): boolean {
  const { path } = call;
  const digests = [path.slice(path.lastIndexOf('/') + 1), fieldOf(call, 'digest') ?? ''];
  const isSaid = fieldOf(call, 'digest-algorithm') === 'sha512';
  return isSaid || digests.some((digest) => /^sha512(?::|%3a)/i.test(digest));
}

function entriesOf({ body }: Call): readonly JsonObject[] {
  const manifests = asArray(asObject(parseJson(Buffer.from(body).toString()))?.manifests) ?? [];
  return manifests.flatMap((entry): JsonObject[] => {
    const object = asObject(entry);
    return object === undefined ? [] : [object];
  });
}

/** By what it is said to be. */
function isNoManifest({ mediaType }: JsonObject): boolean {
  return !/manifest|index/.test(String(mediaType));
}

function isIndex(call: Call): boolean {
  return asArray(documentOf(call)?.manifests) !== undefined;
}

function isOfOci11(call: Call): boolean {
  const document = documentOf(call);
  return document?.subject !== undefined || document?.artifactType !== undefined;
}

function documentOf({ body }: Call) {
  return asObject(parseJson(Buffer.from(body).toString()));
}
