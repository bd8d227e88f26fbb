// Faults of what tokens open, and of the reply to the form that brings them (scope.md, oauth.md).
import { asObject, asString, type JsonObject, parseJson } from '../../../src/lib/json.ts';
import { bytesReply, emptyReply, headerOf, noBytes, type Reply, withBody } from '../../call.ts';
import { digestOf } from '../../store.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

const layer = 'response';
const seenIn: readonly string[] = [];
const refused = { statuses: [401], authorized: true } as const;
const byForm = { at: ['token'], methods: ['POST'], statuses: [200] } as const;

export const tokenScopeFaults: readonly Fault[] = [
  {
    id: 'token-action-ignored',
    title:
      'A token that may only pull may begin uploads, push manifests, and delete them, tags and blobs, too',
    layer,
    seenIn,
    noticedBy: [
      'token-action',
      'token-action-manifest',
      'token-action-delete',
      'token-action-delete-tag',
      'token-action-delete-blob',
    ],
    on: { at: ['upload', 'manifest', 'blob'], methods: ['POST', 'PUT', 'DELETE'], ...refused },
    change: (reply, { call, route }) => {
      if (!isTooLittle(reply)) return reply;
      if (call.method === 'DELETE') return emptyReply(202, []);
      const location = `/v2/${route.repository}/blobs/uploads/none`;
      return emptyReply(call.method === 'PUT' ? 201 : 202, [['Location', location]]);
    },
  },
  {
    id: 'token-too-little-denied',
    title: 'A token that opens too little is answered 403, without a word of what it takes',
    layer,
    seenIn,
    noticedBy: ['token-action-challenge'],
    on: { at: ['upload', 'manifest', 'blob'], ...refused },
    change: (reply) => (isTooLittle(reply) ? fail(403, 'DENIED')() : reply),
  },
  {
    id: 'token-repository-ignored',
    title: 'A token for any repository opens the manifests of all',
    layer,
    seenIn,
    noticedBy: ['token-other-repository'],
    on: { at: ['manifest'], methods: ['GET'], ...refused },
    change: (reply, scene) => (isTooLittle(reply) ? (stored(scene) ?? reply) : reply),
  },
  {
    id: 'token-audience-ignored',
    title: 'A token that was issued for another service opens the registry',
    layer,
    seenIn,
    noticedBy: ['token-other-service'],
    on: { at: ['manifest'], methods: ['GET'], ...refused },
    begin: () => {
      const foreign = new Memory<true>();
      return {
        follow: (reply, { call, place, site }) => {
          const isForeign = place === 'token' && fieldOf(call, 'service') !== site.service;
          const token = isForeign ? asString(documentOf(reply)?.token) : undefined;
          if (token !== undefined) foreign.set(`Bearer ${token}`, true);
          return reply;
        },
        change: (reply, scene) => {
          const isForeign = foreign.has(scene.call.header('authorization') ?? '');
          return isForeign ? (stored(scene) ?? reply) : reply;
        },
      };
    },
  },
  {
    id: 'token-form-other-field',
    title:
      'The reply to the form has its token in "token", where only the reply to GET may have it',
    layer,
    seenIn,
    noticedBy: ['token-form-reply', 'token-form-refresh'],
    on: byForm,
    change: (reply) =>
      withDocument(reply, ({ access_token: token, ...rest }) => ({ token, ...rest })),
  },
  {
    id: 'token-form-scope-unsaid',
    title: 'The reply to the form does not say what its token opens',
    layer,
    seenIn,
    noticedBy: ['token-form-scope'],
    on: byForm,
    change: (reply) => withDocument(reply, ({ scope: _, ...rest }) => rest),
  },
  {
    id: 'token-form-lifetime-unsaid',
    title: 'The reply to the form does not say how long its token lives',
    layer,
    seenIn,
    noticedBy: ['token-form-lifetime'],
    on: byForm,
    change: (reply) => withDocument(reply, ({ expires_in: _, ...rest }) => rest),
  },
  {
    id: 'token-form-unknown',
    title: 'The token server does not know the form: 404, and clients ask by GET',
    layer,
    seenIn,
    noticedBy: [],
    legal: 'docker-registry oauth.md: the form is for servers that take it; 404 leads to GET',
    on: { at: ['token'], methods: ['POST'] },
    change: fail(404, 'UNSUPPORTED'),
  },
  {
    id: 'upload-cancel-takes-delete',
    title: 'Cancelling an upload takes the right to delete, as distribution has it',
    layer,
    seenIn,
    noticedBy: [],
    legal: 'spec.md, Determining Support: authorization is out of its purview',
    on: { at: ['upload'], methods: ['DELETE'] },
    instead: asDeletion,
  },
];

/** Who may not delete a manifest of the repository is told the same of the upload. */
function asDeletion({ call, registry, route }: Scene): Reply | undefined {
  const path = `/v2/${route.repository}/manifests/${digestOf(noBytes)}`;
  const reply = registry.answer({ ...call, path, query: '' });
  return reply.status === 401 ? reply : undefined;
}

/** Whether the 401 is to a good token that opens something else. */
function isTooLittle(reply: Reply): boolean {
  return headerOf(reply, 'WWW-Authenticate')?.includes('insufficient_scope') === true;
}

/** The manifest, as whoever may pull it gets it. */
function stored({ route, site }: Scene): Reply | undefined {
  const found = site.store.manifest(route.repository, route.reference);
  if (found === undefined) return undefined;
  return bytesReply(200, found.bytes, [['Content-Type', found.mediaType]]);
}

function documentOf({ body }: Reply): JsonObject | undefined {
  return asObject(parseJson(body instanceof Uint8Array ? Buffer.from(body).toString() : ''));
}

function withDocument(reply: Reply, change: (document: JsonObject) => object): Reply {
  return withBody(reply, JSON.stringify(change(documentOf(reply) ?? {})));
}
