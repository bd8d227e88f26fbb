// Legal oddities of reading: manifests and blobs, their headers, ranges, and where they are had.
import { gzipSync } from 'node:zlib';
import {
  emptyReply,
  headerOf,
  jsonReply,
  type Reply,
  textReply,
  withBody,
  withHeader,
} from '../../call.ts';
import type { Fault } from '../fault.ts';
import { withoutRequestHeader } from '../kit/calls.ts';
import { claimedBy } from '../kit/digests.ts';
import { movedAway, movedReads } from '../kit/moves.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { blobOf, drop, set, wholeInstead } from '../kit/words.ts';

const reads = ['GET', 'HEAD'];
const manifest = { at: ['manifest'], methods: reads, statuses: [200] } as const;
const blob = { at: ['blob', 'edge'], methods: reads, statuses: [200, 302, 307] } as const;
const parts = { at: ['blob', 'edge'], statuses: [206] } as const;
const unsatisfied = { at: ['blob', 'edge'], statuses: [416] } as const;
const { digest, http, redirects } = clauses;
const ranges = 'spec.md, Pulling blobs: a registry SHOULD support Range';
const types = 'spec.md says nothing of the Content-Type of a blob';

const manifestDigests = (['sha512', 'sha384'] as const).map((algorithm) =>
  oddity(
    `manifest-digest-${algorithm}`,
    `Docker-Content-Digest of a manifest is its ${algorithm} digest`,
    digest,
    { on: manifest, change: (reply) => claimedBy(algorithm, reply, reply.body) },
  ),
);

const blobTypes = [
  ['binary', 'binary/octet-stream, as S3 has it', set('Content-Type', 'binary/octet-stream')],
  ['text', 'text/plain', set('Content-Type', 'text/plain; charset=utf-8')],
  ['unsaid', 'not said', drop('Content-Type')],
] as const;

const edgeRedirects = [301, 303, 308].map((status) =>
  oddity(`blob-redirect-${status}`, `Blobs are redirected to the edge by ${status}`, redirects, {
    on: { at: ['blob'], methods: reads, statuses: [302, 307] },
    change: (reply) => set('Cache-Control', 'no-store')({ ...reply, status }),
  }),
);

