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
import { cleanUp } from '../checks/clean-up.ts';
import { neutral } from '../checks/neutral.ts';
import type { Made } from '../checks/push.ts';
import { pushStandardImage } from '../checks/standard-image.ts';
import { survey } from '../checks/survey.ts';
import { drive, type Perform } from '../drivers/drive.ts';
import { toExchange } from '../drivers/evidence.ts';
import type { Redactor } from '../drivers/redact.ts';
import type { Credentials } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import { openSession, type Session } from '../protocol/session.ts';
import type { Talk } from '../protocol/talk.ts';

export interface ChecksRun {
  readonly checks: readonly Check[];
  readonly perform: Perform;
  readonly redactor: Redactor;
  readonly registryUrl: string;
  readonly repository: string;
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  readonly redirectPolicy: 'required' | 'allowed' | 'forbidden';
  /** The run may push: to `repository`, and to `otherRepository`. Checks that push are void without. */
  readonly mayPush?: boolean;
  readonly otherRepository?: string;
  /** Checks that run at once, default 1. */
  readonly jobs?: number;
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
  /** In the order of the checks. */
  readonly results: CheckResult[];
  readonly facts: Facts;
  /** What was pushed and could not be taken away again. */
  readonly left: readonly Made[];
}

/** One result per check; fewer when aborted. Never rejects for what a registry does. */
export async function runChecks(run: ChecksRun): Promise<Surveyed> {
  const context = contextOf(run);
  if (run.mayPush === true) await drive(prepare(context), run.perform);
  await drive(survey(context), run.perform);
  const results: CheckResult[] = new Array(run.checks.length);
  const stopped = () => run.signal?.aborted === true;
  let next = 0;
  const worker = async () => {
    while (next < run.checks.length && !stopped()) {
      const index = next++;
      const result = await runCheck(run.checks[index] as Check, context, run);
      if (stopped()) return;
      results[index] = result;
      run.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, run.jobs ?? 1) }, worker));
  const left = stopped() ? context.made : await drive(cleanUp(context), run.perform);
  return { results: results.filter((result) => result !== undefined), facts: context.facts, left };
}

/** What goes wrong here goes wrong in checks of pushing, too; those of pulling have nothing to read then. */
function* prepare(context: CheckContext): Talk<void> {
  try {
    yield* pushStandardImage(context);
  } catch (error) {
    context.facts.problem = error instanceof Error ? error.message : String(error);
  }
}

function contextOf(run: ChecksRun): CheckContext {
  const usual = run.mayPush === true ? 'pull,push' : 'pull';
  const sessions = new Map<string, Session>();
  return {
    registryUrl: run.registryUrl,
    repository: run.repository,
    otherRepository: run.otherRepository ?? '',
    reference: run.reference,
    credentials: run.credentials,
    redirectPolicy: run.redirectPolicy,
    mayPush: run.mayPush === true,
    nonce: (run.seed >>> 0).toString(16).padStart(8, '0'),
    facts: {},
    made: [],
    session(repository = run.repository, actions = usual) {
      const key = `${actions} ${repository}`;
      const known = sessions.get(key);
      if (known !== undefined) return known;
      const { registryUrl, credentials } = run;
      const opened = openSession(registryUrl, repository, neutral, credentials, actions);
      sessions.set(key, opened);
      return opened;
    },
    now: run.now ?? Date.now,
  };
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
    {
      held: (facts: Facts, context: CheckContext) => boolean;
      verdict: 'void' | 'unsupported';
      absence: string;
    }
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
  push: {
    held: (_, { mayPush }) => mayPush,
    verdict: 'unsupported',
    absence: 'the run may not push',
  },
  redirect: {
    held: (facts) => facts.redirect !== undefined,
    verdict: 'unsupported',
    absence: 'the registry serves blobs itself',
  },
};

function missing(check: Check, context: CheckContext): Outcome | undefined {
  const { facts } = context;
  for (const need of check.needs) {
    const { held, verdict, absence } = needs[need];
    if (held(facts, context)) continue;
    const because = verdict === 'void' && facts.problem !== undefined ? `: ${facts.problem}` : '';
    return { verdict, expected: check.requirement, actual: absence + because };
  }
  return undefined;
}
