// One try of a check: its conversation driven to an end within its time, with its evidence, and what came of it.
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import {
  Broken,
  type Check,
  type CheckContext,
  type Given,
  Unsupported,
  Void,
} from '../../checks/check.ts';
import { drive, type Pause, type Perform } from '../../drivers/drive.ts';
import { toExchange } from '../../drivers/evidence.ts';
import type { Redactor } from '../../drivers/redact.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { HttpReply, HttpRequest } from '../../protocol/talk.ts';
import type { EvidenceBudget } from './evidence-budget.ts';
import type { Outages } from './outage.ts';
import { answerOf, isStumble, kindOf } from './stumbles.ts';
import { limited, Overdue } from './time-limit.ts';

/** What every check of a run is run with. */
export interface CheckMeans {
  readonly perform: Perform;
  readonly redactor: Redactor;
  readonly evidence: EvidenceBudget;
  /** Time for one check, milliseconds. */
  readonly checkMsMax: number;
  readonly pause?: Pause;
  readonly outages?: Outages;
  /** Whether a server may have failed by itself, although that cannot be told from the answer alone. */
  readonly isDoubtful?: (exchange: Exchange) => boolean;
  /** Whether a token server failed that has served the same credentials before. */
  readonly isPassing?: (exchange: Exchange) => boolean;
}

/** In which way a check is tried. */
export interface Manner {
  /** Each request over a connection of its own, so that nothing is owed to what went over it before. */
  readonly isFresh?: boolean;
  /** One request after the other, also of those that the check sends side by side. */
  readonly isSerial?: boolean;
}

export interface Outcome {
  readonly verdict: Verdict;
  readonly expected?: string;
  readonly actual: string;
  readonly given?: Given;
}

/** What one try came to. */
export interface Tried {
  readonly outcome: Outcome;
  readonly evidence: CheckResult['evidence'];
  readonly stumbles: readonly Exchange[];
  readonly last: Exchange | undefined;
  /** See Judged. */
  readonly silence: string | undefined;
  /** Where the last stumble was: the same in the same place. */
  readonly place: string;
  readonly isLimited: boolean;
  /** Requests were under way side by side, so that places are not sure. */
  readonly isCrowded: boolean;
}

/** Never rejects. */
export async function tryOnce(
  check: Check,
  context: CheckContext,
  means: CheckMeans,
  limitMs: number,
  manner: Manner = {},
): Promise<Tried> {
  const { redactor, isDoubtful } = means;
  const evidence = means.evidence.open();
  const stumbles: Exchange[] = [];
  let last: Exchange | undefined;
  let silence: string | undefined;
  let place = '';
  let count = 0;
  let underWay = 0;
  let isLimited = false;
  let isCrowded = false;
  const seen = (request: HttpRequest, reply: HttpReply) => {
    evidence.add(toExchange(request, reply, redactor));
    last = { request, reply };
    if (request.hop === 'registry') silence = silenceOf(reply);
    isLimited ||= reply.status === 429;
    if (!isStumble(last) && isDoubtful?.(last) !== true) return;
    stumbles.push(last);
    place = `${isCrowded ? '' : count} ${kindOf(request)} ${answerOf(last)}`;
  };
  const limit = limited(means.perform, limitMs, seen);
  const counted: Perform = async (request) => {
    count++;
    isCrowded ||= ++underWay > 1;
    try {
      return await limit.perform(manner.isFresh === true ? overFresh(request) : request);
    } finally {
      underWay--;
    }
  };
  const perform = manner.isSerial === true ? inTurn(counted) : counted;
  let outcome: Outcome;
  try {
    const talk = check.run({ ...context, running: check, stumbles });
    outcome = { verdict: 'pass', actual: await drive(talk, perform, means.pause) };
  } catch (error) {
    outcome = failed(check, error);
    // What a check expected in place of a 429 may well come when the limit is over.
    const isBroken = outcome.verdict === 'fail' || outcome.verdict === 'warn';
    if (isLimited && isBroken && check.judgesLimits !== true) outcome = limitedBy(outcome);
    // Nor does a check of the registry fail because its token server fails by itself.
    const isOfToken = error instanceof PullFailure && error.hop === 'token';
    const isPassing = isOfToken && stumbles.some((each) => means.isPassing?.(each) === true);
    if (isBroken && isPassing && check.room !== 'auth') outcome = withoutToken(outcome);
  } finally {
    limit.end();
  }
  const { exchanges } = evidence;
  return { outcome, evidence: exchanges, stumbles, last, silence, place, isLimited, isCrowded };
}

function silenceOf({ status, failure, failureMessage }: HttpReply): string | undefined {
  return status === 0 ? `${failure}: ${failureMessage}` : undefined;
}

function limitedBy({ actual }: Outcome): Outcome {
  return {
    verdict: 'void',
    actual: `the registry limits requests (429), so nothing shows: ${actual}`,
  };
}

function withoutToken({ actual }: Outcome): Outcome {
  return { verdict: 'void', actual: `no token is to be had: ${actual}` };
}

function overFresh(request: HttpRequest): HttpRequest {
  const { ask } = request;
  const network = { ...(ask.network ?? plainNetwork), connections: 'per-request' } as const;
  return { ...request, ask: { ...ask, network } };
}

const plainNetwork = { httpVersion: '1.1', idlePerHostMax: 0, idleMs: 0 } as const;

/** Each request once those before it are answered. */
function inTurn(perform: Perform): Perform {
  let before: Promise<unknown> = Promise.resolve();
  return (request) => {
    const reply = before.then(() => perform(request));
    before = reply.catch(() => undefined);
    return reply;
  };
}

function failed(check: Check, error: unknown): Outcome {
  const verdict = check.level === 'MUST' ? 'fail' : 'warn';
  if (error instanceof Broken) return { verdict, expected: error.expected, actual: error.actual };
  if (error instanceof Overdue) return { verdict, expected: 'an end', actual: error.message };
  if (error instanceof PullFailure) {
    return { verdict, actual: `${partyOf[error.hop] ?? ''}${error.message}` };
  }
  if (error instanceof Unsupported) return { verdict: 'unsupported', actual: error.message };
  if (error instanceof Void) {
    const { message: actual, given } = error;
    return { verdict: 'void', actual, ...(given !== undefined && { given }) };
  }
  return { verdict: 'harness-error', actual: defectOf(error) };
}

/** Who is at fault, where it is not the registry; of a token server the message itself says it. */
const partyOf: Readonly<Record<string, string>> = {
  edge: 'the host that the registry redirects to: ',
};

/** What our own bug says of itself; undefined for what a registry did. */
export function ownDefect(error: unknown): string | undefined {
  const kinds = [Broken, Overdue, PullFailure, Unsupported, Void];
  return kinds.some((kind) => error instanceof kind) ? undefined : defectOf(error);
}

function defectOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
