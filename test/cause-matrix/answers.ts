// Rows about what servers answer: content, errors, redirects, limits.
import { endpoint, routeOver, soundHosts } from '../lib/doctor-world.ts';
import {
  at443,
  type CauseCase,
  errorOf,
  hosts,
  json,
  page,
  replyOf,
  saying,
  sha256,
} from './case.ts';

const reference = (text: string) => routeOver([endpoint({ reference: text })]);
const fault = (id: string) => ({ mock: { faults: [id] } });

const replies: readonly CauseCase[] = [
  {
    cause: 'http-for-https',
    what: 'a port of plain HTTP',
    situation: hosts({ 'registry.test': at443({ tls: 'none' }) }),
  },
  {
    cause: 'http-for-https',
    what: 'a port of TLS that is named insecure',
    situation: {
      route: routeOver([
        endpoint({
          url: 'http://registry.test:8443',
          plainHttp: 'only',
          registry: 'registry.test:8443',
        }),
      ]),
      world: { hosts: { ...soundHosts, 'registry.test': { ports: { 8443: {} } } } },
    },
  },
  {
    cause: 'http-for-https',
    what: 'a server that says so itself',
    situation: hosts({
      'registry.test': saying({
        status: 400,
        text: 'Client sent an HTTP request to an HTTPS server.\n',
      }),
    }),
  },
  {
    cause: 'http-for-https',
    what: 'nginx, which says so in a page',
    situation: hosts({
      'registry.test': saying({
        status: 400,
        ...page('<h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port'),
      }),
    }),
  },
  {
    cause: 'http-for-https',
    what: 'Apache, which says so in a page',
    situation: hosts({
      'registry.test': saying({
        status: 400,
        ...page("Reason: You're speaking plain HTTP to an SSL-enabled server port."),
      }),
    }),
  },
  {
    cause: 'not-http',
    what: 'another protocol',
    situation: hosts({
      'registry.test': saying({ failure: 'bad-http', words: 'Parse Error: Expected HTTP/' }),
    }),
  },
  {
    cause: 'not-http',
    what: 'another protocol where TLS is due',
    situation: hosts({
      'registry.test': saying({ failure: 'bad-http', reason: 'http-to-https-client' }),
    }),
  },
  {
    cause: 'not-http',
    what: 'a body that is marked as packed, and is not',
    situation: fault('blob-marked-packed'),
  },
  {
    cause: 'not-a-registry',
    what: 'a web server',
    situation: hosts({ 'registry.test': saying({ status: 404, ...page('Not Found') }) }),
  },
  { cause: 'server-error', what: 'the token server', situation: fault('token-unavailable') },
  {
    cause: 'server-error',
    what: 'the registry',
    situation: hosts({ 'registry.test': saying({ status: 503, text: 'unavailable' }) }),
  },
  {
    cause: 'server-error',
    what: 'the CDN',
    situation: hosts({ 'cdn.test': saying({ status: 502, text: 'bad gateway' }) }),
  },
  {
    cause: 'odd-status',
    what: 'of the CDN',
    situation: hosts({ 'cdn.test': saying({ status: 418, text: 'teapot' }) }),
  },
  {
    cause: 'challenge-broken',
    what: 'a sentence',
    clients: ['containerd', 'kubelet-containerd'],
    situation: fault('challenge-garbled'),
  },
  {
    cause: 'challenge-broken',
    what: 'none',
    situation: hosts({ 'registry.test': saying({ status: 401 }) }),
  },
  {
    cause: 'challenge-broken',
    what: 'a realm for machines of a cloud',
    situation: fault('realm-link-local'),
  },
  {
    cause: 'challenge-broken',
    what: 'none at /v2/, by which these sign in',
    clients: ['podman', 'docker'],
    situation: fault('ping-open'),
  },
  {
    cause: 'challenge-broken',
    what: 'without the service, and the token server will have it',
    clients: ['podman', 'docker'],
    situation: fault('challenge-no-service'),
  },
  { cause: 'token-reply-broken', what: 'no token in it', situation: fault('token-absent') },
  {
    cause: 'token-reply-broken',
    what: 'no JSON',
    situation: hosts({ 'auth.test': saying({ status: 200, text: 'hello' }) }),
  },
];

