// containerd as CRI, and most else, pulls with it: 2.4 (docs/client-facts.md 4) and 1.6, Debian 12's. Docker's
// image store on it (3b).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';
import type { HeaderLine } from '../protocol/talk.ts';

export const containerd = {
  name: 'containerd',
  title: 'containerd 2.4',
  userAgent: 'containerd/v2.4.2',
  registryHeaders: [],
  // "Accept-Encoding" of GETs; tokens go by Go's own.
  acceptEncoding: 'zstd;q=1.0, gzip;q=0.8, deflate;q=0.5',
  goGzip: true,
  // "By tag" and "By digest": HEAD, on a 401 the token, then GET by digest.
  ping: false,
  resolve: 'head',
  // "HEAD oddities": 405 → GET; 403 → GET for the error's text.
  headRefused: [403, 405],
  // "Accept": one line.
  acceptResolve: [
    [
      mediaTypes.dockerManifest,
      mediaTypes.dockerManifestList,
      mediaTypes.ociManifest,
      mediaTypes.ociIndex,
      '*/*',
    ].join(', '),
  ],
  acceptManifest: 'descriptor',
  acceptBlob: 'descriptor',
  token: {
    // "Token, credentials": POST first. "Token reply": ends only by expires_in.
    withCredentials: 'post-then-get',
    clientId: 'containerd-client',
    refresh: { charset: true, thenGet: [400, 401, 404] },
    account: false,
    prefers: 'token',
    challengeScope: 'sorted',
    lifetime: { secondsMin: 0, secondsDefault: 0, earlySeconds: 0 },
    // "401 again".
    refused: 'renew-if-error',
  },
  platformRule: 'containerd',
  config: 'first',
  // "Concurrency": max_concurrent_downloads.
  parallelBlobs: 3,
  redirectsMax: 9,
  authorization: 'same-host',
  referer: true,
  // "Timeouts": idle 30 s; two to a host is Go's own limit. Resolver and fetcher have their own transport and
  // authorizer, new ones for each pull, and a challenge's body is left unread (seen on the wire of 2.4.2).
  connections: 'per-pull',
  resolvesApart: true,
  closesRefused: true,
  idlePerHostMax: 2,
  idleMs: 30_000,
  httpVersion: '1.1',
  retry: {
    // "Retry": 5 attempts, no back-off, Retry-After ignored; 500, 503, 504 not twice running; a connection
    // that ended in good order after 50 ms.
    request: {
      triesMax: 5,
      statuses: [408, 429, 500, 503, 504],
      failures: ['eof'],
      failureMs: 50,
      notTwice: [500, 503, 504],
      firstMs: 0,
      growth: 'constant',
      capMs: 0,
      spread: [1, 1],
    },
  },
  // "Mirrors": each request from host to host; 408 and 429 alone are asked again at all but the last.
  mirrors: {
    each: 'request',
    namespace: true,
    request: {
      triesMax: 5,
      statuses: [408, 429],
      failures: [],
      firstMs: 0,
      growth: 'constant',
      capMs: 0,
      spread: [1, 1],
    },
  },
  // "Body resume": 3 fruitless tries; what a server sends again is skipped.
  resume: {
    after: ['short-body'],
    manifests: true,
    range: 'open',
    ignored: 'skip',
    triesMax: 3,
    progressBytesMin: 1,
    firstMs: 0,
    growth: 'constant',
    capMs: 0,
    spread: [1, 1],
  },
} as const satisfies ClientProfile;

/** "Parallel chunks": concurrent_layer_fetch_buffer, which is off by default, at 8 MiB. */
export const containerdParallel: ClientProfile = {
  ...containerd,
  name: 'containerd-parallel',
  title: 'containerd 2.4 with concurrent_layer_fetch_buffer of 8 MiB',
  ranges: { chunkBytes: 8 * 1024 * 1024, form: 'open', atOnceMax: containerd.parallelBlobs },
};

const { acceptEncoding: _, ...withoutEncoding } = containerd;
const { lifetime: __, ...lastingToken } = containerd.token;

/**
 * Debian 12. Held against the real one in test/programs/fidelity-daemons.test.ts, and what follows trouble by hand
 * (its remotes/docker/resolver.go, authorizer.go).
 */
export const containerd16: ClientProfile = {
  ...withoutEncoding,
  name: 'containerd@1.6',
  title: 'containerd 1.6 (Debian 12)',
  userAgent: 'containerd/1.6.20~ds1',
  // Go 1.19.
  authorization: 'last-host-and-port',
  // No GET for the error's text after a 403.
  headRefused: [405],
  mirrors: { ...containerd.mirrors, request: { ...containerd.mirrors.request, triesMax: 6 } },
  // A token is used until the pull ends, whatever `expires_in` and refusals say.
  token: { ...lastingToken, refused: 'resend' },
  retry: {
    // Six attempts, none after 5xx or failures of transport.
    request: {
      triesMax: 6,
      statuses: [408, 429],
      failures: [],
      firstMs: 0,
      growth: 'constant',
      capMs: 0,
      spread: [1, 1],
    },
  },
};

const { resolvesApart: ___, ...resolvesAlike } = containerd;
/** "trigger=api" in OpenTelemetry's baggage: whatever a daemon does because of its API says so. */
const baggage: HeaderLine = ['Baggage', 'trigger=api'];

/**
 * docs/client-facts.md 3b: the same wire with another name; but the daemon gives both halves one host, client and
 * authorizer (its resolver.go), and the name only to requests to the registry. Held against Engine
 * v2.0.0-beta.24 by hand (docs/profiles.md).
 */
export const dockerContainerd: ClientProfile = {
  ...resolvesAlike,
  attestations: true,
  name: 'docker-containerd',
  title: 'Docker Engine 29, containerd image store',
  userAgent:
    'docker/29.0.0 go/go1.26.8 git-commit/0000000 kernel/6.1.0 os/linux arch/amd64 containerd-client/2.3.5+unknown storage-driver/overlayfs UpstreamClient(Docker-Client/29.0.0 \\(linux\\))',
  registryHeaders: [baggage],
  token: { ...containerd.token, headers: [['User-Agent', 'containerd/2.3.5+unknown'], baggage] },
};