export const pullOddities: readonly Fault[] = [
  ...manifestDigests,
  oddity(
    'manifest-head-digest-sha512',
    'Docker-Content-Digest of a manifest is a sha512 digest by HEAD, and sha256 by GET',
    digest,
    {
      on: { ...manifest, methods: ['HEAD'] },
      change: (reply) => claimedBy('sha512', reply, reply.body),
    },
  ),
  oddity(
    'blob-digest-sha512',
    'Docker-Content-Digest of a blob is its sha512 digest',
    'spec.md, Pulling blobs: a digest matching that of the body, of whatever algorithm',
    {
      on: blob,
      change: (reply, scene) =>
        claimedBy('sha512', reply, scene.site.store.blobOfAny(blobOf(scene))),
    },
  ),
  oddity(
    'blob-digest-at-edge-alone',
    'Docker-Content-Digest of a blob is on the target of the redirect, not on the redirect',
    clauses.redirects,
    {
      on: blob,
      change: (reply, scene) =>
        scene.place === 'edge'
          ? withHeader(reply, 'Docker-Content-Digest', blobOf(scene))
          : reply.status === 200
            ? reply
            : drop('Docker-Content-Digest')(reply),
    },
  ),
  oddity('manifest-etag-weak', 'The ETag of a manifest is a weak one', http, {
    on: manifest,
    change: (reply) => withHeader(reply, 'ETag', `W/${headerOf(reply, 'ETag') ?? '"none"'}`),
  }),
  oddity('etag-unsaid', 'Nothing has an ETag, and If-None-Match brings the whole', http, {
    on: { at: ['manifest', 'blob', 'edge'], methods: reads },
    instead: ({ call, cdn, place, registry }) => {
      const plain = withoutRequestHeader(call, 'if-none-match');
      return drop('ETag')(place === 'edge' ? cdn.answer(plain) : registry.answer(plain));
    },
  }),
  oddity(
    'manifest-accept-ignored',
    'A tag leads to the same manifest whatever Accept says',
    'spec.md, Pulling manifests: Accept is a SHOULD of clients; RFC 9110 12.5.1: it may be disregarded',
    {
      on: { at: ['manifest'], methods: reads },
      instead: ({ call, registry }) => registry.answer(withoutRequestHeader(call, 'accept')),
    },
  ),
  oddity('manifest-packed', 'A manifest comes packed by gzip to who accepts that', http, {
    on: {
      ...manifest,
      methods: ['GET'],
      when: ({ header }) => /\bgzip\b/.test(header('accept-encoding') ?? ''),
    },
    change: (reply) =>
      reply.body instanceof Uint8Array
        ? set(
            'Content-Encoding',
            'gzip',
          )(
            set(
              'ETag',
              `${headerOf(reply, 'ETag')?.slice(0, -1)}-gzip"`,
            )(withBody(reply, gzipSync(reply.body))),
          )
        : reply,
  }),
  ...blobTypes.map(([id, what, change]) =>
    oddity(`blob-type-${id}`, `The Content-Type of a blob is ${what}`, types, {
      on: { at: ['blob', 'edge'], methods: reads, statuses: [200, 206] },
      // Of several parts it says where each begins.
      change: (reply) =>
        /^multipart\//.test(headerOf(reply, 'Content-Type') ?? '') ? reply : change(reply),
    }),
  ),
  oddity(
    'range-total-unsaid',
    'Content-Range of a part does not say how long the whole is',
    'RFC 9110 14.4: the complete length may be an asterisk',
    {
      on: parts,
      change: (reply) =>
        withHeader(
          reply,
          'Content-Range',
          (headerOf(reply, 'Content-Range') ?? '').replace(/\/\d+$/, '/*'),
        ),
    },
  ),
  oddity(
    'range-refusal-bare',
    'A 416 has no Content-Range and no body',
    'RFC 9110 15.5.17: a server SHOULD generate a Content-Range',
    { on: unsatisfied, change: (reply) => drop('Content-Range')(withBody(reply, '')) },
  ),
  oddity(
    'range-whole-ok',
    'A range that is the whole blob brings it with 200',
    'RFC 9110 14.2: a server MAY ignore the Range header field',
    {
      on: parts,
      change: (reply, scene) =>
        isWhole(headerOf(reply, 'Content-Range') ?? '') ? wholeInstead(reply, scene) : reply,
    },
  ),
  oddity(
    'ranges-unsupported',
    'Ranges are ignored, as Accept-Ranges: none says',
    ranges,
    {
      on: { at: ['blob', 'edge'], statuses: [200, 206, 416] },
      change: (reply, scene) =>
        set('Accept-Ranges', 'none')(reply.status === 200 ? reply : wholeInstead(reply, scene)),
    },
    {
      noticedBy: ['blob-range-*', 'redirect-range'],
    },
  ),
  oddity('range-several-ignored', 'Several ranges at once bring the whole blob', ranges, {
    on: { at: ['blob', 'edge'], when: ({ header }) => (header('range') ?? '').includes(',') },
    change: wholeInstead,
  }),
  ...edgeRedirects,
  ...movedReads('manifest', 'Reading a manifest', ['manifest']),
  ...movedReads('blob', 'Reading a blob', ['blob']),
  ...movedReads('ping', 'GET and HEAD of /v2/', ['ping']),
  oddity(
    'manifest-elsewhere',
    'Manifests are had on another host, without credentials',
    redirects,
    movedAway(307, 'manifest'),
  ),
  oddity(
    'ping-open',
    'GET /v2/ is 200 to everybody, though repositories demand a token',
    clauses.auth,
    { on: { at: ['ping'], methods: reads }, instead: () => jsonReply(200, {}) },
    { noticedBy: ['pull-platform'] },
  ),
  oddity(
    'ping-needs-login',
    'GET /v2/ is 401 to everybody who is not logged in, with a token or without',
    clauses.auth,
    {
      on: { at: ['ping'], methods: reads, statuses: [200] },
      change: (reply, { call, registry }) =>
        /"subject":""/.test(claimsIn(call.header('authorization') ?? ''))
          ? registry.answer({ ...call, header: () => undefined })
          : reply,
    },
  ),
  oddity(
    'ping-empty',
    'GET /v2/ has no body',
    'spec.md, Determining Support: 200 is all that is said',
    { on: { at: ['ping'], statuses: [200] }, change: (reply) => withBody(reply, '') },
  ),
  oddity(
    'ping-page',
    'GET /v2/ is a page of HTML',
    'spec.md, Determining Support: 200 is all that is said',
    {
      on: { at: ['ping'], methods: ['GET'], statuses: [200] },
      change: (reply: Reply) =>
        textReply(200, '<html><body>Welcome</body></html>', [
          ...reply.headers.filter(([name]) => !/^content-/i.test(name)),
          ['Content-Type', 'text/html'],
        ]),
    },
  ),
  ...[401, 403].map((status) =>
    oddity(
      `unknown-repository-${status}`,
      `What is asked of a repository that does not exist is answered ${status}`,
      clauses.auth,
      {
        on: {
          at: ['manifest', 'blob', 'tags', 'referrers'],
          methods: reads,
          repository: 'unknown',
        },
        instead: ({ call, route, site }) => {
          const scope = `repository:${route.repository}:pull`;
          const challenge = `Bearer realm="${site.origins.token}/token",service="${site.service}",scope="${scope}"`;
          if (status === 401 && site.auth !== 'bearer') return undefined;
          if (status === 403 && call.header('authorization') === undefined) return undefined;
          return emptyReply(status, status === 401 ? [['WWW-Authenticate', challenge]] : []);
        },
      },
    ),
  ),
];

/** Whether a part from 0 on is all there is. */
function isWhole(contentRange: string): boolean {
  const [, last, total] = /^bytes 0-(\d+)\/(\d+)$/.exec(contentRange) ?? [];
  return last !== undefined && Number(last) + 1 === Number(total);
}

/** What a token of the mock says, as text. */
function claimsIn(authorization: string): string {
  return Buffer.from(authorization.replace(/^Bearer /, ''), 'base64url').toString('latin1');
}
