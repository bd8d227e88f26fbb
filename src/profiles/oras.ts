// oras pull, on oras-go (clients.md, section 6).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/media-type.ts';

/** "Accept": one line. */
const manifestTypes = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  'application/vnd.oci.artifact.manifest.v1+json',
];

/** With --platform: otherwise oras fetches the whole graph. */
export const oras: ClientProfile = {
  name: 'oras',
  title: 'oras (oras-go 2.6)',
  userAgent: 'oras-go',
  registryHeaders: [],
  goGzip: true,
  ping: false,
  resolve: 'get',
  acceptResolve: [manifestTypes.join(', ')],
  // "Sequence": by digest with the exact media type.
  acceptManifest: 'media-type',
  acceptBlob: 'none',
  token: {
    // "Token": on a 401; service and scope; no expiry, a 401 renews it; access_token preferred.
    withCredentials: 'get',
    clientId: 'oras-go',
    account: false,
    prefers: 'access_token',
    refused: 'renew',
  },
  platformRule: 'containerd',
  // "Concurrency": 3; config and layers together.
  config: 'among',
  parallelBlobs: 3,
  redirectsMax: 10,
  referer: true,
  connections: 'per-pull',
  // Go's default transport.
  idlePerHostMax: 2,
  idleMs: 90_000,
  httpVersion: '2',
  // "Retry": 5; 250 ms doubling ±10 %, at most 3 s, Retry-After too. In the transport: the hop that failed.
  retry: {
    request: {
      triesMax: 5,
      statuses: [408, 429, 500, 501, 502, 503, 504, 505, 507, 508, 511, 522, 524],
      failures: ['stalled', 'dial-timeout', 'reset'],
      firstMs: 250,
      growth: 'double',
      capMs: 3000,
      spread: [0.9, 1.1],
      retryAfter: 'seconds',
      sameHop: true,
    },
  },
};
