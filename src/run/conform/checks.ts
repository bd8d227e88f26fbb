// Runs declared checks against one registry: survey first, then each check with its own evidence.
// Knows nothing of the command line or of files; the kill matrix runs it in process.
import type { CheckResult } from '../../../reports/results.ts';
import type { Check, CheckContext, Facts, Leftover } from '../../checks/check.ts';
import { neutral } from '../../checks/kit/neutral.ts';
import { cleanUp } from '../../checks/setup/clean-up.ts';
import { pushStandardImage } from '../../checks/setup/standard-image.ts';
import { survey } from '../../checks/setup/survey.ts';
import { drive, type Pause, type Perform } from '../../drivers/drive.ts';
import type { Redactor } from '../../drivers/redact.ts';
import type { Credentials } from '../../protocol/client.ts';
import { parseChallenges } from '../../protocol/grammar/challenge.ts';
import { openSession, type Session } from '../../protocol/session.ts';
import type { HttpReply, HttpRequest, Talk } from '../../protocol/talk.ts';
import { EvidenceBudget } from './evidence-budget.ts';
import { type CheckMeans, judge, ownDefect } from './judge-check.ts';
import { patient } from './patience.ts';
import { limited, Overdue } from './time-limit.ts';

export interface ChecksRun {
  readonly checks: readonly Check[];
  readonly perform: Perform;
  readonly redactor: Redactor;
  readonly registryUrl: string;
  readonly repository: string;
  readonly reference: string;
  readonly credentials?: Credentials | undefined;
  readonly redirectPolicy: 'required' | 'allowed' | 'forbidden';
  /** See CheckContext, default none. */
  readonly allowHosts?: readonly string[];
  /** The run may push: to `repository`, and to `otherRepository`. Checks that push are void without. */
  readonly mayPush?: boolean;
  readonly otherRepository?: string;
  /** Time for one check, milliseconds, default `checkMsMaxDefault`. */
  readonly checkMsMax?: number;
  /** Kept within one bound over several runs when it is the same object. */
  readonly evidence?: EvidenceBudget;
  /** Asked when a check got no answer at all: why nobody will answer any more, or undefined. */
  readonly whyGone?: () => Promise<string | undefined>;
  /** Checks that run at once, default 1. */
  readonly jobs?: number;
  /** Nothing is taken away at the end. */
  readonly keep?: boolean;
  readonly seed: number;
  readonly now?: () => number;
  /** Waits between tries of a request, default by the clock. */
  readonly pause?: Pause;
  /** No further check is started once this is aborted. */
  readonly signal?: AbortSignal;
  /** Told of each result as it comes, so that an interrupted run keeps what it has. */
  readonly onResult?: (result: CheckResult) => void;
}

/** Bounds a registry that drips: each request of its own may take ten times `--timeout`. */
const checkMsMaxDefault = 120_000;
/** Checks that download whole images; the time limit of a request holds all the same. */
const longChecks: ReadonlySet<string> = new Set(['blob-layers', 'pull-platform']);
/** What these, and the cleaning up, get instead of the time for one check. */
const longFactor = 15;

/** What came of a run of the checks. */
export interface RunOutcome {
  /** In the order of the checks. */
  readonly results: CheckResult[];
  readonly facts: Facts;
  /** What was pushed and could not be taken away again. */
  readonly left: readonly Leftover[];
  /** Why the registry stopped answering for good; checks that had not begun by then have no result. */
  readonly gone: string | undefined;
  /** Checks that are void because the registry had no time for them. */
  readonly putOff: number;
}

