// Faults of mounting: blobs taken over from other repositories, and what happens when they cannot be.
import { type Call, emptyReply, headerOf } from '../../call.ts';
import { Fields } from '../../registry/query.ts';
import { actionsOf, claimRepository } from '../../site.ts';
import { formatScopes, grantScopes } from '../../tokens/tokens.ts';
import type { Fault, Scene } from '../fault.ts';
import { fieldOf, mayPush, withoutFields } from '../kit/calls.ts';
import { drop, fail } from '../kit/words.ts';

const layer = 'response';
const isMount = (call: Call) => fieldOf(call, 'mount') !== undefined;
const mount = { at: ['upload'], methods: ['POST'], when: isMount } as const;

export const mountFaults: readonly Fault[] = [
  {
    id: 'mount-refused-no-location',
    title: 'A mount that cannot be is answered 202 without the Location of an upload',
    layer,
    seenIn: ['keppel#603'],
    noticedBy: [
      '*-upload',
      'mount-absent-blob',
      'mount-absent-repository',
      'mount-anonymous-absent',
    ],
    on: { ...mount, statuses: [202] },
    change: drop('Location'),
  },
  {
    id: 'mount-refused-dead-upload',
    title: 'A mount that cannot be is answered 202 with an upload that does not exist',
    layer,
    seenIn: ['keppel#603'],
    noticedBy: [
      'mount-absent-blob-upload',
      'mount-absent-repository-upload',
      'mount-anonymous-absent',
    ],
    on: { ...mount, statuses: [202] },
    change: (reply, { call, registry }) => {
      const path = headerOf(reply, 'Location') ?? '';
      registry.answer({ ...call, method: 'DELETE', path, query: '' });
      return reply;
    },
  },
  {
    id: 'mount-from-one-refused',
    title: 'A mount from a repository whose name has one component is answered 400',
    layer,
    seenIn: ['harbor#22078'],
    noticedBy: ['mount-from-one'],
    on: { ...mount, statuses: [202] },
    change: (reply, { call }) =>
      /^[^/]+$/.test(fieldOf(call, 'from') ?? '') ? fail(400, 'NAME_INVALID')() : reply,
  },
  {
    id: 'mount-to-new-unknown',
    title:
      'A mount into a repository that nothing was pushed to is answered 404; uploads begin there',
    layer,
    seenIn: [],
    noticedBy: ['mount-to-new'],
    on: mount,
    instead: (scene) => {
      const { route, site } = scene;
      const isNew = !site.store.has(route.repository);
      return isNew && mayPush(scene) ? fail(404, 'NAME_UNKNOWN')() : undefined;
    },
  },
  {
    id: 'mount-out-of-scope-crash',
    title: 'A mount from a repository that the token does not open is answered 500',
    layer,
    seenIn: [],
    noticedBy: ['mount-out-of-scope'],
    on: { ...mount, statuses: [401] },
    change: (reply, scene) => (mayPush(scene) ? fail(500, 'UNSUPPORTED')() : reply),
  },
  {
    id: 'mount-ignored',
    title: 'A request to mount a blob always begins an upload, which the spec allows',
    layer,
    seenIn: ['nora#915', 'artifact-keeper#3109', 'harbor#22863'],
    noticedBy: [],
    legal: 'spec.md, Mounting: where it is not supported the upload begins, 202',
    on: mount,
    instead: ({ call, registry }) => registry.answer(withoutFields(call, 'mount', 'from')),
  },
  {
    id: 'mount-untrue',
    title: 'A mount is answered 201, but the blob is not there',
    layer,
    seenIn: ['harbor#17097'],
    noticedBy: [
      'mount-after-delete',
      'mount-again',
      'mount',
      'mount-anonymous',
      'mount-empty',
      'mount-head',
    ],
    on: { ...mount, statuses: [201] },
    change: (reply, { call, route, site }) => {
      site.store.lose(route.repository, fieldOf(call, 'mount') ?? '');
      return reply;
    },
  },
  {
    id: 'mount-unauthorized',
    title: 'A blob can be mounted from a repository that the token may not pull from',
    layer,
    seenIn: ['distribution#1269'],
    noticedBy: ['mount-out-of-scope'],
    on: { ...mount, statuses: [401] },
    change: (reply, scene) => {
      const { call, route, site } = scene;
      const digest = fieldOf(call, 'mount') ?? '';
      const blob = site.store.blob(fieldOf(call, 'from') ?? '', digest);
      if (blob === undefined || !mayPush(scene)) return reply;
      claimRepository(site, route.repository);
      site.store.addBlob(route.repository, digest, blob);
      return emptyReply(201, [
        ['Location', `/v2/${route.repository}/blobs/${digest}`],
        ['Docker-Content-Digest', digest],
      ]);
    },
  },
  {
    id: 'token-all-or-nothing',
    title: 'Who asks for two scopes and may not have all of one gets no token, not a lesser one',
    layer,
    seenIn: ['kaniko#1013', 'kaniko#1007'],
    noticedBy: ['mount-scope-refused'],
    on: { at: ['token'], statuses: [200] },
    change: (reply, scene) => (asksTooMuch(scene) ? fail(401, 'UNAUTHORIZED')() : reply),
  },
];

/** Whether a token request with several scopes gets less than it asks for. */
function asksTooMuch({ call, site }: Scene): boolean {
  const isForm = call.method === 'POST';
  const scopes = new Fields(isForm ? call.form : call.query).all('scope');
  const isKnown = isForm || call.header('authorization') !== undefined;
  const subject = isKnown ? site.username : '';
  const asked = grantScopes(scopes, () => ['pull', 'push', 'delete']);
  const granted = grantScopes(scopes, (repository) => actionsOf(site, subject, repository));
  return asked.length > 1 && formatScopes(asked) !== formatScopes(granted);
}
