// What people see when a pull of theirs fails: the words of the clients themselves (docs/client-facts.md, "Errors").
// H is the registry's name, R the repository with its registry, T the tag; D, X, Y are digests, A an address, U an URL, N and M numbers.
import type { FailureClass } from '../protocol/failure.ts';

type Words = Readonly<Partial<Record<FailureClass, string>>>;

/** Go's own, which all of them pass on. */
const dial: Words = {
  dns: 'dial tcp: lookup H: no such host',
  refused: 'dial tcp A: connect: connection refused',
  'client-limit': 'dial tcp A: socket: too many open files',
  'dial-timeout': 'dial tcp A: i/o timeout',
  tls: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'bad-http': 'http: server gave HTTP response to HTTPS client',
  reset: 'read tcp A: read: connection reset by peer',
  'short-body': 'unexpected EOF',
  'redirect-loop': 'stopped after 10 redirects',
};

function before(start: string, words: Words): Words {
  return Object.fromEntries(Object.entries(words).map(([kind, text]) => [kind, start + text]));
}

const containers: Words = {
  ...before('reading blob D: fetching blob: ', {
    ...dial,
    'blob-unknown': 'blob unknown to registry',
    'redirect-expired': 'StatusCode: 403, "…"',
    'redirect-denied': 'StatusCode: 403, "…"',
    'redirect-credentials': 'StatusCode: 401, "…"',
    'server-error': 'received unexpected HTTP status: 503 Service Unavailable',
  }),
  'wrong-digest': 'Digest did not match, expected X, got Y',
  unauthorized: 'unable to retrieve auth token: invalid username/password: unauthorized: …',
  denied: 'requested access to the resource is denied',
  'manifest-unknown': 'reading manifest T in R: manifest unknown',
  'rate-limited': 'too many requests to registry',
  'platform-missing':
    'no image found in image index for architecture "amd64", variant "", OS "linux"',
};

const docker: Words = {
  ...before('error pulling image configuration: download failed after attempts=5: ', dial),
  'wrong-digest': 'filesystem layer verification failed for digest D',
  unauthorized: "pull access denied for R, repository does not exist or may require 'docker login'",
  denied:
    "pull access denied for R, repository does not exist or may require 'docker login': denied: …",
  'manifest-unknown': 'manifest for R:T not found: manifest unknown: …',
  'blob-unknown': 'unknown blob',
  'rate-limited': 'toomanyrequests: …',
  'server-error': 'received unexpected HTTP status: 503 Service Unavailable',
  'platform-missing': 'no matching manifest for linux/amd64 in the manifest list entries',
  'bad-token': 'authorization server did not include a token in the response',
};

const containerd: Words = {
  ...before('failed to do request: Get "U": ', dial),
  'wrong-digest': 'unexpected commit digest X, expected D: failed precondition',
  'long-body': 'unexpected commit size N, expected M: failed precondition',
  unauthorized: 'failed to authorize: failed to fetch oauth token: …',
  denied: 'pull access denied, repository does not exist or may require authorization: …',
  'manifest-unknown': 'failed to resolve reference "R:T": R:T: not found',
  'blob-unknown': 'content at U not found: not found',
  'rate-limited': 'unexpected status from GET request to U: 429 Too Many Requests',
  'server-error': 'unexpected status from GET request to U: 500 Internal Server Error',
  'redirect-expired': 'unexpected status from GET request to U: 403 Forbidden',
  'redirect-denied': 'unexpected status from GET request to U: 403 Forbidden',
  'platform-missing': 'no match for platform in manifest: not found',
};

const crane: Words = {
  ...before('Get "U": ', dial),
  'wrong-digest': 'error verifying sha256 checksum after reading N bytes; got X, want D',
  unauthorized: 'GET U: UNAUTHORIZED: authentication required; …',
  denied: 'GET U: DENIED: requested access to the resource is denied; …',
  'manifest-unknown': 'GET U: MANIFEST_UNKNOWN: manifest unknown; …',
  'blob-unknown': 'GET U: BLOB_UNKNOWN: blob unknown to registry; …',
  'rate-limited': 'GET U: TOOMANYREQUESTS: …',
  'server-error': 'GET U: unexpected status code 503 Service Unavailable',
  'platform-missing': 'no child with platform linux/arm64 in index R',
};

const families: Readonly<Record<string, Words>> = {
  podman: containers,
  'podman@4.3': containers,
  skopeo: containers,
  'skopeo@1.9': containers,
  'cri-o': containers,
  'kubelet-cri-o': before('Failed to pull image "R:T": ', containers),
  docker,
  'docker@20.10': docker,
  'docker-containerd': { ...containerd, unauthorized: docker.unauthorized ?? '' },
  containerd,
  'containerd@1.6': containerd,
  lazy: containerd,
  'kubelet-containerd': before(
    'Failed to pull image "R:T": failed to pull and unpack image: ',
    containerd,
  ),
  crane,
};

/** What is pulled: `registry` is `host:port`. */
export interface Pulled {
  readonly registry: string;
  readonly repository: string;
  readonly reference: string;
}

/** Who says it: a client by the name of its profile, and of which image, where it is always the same. */
export interface Speaker {
  readonly client: string;
  readonly image?: Pulled | undefined;
}

/** Undefined where the client's words are not known. */
export function wordsOfClient({ client, image }: Speaker, kind: string): string | undefined {
  return families[client]?.[kind as FailureClass]?.replaceAll(/\b[A-Z]\b/g, (letter) => {
    if (image === undefined) return unknowns[letter] ?? letter;
    const { registry, repository, reference } = image;
    const known: Readonly<Record<string, string>> = {
      H: registry.replace(/:\d+$/, ''),
      R: `${registry}/${repository}`,
      T: reference,
    };
    return known[letter] ?? unknowns[letter] ?? letter;
  });
}

/** What takes the place of a letter where nobody knows better. */
const unknowns: Readonly<Record<string, string>> = {
  H: '<registry>',
  R: '<repository>',
  T: '<tag>',
  D: '<digest>',
  X: '<digest>',
  Y: '<digest>',
  A: '<address>',
  N: '<bytes>',
  M: '<bytes>',
  U: '<url>',
};
