// Faults of the redirect to the CDN, and of the edge that it leads to.
import { type Call, emptyReply, headerOf, type Reply, textReply, withHeader } from '../../call.ts';
import type { Fault, Scene } from '../fault.ts';
import { Memory } from '../kit/memory.ts';
import { drop, fail, set, wholeInstead } from '../kit/words.ts';

const layer = 'response';
const redirect = { at: ['blob'], statuses: [302, 307] } as const;
const served = { at: ['edge'], statuses: [200, 206] } as const;
/** Above it the cache of one fault refuses objects. */
const largeBytes = 64 * 1024;
/** Layers are larger, all but the smallest. */
const configBytesMax = 8 * 1024;
/** In the query of a URL that was redirected by the edge. */
const secondHop = 'hop=2';

/** What follows a redirect to its end, and what is said of the first hop. */
const wholeWay = [
  'redirect-location',
  'blob-config',
  'blob-layers',
  'redirect-anonymous',
  'redirect-range',
  'pull-platform',
] as const;

export const redirectFaults: readonly Fault[] = [
  {
    id: 'redirect-off',
    title: 'The registry serves blobs itself instead of redirecting',
    layer,
    seenIn: ['openshift/image-registry#319'],
    // Legal; only a policy that requires redirects minds.
    noticedBy: ['redirect-policy'],
    on: redirect,
    change: (reply, { site, registry, call, route }) => {
      const bytes = site.store.blob(route.repository, route.reference);
      return bytes === undefined ? reply : registry.serveBlob(call, route.reference, bytes);
    },
  },
  {
    id: 'redirect-307',
    title: 'Redirects are 307 where they were 302',
    layer,
    seenIn: ['ggcr#1620'],
    noticedBy: [],
    legal: 'spec.md, API: registries MAY respond to any request with a redirect',
    on: redirect,
    change: (reply) => ({ ...reply, status: 307 }),
  },
  {
    id: 'redirect-relative',
    title: 'Location is relative, to the registry itself',
    layer,
    seenIn: ['oras-dotnet#423', 'swift-container-plugin#44', 'notation#120'],
    noticedBy: [],
    legal: 'RFC 9110 10.2.2: Location is a URI reference, which may be relative',
    on: redirect,
    change: (reply, { call, cdn, route }) =>
      withHeader(reply, 'Location', cdn.signedPath(route.reference, call)),
  },
  {
    id: 'redirect-loop',
    title: 'The redirect leads back to where it came from',
    layer,
    seenIn: [],
    noticedBy: wholeWay,
    on: redirect,
    change: (reply, { call }) => withHeader(reply, 'Location', `${call.origin}${call.path}`),
  },
  {
    id: 'redirect-ping-pong',
    title: 'The edge redirects to a second URL of its own, and from there back to the first',
    layer,
    seenIn: [],
    noticedBy: wholeWay,
    on: served,
    change: (_reply, scene) => moved(atEdge(scene, isSecondHop(scene.call) ? '' : secondHop)),
  },
  {
    id: 'redirect-second-hop',
    title: 'The edge redirects once more, to itself',
    layer,
    seenIn: ['golang/go#70530'],
    // Legal; it broke clients that show their credentials again on the second hop.
    noticedBy: [],
    legal: 'RFC 9110 15.4: a redirect may lead to another',
    on: { ...served, when: (call) => !isSecondHop(call) },
    change: (_reply, scene) => moved(atEdge(scene, secondHop)),
  },
  {
    id: 'redirect-nowhere',
    title: 'Redirects have no Location',
    layer,
    seenIn: [],
    noticedBy: wholeWay,
    on: redirect,
    change: drop('Location'),
  },
  {
    id: 'redirect-unlisted-host',
    title: 'Redirects lead to a host that nobody has heard of',
    layer,
    seenIn: ['registry.k8s.io#258'],
    noticedBy: [
      'redirect-hosts',
      'blob-config',
      'blob-layers',
      'redirect-anonymous',
      'redirect-range',
      'pull-platform',
    ],
    on: redirect,
    // A name that never has an address (RFC 2606).
    change: toHost('edge-2.invalid'),
  },
  {
    id: 'redirect-second-host',
    title:
      'The layers of an image are redirected to a second name of the CDN, which has no address',
    layer,
    seenIn: [],
    noticedBy: ['redirect-hosts-all', 'blob-layers'],
    on: redirect,
    change: (reply, scene) => (isLayer(scene) ? toHost('cdn-2.invalid')(reply) : reply),
  },
  {
    id: 'edge-certificate-unknown',
    title: 'The CDN has a certificate of a root that nobody knows yet (over plain HTTP: a reset)',
    layer: 'wire',
    seenIn: [],
    noticedBy: ['blob-config', 'blob-layers', 'redirect-anonymous', 'pull-platform'],
    on: served,
    change: (reply) => ({ ...reply, wire: { noHead: true, untrusted: true } }),
  },
  {
    id: 'redirect-link-local',
    title: 'Redirects lead to a link-local address, where clouds hand out identities',
    layer,
    seenIn: ['ggcr#2440', 'oras-go#1197'],
    noticedBy: [
      'redirect-location',
      'redirect-hosts',
      'blob-config',
      'blob-layers',
      'redirect-anonymous',
      'redirect-range',
    ],
    on: redirect,
    change: toHost('169.254.169.254'),
  },
  {
    id: 'redirect-to-file',
    title: 'The redirect leads to a file: URL',
    layer,
    seenIn: ['oras-dotnet#423'],
    noticedBy: wholeWay,
    on: redirect,
    change: set('Location', 'file:///etc/hostname'),
  },
  {
    id: 'redirect-downgrade',
    title: 'The redirect of an https registry leads to plain http',
    layer,
    seenIn: ['distribution#479'],
    noticedBy: ['redirect-location'],
    on: { ...redirect, when: (call) => call.origin.startsWith('https:') },
    change: (reply) =>
      withHeader(
        reply,
        'Location',
        (headerOf(reply, 'Location') ?? '').replace(/^https:/, 'http:'),
      ),
  },
  {
    id: 'signed-url-expired',
    title: 'Signed URLs have expired when they are issued',
    layer,
    seenIn: ['rpardini/docker-registry-proxy#26', 'rpardini/docker-registry-proxy#28'],
    noticedBy: [
      'redirect-lifetime',
      'blob-config',
      'blob-layers',
      'redirect-anonymous',
      'redirect-range',
      'pull-platform',
    ],
    on: redirect,
    change: (reply, scene) => withHeader(reply, 'Location', signedFor(scene, -60)),
  },
  {
    id: 'signed-url-brief',
    title: 'Signed URLs live for a second or two',
    layer,
    seenIn: ['distribution#4175'],
    noticedBy: ['redirect-lifetime'],
    on: redirect,
    change: (reply, scene) => withHeader(reply, 'Location', signedFor(scene, 2)),
  },
  {
    id: 'redirect-cacheable',
    title: 'Caches may keep redirects for a day, long after the signed URL has expired',
    layer,
    seenIn: ['rpardini/docker-registry-proxy#26'],
    noticedBy: ['redirect-lifetime'],
    on: redirect,
    change: set('Cache-Control', 'public, max-age=86400'),
  },
  {
    id: 'redirect-permanent',
    title: 'Redirects are 308, for good, to signed URLs that run out',
    layer,
    seenIn: [],
    noticedBy: ['redirect-lifetime'],
    on: redirect,
    change: (reply) => ({ ...reply, status: 308 }),
  },
  {
    id: 'redirect-kept',
    title: 'The first Location of a blob is given to everybody after, also when it has expired',
    layer,
    seenIn: ['rpardini/docker-registry-proxy#26', 'rpardini/docker-registry-proxy#28'],
    noticedBy: [],
    gap: 'ask for the same blob again when the first signed URL has run out',
    on: redirect,
    begin: () => {
      const kept = new Memory<string>();
      return {
        change: (reply, { route }) => {
          const location = kept.get(route.reference);
          if (location !== undefined) return withHeader(reply, 'Location', location);
          kept.set(route.reference, headerOf(reply, 'Location') ?? '');
          return reply;
        },
      };
    },
  },
  {
    id: 'edge-bad-signature',
    title: 'The edge refuses the signatures that the registry makes',
    layer,
    seenIn: ['distribution#925'],
    noticedBy: [
      'blob-config',
      'blob-layers',
      'redirect-anonymous',
      'redirect-range',
      'pull-platform',
      'blob-head',
    ],
    on: redirect,
    change: (reply) => {
      const location = headerOf(reply, 'Location') ?? '';
      return withHeader(reply, 'Location', location.replace(/Signature=./, 'Signature=!'));
    },
  },
  {
    id: 'edge-demands-auth',
    title: 'The edge asks for credentials, the signed URL notwithstanding',
    layer,
    seenIn: ['containerd#5503', 'containerd#5766'],
    noticedBy: [
      'blob-config',
      'blob-layers',
      'redirect-anonymous',
      'redirect-range',
      'pull-platform',
      'blob-head',
    ],
    on: served,
    change: () => textReply(401, 'who are you?', [['WWW-Authenticate', 'Basic realm="edge"']]),
  },
  {
    id: 'edge-no-head',
    title: 'The edge refuses HEAD',
    layer,
    seenIn: ['distribution#3574'],
    noticedBy: ['blob-head', 'redirect-head'],
    on: { ...served, methods: ['HEAD'] },
    change: () => emptyReply(403, [['Content-Type', 'application/xml']]),
  },
  {
    id: 'edge-no-range',
    title: 'The edge ignores Range',
    layer,
    seenIn: ['distribution#4667', 'harbor#23875'],
    noticedBy: [
      'blob-range-large',
      'blob-range-closed',
      'blob-range-open',
      'blob-range-suffix',
      'blob-range-unsatisfiable',
      'redirect-range',
    ],
    on: { at: ['edge'], statuses: [206, 416] },
    change: wholeInstead,
  },
  {
    id: 'edge-large-refused',
    title: `The edge answers 503 for objects of more than ${largeBytes} bytes`,
    layer,
    seenIn: ['k8s.io#5659'],
    noticedBy: ['blob-layers', 'pull-platform'],
    on: { ...served, methods: ['GET'] },
    change: (reply) => (reply.body.length > largeBytes ? fail(503, 'UNSUPPORTED')() : reply),
  },
];