/** One result per check; fewer when aborted, or when the registry is gone. Never rejects for what it does. */
export async function runChecks(run: ChecksRun): Promise<RunOutcome> {
  const context = contextOf(run);
  const { facts } = context;
  const checkMsMax = run.checkMsMax ?? checkMsMaxDefault;
  const ask = patient(run.perform, (request, reply) => noteLimited(facts, { request, reply }));
  const perform: Perform = async (request, signal) => {
    if (!context.mayPush) expectReading(request);
    const reply = await ask(request, signal);
    if (reply.status === 401 && request.hop === 'registry') noteSchemes(facts, reply);
    return reply;
  };
  const means: CheckMeans = {
    perform,
    redactor: run.redactor,
    evidence: run.evidence ?? new EvidenceBudget(),
    checkMsMax,
    ...(run.pause !== undefined && { pause: run.pause }),
  };
  // What goes wrong in pushing the image goes wrong in checks of pushing, too.
  for (const talk of context.mayPush ? [pushStandardImage, survey] : [survey]) {
    await setUp(talk(context), means, facts);
  }
  const results = new Map<Check, CheckResult>();
  let gone: string | undefined;
  const stopped = () => run.signal?.aborted === true || gone !== undefined;
  let putOff = 0;
  const work = async (queue: IterableIterator<Check>) => {
    for (const check of queue) {
      if (stopped()) return;
      const limitMs = checkMsMax * (longChecks.has(check.id) ? longFactor : 1);
      const judged = await judge(check, context, { ...means, checkMsMax: limitMs });
      if (run.signal?.aborted === true) return;
      if (judged.isPutOff) putOff++;
      if (judged.silence !== undefined && judged.result.verdict !== 'pass') {
        gone ??= await run.whyGone?.();
      }
      const isCut = gone !== undefined && judged.silence !== undefined;
      const actual = `the registry stopped answering (${gone})`;
      const result = isCut ? { ...judged.result, verdict: 'void' as const, actual } : judged.result;
      results.set(check, result);
      run.onResult?.(result);
    }
  };
  for (const { checks, isAlone } of stretchesOf(run.checks)) {
    const queue = checks.values();
    const jobs = isAlone ? 1 : Math.max(1, run.jobs ?? 1);
    await Promise.all(Array.from({ length: jobs }, () => work(queue)));
  }
  const left = run.keep === true || stopped() ? context.leftovers : await cleaned(context, means);
  const inOrder = run.checks.flatMap((check) => results.get(check) ?? []);
  return { results: inOrder, facts, left, gone, putOff };
}

/** The checks in their order, cut where those that may run at once meet those that run alone. */
function stretchesOf(checks: readonly Check[]): { checks: Check[]; isAlone: boolean }[] {
  const stretches: { checks: Check[]; isAlone: boolean }[] = [];
  for (const check of checks) {
    const isAlone = check.isAlone === true;
    const last = stretches.at(-1);
    if (last?.isAlone === isAlone) last.checks.push(check);
    else stretches.push({ checks: [check], isAlone });
  }
  return stretches;
}

/** A run that may not push sends nothing that could change anything, whatever a check asks for. */
function expectReading({ ask: { method }, hop, url }: HttpRequest): void {
  if (method === 'GET' || method === 'HEAD' || hop === 'token') return;
  throw new Error(`${method} ${url} in a run that may only read`);
}

/** The registry asks for authentication by these; also where only pushing needs it. */
function noteSchemes(facts: Facts, reply: HttpReply): void {
  facts.schemes ??= new Set();
  for (const { scheme } of parseChallenges(reply.header('WWW-Authenticate') ?? '')) {
    if (/^(?:bearer|basic)$/.test(scheme)) facts.schemes.add(scheme);
  }
}

/** Replies that are kept to be judged, of those that say that there were too many requests. */
const limitedMax = 20;

function noteLimited(facts: Facts, hop: { request: HttpRequest; reply: HttpReply }): void {
  facts.limited ??= [];
  if (facts.limited.length < limitedMax) facts.limited.push(hop);
}

/** Runs what comes before the checks; what goes wrong stands in the facts. */
async function setUp(talk: Talk<void>, means: CheckMeans, facts: Facts): Promise<void> {
  const limit = limited(means.perform, means.checkMsMax);
  try {
    await drive(talk, limit.perform);
  } catch (error) {
    const defect = ownDefect(error);
    if (defect !== undefined) facts.defect ??= means.redactor.text(defect);
    else facts.problem = (error as Error).message;
  } finally {
    limit.end();
  }
}

async function cleaned(context: CheckContext, means: CheckMeans): Promise<readonly Leftover[]> {
  const limit = limited(means.perform, means.checkMsMax * longFactor);
  try {
    return await drive(cleanUp(context), limit.perform);
  } catch (error) {
    // How far it got is not known then, so all of it may be left.
    if (!(error instanceof Overdue)) context.facts.defect ??= ownDefect(error) ?? String(error);
    return context.leftovers;
  } finally {
    limit.end();
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
    allowHosts: run.allowHosts ?? [],
    mayPush: run.mayPush === true,
    nonce: (run.seed >>> 0).toString(16).padStart(8, '0'),
    facts: {},
    leftovers: [],
    session(repository = run.repository, actions = usual, extraScopes = []) {
      const key = [actions, repository, ...extraScopes].join(' ');
      const known = sessions.get(key);
      if (known !== undefined) return known;
      const { registryUrl, credentials } = run;
      const opened = openSession(
        registryUrl,
        repository,
        neutral,
        credentials,
        actions,
        extraScopes,
      );
      sessions.set(key, opened);
      return opened;
    },
    now: run.now ?? Date.now,
  };
}
