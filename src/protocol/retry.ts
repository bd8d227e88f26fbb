// When a client tries again, and how long it waits before: pure functions of its rules.
import type { Pace, RetryRule } from './client.ts';
import type { FailureClass, PullFailure } from './failure.ts';
import { parseRetryAfter, retryAfterMs } from './grammar/http-date.ts';
import type { HttpReply, Wait } from './talk.ts';

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
}

/** The pause until the next try; undefined when there is none. */
export function retryPause(rule: RetryRule, failed: Failed, random: number): Wait | undefined {
  const { tries, status, failure, statusBefore, reply } = failed;
  if (tries >= rule.triesMax) return undefined;
  const listed =
    rule.statuses.includes(status) || (failure !== '' && rule.failures.includes(failure));
  if (!listed) return undefined;
  if (status === statusBefore && rule.notTwice?.includes(status)) return undefined;
  const told = reply === undefined ? undefined : toldMs(rule, reply);
  return told === undefined
    ? { waitMs: paceMs(rule, tries, random), why: 'back-off' }
    : { waitMs: told, why: 'retry-after' };
}

/** As `retryPause`, for what failed as a whole. */
export function retryAllPause(
  rule: RetryRule,
  failure: PullFailure,
  tries: number,
  random: number,
): Wait | undefined {
  const { status, class: kind } = failure;
  return retryPause(rule, { tries, status, failure: kind, statusBefore: 0 }, random);
}

/** RFC 9110, section 10.2.3, as far as this client reads it; a date counts from the reply's own. */
function toldMs({ retryAfter, capMs }: RetryRule, reply: HttpReply): number | undefined {
  const asked = parseRetryAfter(reply.header('Retry-After') ?? '');
  if (asked === undefined || retryAfter === undefined) return undefined;
  if (retryAfter === 'seconds' && !('seconds' in asked)) return undefined;
  const ms = retryAfterMs(reply);
  return ms === undefined ? undefined : Math.min(ms, capMs);
}
