// Legal oddities of deletion: where it is not offered, what else goes at once, and what its replies say.
import { asArray, asObject, asString, parseJson } from '../../../src/lib/json.ts';
import { jsonReply, type Reply } from '../../call.ts';
import { digestOf, type Store } from '../../store.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { keyOf, mayPush } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { movedPushes } from '../kit/moves.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { fail } from '../kit/words.ts';

const content = { at: ['manifest', 'blob'], methods: ['DELETE'] } as const;
const accepted = { ...content, statuses: [202] } as const;

const kinds = [
  ['tag', 'Tags', { at: ['manifest'], by: 'tag' }],
  ['manifest', 'Manifests', { at: ['manifest'], by: 'digest' }],
  ['blob', 'Blobs', { at: ['blob'] }],
] as const;

const disabled = kinds.flatMap(([id, what, target]) =>
  [400, 405].map((status) =>
    oddity(
      `delete-${id}-disabled-${status}`,
      `${what} cannot be deleted: ${status}`,
      clauses.deletion,
      {
        on: { ...target, methods: ['DELETE'] },
        instead: (scene) => (mayPush(scene) ? fail(status, 'UNSUPPORTED')() : undefined),
      },
    ),
  ),
);

const kindsDenied = kinds.map(([id, what, target]) =>
  oddity(`delete-${id}-denied`, `${what} may not be deleted, other things may: 403`, clauses.auth, {
    on: { ...target, methods: ['DELETE'] },
    instead: (scene) => (mayPush(scene) ? fail(403, 'DENIED')() : undefined),
  }),
);

/** Refuses to delete what is in use. */
const keeping =
  (status: number, isInUse: (scene: Scene) => boolean) =>
  (scene: Scene): Reply | undefined =>
    scene.call.method === 'DELETE' && isInUse(scene) && mayPush(scene)
      ? fail(status, 'DENIED')()
      : undefined;

function isTagged({ route: { repository, reference }, site: { store } }: Scene): boolean {
  const tags = store.tags(repository) ?? [];
  return tags.some((tag) => store.manifest(repository, tag)?.digest === reference);
}

function isShared({ route: { reference }, site: { store } }: Scene): boolean {
  return store.repositoriesWith(reference).length > 1;
}

/** Remembers which manifests name which others, as long as they are there. */
function keepsNamed(status: number): Behaviour {
  const naming = new Memory<readonly string[]>();
  const isNamed = ({ route: { repository, reference } }: Scene) =>
    [...naming.entries()].some(
      ([key, named]) => key.startsWith(`${repository}@`) && named.includes(reference),
    );
  return {
    instead: keeping(status, isNamed),
    follow: (reply, { call, route, place }) => {
      if (place !== 'manifest') return reply;
      const { repository, reference } = route;
      const isPut = call.method === 'PUT' && reply.status === 201;
      if (isPut) naming.set(`${repository}@${digestOf(call.body)}`, manifestsNamedIn(call.body));
      const isGone = call.method === 'DELETE' && reply.status === 202;
      if (isGone) naming.delete(`${repository}@${reference}`);
      return reply;
    },
  };
}

/** Entries of an index, and the subject. */
function manifestsNamedIn(body: Uint8Array): string[] {
  const document = asObject(parseJson(Buffer.from(body).toString()));
  const entries = [...(asArray(document?.manifests) ?? []), document?.subject];
  return entries.flatMap((entry) => asString(asObject(entry)?.digest) ?? []);
}

const inUse =
  'spec.md, Content Management, speaks of what is disabled, not of what is in use; RFC 9110 15.5.10: a conflict';

const kept = [400, 405, 409].flatMap((status) => [
  oddity(`delete-tagged-${status}`, `A manifest that a tag names is kept: ${status}`, inUse, {
    on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
    instead: keeping(status, isTagged),
  }),
  oddity(
    `delete-named-${status}`,
    `A manifest that an index lists, or a referrer names, is kept: ${status}`,
    inUse,
    {
      on: { at: ['manifest'], methods: ['DELETE'], by: 'digest' },
      begin: () => keepsNamed(status),
    },
  ),
  oddity(
    `delete-shared-${status}`,
    `A blob that another repository has is kept: ${status}`,
    inUse,
    { on: { at: ['blob'], methods: ['DELETE'] }, instead: keeping(status, isShared) },
  ),
]);

