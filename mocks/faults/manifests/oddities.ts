// Legal oddities of pushing manifests: what the 201 says, what is taken, and redirects of the push.
import { headerOf, jsonReply, type Reply, withHeader } from '../../call.ts';
import type { Registry } from '../../registry/registry.ts';
import { digestOf } from '../../store.ts';
import type { Fault, Scene } from '../fault.ts';
import { codeOf, mayPush } from '../kit/calls.ts';
import { claimedBy } from '../kit/digests.ts';
import { movedPushes } from '../kit/moves.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { drop, fail } from '../kit/words.ts';

const created = { at: ['manifest'], methods: ['PUT'], statuses: [201] } as const;
const tagged = { ...created, by: 'tag' } as const;
const pullable = 'spec.md, Pushing Manifests: the Location is a pullable manifest URL, of any form';

const locations = (
  [
    ['absolute', 'is a whole URL', (url, { call }) => call.origin + url],
    ['relative', 'is relative to the path of the request', (url) => url.split('/').at(-1) ?? ''],
    ['query', 'has a query', (url) => `${url}?generation=3`],
    [
      'digest',
      'is by digest, also where a tag was pushed to',
      (_, { call, route }) =>
        `/v2/${route.repository}/manifests/${route.reference.includes(':') ? route.reference : digestOf(call.body)}`,
    ],
  ] satisfies readonly (readonly [string, string, (url: string, scene: Scene) => string])[]
).map(([id, what, write]) =>
  oddity(`manifest-location-${id}`, `The Location of a pushed manifest ${what}`, pullable, {
    on: created,
    change: (reply: Reply, scene: Scene) => {
      const url = headerOf(reply, 'Location') ?? '';
      return withHeader(reply, 'Location', write(url, scene));
    },
  }),
);

export const manifestOddities: readonly Fault[] = [
  ...locations,
  oddity(
    'manifest-put-bare',
    'The 201 of a manifest has no Docker-Content-Digest',
    'spec.md, Pushing Manifests: Location is all that MUST be there',
    { on: created, change: drop('Docker-Content-Digest') },
  ),
  oddity('manifest-put-body', 'The 201 of a manifest has a body of JSON', clauses.http, {
    on: created,
    change: (reply) => {
      const said = jsonReply(201, { state: 'stored' });
      const rest = drop('Content-Length')(reply).headers;
      return { ...said, headers: [...rest, ...said.headers] };
    },
  }),
  oddity(
    'manifest-put-digest-sha512',
    'Docker-Content-Digest of a manifest that was pushed to a tag is by sha512',
    clauses.digest,
    { on: tagged, change: (reply, { call }) => claimedBy('sha512', reply, call.body) },
  ),
  oddity(
    'references-unchecked',
    'Manifests are taken whatever they name, there or not',
    'spec.md, Push: a registry MAY reject a manifest for what it names, and need not',
    {
      on: { at: ['manifest'], methods: ['PUT'] },
      begin: () => {
        let other: Registry | undefined;
        return {
          instead: ({ call, registry }: Scene) => {
            other ??= registry.under({ sparse: 'allow' });
            return other.answer(call);
          },
        };
      },
    },
    { seenIn: ['quay#7033'], noticedBy: ['manifest-refuse-missing-*'] },
  ),
  ...[409, 412, 424].map((status) =>
    oddity(
      `manifest-missing-${status}`,
      `A manifest that names what is not there is refused by ${status}`,
      'spec.md, Push: MANIFEST_BLOB_UNKNOWN is what MUST be said; the status is not',
      {
        on: { at: ['manifest'], methods: ['PUT'], statuses: [400, 404] },
        change: (reply) =>
          codeOf(reply) === 'MANIFEST_BLOB_UNKNOWN' ? { ...reply, status } : reply,
      },
    ),
  ),
  oddity(
    'sha512-malformed',
    'Whatever has a sha512 digest in it is answered 400',
    'spec.md, Pushing blobs: an unsupported algorithm SHOULD be 400; of reading by one nothing is said',
    {
      on: { at: ['manifest', 'blob', 'upload', 'referrers'] },
      instead: (scene) => {
        const { body, path, query } = scene.call;
        const isOf = [path, query, Buffer.from(body).toString()].some((text) =>
          /sha512(?::|%3a|$|&)/i.test(text),
        );
        return isOf && mayPush(scene) ? fail(400, 'DIGEST_INVALID')() : undefined;
      },
    },
  ),
  ...movedPushes(
    'manifest-put',
    'The PUT of a manifest',
    ['manifest'],
    ['PUT'],
    [301, 302, 307, 308],
  ),
];
