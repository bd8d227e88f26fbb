// Runs declared checks against one registry: survey first, then each check with its own evidence.
// Knows nothing of the command line or of files; the kill matrix runs it in process.
import type { CheckResult, Stumble, Verdict } from '../../../reports/results.ts';
import {
  type Check,
  type CheckContext,
  type Facts,
  type Leftover,
  Void,
} from '../../checks/check.ts';
import { smallBytesMax } from '../../checks/kit/ask.ts';
import { neutral } from '../../checks/kit/neutral.ts';
import { cleanUp } from '../../checks/setup/clean-up.ts';
import { pushStandardImage } from '../../checks/setup/standard-image.ts';
import { survey } from '../../checks/setup/survey.ts';
import { drive, type Pause, type Perform } from '../../drivers/drive.ts';
import type { Redactor } from '../../drivers/redact.ts';
import type { Credentials } from '../../protocol/client.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import { openSession, registryRequest } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import { contextOf, expectReading, noteLimited, noteSchemes } from './check-context.ts';
import { EvidenceBudget } from './evidence-budget.ts';
import { type Judged, judge, type SpoiltGiven } from './judge-check.ts';
import { Outages } from './outage.ts';
import { Patience } from './patience.ts';
import { steady } from './steady.ts';
import { kindOf, type Noted, noted, notedStumble, StumbleLog } from './stumbles.ts';
import { limited, Overdue } from './time-limit.ts';
import { TokensSeen } from './tokens-seen.ts';
import { type CheckMeans, ownDefect } from './try-check.ts';

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
  /** Where servers failed by themselves before the run, as it was found out where to work. */
  readonly stumbledBefore?: readonly Exchange[];
  /** How the image was refused before anybody was logged in, if it was. */
  readonly challenged?: Exchange;
  /** Told the id of each check as it begins. */
  readonly onBegin?: (id: string) => void;
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
  /** What came in passing that no valid request should get, each kind once. */
  readonly stumbles: readonly Stumble[];
  /** Replies that put a request off (429), and how long that was waited for. */
  readonly limits: { readonly count: number; readonly waitedMs: number };
}

/** One result per check; fewer when aborted, or when the registry is gone. Never rejects for what it does. */
export async function runChecks(run: ChecksRun): Promise<RunOutcome> {
  return await new Run(run).outcome();
}

/** One run: what every part of it needs, and what has come of it so far. */
class Run {
  readonly #run: ChecksRun;
  readonly #context: CheckContext;
  readonly #means: CheckMeans;
  readonly #log: StumbleLog;
  /** Of the set-up. */
  readonly #stumbles: Exchange[] = [];
  readonly #patience: Patience;
  readonly #tokens = new TokensSeen();
  readonly #judged = new Map<Check, Judged>();
  readonly #failed = new Set<string>();
  #gone: string | undefined;
  #putOff = 0;

  constructor(run: ChecksRun) {
    this.#run = run;
    this.#log = new StumbleLog((text) => run.redactor.text(text));
    this.#context = contextOf(run, this.#stumbles, (check) => this.#failed.has(check));
    const { facts } = this.#context;
    const { pause } = run;
    const patiently = pause && ((ms: number) => pause(ms));
    this.#patience = new Patience((exchange) => noteLimited(facts, exchange), patiently);
    const patient = this.#patience.over(run.perform);
    const ping = {
      path: '/v2/',
      want: 'none',
      bodyBytesMax: smallBytesMax,
      phase: 'ping',
    } as const;
    const outages = new Outages(
      patient,
      registryRequest(openSession(run.registryUrl, '', neutral), ping),
      () => this.#isOver(),
      ...(pause === undefined ? [] : [pause]),
    );
    const perform: Perform = async (request, signal) => {
      if (!this.#context.mayPush) expectReading(request);
      const reply = await outages.perform(request, signal);
      this.#tokens.note({ request, reply });
      if (reply.status === 401 && request.hop === 'registry') noteSchemes(facts, reply);
      return reply;
    };
    this.#means = {
      perform,
      redactor: run.redactor,
      evidence: run.evidence ?? new EvidenceBudget(),
      checkMsMax: run.checkMsMax ?? checkMsMaxDefault,
      ...(pause !== undefined && { pause }),
      outages,
      isDoubtful: (exchange) => this.#tokens.isDoubtful(exchange),
      isPassing: (exchange) => this.#tokens.isPassing(exchange),
    };
  }

