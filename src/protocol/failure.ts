// How a pull fails, in the classes that an operator recognises, each with what to do about it.
import type { HttpReply, HttpRequest, TransportFailure } from './talk.ts';
import { hostOf } from './uri.ts';

export type FailureClass =
  | TransportFailure
  | 'wrong-digest'
  | 'unauthorized'
  | 'denied'
  | 'manifest-unknown'
  | 'blob-unknown'
  | 'rate-limited'
  | 'server-error'
  | 'unexpected-status'
  | 'bad-manifest'
  | 'bad-token'
  | 'bad-challenge'
  | 'platform-missing'
  | 'redirect-expired'
  | 'redirect-denied'
  | 'redirect-credentials'
  | 'redirect-invalid'
  | 'redirect-loop';

/** What to do next, one sentence a class; for reports and messages. */
export const failureHints: Readonly<Record<FailureClass, string>> = {
  dns: 'The host name does not resolve: check its spelling and the resolver of this machine.',
  refused: 'Nothing listens there, or a firewall rejects: check host, port and firewall.',
  'dial-timeout':
    'A firewall may drop the packets: allow this host name (a CDN needs its own rule).',
  tls: 'The TLS handshake failed: give the CA with --ca, or --plain-http if the port is plain HTTP.',
  reset: 'The server or a proxy closed the connection: look at its limits, timeouts and logs.',
  stalled: 'No byte came within the time limit: look at the server, or raise --timeout.',
  'short-body': 'The body ended early: a proxy, cache or disk cuts it; compare the edge ids.',
  'long-body': 'More bytes came than the descriptor announces: a cache mixes objects.',
  'bad-http':
    'The port speaks something else: for plain HTTP give --plain-http or http://, else https://.',
  interrupted:
    'The pull had not ended when the run did, grace period included: look for what is slow.',
  'wrong-digest':
    'The bytes are not those of the digest: storage or cache corruption; compare edges.',
  unauthorized: 'The registry wants other credentials: log in, or check user and password.',
  denied: 'These credentials may not pull this repository: ask for the right, or check the name.',
  'manifest-unknown':
    'No such tag or manifest: check the reference, or look for a lagging replica.',
  'blob-unknown': 'A blob of the manifest is missing: storage lost it, or a replica lags.',
  'rate-limited': 'The registry limits requests: slow down, authenticate, or honour Retry-After.',
  'server-error': 'The server failed (5xx): look at its logs at this time.',
  'unexpected-status': 'The status fits no rule of the protocol: look at what answers there.',
  'bad-manifest': 'The manifest cannot be used: run `pullproof validate` on it.',
  'bad-token': 'The token server answered something else than a token: look at its reply.',
  'bad-challenge':
    'The 401 does not say how to authenticate: the registry must send WWW-Authenticate.',
  'platform-missing': 'The image has no variant for this platform: choose another with --platform.',
  'redirect-expired':
    'The signed URL had run out: check clocks, the lifetime, and caches of redirects.',
  'redirect-denied': 'The CDN refused the signed URL: check its keys and signature.',
  'redirect-credentials': 'The CDN wants or refuses credentials: a signed URL must work by itself.',
  'redirect-invalid': 'The redirect leads nowhere a client may go: look at its Location header.',
  'redirect-loop': 'The redirects never end: look at the Location headers.',
};

/** All of them. */
export const failureClasses = Object.keys(failureHints) as FailureClass[];

/** A pull, or a part of it, that did not succeed. Data for reports; the message is for people. */
export class PullFailure extends Error {
  readonly class: FailureClass;
  readonly phase: string;
  readonly hop: string;
  /** `host:port` that was asked. */
  readonly host: string;
  /** HTTP status, 0 without one. */
  readonly status: number;

  constructor(kind: FailureClass, request: HttpRequest, status: number, message: string) {
    super(message);
    this.name = 'PullFailure';
    this.class = kind;
    this.phase = request.ask.phase;
    this.hop = request.hop;
    this.host = hostOf(request.url);
    this.status = status;
  }
}

/** `GET http://host/path` without query: signed URLs and tokens stay out of messages. */
export function requestLine(request: HttpRequest): string {
  const query = request.url.indexOf('?');
  return `${request.ask.method} ${query < 0 ? request.url : request.url.slice(0, query)}`;
}

/** The failure that a transport error or an unwelcome status stands for. */
export function failureOf(request: HttpRequest, reply: HttpReply): PullFailure {
  if (reply.failure !== '') {
    const message = `${requestLine(request)}: ${reply.failureMessage || reply.failure}`;
    return new PullFailure(reply.failure, request, reply.status, message);
  }
  const kind = request.hop === 'edge' ? edgeClass(request, reply) : registryClass(request, reply);
  const excerpt = reply.text === '' ? '' : `: ${reply.text.slice(0, 200)}`;
  const message = `${requestLine(request)}: HTTP ${reply.status}${excerpt}`;
  return new PullFailure(kind, request, reply.status, message);
}

function edgeClass(request: HttpRequest, reply: HttpReply): FailureClass {
  const { status } = reply;
  if (status === 403) return isExpired(request.url, reply) ? 'redirect-expired' : 'redirect-denied';
  if (status === 400 || status === 401) return 'redirect-credentials';
  return commonClass(request, status);
}

function registryClass(request: HttpRequest, reply: HttpReply): FailureClass {
  if (reply.status === 401) return 'unauthorized';
  if (reply.status === 403) return 'denied';
  return commonClass(request, reply.status);
}

function commonClass(request: HttpRequest, status: number): FailureClass {
  const { phase } = request.ask;
  if (status === 404 && (phase === 'config' || phase === 'layer')) return 'blob-unknown';
  if (status === 404 && (phase === 'index' || phase === 'manifest')) return 'manifest-unknown';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server-error' : 'unexpected-status';
}

/** The edge's `Date` against the `Expires` (seconds since 1970) that CloudFront-style URLs carry. */
function isExpired(url: string, reply: HttpReply): boolean {
  const match = /[?&]Expires=(\d{1,12})(?:&|$)/.exec(url);
  if (match === null) return /expired/i.test(reply.text);
  return (
    Number(match[1]) * 1000 <= Date.parse(reply.header('Date') ?? '') || /expired/i.test(reply.text)
  );
}