/** URL of the blob that is asked for, with another lifetime. */
function signedFor({ call, cdn, route, site }: Scene, ttlSeconds: number): string {
  const { method } = call;
  const origin = site.origins.cdn || call.origin;
  return site.origins.cdn + cdn.signedPath(route.reference, { method, origin, ttlSeconds });
}

/** URL of the object that is asked for at the edge, as the client calls the edge. */
function atEdge({ call, cdn }: Scene, extra: string): string {
  const { method, origin } = call;
  return origin + cdn.signedPath(cdn.digestOf(call.path), { method, origin, extra });
}

function isSecondHop({ query }: Pick<Call, 'query'>): boolean {
  return query.split('&').includes(secondHop);
}

function moved(location: string): Reply {
  return emptyReply(302, [['Location', location]]);
}

/** The same Location on another host, at the scheme's own port. */
/** Whether the blob is larger than a config is. */
function isLayer({ route, site }: Scene): boolean {
  return (site.store.blob(route.repository, route.reference)?.length ?? 0) > configBytesMax;
}

function toHost(host: string): (reply: Reply) => Reply {
  return (reply) => {
    const location = headerOf(reply, 'Location') ?? '';
    return withHeader(reply, 'Location', location.replace(/^(https?:\/\/)[^/]+/, `$1${host}`));
  };
}
