// Apple's container, by its package containerization (docs/client-facts.md 8).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

export const appleContainer: ClientProfile = {
  name: 'apple-container',
  title: "Apple's container (containerization 0.40)",
  // "Headers": none of its own but Accept.
  userAgent: '',
  registryHeaders: [],
  // "Sequence": HEAD, GET by digest; a HEAD without a digest is a failure.
  ping: false,
  resolve: 'head',
  headAlone: true,
  // "Accept".
  acceptResolve: [
    [
      mediaTypes.dockerManifest,
      mediaTypes.dockerManifestList,
      mediaTypes.ociManifest,
      mediaTypes.ociIndex,
      '*/*',
    ].join(', '),
  ],
  acceptManifest: 'media-type',
  acceptBlob: 'media-type',
  token: {
    // "Token": each request by itself; a password goes with every request as Basic.
    withCredentials: 'get',
    clientId: 'containerization-registry-client',
    clientIdInQuery: true,
    account: false,
    prefers: 'token',
    refused: 'final',
  },
  // "Retry": 3, 1 s apart. A registry that refuses every token is asked for ever; ours 20 times.
  eachAlone: { retriesMax: 3, waitMs: 1000, requestsMax: 20 },
  // Equal os and architecture, and variant if one is wanted.
  platformRule: 'oras',
  // "Concurrency": config and layers together, 3 at once.
  config: 'among',
  parallelBlobs: 3,
  // AsyncHTTPClient's defaults.
  redirectsMax: 5,
  referer: false,
  connections: 'per-pull',
  closesRefused: true,
  idlePerHostMax: 8,
  idleMs: 60_000,
  httpVersion: '2',
};
