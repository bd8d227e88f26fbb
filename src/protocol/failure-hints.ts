// What to do next about a failure: by its reason, by the hop where it was met, else by its class.
import type { FailureClass } from './failure.ts';
import type { FailureReason, Hop } from './talk.ts';

/** What to do next, one sentence a class; for reports and messages. */
export const failureHints: Readonly<Record<FailureClass, string>> = {
  dns: 'The host name does not resolve: check its spelling and the resolver of this machine.',
  refused: 'Nothing listens there, or a firewall rejects: check host, port and firewall.',
  'client-limit':
    'This machine, not the registry, is at its limit: raise `ulimit -n` and the range of local ports, or use --segment on several.',
  'dial-timeout':
    'A firewall may drop the packets: allow this host name (a CDN needs its own rule).',
  tls: 'The TLS handshake failed: give the CA with --ca, or --plain-http if the port is plain HTTP.',
  proxy: 'The proxy does not let this through: look at HTTPS_PROXY and NO_PROXY, and at its rules.',
  http2:
    'The server, or something before it, ended the HTTP/2 connection: look at its limits and its restarts.',
  reset: 'The server or a proxy closed the connection: look at its limits, timeouts and logs.',
  stalled: 'No byte came within the time limit: look at the server, or raise --timeout.',
  'short-body': 'The body ended early: a proxy, cache or disk cuts it; compare the edge ids.',
  'long-body': 'More bytes came than the descriptor announces: a cache mixes objects.',
  'bad-http':
    'The port speaks something else: for plain HTTP give --plain-http or http://, else https://.',
  interrupted: 'It had not ended when the run did, grace period included: look for what is slow.',
  'wrong-digest':
    'The bytes are not those of the digest: storage or cache corruption; compare edges.',
  unauthorized: 'The registry wants other credentials: log in, or check user and password.',
  denied:
    'These credentials may not do this in this repository: ask for the right, or check the name.',
  'manifest-unknown':
    'No such tag or manifest: check the reference, or look for a lagging replica.',
  'blob-unknown': 'A blob of the manifest is missing: storage lost it, or a replica lags.',
  'rate-limited': 'The registry limits requests: slow down, authenticate, or honour Retry-After.',
  'server-error': 'The server failed (5xx): look at its logs at this time.',
  'unexpected-status': 'The status fits no rule of the protocol: look at what answers there.',
  'bad-manifest': 'The manifest cannot be used: run `pullproof validate` on it.',
  'bad-token': 'The token server answered something else than a token: look at its reply.',
  'bad-challenge':
    'The 401 must say how to authenticate (WWW-Authenticate), at a token server that may see credentials: with TLS, on the host of the registry, or one that --allow-realm names.',
  'platform-missing': 'The image has no variant for this platform: choose another with --platform.',
  'redirect-expired':
    'The signed URL had run out: check clocks, the lifetime, and caches of redirects.',
  'redirect-denied': 'The CDN refused the signed URL: check its keys and signature.',
  'redirect-credentials': 'The CDN wants or refuses credentials: a signed URL must work by itself.',
  'redirect-invalid': 'The redirect leads nowhere a client may go: look at its Location header.',
  'redirect-loop': 'The redirects never end: look at the Location headers.',
  'upload-unknown':
    'The registry lost the upload under way: its replicas must share storage and upload secret.',
  'upload-invalid':
    'The registry refused the bytes or their digest: a proxy may cut, change or reorder them.',
  'manifest-invalid':
    'The registry refused the manifest, or misses a blob just pushed: look for a lagging replica.',
  'too-large':
    'Something limits the size of a body: raise it there (nginx: client_max_body_size), or push in smaller chunks.',
  'read-only': 'It takes no pushes: a mirror, or a registry in read-only mode.',
};

/** All classes. */
export const failureClasses = Object.keys(failureHints) as FailureClass[];

const redirectScheme =
  'The port that the redirect names speaks something else: look at scheme and port of its Location.';

/** Of one hop alone; others go by the reason or class. */
export const hopHints: Readonly<
  Partial<Record<FailureClass | FailureReason, Readonly<Partial<Record<Hop, string>>>>>
> = {
  'bad-http': { edge: redirectScheme },
  'http-to-https-client': { edge: redirectScheme },
  'https-to-http-client': { edge: redirectScheme },
  'rate-limited': {
    edge: 'The CDN limits requests, not the registry: raise its limit, or spread the load.',
    token: 'The token server limits requests: keep tokens, authenticate, or slow down.',
  },
};

export const reasonHints: Readonly<Partial<Record<FailureReason, string>>> = {
  nxdomain: 'There is no such host name: check its spelling, and the DNS zone that should have it.',
  servfail:
    'The resolver failed on this name (SERVFAIL): look at its upstreams, at DNSSEC and delegation.',
  'no-answer': 'The resolver did not answer: check that it runs, and that port 53 gets through.',
  unreachable: 'There is no route to this address, or a firewall rejects it: check both.',
  'unknown-ca':
    'The certificate is of a CA that is not trusted here: give it with --ca; a proxy that opens TLS has one of its own.',
  expired: 'The certificate has expired: renew it, and check the clock of this machine.',
  'not-yet-valid': 'The certificate is not valid yet: check the clocks on both sides.',
  'wrong-name':
    'The certificate is for other names: use one of them, or mend the certificate or SNI.',
  cut: 'The connection was cut in the TLS handshake: a firewall that filters by name (SNI) does that; allow this host.',
  'client-certificate': 'The server wants a client certificate, and none was sent.',
  protocol:
    'Both sides have no TLS version or cipher in common: look at the server and at middleboxes.',
  'proxy-unreachable': 'The proxy itself is not reached: check HTTPS_PROXY and HTTP_PROXY.',
  'proxy-auth':
    'The proxy wants a login: put user and password into the proxy URL, or check those that it has.',
  'proxy-refused':
    'The proxy does not connect there, or cannot: allow this host in it, or name it in NO_PROXY.',
  eof: 'The connection was closed before the reply: look at keep-alive and idle timeouts of server and proxies.',
  goaway:
    'The server closed the HTTP/2 connection (GOAWAY): look at restarts and connection limits.',
  'refused-stream': 'The server refuses HTTP/2 streams: look at its limit of concurrent streams.',
  stream:
    'The server, or something before it, ended this HTTP/2 stream: its error code is in the message; look at its logs.',
  'http-to-https-client': 'The port speaks plain HTTP: give --plain-http or http://.',
  'https-to-http-client': 'The port speaks TLS: leave out --plain-http, or write https://.',
  'range-ignored':
    'A part was asked for by Range, and something else came: look for what ignores Range there.',
  'request-timeout':
    'The server did not wait for the request any longer (408): look at proxies and their time limits.',
  'mid-pull':
    'The token had worked in this pull: it ended or was revoked in mid-pull, so look at its lifetime and at clocks.',
  'kept-authorization':
    'The client sends the token along within the same host and to its subdomains, and signed URLs do not bear that: serve blobs from another domain.',
  'other-content':
    'A page or document came in place of the blob: look at its text for who sent it.',
};
