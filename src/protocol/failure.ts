// How a pull or push fails, in the classes that an operator recognises, each with what to do about it.

import { edgeWords } from './edge.ts';
import { dateOf } from './grammar/http-date.ts';
import { hostOf } from './grammar/uri.ts';
import { parseSasDate, parseStamp } from './grammar/url-date.ts';
import { isPushPhase, type PushPhase } from './push-phase.ts';
import type { HttpReply, HttpRequest, TransportFailure } from './talk.ts';

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
  | 'redirect-loop'
  | 'upload-unknown'
  | 'upload-invalid'
  | 'manifest-invalid'
  | 'too-large'
  | 'read-only';

/** What to do next, one sentence a class; for reports and messages. */
export const failureHints: Readonly<Record<FailureClass, string>> = {
  dns: 'The host name does not resolve: check its spelling and the resolver of this machine.',
  refused: 'Nothing listens there, or a firewall rejects: check host, port and firewall.',
  'client-limit':
    'This machine, not the registry, is at its limit: raise `ulimit -n` and the range of local ports, or use --segment on several.',
  'dial-timeout':
    'A firewall may drop the packets: allow this host name (a CDN needs its own rule).',
  tls: 'The TLS handshake failed: give the CA with --ca, or --plain-http if the port is plain HTTP.',
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
    'The 401 does not say how to authenticate: the registry must send WWW-Authenticate.',
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

/** All of them. */
export const failureClasses = Object.keys(failureHints) as FailureClass[];

/** A pull or push, or a part of it, that did not succeed. Data for reports; the message is for people. */
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
    const message = `${requestLine(request)}: ${reply.failureMessage || reply.failure}${edgeWords(request, reply)}`;
    return new PullFailure(reply.failure, request, reply.status, message);
  }
  const kind = request.hop === 'edge' ? edgeClass(request, reply) : registryClass(request, reply);
  const excerpt = reply.text === '' ? '' : `: ${reply.text.slice(0, 200)}`;
  const message = `${requestLine(request)}: HTTP ${reply.status}${excerpt}${edgeWords(request, reply)}`;
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
  const refused = isPushPhase(phase) ? pushClass(phase, status) : undefined;
  if (refused !== undefined) return refused;
  if (status === 404 && (phase === 'config' || phase === 'layer')) return 'blob-unknown';
  if (status === 404 && (phase === 'index' || phase === 'manifest')) return 'manifest-unknown';
  if (status === 429) return 'rate-limited';
  return status >= 500 ? 'server-error' : 'unexpected-status';
}

/** What a status means to a push alone. */
function pushClass(phase: PushPhase, status: number): FailureClass | undefined {
  if (status === 405) return 'read-only';
  if (status === 413) return 'too-large';
  if (phase === 'manifest-put') {
    return status === 400 || status === 404 ? 'manifest-invalid' : undefined;
  }
  if (!phase.startsWith('upload-')) return undefined;
  if (status === 404 && phase !== 'upload-start') return 'upload-unknown';
  return status === 400 || status === 416 ? 'upload-invalid' : undefined;
}

/** When signed URLs run out, in the forms of CloudFront, S3 and those like it, and Azure; ms since 1970. */
const ends: readonly ((query: string) => number | undefined)[] = [
  (query) => secondsMs(/[?&]Expires=(\d{1,12})(?:&|$)/.exec(query)),
  (query) => {
    const startMs = parseStamp(/[?&]X-(?:Amz|Goog)-Date=([^&]{1,40})/.exec(query)?.[1] ?? '');
    const livesMs = secondsMs(/[?&]X-(?:Amz|Goog)-Expires=(\d{1,9})(?:&|$)/.exec(query));
    return startMs === undefined || livesMs === undefined ? undefined : startMs + livesMs;
  },
  (query) => parseSasDate(decoded(/[?&]se=([^&]{1,80})/.exec(query)?.[1] ?? '')),
];

function secondsMs(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]) * 1000;
}

const decoded = (text: string): string => text.replaceAll(/%3A/gi, ':').replaceAll(/%2B/gi, '+');

/** By the edge's own `Date`, or by what it says. */
function isExpired(url: string, reply: HttpReply): boolean {
  if (/expired/i.test(reply.text)) return true;
  const nowMs = dateOf(reply);
  if (nowMs === undefined) return false;
  return ends.some((end) => {
    const endMs = end(url);
    return endMs !== undefined && endMs <= nowMs;
  });
}
