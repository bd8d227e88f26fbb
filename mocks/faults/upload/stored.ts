// Faults of pushed blobs: ways of pushing that fail, and pushes from which something else comes than was sent.
import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../../../src/protocol/talk.ts';
import { joined } from '../../bytes.ts';
import { type Call, emptyReply, headerOf, noBytes, withHeader } from '../../call.ts';
import { algorithmOf } from '../../registry/digests.ts';
import { digestOf } from '../../store.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import {
  codeOf,
  digestsAtFault,
  fieldOf,
  keyOf,
  statusOfUpload,
  withoutFields,
} from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { drop, fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];

const layer = 'response';
const at = ['upload'] as const;
const emptyDigest = digestOf(noBytes);

const isRanged = (call: Call) => call.header('content-range') !== undefined;
const hasBody = ({ body, header }: Call) =>
  body.length > 0 ||
  Number(header('content-length') ?? 0) > 0 ||
  header('transfer-encoding') !== undefined;
const isBlobPut = (call: Call) => call.method === 'PUT' || isSinglePost(call);
const isSinglePost = (call: Call) =>
  call.method === 'POST' &&
  fieldOf(call, 'digest') !== undefined &&
  fieldOf(call, 'mount') === undefined;

export const storedBlobFaults: readonly Fault[] = [
  {
    id: 'upload-whole-crash',
    title: 'A blob that comes whole with the PUT is answered 500; in chunks it is welcome',
    layer,
    seenIn: ['harbor#11647'],
    noticedBy: [
      'upload-put-digest-*',
      '*-put',
      '*-upload',
      '*-put-byte',
      'upload-post-put-sha512',
      'upload-post-put-large',
    ],
    on: { at, methods: ['PUT'], when: (call) => hasBody(call) && !isRanged(call) },
    instead: (scene) => {
      const upload = statusOfUpload(scene);
      const isNew = upload.status === 204 && headerOf(upload, 'Range') === '0-0';
      return isNew ? fail(500, 'BLOB_UPLOAD_INVALID')() : undefined;
    },
  },
  {
    id: 'upload-recorded-empty',
    title: 'The blob that a push has made is that of no bytes, and so is its digest',
    layer,
    seenIn: ['artifact-keeper#1705'],
    noticedBy: [
      'upload-chunks-byte-*',
      'upload-stream-*',
      'upload-*-sha512',
      'upload-*-location',
      'upload-*-again',
      '*-resume',
    ],
    on: { at, statuses: [201], when: isBlobPut },
    change: (reply, { call, route, site }) => {
      const digest = fieldOf(call, 'digest') ?? emptyDigest;
      if (digest !== emptyDigest) site.store.lose(route.repository, digest);
      site.store.addBlob(route.repository, emptyDigest, noBytes);
      const path = `/v2/${route.repository}/blobs/${emptyDigest}`;
      return withHeader(withHeader(reply, 'Location', path), 'Docker-Content-Digest', emptyDigest);
    },
  },
  {
    id: 'upload-stream-reset',
    title: 'A chunk whose length is not announced, as over HTTP/2 it need not be, is reset',
    layer: 'wire',
    seenIn: ['openshift/oc#2380'],
    noticedBy: [
      '*-stream',
      'upload-stream-byte',
      'upload-stream-sha512',
      'upload-stream-large',
      'upload-stream-again',
      'upload-streams',
    ],
    on: {
      at,
      methods: ['PATCH'],
      // HTTP/1.1 would say that it comes in chunks; in process there is nothing to say.
      when: ({ header }) =>
        header('content-length') === undefined && header('transfer-encoding') === undefined,
    },
    instead: (scene) => {
      const upload = statusOfUpload(scene);
      return upload.status === 204 ? { ...emptyReply(202, []), wire: { noHead: true } } : undefined;
    },
  },
  {
    id: 'upload-cancel-ignored',
    title: 'An upload that was given up by DELETE goes on',
    layer,
    seenIn: ['nora#922'],
    noticedBy: ['upload-cancel-chunk', 'upload-cancel-end', 'upload-cancel-status'],
    on: { at, methods: ['DELETE'] },
    instead: (scene) => (statusOfUpload(scene).status === 204 ? emptyReply(204, []) : undefined),
  },
  {
    id: 'upload-open-after-end',
    title: 'A chunk that comes after the PUT is still added to the blob',
    layer,
    seenIn: ['pnpm#14629'],
    noticedBy: ['upload-ended-blob', 'upload-ended-chunk', 'upload-race'],
    on: { at, methods: ['PUT'], statuses: [201] },
    begin: openAfterEnd,
  },
  {
    id: 'upload-digest-unchecked',
    title: 'A blob is stored under whatever digest is claimed for it',
    layer,
    seenIn: ['nexspence#195'],
    noticedBy: [
      '*-digest-absent',
      'upload-known-wrong-digest',
      'upload-chunks-wrong-digest',
      'upload-post-wrong-digest',
      'upload-put-wrong-digest',
      'upload-sha512-wrong-digest',
    ],
    on: { at, when: isBlobPut },
    begin: digestUnchecked,
  },
  {
    id: 'upload-sha512-unchecked',
    title: 'A blob is stored under whatever sha512 is claimed for it, only sha256 is checked',
    layer,
    seenIn: [],
    noticedBy: ['upload-sha512-wrong-digest', 'upload-sha512-wrong-digest-absent'],
    on: { at, when: (call) => isBlobPut(call) && /^sha512:/.test(fieldOf(call, 'digest') ?? '') },
    begin: digestUnchecked,
  },
  {
    id: 'upload-single-post-unsupported',
    title: 'A POST with the whole blob only begins an upload, which the spec allows',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Single POST: registries MAY support it',
    on: { at, methods: ['POST'], when: isSinglePost },
    instead: ({ call, registry }) =>
      registry.answer({ ...withoutFields(call, 'digest'), body: noBytes }),
  },
  {
    id: 'blob-head-empty-length-missing',
    title: 'HEAD of a blob of no bytes has no Content-Length',
    layer,
    seenIn,
    noticedBy: ['upload-post-put-empty-head'],
    on: { at: ['blob', 'edge'], methods: ['HEAD'], statuses: [200] },
    change: (reply) =>
      headerOf(reply, 'Content-Length') === '0' ? drop('Content-Length')(reply) : reply,
  },
];

