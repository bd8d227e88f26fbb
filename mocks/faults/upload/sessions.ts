// Faults of uploads as such: which there are, whose they are, and what can be asked of them.
import { emptyReply, headerOf, noBytes, withHeader } from '../../call.ts';
import { claimRepository } from '../../site.ts';
import { digestOf } from '../../store.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { fieldOf, keyOf, mayPush, statusOfUpload } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const seenIn: readonly string[] = [];
const layer = 'response';
const at = ['upload'] as const;
const unknown = { at, methods: ['GET', 'PATCH', 'PUT', 'DELETE'], statuses: [404] };

export const uploadSessionFaults: readonly Fault[] = [
  {
    id: 'upload-shared',
    title: 'Two uploads that begin one after the other are the same one',
    layer,
    seenIn: [],
    noticedBy: [
      '*-end-again',
      '*-unranged-again',
      'blob-twice-at-once',
      'upload-chunk-again',
      'upload-chunks-again',
      'upload-chunks-byte-first-again',
    ],
    on: { at, methods: ['POST'], statuses: [202] },
    begin: shared,
  },
  {
    id: 'upload-id-escaped',
    title: 'The id in the Location of an upload is written in escapes, in which no UUID shows',
    layer,
    seenIn: [],
    noticedBy: ['upload-start-uuid'],
    on: { at, methods: ['POST', 'PATCH', 'GET'], statuses: [202, 204] },
    change: (reply) => {
      const location = headerOf(reply, 'Location') ?? '';
      const id = idOf(location);
      const escaped = [...id].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');
      return withHeader(
        reply,
        'Location',
        location.slice(0, location.length - id.length) + escaped,
      );
    },
  },
  {
    id: 'upload-unknown-crash',
    title: 'A request to an upload that is not there is answered 500',
    layer,
    seenIn: [],
    noticedBy: [
      'upload-cancel-chunk',
      'upload-cancel-end',
      'upload-cancel-status',
      'upload-cancel-twice',
      'upload-ended-cancel',
      'upload-ended-chunk',
      'upload-ended-end',
    ],
    on: unknown,
    change: fail(500, 'BLOB_UPLOAD_UNKNOWN'),
  },
  {
    id: 'upload-unknown-code',
    title: 'The error about an upload that is not there has the code NAME_UNKNOWN',
    layer,
    seenIn: [],
    noticedBy: ['*-end-code', '*-chunk-code', '*-cancel-code', '*-status-code'],
    on: unknown,
    change: fail(404, 'NAME_UNKNOWN'),
  },
  {
    id: 'upload-status-refused',
    title: 'The status of an upload cannot be asked: 405',
    layer,
    seenIn: [],
    noticedBy: ['upload-resume', 'upload-status', 'upload-status-earlier', 'upload-status-start'],
    on: { at, methods: ['GET'], statuses: [204] },
    change: fail(405, 'UNSUPPORTED'),
  },
  {
    id: 'upload-status-earlier-unknown',
    title: 'The status of an upload is known at its last Location only',
    layer,
    seenIn: [],
    noticedBy: ['upload-status-earlier'],
    on: { at, methods: ['PATCH', 'GET'], statuses: [202, 204] },
    begin: () => {
      const states = new Memory<string>();
      return {
        change: (reply, scene) => {
          const { call } = scene;
          if (call.method === 'GET') {
            const state = states.get(keyOf(scene));
            const isLast = state === undefined || fieldOf(call, '_state') === state;
            return isLast ? reply : fail(404, 'BLOB_UPLOAD_INVALID')();
          }
          const state = (headerOf(reply, 'Range') ?? '').replace(/^0-/, '');
          states.set(keyOf(scene), state);
          return withHeader(reply, 'Location', `${headerOf(reply, 'Location')}?_state=${state}`);
        },
      };
    },
  },
  {
    id: 'upload-cancel-refused',
    title: 'An upload cannot be given up: 405',
    layer,
    seenIn: [],
    noticedBy: ['upload-cancel', 'upload-cancel-start'],
    on: { at, methods: ['DELETE'] },
    instead: (scene) =>
      statusOfUpload(scene).status === 204 ? fail(405, 'UNSUPPORTED')() : undefined,
  },
  {
    id: 'upload-unknown-taken',
    title: 'A blob that comes whole to an upload that the repository does not know is taken',
    layer,
    seenIn: [],
    noticedBy: ['upload-other-repository', 'upload-unknown-end', 'upload-ended-end'],
    on: { at, methods: ['PUT'], statuses: [404] },
    change: (reply, { call, route, site }) => {
      const digest = digestOf(call.body);
      if (fieldOf(call, 'digest') !== digest) return reply;
      claimRepository(site, route.repository);
      site.store.addBlob(route.repository, digest, call.body);
      return emptyReply(201, [['Location', `/v2/${route.repository}/blobs/${digest}`]]);
    },
  },
  {
    id: 'upload-cancel-lasting',
    title: 'Bytes whose upload was given up are refused when they come again',
    layer,
    seenIn,
    noticedBy: ['upload-after-cancel'],
    on: { at, methods: ['PATCH'] },
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
    id: 'upload-status-stale',
    title: 'The status of an upload is answered as it was when it was first asked',
    layer,
    seenIn,
    noticedBy: ['upload-status-later'],
    on: { at, methods: ['GET'], statuses: [204] },
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
];

/** An upload to which nothing has come yet is given out again. */
function shared(): Behaviour {
  const last = new Memory<string>();
  return {
    change: (reply, scene) => {
      const { call, registry, route } = scene;
      const before = last.get(route.repository);
      const own = headerOf(reply, 'Location') ?? '';
      if (before !== undefined && isNew(before, scene)) {
        registry.answer({ ...call, method: 'DELETE', path: own, query: '', body: noBytes });
        return withHeader(reply, 'Location', before);
      }
      last.set(route.repository, own);
      return reply;
    },
  };
}

function isNew(path: string, { call, registry }: Scene): boolean {
  const status = registry.answer({ ...call, method: 'GET', path, query: '', body: noBytes });
  return status.status === 204 && headerOf(status, 'Range') === '0-0';
}

function idOf(location: string): string {
  return /[^/]*$/.exec(location)?.[0] ?? '';
}