const redirects: readonly CauseCase[] = [
  { cause: 'redirect-expired', what: 'at once', situation: fault('signed-url-expired') },
  {
    cause: 'redirect-denied',
    what: 'a signature that is not taken',
    situation: fault('edge-bad-signature'),
  },
  {
    cause: 'redirect-denied',
    what: 'in no words that tell',
    certainty: 'possible',
    situation: hosts({ 'cdn.test': saying({ status: 403 }) }),
    also: { 'address-blocked': 'the provider may refuse the address, and does not say' },
  },
  {
    cause: 'redirect-credentials',
    what: 'the CDN asks for some',
    situation: fault('edge-demands-auth'),
  },
  { cause: 'redirect-invalid', what: 'no Location', situation: fault('redirect-nowhere') },
  { cause: 'redirect-invalid', what: 'file:', situation: fault('redirect-to-file') },
  { cause: 'redirect-invalid', what: 'link-local', situation: fault('redirect-link-local') },
  { cause: 'redirect-loop', what: 'back to where it came from', situation: fault('redirect-loop') },
  {
    cause: 'address-blocked',
    what: 'a registry that turns the address away',
    situation: hosts({
      'registry.test': saying({
        status: 403,
        ...page('Your client does not have permission to get URL from this server.'),
        lines: [
          ['Server', 'gws'],
          ['Content-Type', 'text/html'],
        ],
      }),
    }),
  },
  {
    cause: 'address-blocked',
    what: 'a registry that refuses by law',
    situation: hosts({ 'registry.test': saying({ status: 451, text: 'not in your country' }) }),
  },
  {
    cause: 'address-blocked',
    what: 'a CDN that wants to see a person',
    situation: hosts({
      'cdn.test': saying({
        status: 403,
        ...page('Please complete the security check to access cdn.test'),
      }),
    }),
  },
  {
    cause: 'address-blocked',
    what: 'a CDN that blocks a country',
    situation: hosts({
      'cdn.test': saying({
        status: 403,
        ...page(
          'The Amazon CloudFront distribution is configured to block access from your country.',
        ),
      }),
    }),
  },
];

