// Faults that show when something comes once more – after it was refused, given up, asked or moved – or
// beside something else.
import { asObject, parseJson } from '../../src/lib/json.ts';
import { emptyReply, headerOf, withBody, withHeader } from '../call.ts';
import { digestOf } from '../store.ts';
import { drop, type Fault, fail } from './fault.ts';
import {
  codeOf,
  digestsAtFault,
  fieldOf,
  keyOf,
  mayPush,
  withoutRequestHeader,
} from './kit/calls.ts';
import { Memory } from './kit/memory.ts';
import { listAgain } from './tags/list.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const upload = { at: ['upload'] } as const;
const tagPush = { at: ['manifest'], methods: ['PUT'], by: 'tag' } as const;

export const secondTryFaults: readonly Fault[] = [
  {
    id: 'upload-digest-lasting',
    title: 'A digest under which other bytes were refused is refused for ever',
    layer,
    seenIn,
    breaks: ['upload-after-wrong-digest'],
    on: { ...upload, methods: ['PUT'] },
    begin: () => {
      const refused = new Memory<true>();
      return {
        follow: (reply, { call, place }) => {
          const isRefused = place === 'upload' && codeOf(reply) === 'DIGEST_INVALID';
          if (isRefused) refused.set(fieldOf(call, 'digest') ?? '', true);
          return reply;
        },
        instead: (scene) => {
          const isLasting = refused.has(fieldOf(scene.call, 'digest') ?? '');
          return isLasting && mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined;
        },
      };
    },
  },
  {
    id: 'upload-known-unchecked',
    title: 'With the digest of a blob that is there any bytes are answered 201, and dropped',
    layer,
    seenIn,
    breaks: ['upload-known-wrong-digest'],
    on: { ...upload, methods: ['PUT'], statuses: [400] },
    change: (reply, { call, route, site }) => {
      const digest = fieldOf(call, 'digest') ?? '';
      if (codeOf(reply) !== 'DIGEST_INVALID') return reply;
      if (!site.store.hasBlob(route.repository, digest)) return reply;
      return emptyReply(201, [['Location', `/v2/${route.repository}/blobs/${digest}`]]);
    },
  },
  {
    id: 'upload-cancel-lasting',
    title: 'Bytes whose upload was given up are refused when they come again',
    layer,
    seenIn,
    breaks: ['upload-after-cancel'],
    on: { ...upload, methods: ['PATCH'] },
    begin: () => {
      const sent = new Memory<string>();
      const givenUp = new Memory<true>();
      return {
        follow: (reply, scene) => {
          const { call, place } = scene;
          if (place !== 'upload') return reply;
          if (call.method === 'PATCH' && reply.status === 202) {
            sent.set(keyOf(scene), digestOf(call.body));
          }
          const isCancel = call.method === 'DELETE' && reply.status === 204;
          if (isCancel) givenUp.set(sent.get(keyOf(scene)) ?? '', true);
          return reply;
        },
        instead: (scene) => {
          const isLasting = givenUp.has(digestOf(scene.call.body));
          return isLasting && mayPush(scene) ? fail(400, 'BLOB_UPLOAD_INVALID')() : undefined;
        },
      };
    },
  },
  {
    id: 'upload-order-forgotten',
    title: 'After two chunks of an upload any is taken for the next, wherever it claims to begin',
    layer,
    seenIn,
    breaks: ['upload-chunk-gap-later'],
    on: { ...upload, methods: ['PATCH'], statuses: [416] },
    begin: () => {
      const chunks = new Memory<number>();
      return {
        follow: (reply, scene) => {
          const { call, place } = scene;
          const isTaken = place === 'upload' && call.method === 'PATCH' && reply.status === 202;
          if (isTaken) chunks.set(keyOf(scene), (chunks.get(keyOf(scene)) ?? 0) + 1);
          return reply;
        },
        change: (reply, scene) => {
          const { call, registry } = scene;
          const isSure = (chunks.get(keyOf(scene)) ?? 0) < 2;
          return isSure ? reply : registry.answer(withoutRequestHeader(call, 'content-range'));
        },
      };
    },
  },
  {
    id: 'upload-order-fatal',
    title: 'An upload is gone once a chunk of it was answered 416',
    layer,
    seenIn,
    breaks: [
      'upload-chunk-gap-resume',
      'upload-chunk-overlap-resume',
      'upload-chunk-repeated-resume',
    ],
    on: { ...upload, methods: ['PATCH'], statuses: [416] },
    change: (reply, { call, registry }) => {
      registry.answer({ ...call, method: 'DELETE', query: '' });
      return { ...reply };
    },
  },
  {
    id: 'upload-redirected',
    title: 'The POST of an upload is redirected by 307, which the spec allows',
    layer,
    seenIn,
    breaks: [],
    on: { ...upload, methods: ['POST'], when: ({ query }) => !query.endsWith('sent-on') },
    instead: (scene) => {
      const { path, query } = scene.call;
      const next = query === '' ? 'sent-on' : `${query}&sent-on`;
      return mayPush(scene) ? emptyReply(307, [['Location', `${path}?${next}`]]) : undefined;
    },
  },
  {
    id: 'upload-status-stale',
    title: 'The status of an upload is answered as it was when it was first asked',
    layer,
    seenIn,
    breaks: ['upload-status-later'],
    on: { ...upload, methods: ['GET'], statuses: [204] },
    begin: () => {
      const first = new Memory<string>();
      return {
        change: (reply, scene) => {
          const range = first.get(keyOf(scene)) ?? headerOf(reply, 'Range') ?? '';
          first.set(keyOf(scene), range);
          if (range === (headerOf(reply, 'Range') ?? '')) return reply;
          const rest = reply.headers.filter(([name]) => name !== 'Range');
          return emptyReply(204, range === '' ? rest : [...rest, ['Range', range]]);
        },
      };
    },
  },
  {
    id: 'upload-digest-bare-refused',
    title: 'A PUT is answered 400 when its digest has a bare colon, not %3A',
    layer,
    seenIn,
    breaks: ['upload-put-digest-unescaped'],
    on: { ...upload, methods: ['PUT'], when: ({ query }) => /digest=sha\d+:/.test(query) },
    instead: (scene) => (mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined),
  },
  {
    id: 'blob-head-empty-length-missing',
    title: 'HEAD of a blob of no bytes has no Content-Length',
    layer,
    seenIn,
    breaks: ['upload-post-put-empty-head'],
    on: { at: ['blob', 'edge'], methods: ['HEAD'], statuses: [200] },
    change: (reply) =>
      headerOf(reply, 'Content-Length') === '0' ? drop('Content-Length')(reply) : reply,
  },
  {
    id: 'tag-parameters-keep',
    title: 'OCI-Tag names a tag that was there before and still leads to its old manifest',
    layer,
    seenIn,
    breaks: ['tag-parameters-move'],
    on: { at: ['manifest'], methods: ['PUT'], when: ({ query }) => query.includes('tag=') },
    instead: ({ call, registry, route, site }) => {
      const { repository } = route;
      const before = (site.store.tags(repository) ?? []).map(
        (tag) => [tag, site.store.manifest(repository, tag)?.digest] as const,
      );
      const reply = registry.answer(call);
      for (const [tag, digest] of before) {
        if (digest !== undefined) site.store.putTag(repository, tag, digest);
      }
      return reply;
    },
  },
  {
    id: 'tags-end-cut',
    title: 'The last page of tags lacks the very last tag',
    layer,
    seenIn,
    breaks: ['tags-pages', 'tags-end'],
    on: { at: ['tags'], statuses: [200], when: (call) => fieldOf(call, 'last') !== undefined },
    change: (reply, scene) => {
      const tags = scene.site.store.tags(scene.route.repository) ?? [];
      return listAgain(reply, scene, {}, tags.slice(0, -1));
    },
  },
  {
    id: 'tags-odd-hidden',
    title: 'Tags that begin with _ are not in the list',
    layer,
    seenIn,
    breaks: ['tags-odd-names'],
    on: { at: ['tags'], statuses: [200] },
    change: (reply, scene) => {
      const tags = scene.site.store.tags(scene.route.repository) ?? [];
      const shown = tags.filter((tag) => !tag.startsWith('_'));
      return shown.length === tags.length ? reply : listAgain(reply, scene, {}, shown);
    },
  },
  {
    id: 'tags-page-nameless',
    title: 'A page of tags after the first does not say of which repository',
    layer,
    seenIn,
    breaks: ['tags-list'],
    on: { at: ['tags'], statuses: [200], when: (call) => fieldOf(call, 'last') !== undefined },
    change: (reply) => {
      const text = Buffer.from(reply.body as Uint8Array).toString();
      return withBody(reply, JSON.stringify({ tags: asObject(parseJson(text))?.tags }));
    },
  },
  {
    id: 'tag-moved-digest-old',
    title: 'The push that moves a tag is answered with the digest that the tag had before',
    layer,
    seenIn,
    breaks: ['tag-moved'],
    on: tagPush,
    instead: ({ call, registry, route, site }) => {
      const before = site.store.manifest(route.repository, route.reference)?.digest;
      const reply = registry.answer(call);
      const isMoved = before !== undefined && reply.status === 201;
      return isMoved ? withHeader(reply, 'Docker-Content-Digest', before) : reply;
    },
  },
  {
    id: 'manifest-refused-stored',
    title: 'A manifest that is refused for what is missing is served by its digest all the same',
    layer,
    seenIn,
    breaks: [
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
  {
    id: 'manifest-known-unchecked',
    title: 'To the digest of a manifest that is there any bytes are answered 201, and dropped',
    layer,
    seenIn,
    breaks: ['manifest-refuse-digest-known'],
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
    breaks: ['manifest-refuse-missing-elsewhere'],
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
    breaks: ['manifest-refuse-missing-deleted'],
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
  {
    id: 'tags-moved-twice',
    title: 'A tag that was moved is in the list twice',
    layer,
    seenIn,
    breaks: ['tags-moved'],
    on: tagPush,
    begin: () => {
      const moved = new Memory<true>();
      return {
        instead: (scene) => {
          const { call, registry, route, site } = scene;
          const before = site.store.manifest(route.repository, route.reference)?.digest;
          const reply = registry.answer(call);
          const after = site.store.manifest(route.repository, route.reference)?.digest;
          if (before !== undefined && before !== after) moved.set(keyOf(scene), true);
          return reply;
        },
        follow: (reply, scene) => {
          const { place, route, site } = scene;
          if (place !== 'tags' || reply.status !== 200) return reply;
          const tags = site.store.tags(route.repository) ?? [];
          const again = tags.filter((tag) => moved.has(`${route.repository}@${tag}`));
          if (again.length === 0) return reply;
          return listAgain(reply, scene, {}, [...tags, ...again]);
        },
      };
    },
  },
  {
    id: 'tags-race-lost',
    title: 'Of tags that are pushed at once the first alone stays, though all are answered 201',
    layer,
    seenIn,
    breaks: ['tag-concurrent', 'tags-concurrent'],
    on: { ...tagPush, statuses: [201] },
    counts: true,
    change: (reply, { route, site, underWay }) => {
      if (underWay < 2) return reply;
      site.store.deleteTag(route.repository, route.reference);
      return { ...reply };
    },
  },
];
