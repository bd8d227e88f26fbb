// Faults of finding things: by names that are none, where they are not, and by what Accept says.
import type { HeaderLine } from '../../../src/protocol/talk.ts';
import {
  type Call,
  emptyReply,
  headerOf,
  jsonReply,
  noBytes,
  type Reply,
  withHeader,
} from '../../call.ts';
import { contentReply } from '../../range.ts';
import { digestOf } from '../../store.ts';
import type { Fault, Scene } from '../fault.ts';
import { codeOf } from '../kit/calls.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const methods = ['GET', 'HEAD'] as const;
const content = ['manifest', 'blob'] as const;

export const lookupFaults: readonly Fault[] = [
  {
    id: 'digest-capitals-found',
    title: 'Digests are compared without regard to case',
    layer,
    seenIn: [],
    noticedBy: ['manifest-digest-malformed', 'blob-digest-malformed'],
    on: { at: content, methods, statuses: [400], when: hasCapitals },
    change: (_reply, { call, registry }) =>
      registry.answer({ ...call, path: call.path.toLowerCase() }),
  },
  {
    id: 'tag-case-ignored',
    title: 'A tag that is not there is looked for in small letters',
    layer,
    seenIn: [],
    noticedBy: ['manifest-unknown-case'],
    on: { at: ['manifest'], by: 'tag', methods, statuses: [404] },
    change: (_reply, { call, registry }) =>
      registry.answer({ ...call, path: call.path.toLowerCase() }),
  },
  {
    id: 'malformed-digest-crash',
    title: 'Reading by a malformed digest is answered 500',
    layer,
    seenIn: [],
    noticedBy: ['manifest-digest-malformed', 'blob-digest-malformed'],
    on: { at: content, methods, statuses: [400], by: 'digest' },
    change: (reply) => (codeOf(reply) === 'NAME_INVALID' ? reply : crash()),
  },
  {
    id: 'malformed-name-crash',
    title: 'Reading from a repository with a malformed name is answered 500',
    layer,
    seenIn: [],
    noticedBy: ['repository-malformed', 'repository-malformed-tags'],
    on: { at: [...content, 'tags'], methods, statuses: [400] },
    change: (reply) => (codeOf(reply) === 'NAME_INVALID' ? crash() : reply),
  },
  {
    id: 'malformed-name-listed',
    title: 'The list of tags of a repository with a malformed name is 200 and empty',
    layer,
    seenIn: [],
    noticedBy: ['repository-malformed-tags'],
    on: { at: ['tags'], methods: ['GET'], statuses: [400] },
    change: (reply, { route }) =>
      codeOf(reply) === 'NAME_INVALID'
        ? jsonReply(200, { name: route.repository, tags: [] })
        : reply,
  },
  {
    id: 'malformed-name-found-head',
    title: 'HEAD of a manifest in a repository with a malformed name is answered 200',
    layer,
    seenIn: [],
    noticedBy: ['repository-malformed'],
    on: { at: ['manifest'], methods: ['HEAD'], statuses: [400] },
    change: (reply) => (codeOf(reply) === 'NAME_INVALID' ? emptyReply(200, []) : reply),
  },
  {
    id: 'other-algorithm-found-head',
    title: 'HEAD by a digest of another algorithm than sha256 that is not there is answered 200',
    layer,
    seenIn: [],
    noticedBy: ['manifest-digest-algorithms', 'blob-digest-algorithms'],
    on: { at: content, by: 'digest', methods: ['HEAD'], statuses: [400, 404] },
    change: (reply, { route }) =>
      /^sha256:|^[^:]*:(?:-|abc)?$/.test(route.reference) ? reply : emptyReply(200, []),
  },
  {
    id: 'blob-empty-unknown',
    title: 'The blob of no bytes is 404 for GET, and there for HEAD',
    layer,
    seenIn: [],
    noticedBy: ['blob-empty-read', 'upload-*-empty'],
    on: { at: ['blob'], methods: ['GET'], statuses: [200, 302, 307] },
    change: (reply, { route }) =>
      route.reference === digestOf(noBytes) ? fail(404, 'BLOB_UNKNOWN')() : reply,
  },
  {
    id: 'blob-as-manifest',
    title: 'The digest of a blob under /manifests/ brings the blob',
    layer,
    seenIn: [],
    noticedBy: ['manifest-not-blob'],
    on: { at: ['manifest'], by: 'digest', methods, statuses: [404] },
    change: (reply, { call, registry, route, site }) => {
      const bytes = site.store.blob(route.repository, route.reference);
      return bytes === undefined ? reply : registry.serveBlob(call, route.reference, bytes);
    },
  },
  {
    id: 'blob-digest-manifest-crash',
    title: 'The digest of a blob under /manifests/ is answered 500',
    layer,
    seenIn: ['distribution#3122'],
    noticedBy: ['manifest-not-blob'],
    on: { at: ['manifest'], by: 'digest', methods, statuses: [404] },
    change: (reply, { route, site }) =>
      site.store.blob(route.repository, route.reference) === undefined ? reply : crash(),
  },
  {
    id: 'manifest-digest-blob-crash',
    title: 'The digest of a manifest under /blobs/ is answered 500',
    layer,
    seenIn: [],
    noticedBy: ['blob-not-manifest'],
    on: { at: ['blob'], methods, statuses: [404] },
    change: (reply, { route, site }) =>
      site.store.hasManifest(route.repository, route.reference) ? crash() : reply,
  },
  {
    id: 'other-algorithm-crash',
    title: 'Reading by a digest of another algorithm than sha256 that is not there is answered 500',
    layer,
    seenIn: ['distribution#4420'],
    noticedBy: ['manifest-digest-algorithms', 'blob-digest-algorithms'],
    on: { at: content, by: 'digest', methods, statuses: [400, 404] },
    change: (reply, { route }) =>
      /^sha256:|^[^:]*:(?:-|abc)?$/.test(route.reference) ? reply : crash(),
  },
  {
    id: 'malformed-digest-unauthorized',
    title: 'Reading by a malformed digest is answered 401, as if a token would help',
    layer,
    seenIn: [],
    noticedBy: ['manifest-digest-malformed', 'blob-digest-malformed'],
    on: { at: content, methods, statuses: [400], by: 'digest' },
    change: (reply) => (codeOf(reply) === 'NAME_INVALID' ? reply : fail(401, 'UNAUTHORIZED')()),
  },
  {
    id: 'accept-odd-denied',
    title: 'A manifest is denied (403) to whoever accepts no type of manifests that is known',
    layer,
    seenIn: [],
    noticedBy: ['manifest-accept'],
    on: {
      at: ['manifest'],
      methods,
      statuses: [200, 404, 406],
      when: (call) => /pullproof\.none|^not a media type/.test(call.header('accept') ?? ''),
    },
    change: (reply, { route }) =>
      route.reference.includes(':') || reply.status !== 404 ? fail(403, 'DENIED')() : reply,
  },
  {
    id: 'accept-missing-unknown',
    title: 'A manifest is 404 to whoever sends no Accept, or */*',
    layer,
    seenIn: [],
    noticedBy: ['manifest-accept'],
    on: {
      at: ['manifest'],
      methods,
      statuses: [200],
      when: (call) => /^(?:\*\/\*)?$/.test(call.header('accept') ?? ''),
    },
    change: fail(404, 'MANIFEST_UNKNOWN'),
  },
  {
    id: 'manifest-anywhere',
    title: 'A manifest that any repository has is served by its digest in all of them',
    layer,
    seenIn: ['zot#3642'],
    noticedBy: ['repository-unknown-content'],
    on: { at: ['manifest'], by: 'digest', methods, statuses: [404] },
    change: (reply, { call, route, site }) => {
      const { store } = site;
      const owner = store.repositories().find((one) => store.hasManifest(one, route.reference));
      const found = store.manifest(owner ?? '', route.reference);
      if (found === undefined) return reply;
      const headers: HeaderLine[] = [
        ['Content-Type', found.mediaType],
        ['Docker-Content-Digest', found.digest],
      ];
      return contentReply(call, found.bytes, `"${found.digest}"`, headers);
    },
  },
  {
    id: 'accept-weights-refused',
    title: 'Accept with a weight (;q=) is answered 406 for manifests',
    layer,
    seenIn: [],
    noticedBy: ['manifest-accept-own'],
    on: { at: ['manifest'], methods, statuses: [200], when: hasWeights },
    change: fail(406, 'UNSUPPORTED'),
  },
  {
    id: 'accept-digest-of-index',
    title: 'The manifest that comes in place of an index has the digest of the index in its header',
    layer,
    seenIn: [],
    noticedBy: ['manifest-accept-digest'],
    on: { at: ['manifest'], by: 'tag', methods, statuses: [200] },
    change: (reply, { route, site }: Scene) => {
      const found = site.store.manifest(route.repository, route.reference);
      if (found === undefined || found.digest === digestIn(reply)) return reply;
      return withHeader(reply, 'Docker-Content-Digest', found.digest);
    },
  },
  {
    id: 'blob-accept-refused',
    title: 'A blob is answered 406 to whoever accepts a media type of images',
    layer,
    seenIn: [],
    noticedBy: ['blob-accept'],
    on: {
      at: ['blob'],
      methods,
      statuses: [200, 302, 307],
      when: (call) => /\bvnd\./.test(call.header('accept') ?? ''),
    },
    change: fail(406, 'UNSUPPORTED'),
  },
];

const crash = fail(500, 'UNSUPPORTED');

function hasCapitals({ path }: Call): boolean {
  return /\/sha(?:256|512):[0-9a-f]*[A-F][0-9A-Fa-f]*$/.test(path);
}

function hasWeights(call: Call): boolean {
  return /;\s*q=/i.test(call.header('accept') ?? '');
}

function digestIn(reply: Reply): string {
  return headerOf(reply, 'Docker-Content-Digest') ?? '';
}
