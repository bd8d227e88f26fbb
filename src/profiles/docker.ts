// Docker Engine with graphdrivers: 29 (docs/client-facts.md 3a), and 20.10, Debian 12's.
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

/** "Accept": lines begin anywhere in this order, that of its library's registrations (seen on the wire). */
const manifestTypes = [
  mediaTypes.dockerManifestList,
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
];

/** Statuses that say nothing of the request (client/errors.go); "Not retried": all others. */
const serverErrors = [500, 501, 502, 503, 504];
const retried = {
  statuses: serverErrors,
  failures: ['dns', 'refused', 'dial-timeout', 'tls', 'reset', 'stalled', 'short-body'],
  spread: [1, 1],
} as const;

/**
 * Whatever ails a layer's reply: its size is asked for first, by a GET as well (Seek in
 * client/transport/http_reader.go), and the reading that follows does not know that this failed. Seen on
 * the wire. After a 401 we ask once.
 */
const askedTwice = {
  triesMax: 2,
  statuses: [400, 403, 404, 405, 408, 410, 416, 429, ...serverErrors],
  failures: ['dns', 'refused', 'dial-timeout', 'tls', 'reset', 'stalled'],
  firstMs: 0,
  growth: 'constant',
  capMs: 0,
  spread: [1, 1],
} as const;

export const docker = {
  name: 'docker',
  title: 'Docker Engine 29, graphdriver',
  userAgent:
    'docker/29.0.0 go/go1.26.8 git-commit/0000000 kernel/6.1.0 os/linux arch/amd64 UpstreamClient(Docker-Client/29.0.0 \\(linux\\))',
  registryHeaders: [],
  goGzip: true,
  // "By tag": ping, token, HEAD of the tag, GET by digest. "By digest": no HEAD.
  ping: true,
  pingsForChallenge: true,
  // "By tag": 15 s (daemon/pkg/registry/auth.go; client registry/client/auth/session.go).
  helloMs: 15_000,
  resolve: 'head-tag',
  headRefused: 'any',
  acceptResolve: manifestTypes,
  acceptManifest: manifestTypes,
  acceptRotates: true,
  acceptBlob: 'none',
  token: {
    // "Token": Basic and account; access_token preferred, at least 60 s. "401 later": final.
    withCredentials: 'get',
    clientId: 'docker',
    account: true,
    prefers: 'access_token',
    lifetime: { secondsMin: 60, secondsDefault: 60, earlySeconds: 0 },
    refused: 'final',
  },
  platformRule: 'containerd',
  // "By tag": config and layers at once; "Concurrency": 3, layers only.
  config: 'beside',
  parallelBlobs: 3,
  redirectsMax: 9,
  referer: true,
  // "Timeouts": idle 30 s; two to a host is Go's own limit. Each pull has a transport of its own, and the
  // ping's refusal is left unread (seen on the wire of v2.0.0-beta.24).
  connections: 'per-pull',
  closesRefused: true,
  idlePerHostMax: 2,
  idleMs: 30_000,
  httpVersion: '1.1',
  retry: {
    layerRequest: askedTwice,
    // "Retry": layers 5 attempts after 5, 10, 15, 20 s; config 5 after 250 ms doubling.
    layer: { ...retried, triesMax: 5, firstMs: 5000, growth: 'linear', capMs: 20_000 },
    config: { ...retried, triesMax: 5, firstMs: 250, growth: 'double', capMs: 2000 },
  },
  // "Mirrors".
  mirrors: { each: 'pull', hubOnly: true },
  // "Resume": from where it broke off, within the attempts of the layer; without a 206 from the start.
  resume: {
    after: ['short-body', 'reset'],
    range: 'open',
    ignored: 'restart',
    triesMax: 4,
    progressBytesMin: Number.MAX_SAFE_INTEGER,
    firstMs: 5000,
    growth: 'linear',
    capMs: 20_000,
    spread: [1, 1],
  },
} as const satisfies ClientProfile;

/** Of 20.10: what its library registers besides, and the order of its registrations. */
const manifestTypes2010 = [
  mediaTypes.schema1Signed,
  'application/json',
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.ociIndex,
];

/**
 * Debian 12. Held against the real one in test/programs/fidelity-daemons.test.ts; retries are read from its
 * source (distribution/xfer/download.go: 5 after the first attempt).
 */
export const docker2010: ClientProfile = {
  ...docker,
  name: 'docker@20.10',
  title: 'Docker Engine 20.10 (Debian 12)',
  userAgent:
    'docker/20.10.24+dfsg1 go/go1.19.8 git-commit/5d6db84 kernel/6.1.0 os/linux arch/amd64 UpstreamClient(Docker-Client/20.10.24+dfsg1 \\(linux\\))',
  acceptResolve: manifestTypes2010,
  acceptManifest: manifestTypes2010,
  // Keep-alive is off (distribution/registry.go), as it still is in 28.
  connections: 'per-request',
  retry: { ...docker.retry, layer: { ...docker.retry.layer, triesMax: 6, capMs: 25_000 } },
  resume: { ...docker.resume, triesMax: 5, capMs: 25_000 },
};