function openAfterEnd(): Behaviour {
  /** Digest of the blob that an upload became. */
  const ended = new Memory<string>();
  return {
    change: (reply, scene) => {
      ended.set(keyOf(scene), headerOf(reply, 'Docker-Content-Digest') ?? '');
      return reply;
    },
    follow: (reply, scene) => {
      const { call, place, route, site } = scene;
      const isLate = place === 'upload' && call.method === 'PATCH' && reply.status === 404;
      const digest = isLate ? ended.get(keyOf(scene)) : undefined;
      const blob = site.store.blob(route.repository, digest ?? '');
      if (digest === undefined || blob === undefined || call.body.length === 0) return reply;
      const longer = joined([blob, call.body]);
      site.store.corruptBlob(digest, longer);
      return emptyReply(202, [
        ['Location', call.path],
        ['Range', `0-${Math.max(0, longer.length - 1)}`],
      ]);
    },
  };
}

/** The content goes under its true digest, so that the store is never told anything untrue. */
function digestUnchecked(): Behaviour {
  const begun = new Memory<Hashed>();
  /** True digest of what was claimed to have another. */
  const claimed = new Memory<string>();
  const claimKey = ({ route }: Scene, digest: string) => `${route.repository}@${digest}`;
  return {
    instead: (scene) => {
      const { call, registry, route } = scene;
      const digest = fieldOf(call, 'digest') ?? '';
      const before = call.method === 'PUT' ? begun.get(keyOf(scene)) : undefined;
      const found = digestIn(hashOn(before, call));
      if (algorithmOf(digest) === undefined || found === digest) return undefined;
      const reply = registry.answer({ ...call, query: `digest=${found}` });
      if (reply.status !== 201) return reply;
      claimed.set(claimKey(scene, digest), found);
      return emptyReply(201, [
        ['Location', `/v2/${route.repository}/blobs/${digest}`],
        ['Docker-Content-Digest', digest],
      ]);
    },
    follow: (reply, scene) => {
      const { call, place, registry, route } = scene;
      if (place === 'upload' && call.method === 'PATCH' && reply.status === 202) {
        begun.set(keyOf(scene), hashOn(begun.get(keyOf(scene)), call));
      }
      const found =
        place === 'blob' && reply.status === 404 ? claimed.get(keyOf(scene)) : undefined;
      if (found !== undefined) {
        const path = `/v2/${route.repository}/blobs/${found}`;
        const blob = registry.answer({ ...call, path });
        return blob.status < 400
          ? withHeader(blob, 'Docker-Content-Digest', route.reference)
          : blob;
      }
      if (place === 'manifest' && codeOf(reply) === 'MANIFEST_BLOB_UNKNOWN') {
        const areHere = digestsAtFault(reply).every((digest) =>
          claimed.has(claimKey(scene, digest)),
        );
        if (areHere) return registry.under({ sparse: 'allow' }).answer(call);
      }
      return reply;
    },
  };
}

interface Hashed {
  readonly algorithm: DigestAlgorithm;
  readonly hash: Hash;
}

/** What came before, and then the body of the call. */
function hashOn(before: Hashed | undefined, { body, staged }: Call): Hashed {
  // What is staged was hashed on the way, after all that came before.
  if (staged !== undefined) return { algorithm: staged.algorithm, hash: staged.hash.copy() };
  const { algorithm, hash } = before ?? { algorithm: 'sha256', hash: createHash('sha256') };
  return { algorithm, hash: hash.copy().update(body) };
}

function digestIn({ algorithm, hash }: Hashed): string {
  return `${algorithm}:${hash.copy().digest('hex')}`;
}
