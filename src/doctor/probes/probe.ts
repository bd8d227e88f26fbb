// What a differential probe is: one thing asked in another way than the pull asked it, so that the difference decides.
import type { FoundProxy, Route, Trust } from '../../access/route.ts';
import { plural } from '../../lib/plural.ts';
import type { ClientProfile } from '../../protocol/client.ts';
import type { Platform } from '../../protocol/grammar/platform.ts';
import type { Ask, HeaderLine, HttpReply, HttpRequest } from '../../protocol/talk.ts';
import type { HostFacts, HostSettings, ProbeFacts, ProbeId } from '../facts.ts';
import type { Traced } from '../trace.ts';
import type { Means, Performed } from '../tracer.ts';
import type { Reading, Way } from '../wire.ts';

/** What is known when probes are chosen. */
export interface Known {
  readonly route: Route;
  readonly client: ClientProfile;
  readonly platform: Platform;
  /** The pull first, then its repeats. */
  readonly traced: readonly Traced[];
  readonly hosts: readonly HostFacts[];
  readonly settings: HostSettings;
  readonly means: Means;
  /** The proxy of the shell for a URL, whatever the client goes by. */
  readonly shellProxyFor: (url: string) => FoundProxy;
  /** How relatives of this client (other versions, other stores) get at the same image on this host, where that differs. */
  readonly otherRoutes: readonly Route[];
}

/** What came of one asking. */
export type Came = Pick<ProbeFacts, 'reply' | 'dial' | 'handshake' | 'answer' | 'held'>;

export interface Asking {
  /** `host:port`. */
  readonly host: string;
  /** In words, without secrets. */
  readonly asked: string;
  readonly run: () => Promise<Came>;
}

export interface Probe {
  readonly id: ProbeId;
  /** Nothing where the facts leave nothing to ask. No credential goes where the pull did not send it. */
  readonly asks: (known: Known) => readonly Asking[];
}

/** The exchange that the pull ended with, where it failed. */
export function failedExchange({ traced: [first] }: Known): Performed | undefined {
  return first?.pull.failure === undefined ? undefined : first.performed.findLast(isRefusal);
}

/** No reply, a broken one or an unwelcome one. */
export function isRefusal({ reply, hop, phase }: Performed): boolean {
  if (reply.failure !== '') return true;
  const isChallenge = reply.status === 401 && hop === 'registry' && phase === 'ping';
  return reply.status >= 400 && !isChallenge;
}

/** All exchanges, each host's last one last. */
export function everyExchange({ traced }: Known): Performed[] {
  return traced.flatMap(({ performed }) => performed);
}

/** Enough to see what answers. */
export const sample: Reading = { bytesMax: 64 * 1024 };

/** An anonymous request, of whose reply a sample is read. */
export function sampleRequest(
  url: string,
  change: { readonly method?: 'GET' | 'HEAD'; readonly headers?: readonly HeaderLine[] } = {},
): HttpRequest {
  const { method = 'GET', headers = [] } = change;
  const agent: HeaderLine = ['User-Agent', 'pullproof-doctor'];
  const ask: Ask = {
    method,
    headers: [agent, ...headers],
    want: 'text',
    algorithm: 'sha256',
    bodyBytesMax: Number.MAX_SAFE_INTEGER,
    phase: 'other',
  };
  return { url, ask, hop: 'registry', authorization: '', referer: '' };
}

/** The same request as the pull made, the same credentials to the same server, with other lines or by another method. */
export function alike(
  { request }: Performed,
  change: { readonly method?: 'GET' | 'HEAD'; readonly headers?: readonly HeaderLine[] },
): HttpRequest {
  const { ask } = request;
  const names = new Set((change.headers ?? []).map(([name]) => name.toLowerCase()));
  const kept = ask.headers.filter(([name]) => !names.has(name.toLowerCase()));
  const { headersLast: _, unpacks: __, ...plain } = ask;
  const { resumes: ___, joins: ____, ...rest } = request;
  const headers = [...kept, ...(change.headers ?? [])];
  const other: Ask = {
    ...plain,
    method: change.method ?? ask.method,
    headers,
    want: 'none',
    phase: 'other',
    bodyBytesMax: Number.MAX_SAFE_INTEGER,
  };
  return { ...rest, ask: other };
}

/** The way of a probe, with its limits. */
export function wayOf(
  { means: { limits } }: Known,
  trust: Trust,
  proxy: FoundProxy,
  family?: Way['family'],
): Way {
  return { family, proxy, trust, timeoutMs: limits.probeMs };
}

/** What came of an exchange; held where anything came at all. */
export function cameBy(reply: HttpReply, held = isAnswer(reply)): Came {
  return { reply, answer: wordsOfReply(reply), held };
}

export function isAnswer({ failure, status }: HttpReply): boolean {
  return failure === '' && status > 0;
}

/** `HTTP 200, 1024 bytes`, or how it failed. */
export function wordsOfReply({ status, bytes, failure, failureMessage }: HttpReply): string {
  const head = status === 0 ? '' : `HTTP ${status}, ${plural(bytes, 'byte')}`;
  if (failure === '') return head;
  return [head, `${failure}: ${failureMessage || failure}`]
    .filter((text) => text !== '')
    .join('; ');
}
