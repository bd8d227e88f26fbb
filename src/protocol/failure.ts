// How a pull or push fails, in the classes that an operator recognises, each with what to do about it.

import { edgeWords } from './edge.ts';
import {
  evidenceOf,
  type FailureEvidence,
  type Known,
  withoutQuery,
  withoutSecrets,
} from './failure-evidence.ts';
import { failureHints, hopHints, reasonHints } from './failure-hints.ts';
import { dateOf } from './grammar/http-date.ts';
import { hostOf, originOf } from './grammar/uri.ts';
import { parseSasDate, parseStamp } from './grammar/url-date.ts';
import { isPushPhase, type PushPhase } from './push-phase.ts';
import type {
  FailureReason,
  Hop,
  HttpReply,
  HttpRequest,
  Phase,
  TransportFailure,
} from './talk.ts';

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

/** The next step for whoever meets this failure: by its reason or class, where it was met. */
export function hintOf(met: {
  readonly class: string;
  readonly reason?: string | undefined;
  readonly hop?: string | undefined;
}): string {
  const kind = met.class as FailureClass;
  return (
    hopHints[met.reason as FailureReason]?.[met.hop as Hop] ??
    reasonHints[met.reason as FailureReason] ??
    hopHints[kind]?.[met.hop as Hop] ??
    failureHints[kind] ??
    'This is a defect of pullproof: please report it.'
  );
}

/** A pull or push, or a part of it, that did not succeed. Data for reports; the message is for people. */
export class PullFailure extends Error {
  readonly class: FailureClass;
  readonly phase: Phase;
  readonly hop: Hop;
  /** `host:port` that was asked. */
  readonly host: string;
  /** HTTP status, 0 without one. */
  readonly status: number;
  /** Where something finer than the class is known. */
  readonly reason: FailureReason | undefined;
  readonly evidence: FailureEvidence;

  constructor(
    kind: FailureClass,
    request: HttpRequest,
    status: number,
    message: string,
    known: Known & { readonly reason?: FailureReason | undefined } = {},
  ) {
    super(message);
    this.name = 'PullFailure';
    this.class = kind;
    this.phase = request.ask.phase;
    this.hop = request.hop;
    this.host = hostOf(request.url);
    this.status = status;
    this.reason = known.reason ?? known.reply?.reason;
    this.evidence = evidenceOf(request, known);
  }
}

/** `GET http://host/path` without query: signed URLs and tokens stay out of messages. */
export function requestLine(request: HttpRequest): string {
  return `${request.ask.method} ${withoutQuery(request.url)}`;
}

/** What a conversation knows of the request that failed. */
interface Circumstances extends Pick<Known, 'bytesExpected' | 'reference' | 'challenged'> {
  /** The token had worked before, in this conversation. */
  readonly worked?: boolean | undefined;
}

/** The failure that a transport error or an unwelcome status stands for. */
export function failureOf(
  request: HttpRequest,
  reply: HttpReply,
  { worked, ...known }: Circumstances = {},
): PullFailure {
  const { status, failure } = reply;
  if (failure !== '') {
    const message = `${requestLine(request)}: ${reply.failureMessage || failure}${edgeWords(request, reply)}`;
    return new PullFailure(failure, request, status, message, { ...known, reply });
  }
  const kind = request.hop === 'edge' ? edgeClass(request, reply) : registryClass(request, reply);
  const excerpt = reply.text === '' ? '' : `: ${withoutSecrets(reply.text, request).slice(0, 200)}`;
  const message = `${requestLine(request)}: HTTP ${status}${excerpt}${edgeWords(request, reply)}`;
  const reason = reasonOf(kind, request, status, worked === true);
  return new PullFailure(kind, request, status, message, { ...known, reply, reason });
}

function reasonOf(
  kind: FailureClass,
  request: HttpRequest,
  status: number,
  worked: boolean,
): FailureReason | undefined {
  if (kind === 'proxy') return 'proxy-auth';
  if (status === 408) return 'request-timeout';
  if (kind === 'unexpected-status' && request.resumes !== undefined) return 'range-ignored';
  if (kind === 'redirect-credentials' && tokenWent(request) === 'astray')
    return 'kept-authorization';
  const isRefused = kind === 'unauthorized' && request.authorization.startsWith('Bearer ');
  return isRefused && worked ? 'mid-pull' : undefined;
}

/** Where a redirect led the token that the client sent along: to whom it is for, or to another server. */
function tokenWent({ url, authorization, began }: HttpRequest): 'home' | 'astray' | undefined {
  if (authorization === '' || began === undefined) return undefined;
  return originOf(began.url) === originOf(url) ? 'home' : 'astray';
}

function edgeClass(request: HttpRequest, reply: HttpReply): FailureClass {
  const { status } = reply;
  if (tokenWent(request) === 'home') return registryClass(request, reply);
  if (status !== 400 && status !== 401 && status !== 403) return commonClass(request, status);
  if (isExpired(request, reply)) return 'redirect-expired';
  const isDenied = status === 403 && tokenWent(request) !== 'astray';
  return isDenied ? 'redirect-denied' : 'redirect-credentials';
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
  if (status === 407) return 'proxy';
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

/**
 * When signed URLs run out, in the forms of CloudFront, of S3 and those like it (Google, Alibaba, Huawei …),
 * of Tencent and of Azure; ms since 1970.
 */
const ends: readonly ((query: string) => number | undefined)[] = [
  (query) => secondsMs(/[?&](?:Expires|exp)=(\d{1,12})(?:[&~]|$)/i.exec(query)),
  (query) => secondsMs(/[?&]q-sign-time=\d{1,12}(?:;|%3B)(\d{1,12})(?:&|$)/i.exec(query)),
  (query) => {
    const startMs = parseStamp(/[?&]X-[a-z]{2,8}-Date=([^&]{1,40})/i.exec(query)?.[1] ?? '');
    const livesMs = secondsMs(/[?&]X-[a-z]{2,8}-Expires=(\d{1,9})(?:&|$)/i.exec(query));
    return startMs === undefined || livesMs === undefined ? undefined : startMs + livesMs;
  },
  (query) => parseSasDate(decoded(/[?&]se=([^&]{1,80})/.exec(query)?.[1] ?? '')),
];

function secondsMs(match: RegExpExecArray | null): number | undefined {
  return match === null ? undefined : Number(match[1]) * 1000;
}

const decoded = (text: string): string => text.replaceAll(/%3A/gi, ':').replaceAll(/%2B/gi, '+');

/** By the edge's own `Date`, or that of who redirected to it, or by what it says. */
function isExpired({ url, follows }: HttpRequest, reply: HttpReply): boolean {
  if (/expired/i.test(reply.text)) return true;
  const nowMs = dateOf(reply) ?? (follows && dateOf(follows));
  if (nowMs === undefined) return false;
  return ends.some((end) => {
    const endMs = end(url);
    return endMs !== undefined && endMs <= nowMs;
  });
}
