// What podman, skopeo, buildah and CRI-O share: the library go.podman.io/image (docs/client-facts.md 2).
import type { ClientProfile, RetryRule } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/grammar/media-type.ts';

/** "Accept (manifests)": six lines, in this order. */
const manifestTypes = [
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
  mediaTypes.schema1Signed,
  mediaTypes.schema1,
  mediaTypes.dockerManifestList,
  mediaTypes.ociIndex,
];

/** Version 5.42; what differs from program to program is theirs to say. */
export const containers: Omit<ClientProfile, 'name' | 'title' | 'userAgent'> = {
  // "Headers".
  registryHeaders: [['Docker-Distribution-Api-Version', 'registry/2.0']],
  // docs/client-facts.md 1, "Accept-Encoding".
  goGzip: true,
  // "By tag": ping, token, GET of the tag.
  ping: true,
  goesOnUnchallenged: true,
  // "Content-Type of manifests".
  needsTypes: true,
  resolve: 'get',
  acceptResolve: manifestTypes,
  acceptManifest: manifestTypes,
  acceptBlob: 'none',
  token: {
    // "Token": account only with credentials. "Token reply": token preferred, at least and by default 60 s.
    withCredentials: 'get',
    clientId: 'containers/image',
    refresh: { scopesApart: true },
    account: true,
    prefers: 'token',
    lifetime: { secondsMin: 60, secondsDefault: 60, earlySeconds: 0 },
    // "401 later": final, except one retry on insufficient_scope, which adds the scope.
    refused: 'if-insufficient',
    challengeScope: 'if-insufficient',
  },
  platformRule: 'containers',
  // "By tag", steps 5 and 6.
  config: 'first',
  parallelBlobs: 6,
  redirectsMax: 9,
  authorization: 'same-host',
  referer: true,
  // "Timeouts": idle 90 s; two to a host is Go's own limit. The ping's refusal is left unread (seen on the wire).
  connections: 'per-pull',
  closesRefused: true,
  idlePerHostMax: 2,
  idleMs: 90_000,
  // docs/client-facts.md 1, "HTTP version".
  httpVersion: '1.1',
  retry: {
    // "429": 5 attempts, 2 s doubling, at most 60 s; Retry-After in seconds or as a date, at most 60 s.
    request: {
      triesMax: 5,
      statuses: [429],
      failures: [],
      firstMs: 2000,
      growth: 'double',
      capMs: 60_000,
      spread: [1, 1],
      retryAfter: 'seconds-or-date',
    },
  },
  // "Mirrors": the source that has the manifest has the blobs; a blob once more after 1 to 1.1 s.
  mirrors: {
    each: 'source',
    blobAgain: { firstMs: 1000, growth: 'constant', capMs: 1100, spread: [1, 1.1] },
  },
  // "Body resume": 1 MiB since the last retry or it is the last; 1 to 1.1 s; needs a 206.
  resume: {
    after: ['short-body', 'reset'],
    range: 'open',
    ignored: 'fail',
    triesMax: 1,
    progressBytesMin: 1024 * 1024,
    firstMs: 1000,
    growth: 'constant',
    capMs: 1100,
    spread: [1, 1.1],
  },
};

/** "Copy retry" of podman and buildah: 3 retries after 1 s and up to a tenth. "Retried by it". */
export const copyRetry: RetryRule = {
  triesMax: 4,
  statuses: [502, 503, 504],
  // What hangs, hangs: there is no limit but for dialling and TLS.
  failures: ['dial-timeout', 'refused', 'eof', 'rst'],
  explained: {
    except: ['UNAUTHORIZED', 'DENIED', 'NAME_UNKNOWN', 'MANIFEST_UNKNOWN'],
    // docker/distribution v2.8.3, registry/api: an error that says no more has another type.
    usual: {
      UNKNOWN: 'unknown error',
      UNSUPPORTED: 'The operation is unsupported.',
      UNAVAILABLE: 'service unavailable',
      TOOMANYREQUESTS: 'too many requests',
      DIGEST_INVALID: 'provided digest did not match uploaded content',
      SIZE_INVALID: 'provided length did not match content length',
      NAME_INVALID: 'invalid repository name',
      TAG_INVALID: 'manifest tag did not match URI',
      MANIFEST_INVALID: 'manifest invalid',
      MANIFEST_UNVERIFIED: 'manifest failed signature verification',
      MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
      BLOB_UNKNOWN: 'blob unknown to registry',
    },
  },
  firstMs: 1000,
  growth: 'constant',
  capMs: 1100,
  spread: [1, 1.1],
};

const { resume: _, ...withoutResume } = containers;

/**
 * Version 5.23 of the library, Debian 12's: keep-alive is off, and no body goes on (seen on the wire).
 */
export const containers523: Omit<ClientProfile, 'name' | 'title' | 'userAgent'> = {
  ...withoutResume,
  connections: 'per-request',
  // Blobs come from where the manifest was, or not at all.
  mirrors: { each: 'source' },
  // Go 1.19.
  authorization: 'last-host-and-port',
};
