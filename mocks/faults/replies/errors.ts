// Faults of answers to what cannot be served: wrong statuses, wrong error bodies, missing endpoints.
import { textReply, withBody, withHeader } from '../../call.ts';
import type { Fault } from '../fault.ts';
import { fail, say } from '../kit/words.ts';

const layer = 'response';
const notFound = { statuses: [404], repository: 'known' } as const;
const clientErrors = [400, 401, 403, 404, 405, 416];
const registryEndpoints = ['ping', 'manifest', 'blob', 'tags', 'upload', 'other'] as const;

const emptyOk = () => textReply(200, '', [['Content-Type', 'application/json']]);

export const errorFaults: readonly Fault[] = [
  {
    id: 'unknown-tag-empty',
    title: 'A tag that does not exist is answered 200 with nothing',
    layer,
    seenIn: [],
    noticedBy: [
      'manifest-unknown-case',
      'manifest-refuse-missing-config',
      'manifest-refuse-missing-layer',
      'manifest-refuse-missing-one-of-many',
      'manifest-other-repository',
      'delete-tag',
    ],
    on: { at: ['manifest'], by: 'tag', methods: ['GET'], ...notFound },
    change: emptyOk,
  },
  {
    id: 'unknown-digest-crash',
    title: 'A manifest digest that does not exist is answered 500',
    layer,
    seenIn: [],
    noticedBy: [
      'manifest-delete-*',
      'manifest-refuse-missing-config',
      'manifest-refuse-missing-layer',
      'manifest-refuse-missing-one-of-many',
      'manifest-refuse-digest-other-sha512',
      'manifest-refuse-digest-other',
    ],
    on: { at: ['manifest'], by: 'digest', methods: ['GET'], ...notFound },
    change: fail(500, 'MANIFEST_UNKNOWN'),
  },
  {
    id: 'unknown-repository-crash',
    title: 'A repository that does not exist is answered 500',
    layer,
    seenIn: [],
    noticedBy: ['*-unknown-repository', 'repository-unknown-content', 'repository-unknown'],
    on: { at: ['manifest', 'blob', 'tags'], statuses: [404], repository: 'unknown' },
    change: fail(500, 'NAME_UNKNOWN'),
  },
  {
    id: 'unknown-blob-crash',
    title: 'A blob that does not exist is answered 500',
    layer,
    seenIn: [],
    noticedBy: [
      '*-digest-absent',
      'delete-blob-sha512',
      'delete-blob',
      'delete-blob-shared',
      'upload-cancel-end',
      'upload-end-gap-absent',
    ],
    on: { at: ['blob'], methods: ['GET'], ...notFound },
    change: fail(500, 'BLOB_UNKNOWN'),
  },
  {
    id: 'storage-failure-unknown',
    title: 'GET of a blob that the storage cannot give is answered 404, though HEAD finds it',
    layer,
    seenIn: ['nora#922'],
    noticedBy: ['proxy-ns-blob'],
    on: { at: ['blob'], methods: ['GET'], statuses: [200, 206, 302, 307] },
    change: fail(404, 'BLOB_UNKNOWN'),
  },
  {
    id: 'unknown-manifest-head-ok',
    title: 'HEAD of a manifest that does not exist is answered 200',
    layer,
    seenIn: [],
    noticedBy: ['delete-tag', 'delete-manifest', 'manifest-head-unknown'],
    on: { at: ['manifest'], methods: ['HEAD'], ...notFound },
    change: emptyOk,
  },
  {
    id: 'unknown-blob-head-ok',
    title: 'HEAD of a blob that does not exist is answered 200',
    layer,
    seenIn: [],
    noticedBy: ['delete-blob', 'blob-head-unknown', 'blob-not-manifest'],
    on: { at: ['blob'], methods: ['HEAD'], ...notFound },
    change: emptyOk,
  },
  {
    id: 'error-shape-foreign',
    title: 'Errors are JSON of another shape than the spec asks for',
    layer,
    seenIn: ['nora#922'],
    noticedBy: ['error-shape-push', 'error-shape'],
    on: { at: registryEndpoints, statuses: clientErrors },
    change: say('{"status":"error","message":"not found"}'),
  },
  {
    id: 'error-code-invented',
    title: "Errors carry a code that is not in the spec's table",
    layer,
    seenIn: [],
    noticedBy: ['error-code-push', 'error-code'],
    on: { at: registryEndpoints, statuses: clientErrors },
    change: say('{"errors":[{"code":"NO_LUCK_TODAY","message":"try another day"}]}'),
  },
  {
    id: 'error-plain-text',
    title: 'Errors are plain text, which the spec allows',
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Error Codes: the body of a 4xx MAY have any format',
    on: { at: registryEndpoints, statuses: clientErrors },
    change: (reply) => withBody(withHeader(reply, 'Content-Type', 'text/plain'), 'no'),
  },
  {
    id: 'ping-missing',
    title: '/v2/ is 404 though everything below it works',
    layer,
    seenIn: [],
    noticedBy: ['ping', 'pull-platform'],
    on: { at: ['ping'] },
    change: fail(404, 'UNSUPPORTED'),
  },
  {
    id: 'ping-denied',
    title: 'A firewall in front answers 403 with a page to GET /v2/, and asks for nothing',
    layer: 'response',
    seenIn: [],
    noticedBy: ['ping'],
    on: { at: ['ping'] },
    instead: () => textReply(403, '<!doctype html>', [['Content-Type', 'text/html']]),
  },
  {
    id: 'ping-head-refused',
    title: 'HEAD /v2/ is 405 where GET answers',
    layer,
    seenIn: ['gitea#37326'],
    noticedBy: ['ping-head-agrees'],
    on: { at: ['ping'], methods: ['HEAD'] },
    change: fail(405, 'UNSUPPORTED'),
  },
];