/** Blobs of the repository that no manifest of it names any more, as far as the deleted one named them. */
function collect(store: Store, repository: string, digests: readonly string[]): void {
  const kept = new Set<string>();
  for (const digest of manifestsIn(store, repository)) {
    for (const named of namedBy(store, repository, digest)) kept.add(named);
  }
  for (const digest of digests) if (!kept.has(digest)) store.deleteBlob(repository, digest);
}

function namedBy(store: Store, repository: string, digest: string): string[] {
  const bytes = store.manifest(repository, digest)?.bytes;
  return (
    Buffer.from(bytes ?? '')
      .toString()
      .match(/sha(?:256|512):[a-f0-9]+/g) ?? []
  );
}

/** Those that were pushed while the oddity was on. */
const pushedTo = new WeakMap<Store, Map<string, Set<string>>>();

function manifestsIn(store: Store, repository: string): Set<string> {
  const all = pushedTo.get(store) ?? new Map<string, Set<string>>();
  pushedTo.set(store, all);
  const own = all.get(repository) ?? new Set<string>();
  all.set(repository, own);
  return own;
}

export const deleteOddities: readonly Fault[] = [
  ...disabled,
  ...kindsDenied,
  ...kept,
  oddity('delete-denied', 'Nobody may delete anything: 403', clauses.auth, {
    on: content,
    instead: (scene) => (mayPush(scene) ? fail(403, 'DENIED')() : undefined),
  }),
  oddity('delete-body', 'A deletion is answered 202 with a body of JSON', clauses.http, {
    on: accepted,
    change: (reply) => {
      const said = jsonReply(202, { state: 'deleted' });
      return { ...said, headers: [...reply.headers.slice(0, -1), ...said.headers] };
    },
  }),
  oddity(
    'delete-collects',
    'With a manifest go the blobs that nothing else in the repository names, at once',
    'spec.md, Content Management: when what is not used any more goes is not said',
    {
      on: { at: ['manifest'], methods: ['PUT', 'DELETE'], by: 'digest' },
      begin: () => ({
        // A push counts before it is answered: what it names stays.
        instead: ({ call, registry, route, site }: Scene) => {
          const { repository, reference } = route;
          const named = namedBy(site.store, repository, reference);
          const reply = registry.answer(call);
          if (reply.status === 201) manifestsIn(site.store, repository).add(reference);
          if (reply.status === 202) {
            manifestsIn(site.store, repository).delete(reference);
            collect(site.store, repository, named);
          }
          return reply;
        },
      }),
    },
  ),
  oddity(
    'delete-last-tag-collects',
    'With its last tag a manifest goes, too',
    'spec.md, Deleting Tags: what becomes of a manifest without tags is not said',
    {
      on: { at: ['manifest'], methods: ['DELETE'], by: 'tag' },
      instead: ({ call, registry, route, site }) => {
        const { repository, reference } = route;
        const before = site.store.manifest(repository, reference)?.digest;
        const reply = registry.answer(call);
        if (reply.status !== 202 || before === undefined) return reply;
        const tags = site.store.tags(repository) ?? [];
        const isTagged = tags.some(
          (tag) => site.store.manifest(repository, tag)?.digest === before,
        );
        if (!isTagged) site.store.deleteManifest(repository, before);
        return reply;
      },
    },
    { seenIn: ['gitea#19902'], noticedBy: ['delete-tag-keeps-manifest'] },
  ),
  oddity(
    'delete-tag-for-good',
    'A tag that was deleted cannot be pushed again: 409',
    'spec.md, Deleting Tags, does not say that its name is free; immutable tags stay taken',
    {
      on: { at: ['manifest'], methods: ['PUT', 'DELETE'], by: 'tag' },
      begin: () => {
        const gone = new Memory<true>();
        return {
          instead: (scene) => {
            const isGone = scene.call.method === 'PUT' && gone.has(keyOf(scene));
            return isGone && mayPush(scene) ? fail(409, 'DENIED')() : undefined;
          },
          change: (reply, scene) => {
            const isDeleted = scene.call.method === 'DELETE' && reply.status === 202;
            if (isDeleted) gone.set(keyOf(scene), true);
            return reply;
          },
        };
      },
    },
  ),
  ...movedPushes(
    'delete',
    'Deleting a tag, manifest or blob',
    ['manifest', 'blob'],
    ['DELETE'],
    [301, 302, 307, 308],
  ),
];
