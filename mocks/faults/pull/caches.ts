// Faults of registries and edges that are caches: what they took in by mistake, they serve from then on.
// The limits p and after say when a mistake begins; it lasts until the fault is switched off.
import { withFlippedBit } from '../../bytes.ts';
import type { Body, Reply } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { blobRead, firstTimes, Memory, onFirst } from '../kit/memory.ts';
import { asIf, blobOf, fail, wholeInstead } from '../kit/words.ts';
import { end } from './wires.ts';

const read = { methods: ['GET', 'HEAD'], by: 'tag' } as const;
const blobs = { at: ['blob', 'edge'], methods: ['GET'], statuses: [200, 206] } as const;

export const cacheFaults: readonly Fault[] = [
  {
    id: 'cache-keeps-cut',
    title: 'The first GET of a blob is cut in its middle, and what came is the blob from then on',
    layer: 'wire',
    seenIn: ['mcronce/oci-registry#13', 'mcronce/oci-registry#19', 'go-proxy-cache#265'],
    noticedBy: [
      'blob-config',
      'blob-layers',
      'blob-head-length',
      'redirect-range',
      'pull-platform',
    ],
    on: { ...blobs, statuses: [200] },
    begin: () =>
      poisoned((reply, _scene, body) => {
        const half = body.length >> 1;
        return { reply: end(reply, half, 'close'), kept: body.subarray(0, half) };
      }),
  },
  {
    id: 'cache-keeps-part',
    title: 'When the first GET of a blob asks for a part, this part is the blob from then on',
    layer: 'response',
    seenIn: ['artifact-keeper#3766', 'harbor#23923'],
    noticedBy: ['blob-whole-after-part'],
    on: blobs,
    begin: () =>
      poisoned((reply) => ({ reply, kept: reply.status === 206 ? reply.body : undefined })),
  },
  {
    id: 'cache-keeps-wrong',
    title: 'The first GET of a blob brings a wrong byte, and nobody hashes what is kept',
    layer: 'response',
    seenIn: ['data-accelerator/dart#6'],
    noticedBy: ['blob-config', 'blob-layers', 'pull-platform'],
    on: { ...blobs, statuses: [200] },
    begin: () =>
      poisoned((reply, scene, body) => {
        const kept = withFlippedBit(body, body.length >> 1);
        return { reply: asIf(reply, scene, () => kept), kept };
      }),
  },
  {
    id: 'tag-miss-kept',
    title: 'A tag that was asked for and missing stays 404 after it was pushed',
    layer: 'response',
    seenIn: ['harbor#12713'],
    noticedBy: ['tag-after-miss', 'referrers-tag-schema'],
    on: { at: ['manifest'], ...read, statuses: [404] },
    begin: () => {
      const missing = new Memory<true>();
      return {
        follow: (reply, scene) =>
          isTagRead(scene) && reply.status === 200 && missing.has(tagOf(scene))
            ? unknownTag()
            : reply,
        change: (reply, scene) => {
          const { route, site } = scene;
          // Of a tag that exists, a 404 means that nothing of it fits Accept.
          const exists = site.store.manifest(route.repository, route.reference) !== undefined;
          if (!exists) missing.set(tagOf(scene), true);
          return reply;
        },
      };
    },
  },
  {
    id: 'tag-content-kept',
    title: 'A tag that was read once leads there for ever, wherever it is moved',
    layer: 'response',
    seenIn: [],
    noticedBy: ['tag-moved', 'tag-moved-head', 'referrers-tag-schema'],
    on: { at: ['manifest'], ...read, statuses: [200] },
    begin: keptContent,
  },
  {
    id: 'tag-head-kept',
    title: 'HEAD of a tag goes by what it led to when it was asked first; GET is up to date',
    layer: 'response',
    seenIn: [],
    noticedBy: ['tag-moved-head'],
    on: { at: ['manifest'], ...read, methods: ['HEAD'], statuses: [200] },
    begin: keptContent,
  },
  {
    id: 'tag-revalidation-unavailable',
    title:
      'A tag that was served once is 503 after, because the upstream is, and no copy is served',
    layer: 'response',
    seenIn: ['artifact-keeper#3571'],
    noticedBy: ['manifest-by-tag', 'manifest-accept', 'pull-platform'],
    on: { at: ['manifest'], ...read, statuses: [200, 304] },
    begin: () => {
      const isFirst = firstTimes();
      return {
        change: (reply, scene) => (isFirst(tagOf(scene)) ? reply : fail(503, 'UNSUPPORTED')()),
      };
    },
  },
  {
    id: 'pushed-tag-unknown',
    title: 'A tag that was pushed here is 404, because the upstream does not know it',
    layer: 'response',
    seenIn: ['nora#868'],
    noticedBy: [
      'manifest-by-tag-*',
      'manifest-location-*',
      'tag-name-*',
      'manifest-head-index-*',
      'manifest-head-odd-*',
      'manifest-head-docker-*',
    ],
    on: { at: ['manifest'], ...read, statuses: [200, 304] },
    begin: () => {
      const pushed = new Memory<true>();
      return {
        follow: (reply, scene) => {
          const { call, place } = scene;
          if (place === 'manifest' && call.method === 'PUT' && reply.status === 201) {
            pushed.set(tagOf(scene), true);
          }
          return reply;
        },
        change: (reply, scene) => (pushed.has(tagOf(scene)) ? unknownTag() : reply),
      };
    },
  },
];

const unknownTag = fail(404, 'MANIFEST_UNKNOWN');

function isTagRead({ call, place, route }: Scene): boolean {
  const methods: readonly string[] = read.methods;
  return place === 'manifest' && methods.includes(call.method) && !route.reference.includes(':');
}

function tagOf({ route }: Scene): string {
  return `${route.repository}:${route.reference}`;
}

interface Intake {
  /** What the first GET of the blob gets. */
  readonly reply: Reply;
  /** What is the blob from then on; undefined: the right thing. */
  readonly kept: Body | undefined;
}

/** A cache that takes a blob in when it is asked for first. `takeIn` gets the reply and the whole blob. */
function poisoned(takeIn: (reply: Reply, scene: Scene, whole: Body) => Intake): Behaviour {
  const keptBodies = new Memory<Body>();
  const first = onFirst(blobRead, (reply, scene) => {
    const { reply: bent, kept } = takeIn(reply, scene, wholeInstead(reply, scene).body);
    if (kept !== undefined) keptBodies.set(blobOf(scene), kept);
    return bent;
  });
  return {
    follow: (reply, scene) => {
      const kept = isBlobReply(reply, scene) ? keptBodies.get(blobOf(scene)) : undefined;
      return kept === undefined ? first.follow(reply, scene) : asIf(reply, scene, () => kept);
    },
    change: first.change,
  };
}

/** Of GET or HEAD, with a blob or a part of it. */
function isBlobReply({ status }: Reply, { place }: Scene): boolean {
  return (place === 'blob' || place === 'edge') && [200, 206, 416].includes(status);
}

/** What a tag led to when it was read first. */
function keptContent(): Behaviour {
  const kept = new Memory<string>();
  return {
    change: (reply, scene) => {
      const { call, registry, route, site } = scene;
      const digest = site.store.manifest(route.repository, route.reference)?.digest ?? '';
      const before = kept.get(tagOf(scene)) ?? digest;
      kept.set(tagOf(scene), before);
      if (before === digest) return reply;
      const path = `/v2/${route.repository}/manifests/${before}`;
      const old = registry.answer({ ...call, path });
      return old.status === 200 ? old : reply;
    },
  };
}
