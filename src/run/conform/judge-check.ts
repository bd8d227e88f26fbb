// Runs one check to its verdict, with its evidence, within its time.
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import { Broken, type Check, type CheckContext, Unsupported, Void } from '../../checks/check.ts';
import { drive, type Pause, type Perform } from '../../drivers/drive.ts';
import { toExchange } from '../../drivers/evidence.ts';
import type { Redactor } from '../../drivers/redact.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { HttpReply, HttpRequest } from '../../protocol/talk.ts';
import type { EvidenceBudget } from './evidence-budget.ts';
import { lackOf } from './needs.ts';
import { limited, Overdue } from './time-limit.ts';

/** What every check of a run is run with. */
export interface CheckMeans {
  readonly perform: Perform;
  readonly redactor: Redactor;
  readonly evidence: EvidenceBudget;
  /** Time for one check, milliseconds. */
  readonly checkMsMax: number;
  readonly pause?: Pause;
}

export interface Judged {
  readonly result: CheckResult;
  /** The registry gave no answer at all to the last request; undefined when it did. */
  readonly silence: string | undefined;
  /** Void because of a reply that says "not now" (429, 502 to 504): asked again, it may be judged. */
  readonly isPutOff: boolean;
}

const notNow: readonly number[] = [429, 502, 503, 504];

interface Outcome {
  readonly verdict: Verdict;
  readonly expected?: string;
  readonly actual: string;
}

/** Never rejects. */
export async function judge(
  check: Check,
  context: CheckContext,
  means: CheckMeans,
): Promise<Judged> {
  const { redactor } = means;
  const evidence = means.evidence.open();
  const start = performance.now();
  let silence: string | undefined;
  let status = 0;
  let isLimited = false;
  const seen = (request: HttpRequest, reply: HttpReply) => {
    evidence.add(toExchange(request, reply, redactor));
    status = reply.status;
    isLimited ||= status === 429;
    if (request.hop === 'registry') silence = silenceOf(reply);
  };
  const limit = limited(means.perform, means.checkMsMax, seen);
  let outcome: Outcome | undefined = lackOf(check, context);
  try {
    outcome ??= {
      verdict: 'pass',
      actual: await drive(check.run({ ...context, running: check }), limit.perform, means.pause),
    };
  } catch (error) {
    outcome = failed(check, error);
    // What a check expected in place of a 429 may well come when the limit is over.
    const isBroken = outcome.verdict === 'fail' || outcome.verdict === 'warn';
    if (isLimited && isBroken && check.judgesLimits !== true) outcome = limitedBy(outcome);
  } finally {
    limit.end();
  }
  const result: CheckResult = {
    id: check.id,
    level: check.level,
    section: check.section,
    requirement: check.requirement,
    why: check.why,
    ...(check.file !== undefined && { file: check.file }),
    ...(check.room !== undefined && { room: check.room }),
    verdict: outcome.verdict,
    expected: redactor.text(outcome.expected ?? check.requirement),
    actual: redactor.text(outcome.actual),
    evidence: evidence.exchanges,
    durationMs: Math.round(performance.now() - start),
  };
  return {
    result,
    silence,
    isPutOff: outcome.verdict === 'void' && (isLimited || notNow.includes(status)),
  };
}

function limitedBy({ actual }: Outcome): Outcome {
  return {
    verdict: 'void',
    actual: `the registry limits requests (429), so nothing shows: ${actual}`,
  };
}

function silenceOf({ status, failure, failureMessage }: HttpReply): string | undefined {
  return status === 0 ? `${failure}: ${failureMessage}` : undefined;
}

function failed(check: Check, error: unknown): Outcome {
  const verdict = check.level === 'MUST' ? 'fail' : 'warn';
  if (error instanceof Broken) return { verdict, expected: error.expected, actual: error.actual };
  if (error instanceof Overdue) return { verdict, expected: 'an end', actual: error.message };
  if (error instanceof PullFailure) return { verdict, actual: error.message };
  if (error instanceof Unsupported) return { verdict: 'unsupported', actual: error.message };
  if (error instanceof Void) return { verdict: 'void', actual: error.message };
  return { verdict: 'harness-error', actual: defectOf(error) };
}

/** What our own bug says of itself; undefined for what a registry did. */
export function ownDefect(error: unknown): string | undefined {
  const kinds = [Broken, Overdue, PullFailure, Unsupported, Void];
  return kinds.some((kind) => error instanceof kind) ? undefined : defectOf(error);
}

function defectOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
