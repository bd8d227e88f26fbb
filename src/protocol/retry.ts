// When a client tries again, and how long it waits before: pure functions of its rules.
import type { Pace, RetryRule } from './client.ts';
import type { FailureClass, PullFailure } from './failure.ts';
import { parseErrorBody } from './grammar/errors.ts';
import { parseRetryAfter, retryAfterMs } from './grammar/http-date.ts';
import type { FailureReason, HttpReply, Wait } from './talk.ts';

const growths: Readonly<Record<Pace['growth'], (tries: number) => number>> = {
  constant: () => 1,
  linear: (tries) => tries,
  double: (tries) => 2 ** (tries - 1),
  triple: (tries) => 3 ** (tries - 1),
};

/** The wait after so many failed tries; `random` from 0 to 1 places it within the spread. */
export function paceMs(pace: Pace, tries: number, random: number): number {
  const [least, most] = pace.spread;
  const planned = Math.min(pace.firstMs * growths[pace.growth](tries), pace.capMs);
  return Math.round(planned * (least + (most - least) * random));
}

/** One try that failed, and how many there have been. */
export interface Failed {
  readonly tries: number;
  readonly status: number;
  readonly failure: '' | FailureClass;
  /** Status of the try before; 0 without one. */
  readonly statusBefore: number;
  readonly reply?: HttpReply | undefined;
  /** How it failed in particular, the driver's words for it, and a reply's text; absent: the reply's own. */
  readonly told?: Told | undefined;
}

interface Told {
  readonly reason: FailureReason | undefined;
  readonly words: string;
  readonly text: string;
}

/** The pause until the next try; undefined when there is none. */
export function retryPause(rule: RetryRule, failed: Failed, random: number): Wait | undefined {
  const { tries, status, failure, statusBefore, reply } = failed;
  if (tries >= rule.triesMax) return undefined;
  if (!isListed(rule, failed)) return undefined;
  if (status === statusBefore && rule.notTwice?.includes(status)) return undefined;
  const told = reply === undefined ? undefined : toldMs(rule, reply);
  if (told !== undefined) return { waitMs: told, why: 'retry-after' };
  const isTransport = failure !== '' && rule.failureMs !== undefined;
  const waitMs = isTransport ? rule.failureMs : paceMs(rule, tries, random);
  return { waitMs, why: 'back-off' };
}

function isListed(rule: RetryRule, { status, failure, reply, told }: Failed): boolean {
  if (failure === '') return rule.statuses.includes(status) || isExplained(rule, status, told);
  if (rule.statuses.includes(status) || rule.failures.includes(failure)) return true;
  if (failure !== 'reset' && failure !== 'tls') return isExplained(rule, status, told);
  const end = endOf(failure, told ?? toldBy(reply));
  return end !== undefined && rule.failures.includes(end);
}

function toldBy(reply: HttpReply | undefined): Told | undefined {
  return reply && { reason: reply.reason, words: reply.failureMessage, text: reply.text };
}

/** How a connection ended; of one that ended in its handshake only the driver's words say it. */
function endOf(failure: 'reset' | 'tls', told: Told | undefined): 'eof' | 'rst' | undefined {
  if (told?.reason === 'eof' || told?.reason === 'idle-closed') return 'eof';
  if (told?.reason === 'rst') return 'rst';
  const words = told?.words ?? '';
  // Of a connection that goes on, or ends with a word of its own.
  if (/stream error|GOAWAY/.test(words)) return undefined;
  if (/\bEOF$|other side closed|socket hang up/.test(words)) return 'eof';
  return failure === 'reset' || /reset by peer|ECONNRESET/.test(words) ? 'rst' : undefined;
}

/** By an error code that is no reason to stop, and by more than its usual message. */
function isExplained({ explained }: RetryRule, status: number, told: Told | undefined): boolean {
  if (explained === undefined || status < 400 || status > 499) return false;
  const [first] = parseErrorBody(told?.text ?? '').errors;
  if (first === undefined || explained.except.includes(first.code)) return false;
  const isUsual = first.message === '' || first.message === explained.usual[first.code];
  return !isUsual || (first.detail !== undefined && first.detail !== null);
}

/** As `retryPause`, for what failed as a whole. */
export function retryAllPause(
  rule: RetryRule,
  failure: PullFailure,
  tries: number,
  random: number,
): Wait | undefined {
  const { status, class: kind, reason, evidence } = failure;
  // What a token server says is not read so.
  const text = failure.phase === 'token' ? '' : evidence.body;
  const told = { reason, words: evidence.words, text };
  return retryPause(rule, { tries, status, failure: kind, statusBefore: 0, told }, random);
}

/** RFC 9110, section 10.2.3, as far as this client reads it; a date counts from the reply's own. */
function toldMs({ retryAfter, capMs }: RetryRule, reply: HttpReply): number | undefined {
  const asked = parseRetryAfter(reply.header('Retry-After') ?? '');
  if (asked === undefined || retryAfter === undefined) return undefined;
  if (retryAfter === 'seconds' && !('seconds' in asked)) return undefined;
  const ms = retryAfterMs(reply);
  return ms === undefined ? undefined : Math.min(ms, capMs);
}
