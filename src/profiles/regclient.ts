// regclient's regctl image copy to an OCI layout (docs/client-facts.md 6; what is newer or seen on the wire:
// regctl 0.11.7).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

/** "Accept": seven lines. */
const manifestTypes = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.dockerManifest,
  mediaTypes.schema1Signed,
  mediaTypes.schema1,
  'application/vnd.oci.artifact.manifest.v1+json',
];

/** "Retry": 0.1 s doubling before the first wait already (internal/reghttp/http.go), at most 30 s. */
const pace = { firstMs: 200, growth: 'double', capMs: 30_000, spread: [1, 1] } as const;
const userAgent = 'regclient/regctl (v0.11.7)';

/** Held against the real one in test/programs/fidelity.test.ts. */
export const regclient: ClientProfile = {
  name: 'regclient',
  title: 'regctl image copy 0.11 (regclient)',
  userAgent,
  registryHeaders: [],
  goGzip: true,
  ping: false,
  resolve: 'get',
  acceptResolve: manifestTypes,
  acceptManifest: manifestTypes,
  acceptBlob: 'none',
  token: {
    // "Token": on a 401; account, client_id, scope, service; at least 60 s, renewed 5 s early.
    withCredentials: 'get',
    clientId: userAgent,
    refresh: { charset: true, thenGet: [401] },
    clientIdInQuery: true,
    account: true,
    prefers: 'token',
    lifetime: { secondsMin: 60, secondsDefault: 60, earlySeconds: 5 },
    // "401 later": the challenge is none that is new.
    refused: 'final',
  },
  // types/platform/compare.go
  platformRule: 'regclient',
  // docs/client-facts.md 1: config and layers in any order; "Concurrency": 3 per host.
  config: 'among',
  parallelBlobs: 3,
  redirectsMax: 9,
  authorization: 'same-host',
  staysSecure: true,
  referer: true,
  connections: 'per-pull',
  // Seen on the wire.
  closesRefused: true,
  // Go's default transport.
  idlePerHostMax: 2,
  idleMs: 90_000,
  httpVersion: '2',
  retry: {
    request: {
      ...pace,
      triesMax: 5,
      statuses: [408, 429, 500, 502, 504],
      failures: ['reset', 'dial-timeout', 'refused', 'dns', 'tls', 'bad-http', 'http2', 'proxy'],
      perHost: true,
      retryAfter: 'seconds',
    },
  },
  // "Mirrors".
  mirrors: { each: 'request', namespace: true },
  // "Resume": the range ends one past the last byte. It counts as a retry: the fifth body that breaks off is
  // the last.
  resume: {
    ...pace,
    after: ['short-body'],
    manifests: true,
    range: 'past-end',
    ignored: 'fail',
    triesMax: 4,
    progressBytesMin: Number.MAX_SAFE_INTEGER,
  },
};