  async outcome(): Promise<RunOutcome> {
    const { keep = false, checks } = this.#run;
    const context = this.#context;
    for (const exchange of this.#run.stumbledBefore ?? []) this.#log.add(noted(exchange), 'set-up');
    await this.#setUp();
    await this.#work(checks.filter(({ judgesRun }) => judgesRun !== true));
    const left = keep || this.#isOver() ? context.leftovers : await this.#cleaned();
    this.#noteStumbles();
    const stumbles = this.#log.summary();
    context.facts.stumbles = stumbles;
    await this.#work(checks.filter(({ judgesRun }) => judgesRun === true));
    const results = checks.flatMap((check) => this.#resultOf(check) ?? []);
    const [gone, putOff, { facts }] = [this.#gone, this.#putOff, context];
    const { count, waitedMs } = this.#patience;
    return { results, facts, left, gone, putOff, stumbles, limits: { count, waitedMs } };
  }

  #isOver(): boolean {
    return this.#run.signal?.aborted === true || this.#gone !== undefined;
  }

  /** What goes wrong in pushing the image goes wrong in checks of pushing, too. */
  async #setUp(): Promise<void> {
    const context = this.#context;
    const { facts, mayPush } = context;
    const unpushed = mayPush ? await this.#before(pushStandardImage(context)) : undefined;
    if (unpushed !== undefined) {
      facts.unpushed = `the image of the run could not be pushed: ${unpushed}`;
    }
    const problem = await this.#before(survey(context));
    if (problem !== undefined) facts.problem = problem;
    // Something else went wrong with the push, which the checks of pushing tell.
    if (facts.image !== undefined) delete facts.unpushed;
  }

  /** Runs what comes before the checks. Returns what went wrong. */
  async #before(talk: Talk<void>): Promise<string | undefined> {
    const { redactor, checkMsMax } = this.#means;
    let last: Exchange | undefined;
    const limit = limited(this.#steady('set-up'), checkMsMax, (request, reply) => {
      last = { request, reply };
    });
    try {
      await drive(talk, limit.perform, this.#run.pause);
      return undefined;
    } catch (error) {
      const defect = ownDefect(error);
      if (defect !== undefined) this.#context.facts.defect ??= redactor.text(defect);
      if (defect !== undefined) return undefined;
      const given = error instanceof Void ? error.given : undefined;
      const what = given === undefined || last === undefined ? '' : `${kindOf(last.request)}: `;
      return `${what}${given?.because ?? (error as Error).message}`;
    } finally {
      limit.end();
    }
  }

  /** For what surrounds the checks: asked again where a server failed by itself. */
  #steady(during: string): Perform {
    const stumbled = (exchange: Exchange) => {
      this.#log.add(notedStumble(exchange), during);
      this.#stumbles.push(exchange);
    };
    return steady(
      this.#means.perform,
      stumbled,
      this.#run.pause,
      (exchange) => this.#tokens.isDoubtful(exchange, during !== 'set-up'),
      this.#means.outages,
    );
  }

  async #work(checks: readonly Check[]): Promise<void> {
    for (const stretch of stretchesOf(checks)) {
      const queue = stretch.checks.values();
      const jobs = stretch.isAlone ? 1 : Math.max(1, this.#run.jobs ?? 1);
      await Promise.all(Array.from({ length: jobs }, () => this.#workOff(queue)));
    }
  }

  async #workOff(queue: IterableIterator<Check>): Promise<void> {
    const { checkMsMax } = this.#means;
    for (const check of queue) {
      if (this.#isOver()) return;
      this.#run.onBegin?.(check.id);
      const limitMs = checkMsMax * (longChecks.has(check.id) ? longFactor : 1);
      const judged = await judge(check, this.#context, { ...this.#means, checkMsMax: limitMs });
      if (this.#run.signal?.aborted === true) return;
      await this.#note(check, judged);
    }
  }

  async #note(check: Check, judged: Judged): Promise<void> {
    const { result, silence } = judged;
    if (judged.isPutOff) this.#putOff++;
    if (silence !== undefined && result.verdict !== 'pass')
      this.#gone ??= await this.#run.whyGone?.();
    const isCut = this.#gone !== undefined && silence !== undefined;
    const actual = `the registry stopped answering (${this.#gone})`;
    const cut: Judged = { ...judged, result: { ...result, verdict: 'void', actual } };
    if (!isCut && isBad(result)) this.#failed.add(check.id);
    this.#judged.set(check, isCut ? cut : judged);
    this.#run.onResult?.(this.#resultOf(check) as CheckResult);
  }

  /** Its words are settled only when it is known what became of the checks that it depends on. */
  #resultOf(check: Check): CheckResult | undefined {
    const { result, given } = this.#judged.get(check) ?? {};
    if (result?.verdict !== 'void' || given === undefined) return result;
    return { ...result, actual: this.#run.redactor.text(this.#whyVoid(given)) };
  }

  #whyVoid({ check, because, last }: SpoiltGiven): string {
    const what = last === undefined ? because : `${last.request}: ${because}`;
    const verdict = this.#verdictOf(check);
    if (verdict === undefined) return `depends on ${check}, which was not run: ${what}`;
    if (verdict !== 'pass') return `depends on ${check}, which does not hold here: ${because}`;
    const party = last?.party ?? 'the registry';
    return `not reached: ${party} did not do what this begins with (${what}), although ${check} holds`;
  }

  #verdictOf(id: string): Verdict | undefined {
    for (const [check, { result }] of this.#judged) if (check.id === id) return result.verdict;
    return undefined;
  }

  /**
   * What came in passing. What a check that fails tells already is left out, for all that depend on it, unless it
   * came in passing elsewhere as well: then each is counted.
   */
  #noteStumbles(): void {
    const told: (readonly [string, Noted])[] = [];
    for (const [{ id }, { given, stumbles, told: own }] of this.#judged) {
      const because = given === undefined ? undefined : this.#verdictOf(given.check);
      const isTold = because === 'fail' || because === 'warn' || because === 'void';
      for (const each of isTold ? [...own, ...stumbles] : own) told.push([id, each]);
      if (isTold) continue;
      for (const each of stumbles) this.#log.add(each, id);
      const isRefusal = because === 'pass' && given?.last !== undefined && !given.isStumble;
      if (isRefusal) this.#log.add({ ...given.last, kind: 'set-up' }, id);
    }
    for (const [id, each] of told.filter(([, each]) => this.#log.has(each))) {
      this.#log.add(each, id);
    }
  }

  async #cleaned(): Promise<readonly Leftover[]> {
    const { checkMsMax } = this.#means;
    const limit = limited(this.#steady('clean-up'), checkMsMax * longFactor);
    const context = this.#context;
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
}

function isBad({ verdict }: CheckResult): boolean {
  return verdict === 'fail' || verdict === 'warn';
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
