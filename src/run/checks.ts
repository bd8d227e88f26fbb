// Runs declared checks against one registry: survey first, then each check with its own evidence.
// Knows nothing of the command line or of files; the kill matrix runs it in process.
import type { CheckResult, Exchange, Verdict } from '../../reports/results.ts';
import {
  Broken,
  type Check,
  type CheckContext,
  type Facts,
  type Need,
  Unsupported,
  Void,
} from '../checks/check.ts';
import { neutral } from '../checks/neutral.ts';
import { survey } from '../checks/survey.ts';
import { drive, type Perform } from '../drivers/drive.ts';
import { toExchange } from '../drivers/evidence.ts';
import type { Redactor } from '../drivers/redact.ts';
import type { Credentials } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import { openSession } from '../protocol/session.ts';

export interface ChecksRun {
  readonly checks: readonly Check[];
  readonly perform: Perform;
  readonly redactor: Redactor;
  readonly registryUrl: string;
  readonly repository: string;
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  readonly redirectPolicy: 'required' | 'allowed' | 'forbidden';
  readonly seed: number;
  readonly now?: () => number;
  /** No further check is started once this is aborted. */
  readonly signal?: AbortSignal;
  /** Told of each result as it comes, so that an interrupted run keeps what it has. */
  readonly onResult?: (result: CheckResult) => void;
}

/** Exchanges kept as evidence of one check. */
const exchangesMax = 60;

export interface Surveyed {
  readonly results: CheckResult[];
  readonly facts: Facts;
}

/** One result per check, in the order given; fewer when aborted. Never rejects for what a registry does. */
export async function runChecks(run: ChecksRun): Promise<Surveyed> {
  const session = openSession(run.registryUrl, run.repository, neutral, run.credentials);
  const context: CheckContext = {
    registryUrl: run.registryUrl,
    repository: run.repository,
    reference: run.reference,
    credentials: run.credentials,
    redirectPolicy: run.redirectPolicy,
    nonce: (run.seed >>> 0).toString(16).padStart(8, '0'),
    facts: {},
    session: () => session,
    now: run.now ?? Date.now,
  };
  await drive(survey(context), run.perform);
  const results: CheckResult[] = [];
  const stopped = () => run.signal?.aborted === true;
  for (const check of run.checks) {
    if (stopped()) break;
    const result = await runCheck(check, context, run);
    if (stopped()) break;
    results.push(result);
    run.onResult?.(result);
  }
  return { results, facts: context.facts };
}

async function runCheck(check: Check, context: CheckContext, run: ChecksRun): Promise<CheckResult> {
  const evidence: Exchange[] = [];
  const start = performance.now();
  const outcome = missing(check, context) ?? (await judge(check, context, run, evidence));
  return {
    id: check.id,
    level: check.level,
    section: check.section,
    requirement: check.requirement,
    why: check.why,
    verdict: outcome.verdict,
    expected: run.redactor.text(outcome.expected),
    actual: run.redactor.text(outcome.actual),
    evidence,
    durationMs: Math.round(performance.now() - start),
  };
}

interface Outcome {
  readonly verdict: Verdict;
  readonly expected: string;
  readonly actual: string;
}

async function judge(
  check: Check,
  context: CheckContext,
  run: ChecksRun,
  evidence: Exchange[],
): Promise<Outcome> {
  try {
    const actual = await drive(check.run(context), async (request) => {
      const reply = await run.perform(request);
      if (evidence.length < exchangesMax) evidence.push(toExchange(request, reply, run.redactor));
      return reply;
    });
    return { verdict: 'pass', expected: check.requirement, actual };
  } catch (error) {
    return failed(check, error);
  }
}

function failed(check: Check, error: unknown): Outcome {
  const verdict = check.level === 'MUST' ? 'fail' : 'warn';
  if (error instanceof Broken) return { verdict, expected: error.expected, actual: error.actual };
  if (error instanceof PullFailure) {
    return { verdict, expected: check.requirement, actual: error.message };
  }
  if (error instanceof Unsupported) {
    return { verdict: 'unsupported', expected: check.requirement, actual: error.message };
  }
  if (error instanceof Void) {
    return { verdict: 'void', expected: check.requirement, actual: error.message };
  }
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { verdict: 'harness-error', expected: check.requirement, actual: said };
}

/** What a check needs, whether the survey found it, and what its absence means. */
const needs: Readonly<
  Record<
    Need,
    { held: (facts: Facts) => boolean; verdict: 'void' | 'unsupported'; absence: string }
  >
> = {
  top: {
    held: (facts) => facts.top !== undefined,
    verdict: 'void',
    absence: 'the manifest of the reference could not be read',
  },
  index: {
    held: (facts) => facts.index !== undefined,
    verdict: 'unsupported',
    absence: 'the reference names a single manifest, not an index',
  },
  image: {
    held: (facts) => facts.image !== undefined,
    verdict: 'void',
    absence: 'no manifest of an image could be read',
  },
  challenge: {
    held: (facts) => facts.challenged !== undefined,
    verdict: 'unsupported',
    absence: 'the registry asks for no authentication',
  },
  bearer: {
    held: (facts) => /bearer/i.test(facts.challenged?.reply.header('WWW-Authenticate') ?? ''),
    verdict: 'unsupported',
    absence: 'the registry uses no bearer tokens',
  },
  redirect: {
    held: (facts) => facts.redirect !== undefined,
    verdict: 'unsupported',
    absence: 'the registry serves blobs itself',
  },
};

function missing(check: Check, { facts }: CheckContext): Outcome | undefined {
  for (const need of check.needs) {
    const { held, verdict, absence } = needs[need];
    if (held(facts)) continue;
    const because = verdict === 'void' && facts.problem !== undefined ? `: ${facts.problem}` : '';
    return { verdict, expected: check.requirement, actual: absence + because };
  }
  return undefined;
}
