// Apple's container: containerization 0.40, its RegistryClient and RegistryClient+Error; what AsyncHTTPClient says
// of a reply that did not come, by the names of its errors.
import { statusLine } from './go.ts';
import { registryErrors } from './registry-errors.ts';
import { hashed, isManifest, type Situation, type Speech, wanted } from './speech.ts';

const belowHttp: Readonly<Record<string, string>> = {
  'dial-timeout': 'HTTPClientError.connectTimeout',
  refused: 'connection refused (errno: 61)',
  tls: 'handshakeFailed(NIOSSL.BoringSSLError.sslError)',
  proxy: 'HTTPClientError.proxyAuthenticationRequired',
  'redirect-loop': 'HTTPClientError.redirectLimitReached',
  'redirect-invalid': 'HTTPClientError.invalidURL',
};

export const appleContainer: Speech = (said) => {
  const { class: kind, status, image, evidence, hop } = said;
  if (kind === 'platform-missing') {
    return `unsupported: "image ${image.reference} does not support required platforms"`;
  }
  if (
    kind === 'wrong-digest' ||
    (kind === 'short-body' && status === 200 && evidence.words === '')
  ) {
    return `internalError: "digest mismatch expected ${wanted(said)}, got ${hashed(said)}"`;
  }
  if (kind === 'bad-token') return 'internalError: "failed to fetch Bearer token"';
  if (kind === 'bad-manifest' && evidence.method === 'HEAD') {
    return 'invalidArgument: "missing required header Docker-Content-Digest"';
  }
  if (kind === 'dns') {
    return `internalError: "failed to resolve either repository hostname ${image.registry.replace(/:\d+$/, '')}"`;
  }
  if (belowHttp[kind] !== undefined) return belowHttp[kind];
  if (status < 300)
    return evidence.words === '' ? undefined : 'HTTPClientError.remoteConnectionClosed';
  // Whoever was refused by the token server hears of the request that it was for.
  const isRefusedToken = hop === 'token' && (status === 401 || status === 403);
  const reason = isRefusedToken ? 'access denied or wrong credentials' : reasonOf(said);
  return `HTTP request to ${urlOf(said)} failed with response: ${statusLine(status)}. Reason: ${reason}`;
};

function reasonOf({
  class: kind,
  status,
  evidence: { challenge = '', body, method },
}: Situation): string {
  if (kind === 'bad-challenge' || status === 401 || status === 403) {
    return `invalidArgument: "${missingIn(challenge)}"`;
  }
  // A reply to HEAD has no body to read errors from.
  const errors = method === 'HEAD' ? [] : registryErrors(body);
  if (errors.length === 0) return 'Unknown';
  return JSON.stringify({ errors: errors.map(({ code, message }) => ({ code, message })) });
}

function missingIn(challenge: string): string {
  const name = 'WWW-Authenticate header';
  if (!/^Bearer +\S/.test(challenge.trim())) return `missing Bearer challenge in ${name}`;
  return `cannot parse ${/\brealm="[^"]/.test(challenge) ? 'service' : 'realm'} from ${name}`;
}

/** What was asked of the registry, wherever a redirect led. */
function urlOf(said: Situation): string {
  const { image, hop, evidence } = said;
  if (hop !== 'edge') return evidence.url;
  const kind = isManifest(said) ? 'manifests' : 'blobs';
  return `${image.registryUrl}/v2/${image.repository}/${kind}/${wanted(said)}`;
}