const contents: readonly CauseCase[] = [
  {
    cause: 'platform-missing',
    what: 'none like it in the index',
    situation: { options: { platform: { os: 'linux', architecture: 's390x' } } },
  },
  {
    cause: 'tag-missing',
    what: 'a tag that was never there',
    situation: { route: reference('nope') },
  },
  {
    cause: 'tag-missing',
    what: 'a digest that was never there',
    situation: { route: reference(`sha256:${'0'.repeat(64)}`) },
  },
  {
    cause: 'repository-missing',
    what: 'where anybody may look',
    situation: { mock: { auth: 'none' }, route: routeOver([endpoint({ repository: 'no/such' })]) },
  },
  {
    cause: 'repository-missing',
    what: 'or hidden from who shows nothing, where nobody is asked to',
    clients: ['containerd', 'kubelet-containerd'],
    certainty: 'possible',
    situation: fault('login-hidden-404'),
    also: { 'private-or-absent': 'the registry has logins, and was shown none' },
  },
  {
    cause: 'repository-missing',
    what: 'a registry that says it of the list of tags alone',
    situation: {
      mock: { auth: 'none' },
      ...hosts({
        'registry.test': at443({
          perform: async ({ url }) => {
            if (url.endsWith('/v2/')) return replyOf({ status: 200 });
            const said = url.includes('/tags/list')
              ? errorOf('NAME_UNKNOWN', 'repository name not known to registry')
              : errorOf('MANIFEST_UNKNOWN', 'manifest unknown');
            return replyOf({ status: 404, ...said });
          },
        }),
      }),
    },
  },
  ...[404, 406].map(
    (status): CauseCase => ({
      cause: 'accept-lost',
      what: `a proxy that keeps the last line of Accept, and a registry that then says ${status}`,
      clients: ['podman', 'skopeo', 'docker', 'docker@20.10'],
      situation: {
        mock: { auth: 'none' },
        ...hosts({
          'registry.test': at443({
            perform: async ({ url, ask }) => {
              if (url.endsWith('/v2/')) return replyOf({ status: 200 });
              if (url.includes('/tags/list'))
                return replyOf({ status: 200, ...json({ tags: ['latest'] }) });
              const last = ask.headers.findLast(([name]) => name === 'Accept')?.[1] ?? '';
              const isTaken = last.includes('oci.image.index') && last.includes(',');
              if (isTaken) return replyOf({ status: 200, ...json({ schemaVersion: 2 }) });
              const said = errorOf('MANIFEST_UNKNOWN', 'OCI index found, but not accepted');
              return replyOf({ status, ...(ask.method === 'HEAD' ? {} : said) });
            },
          }),
        }),
      },
    }),
  ),
  {
    cause: 'tag-missing',
    what: 'a digest that the index names',
    situation: fault('digest-unreachable'),
  },
  {
    cause: 'repository-missing',
    what: 'a registry that lists no tags of any name',
    certainty: 'possible',
    situation: {
      mock: { auth: 'none' },
      ...hosts({
        'registry.test': at443({
          perform: async ({ url }) => {
            if (url.endsWith('/v2/')) return replyOf({ status: 200 });
            if (url.includes('/tags/list')) return replyOf({ status: 200, text: '{"tags":[]}' });
            return replyOf({ status: 404, ...errorOf('MANIFEST_UNKNOWN', 'manifest unknown') });
          },
        }),
      }),
    },
    also: { 'tag-missing': 'nothing says whether the tag or all of it is missing' },
  },
  {
    cause: 'repository-missing',
    what: 'a registry without error documents',
    certainty: 'possible',
    situation: {
      mock: { auth: 'none' },
      ...hosts({
        'registry.test': at443({
          perform: async ({ url }) =>
            replyOf(url.endsWith('/v2/') ? { status: 200 } : { status: 404, text: 'no' }),
        }),
      }),
    },
    also: { 'tag-missing': 'nothing says whether the tag or all of it is missing' },
  },
  { cause: 'blob-missing', what: 'a layer that was lost', situation: fault('layer-lost') },
  { cause: 'page-in-place', what: 'of the tag', clients: ['podman'], situation: fault('tag-page') },
  {
    cause: 'page-in-place',
    what: 'for everything',
    situation: hosts({ 'registry.test': saying({ status: 200, ...page('Welcome') }) }),
  },
  {
    cause: 'page-in-place',
    what: 'of a blob, by a captive portal',
    situation: hosts({
      'cdn.test': saying({ status: 200, ...page('Please sign in to the network') }),
    }),
  },
  {
    cause: 'page-in-place',
    what: 'the block page of a filter',
    situation: hosts({
      'cdn.test': saying({
        status: 403,
        ...page('FortiGuard Intrusion Prevention - Access Blocked'),
      }),
    }),
  },
  { cause: 'wrong-content', what: 'a byte of a layer', situation: fault('blob-flipped-byte') },
  { cause: 'body-cut', what: 'half of each blob', situation: fault('blob-body-cut') },
  {
    cause: 'body-too-long',
    what: 'a cache that mixes objects',
    situation: hosts({
      'cdn.test': at443({
        perform: async () =>
          replyOf({ status: 200, failure: 'long-body', words: 'more bytes than 400' }),
      }),
    }),
  },
  {
    cause: 'manifest-broken',
    what: 'half of it',
    situation: {
      ...hosts({
        'registry.test': at443({
          perform: async ({ url }) =>
            replyOf(
              url.endsWith('/v2/')
                ? { status: 200 }
                : {
                    status: 200,
                    lines: [
                      ['Content-Type', 'application/vnd.oci.image.manifest.v1+json'],
                      ['Content-Length', '20'],
                      ['Docker-Content-Digest', sha256('{"schemaVersion": 2,')],
                    ],
                    text: '{"schemaVersion": 2,',
                  },
            ),
        }),
      }),
    },
  },
];

const limits: readonly CauseCase[] = [
  {
    cause: 'rate-limit',
    what: 'counted on the address',
    situation: hosts({
      'registry.test': at443({
        perform: async ({ url }) =>
          replyOf(
            url.endsWith('/v2/')
              ? { status: 200 }
              : {
                  status: 429,
                  ...errorOf('TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
                  lines: [
                    ['Content-Type', 'application/json'],
                    ['ratelimit-remaining', '0;w=21600'],
                    ['docker-ratelimit-source', '203.0.113.9'],
                  ],
                },
          ),
      }),
    }),
  },
  {
    cause: 'rate-limit',
    what: 'of the token server',
    situation: hosts({
      'auth.test': saying({ status: 429, ...json({ details: 'too many requests' }) }),
    }),
  },
];

export const answers: readonly CauseCase[] = [...replies, ...redirects, ...contents, ...limits];
