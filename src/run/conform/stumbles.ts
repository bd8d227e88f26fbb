// What servers do in passing that no valid request should get: a 5xx, a connection that breaks. Counted by
// kind over the whole run, wherever it came: in set-ups, retries and the clean-up too.
import type { Stumble } from '../../../reports/results.ts';
import { hostOf } from '../../protocol/grammar/uri.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { HttpRequest, TransportFailure } from '../../protocol/talk.ts';

/** Failures below HTTP that may pass; a name that does not resolve or a wrong certificate stays as it is. */
const passing: ReadonlySet<'' | TransportFailure> = new Set([
  'refused',
  'dial-timeout',
  'reset',
  'stalled',
  'short-body',
  'bad-http',
]);
/** RFC 9110 15.6.2: this one says that something is not offered. */
const notImplemented = 501;

/** Whether a server failed by itself, whatever it was asked: such an answer says nothing of the request. */
export function isStumble({ reply: { status, failure } }: Exchange): boolean {
  return passing.has(failure) || (status >= 500 && status !== notImplemented);
}

/** What came, in two or three words: by it one stumble is told from another. */
export function answerOf({ reply }: Exchange): string {
  if (reply.failure === '') return `status ${reply.status}`;
  const words = connectionWords[reply.failure] ?? reply.failure;
  return reply.status === 0 ? words : `status ${reply.status}, then ${words}`;
}

const connectionWords: Partial<Record<TransportFailure, string>> = {
  refused: 'connection refused',
  'dial-timeout': 'no connection in time',
  reset: 'connection closed without a whole answer',
  stalled: 'no answer in time',
  'short-body': 'a body that breaks off',
  'bad-http': 'something that is no HTTP',
};

/** Method and path with names left open, so that requests of one kind are one. */
export function kindOf({ url, ask: { method }, hop }: HttpRequest): string {
  const path = url.replace(/^[a-z]+:\/\/[^/?]*/i, '').replace(/\?.*$/s, '');
  const isElsewhere = hop !== 'registry' && !/^\/v2\//.test(path);
  if (isElsewhere && method !== 'GET' && method !== 'HEAD' && hop === 'edge') {
    return `${method} of an upload`;
  }
  if (isElsewhere) return `${method} of ${wanted[hop]}`;
  return `${method} ${pathPattern(path)}`;
}

const wanted = { registry: 'something', token: 'a token', edge: 'a redirected blob' } as const;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/^\/v2\/.+\/manifests\/[^/]*$/, '/v2/<name>/manifests/<reference>'],
  [/^\/v2\/.+\/blobs\/uploads\/?$/, '/v2/<name>/blobs/uploads/'],
  [/^\/v2\/.+\/blobs\/uploads\/.+$/, '/v2/<name>/blobs/uploads/<session>'],
  [/^\/v2\/.+\/blobs\/[^/]*$/, '/v2/<name>/blobs/<digest>'],
  [/^\/v2\/.+\/tags\/list$/, '/v2/<name>/tags/list'],
  [/^\/v2\/.+\/referrers\/[^/]*$/, '/v2/<name>/referrers/<digest>'],
];

const pathCharsMax = 80;

function pathPattern(path: string): string {
  const known = patterns.find(([pattern]) => pattern.test(path))?.[1];
  return known ?? path.slice(0, pathCharsMax);
}

/** Who answered, as it may stand in a sentence. */
function partyOf({ request: { url, hop, ask }, reply: { status } }: Exchange): string {
  // RFC 9110 15.6.3 and 15.6.5: what only a gateway says.
  const isGateway = status === 502 || status === 504;
  if (hop === 'registry') return isGateway ? 'a proxy before the registry' : 'the registry';
  if (hop === 'token') return `the token server ${hostOf(url)}`;
  // A redirect leads there, or the Location of an upload.
  const isRead = ask.method === 'GET' || ask.method === 'HEAD';
  return `${hostOf(url)}, where the registry ${isRead ? 'redirects to' : 'has uploads go on'}`;
}

/** What is kept of an exchange: of what kind it was, in words. */
export type Noted = Pick<Stumble, 'kind' | 'party' | 'request' | 'answer'>;

export function noted(exchange: Exchange): Noted {
  const kind = exchange.reply.failure === '' ? 'server-error' : 'connection';
  const [party, request] = [partyOf(exchange), kindOf(exchange.request)];
  return { kind, party, request, answer: answerOf(exchange) };
}

/** The same of an exchange in which a server failed by itself: a token server also by a 200. */
export function notedStumble(exchange: Exchange): Noted {
  const words = noted(exchange);
  const { status, failure } = exchange.reply;
  const isWithout = exchange.request.hop === 'token' && status === 200 && failure === '';
  return isWithout ? { ...words, answer: `${words.answer} without a token` } : words;
}

/** Ids of checks that one kind of stumble keeps. */
const checksMax = 50;
/** Kinds that are told apart; a server that finds more ways to fail has shown enough. */
const kindsMax = 100;

/** The stumbles of a run. */
export class StumbleLog {
  readonly #redact: (text: string) => string;
  readonly #kinds = new Map<string, Noted & { count: number; checks: Set<string> }>();

  /** `redact` takes secrets out of what servers have named. */
  constructor(redact: (text: string) => string) {
    this.#redact = redact;
  }

  /** `during`: the id of a check, `set-up` or `clean-up`. */
  add(one: Noted, during: string): void {
    const key = keyOf(one);
    const known = this.#kinds.get(key);
    if (known === undefined && this.#kinds.size === kindsMax) return;
    const [party, request] = [this.#redact(one.party), this.#redact(one.request)];
    const kind = known ?? { ...one, party, request, count: 0, checks: new Set<string>() };
    kind.count++;
    if (kind.checks.size < checksMax) kind.checks.add(during);
    this.#kinds.set(key, kind);
  }

  /** Whether there was one of this kind. */
  has(one: Noted): boolean {
    return this.#kinds.has(keyOf(one));
  }

  /** Each kind once, the most frequent first. */
  summary(): Stumble[] {
    const each = [...this.#kinds.values()].map((kind) => ({ ...kind, checks: [...kind.checks] }));
    return each.sort((a, b) => b.count - a.count);
  }
}

function keyOf({ kind, party, request, answer }: Noted): string {
  return [kind, party, request, answer].join('\n');
}
