// oras copy to an OCI layout, which takes every layer (oras pull: those with a title alone), on oras-go
// (docs/client-facts.md 6; what is newer or seen on the wire: oras 1.3.3 with oras-go 2.6.2).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

/** "Accept": one line. */
const manifestTypes = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  'application/vnd.oci.artifact.manifest.v1+json',
];

/** With --platform: otherwise oras fetches the whole graph. Held against the real one in fidelity.test.ts. */
export const oras: ClientProfile = {
  name: 'oras',
  title: 'oras copy 1.3 (oras-go 2.6)',
  // cmd/oras/internal/option/remote.go
  userAgent: 'oras/1.3.3',
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
    triedAgain: true,
  },
  // internal/platform of oras-go: the first of the same system and architecture; a variant if one is wanted.
  platformRule: 'oras',
  // Likewise: what is no index is judged by its config, which is not kept. Seen on the wire.
  platformFromConfig: true,
  // "Concurrency": 3; config and layers together.
  config: 'among',
  parallelBlobs: 3,
  redirectsMax: 9,
  referer: true,
  connections: 'per-pull',
  // Seen on the wire.
  closesRefused: true,
  // Go's default transport.
  idlePerHostMax: 2,
  idleMs: 90_000,
  httpVersion: '2',
  // "Retry": 5 after the first; 250 ms doubling ±10 %, at most 3 s, Retry-After too. In the transport: the hop
  // that failed.
  retry: {
    request: {
      triesMax: 6,
      statuses: [408, 429, 500, 501, 502, 503, 504, 505, 507, 508, 511, 522, 524],
      failures: ['eof', 'rst', 'dial-timeout'],
      firstMs: 250,
      growth: 'double',
      capMs: 3000,
      spread: [0.9, 1.1],
      retryAfter: 'seconds',
      sameHop: true,
    },
  },
};
