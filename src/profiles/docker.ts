// Docker Engine 29 with graphdrivers (clients.md, section 3a).
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/media-type.ts';

/** "Accept": lines in random order each time. */
const manifestTypes = [
  mediaTypes.dockerManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
];

/** "Not retried" leaves what is no answer of the registry's own. */
const retried = {
  statuses: [],
  failures: ['dns', 'refused', 'dial-timeout', 'tls', 'reset', 'stalled', 'short-body'],
  spread: [1, 1],
} as const;

export const docker: ClientProfile = {
  name: 'docker',
  title: 'Docker Engine 29, graphdriver',
  userAgent:
    'docker/29.0.0 go/go1.26.8 git-commit/0000000 kernel/6.1.0 os/linux arch/amd64 UpstreamClient(Docker-Client/29.0.0 \\(linux\\))',
  registryHeaders: [],
  goGzip: true,
  // "By tag": ping, token, HEAD of the tag, GET by digest. "By digest": no HEAD.
  ping: true,
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
  redirectsMax: 10,
  referer: true,
  // "Timeouts": idle 30 s; two to a host is Go's own limit. Each pull has a transport of its own.
  connections: 'per-pull',
  idlePerHostMax: 2,
  idleMs: 30_000,
  httpVersion: '1.1',
  retry: {
    // "Retry": layers 5 attempts after 5, 10, 15, 20 s; config 5 after 250 ms doubling.
    layer: { ...retried, triesMax: 5, firstMs: 5000, growth: 'linear', capMs: 20_000 },
    config: { ...retried, triesMax: 5, firstMs: 250, growth: 'double', capMs: 2000 },
  },
  // "Resume": from where it broke off, within the attempts of the layer; without a 206 from the start.
  resume: {
    range: 'open',
    ignored: 'restart',
    triesMax: 4,
    progressBytesMin: Number.MAX_SAFE_INTEGER,
    firstMs: 5000,
    growth: 'linear',
    capMs: 20_000,
    spread: [1, 1],
  },
};
