// crane pull to a tarball (docs/client-facts.md 5).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

/** Held against the real one in test/programs/fidelity.test.ts. */
export const crane: ClientProfile = {
  name: 'crane',
  title: 'crane 0.22 (go-containerregistry)',
  userAgent: 'crane/v0.22.1 go-containerregistry/v0.22.1',
  registryHeaders: [],
  goGzip: true,
  // "Sequence": ping, token, GET of the tag, GET of the child with its own media type.
  ping: true,
  goesOnUnchallenged: true,
  resolve: 'get',
  // "Accept": one line without spaces.
  acceptResolve: [
    [
      mediaTypes.schema1,
      mediaTypes.schema1Signed,
      mediaTypes.dockerManifest,
      mediaTypes.ociManifest,
      mediaTypes.dockerManifestList,
      mediaTypes.ociIndex,
    ].join(','),
  ],
  acceptManifest: 'media-type',
  acceptBlob: 'none',
  token: {
    // "Token": no account; expires_in ignored; a 401 renews it once, the challenge's scope first.
    withCredentials: 'get',
    clientId: 'go-containerregistry',
    refresh: { thenGet: [404] },
    account: false,
    prefers: 'access_token',
    challengeScope: 'first',
    refused: 'renew',
    triedAgain: true,
  },
  platformRule: 'containers',
  config: 'first',
  // "Concurrency": a tarball is written one layer after the other.
  parallelBlobs: 1,
  // It follows without end.
  redirectsMax: 100,
  referer: true,
  connections: 'per-pull',
  // go-containerregistry's default transport (pkg/v1/remote/options.go).
  idlePerHostMax: 50,
  idleMs: 90_000,
  httpVersion: '2',
  // "Retry": 3 tries, after 1 and 3 s, a tenth of jitter; no Retry-After, no resume. In the transport, so
  // that the hop that failed is asked again.
  retry: {
    request: {
      triesMax: 3,
      statuses: [408, 429, 499, 500, 502, 503, 504, 522],
      failures: ['eof', 'rst', 'dial-timeout'],
      firstMs: 1000,
      growth: 'triple',
      capMs: 3300,
      spread: [1, 1.1],
      sameHop: true,
    },
  },
};
