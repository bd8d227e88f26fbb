// The engine of `conform`: finds what to work on, runs the checks against it, sums up.
import type { CheckResult, ConformSummary, Results } from '../../../reports/results.ts';
import type { NodeDriver } from '../../drivers/node.ts';
import { matchesAny } from '../../lib/globs.ts';
import { type Access, conclude, newResults, type RunContext } from '../context.ts';
import type { Image } from '../target.ts';
import { ticking } from '../ticking.ts';
import { whyGone } from '../unreachable.ts';
import { withDriver } from '../with-driver.ts';
import { capabilitiesOf } from './capabilities.ts';
import { type ChecksRun, type RunOutcome, runChecks } from './checks.ts';
import { type CheckEnvironment, environmentOf } from './environment.ts';
import { EvidenceBudget } from './evidence-budget.ts';
import { applyBaseline, type Baseline } from './expected-failures.ts';
import { type OfficialOptions, type OfficialRan, runBeside } from './official/beside.ts';
import { ConformProgress } from './progress.ts';
import { type Selection, selectChecks } from './select-checks.ts';

export interface ConformOptions extends Selection {
  /**
   * With a reference: that image is read, and nothing pushed. Without: the run pushes its own data to the
   * repository ('': one of its own); if nobody gave credentials and the registry does not let anybody
   * push, whatever image it lists first is read instead.
   */
  readonly target: Image;
  /** Nothing is pushed, whatever the target. */
  readonly readOnly?: boolean;
  /** Further images that are read; the ids of their results end in `@repository:tag`. */
  readonly alsoRead?: readonly Image[];
  /** Where blobs are mounted to and from; default `<repository>-other`. */
  readonly otherRepository?: string | undefined;
  /** Hosts that redirects may lead to; none: any. */
  readonly allowHosts?: readonly string[];
  readonly baseline?: Baseline | undefined;
  /** Time for one check, milliseconds. */
  readonly checkMsMax?: number | undefined;
  /** Checks that run at once. */
  readonly jobs: number;
  /** What was pushed stays, so that requests can be repeated by hand. */
  readonly keep?: boolean;
  readonly redirectPolicy: 'required' | 'allowed' | 'forbidden';
  readonly access: Access;
  /** The official suite is run, too, before the checks: it wants to find the repository empty. */
  readonly official?: OfficialOptions | undefined;
}

/** What is the same for every image of a run. */
interface Common {
  readonly options: ConformOptions;
  readonly context: RunContext;
  readonly driver: NodeDriver;
  readonly evidence: EvidenceBudget;
  readonly judged: CheckResult[];
}

/** @throws UserError when nothing can be reached or read, or no check is left to run */
export async function runConform(options: ConformOptions, context: RunContext): Promise<Results> {
  const { target, alsoRead = [], readOnly, otherRepository } = options;
  const results = newResults('conform', target.text, context);
  // Wrong usage is told before anybody is asked.
  selectChecks(options);
  const judged: CheckResult[] = [];
  const inOrder: CheckResult[] = [];
  const defects: string[] = [];
  let gone: string | undefined;
  let putOff = 0;
  let unpushed: string | undefined;
  const passing: Passing[] = [];
  let official: OfficialRan | undefined;
  await withDriver(options.access, context.signal, async (driver) => {
    const common = { options, context, driver, evidence: new EvidenceBudget(), judged };
    const environments: CheckEnvironment[] = [];
    for (const image of [target, ...alsoRead]) {
      const choice = { readOnly: readOnly || image !== target, otherRepository };
      environments.push(await environmentOf(driver, image, choice, context));
    }
    results.target = environments.map(({ image }) => image.text).join(' ');
    const [first] = environments;
    if (options.official !== undefined && first !== undefined) {
      official = await runBeside(options.official, first, options.access, context);
    }
    for (const [index, environment] of environments.entries()) {
      const suffix = index === 0 ? '' : nameOf(environment, environments[0]);
      const outcome = await runOn(environment, suffix, common);
      inOrder.push(...outcome.results);
      if (outcome.facts.defect !== undefined) defects.push(outcome.facts.defect);
      gone ??= outcome.gone;
      putOff += outcome.putOff;
      unpushed ??= outcome.facts.unpushed;
      passing.push(outcome);
      if (index === 0) results.conform = summaryOf(environment, outcome, inOrder);
      if (index === 0 && official !== undefined && results.conform !== undefined) {
        results.conform.official = official.compare(outcome.results);
      }
      if (gone !== undefined || context.signal.aborted) break;
    }
  });
  // A check of the first image does not wait for those of the last.
  results.checks = inOrder.length > 0 ? inOrder : judged;
  if (options.baseline !== undefined && results.conform !== undefined) {
    results.conform.baseline = applyBaseline(options.baseline, results.checks);
  }
  if (results.conform !== undefined) Object.assign(results.conform, inPassing(passing));
  return withOfficial(judge(results, { gone, putOff, unpushed, defect: defects[0] }, context));
}

/** Our verdict stands, unless the suite could not be run, or its results cannot be handed in. */
function withOfficial(results: Results): Results {
  const { conform, exitCode } = results;
  const official = conform?.official;
  if (official === undefined || exitCode > 1) return results;
  if (official.problem !== undefined) {
    const interrupted = `The official suite has no results: ${official.problem}.`;
    return { ...results, verdict: 'error', exitCode: 3, interrupted };
  }
  return official.submission?.fit === false
    ? { ...results, verdict: 'fail', exitCode: 1 }
    : results;
}

/** The outcome for one image, the ids of its results told from those of others by the suffix. */
async function runOn(
  environment: CheckEnvironment,
  suffix: string,
  common: Common,
): Promise<RunOutcome> {
  const { options, context, driver, evidence, judged } = common;
  const { image, mayPush, otherRepository } = environment;
  const checks = selectChecks(options).filter(({ needs }) => mayPush || !needs.includes('push'));
  const expected = [...(options.baseline?.expected.keys() ?? [])];
  const progress = new ConformProgress({
    target: `${image.text}${mayPush ? '' : ', read only'}`,
    total: checks.length,
    isExpected: (id) => matchesAny(expected, id + suffix),
  });
  const named = (result: CheckResult) => ({ ...result, id: result.id + suffix });
  const run: ChecksRun = {
    checks,
    perform: async (request, signal) => {
      const reply = await driver.perform(request, undefined, signal);
      progress.note({ request, reply });
      return reply;
    },
    redactor: driver.redactor,
    registryUrl: image.registryUrl,
    repository: image.repository,
    reference: image.reference,
    credentials: image.credentials,
    redirectPolicy: options.redirectPolicy,
    allowHosts: options.allowHosts ?? [],
    mayPush,
    otherRepository,
    ...(options.checkMsMax !== undefined && { checkMsMax: options.checkMsMax }),
    evidence,
    stumbledBefore: environment.stumbles,
    ...(environment.challenged && { challenged: environment.challenged }),
    whyGone: () => whyGone(driver, image.registryUrl),
    jobs: options.jobs,
    keep: options.keep === true,
    seed: context.seed,
    signal: context.signal,
    onBegin: (id) => progress.begin(id),
    onResult: (result) => {
      judged.push(named(result));
      progress.end(result);
      context.progress(progress.view());
    },
  };
  const view = () => progress.view();
  context.progress(view());
  const outcome = await ticking(context, view, () => runChecks(run));
  return { ...outcome, results: outcome.results.map(named) };
}

/** What tells the results of a further image from those of the first. */
function nameOf({ image }: CheckEnvironment, first: CheckEnvironment | undefined): string {
  const { registry, repository, reference } = image;
  const host = registry === first?.image.registry ? '' : `${registry}/`;
  return `@${host}${repository}${reference.includes(':') ? '@' : ':'}${reference}`;
}

function summaryOf(
  { image, mayPush, reason }: CheckEnvironment,
  { facts, left }: RunOutcome,
  results: readonly CheckResult[],
): ConformSummary {
  return {
    mode: mayPush ? 'full' : 'read-only',
    ...(reason !== undefined && { reason }),
    repository: image.repository,
    left: left.map(({ kind, repository, reference }) => `${repository} ${kind} ${reference}`),
    capabilities: capabilitiesOf(results, facts),
  };
}

type Passing = Pick<RunOutcome, 'stumbles' | 'limits'>;

/** What came in passing, of all images together. */
function inPassing(outcomes: readonly Passing[]): Pick<ConformSummary, 'stumbles' | 'limits'> {
  const stumbles = outcomes.flatMap((outcome) => outcome.stumbles);
  const sum = (of: (limits: Passing['limits']) => number) =>
    outcomes.reduce((total, { limits }) => total + of(limits), 0);
  const [count, waitedMs] = [sum((limits) => limits.count), sum((limits) => limits.waitedMs)];
  return {
    ...(stumbles.length > 0 && { stumbles }),
    ...(count > 0 && { limits: { count, waitedMs: Math.round(waitedMs) } }),
  };
}

function judge(
  results: Results,
  {
    gone,
    putOff,
    unpushed,
    defect,
  }: Pick<RunOutcome, 'gone' | 'putOff'> & {
    readonly unpushed: string | undefined;
    readonly defect: string | undefined;
  },
  context: RunContext,
): Results {
  const { checks = [] } = results;
  const has = (verdict: CheckResult['verdict']) =>
    checks.some((check) => check.verdict === verdict && check.expectedFailure === undefined);
  conclude(results, has('fail') ? 'fail' : 'pass', context.signal);
  if (context.signal.aborted) return results;
  const ended = (exitCode: 3 | 4, interrupted?: string): Results => {
    return { ...results, verdict: 'error', exitCode, ...(interrupted && { interrupted }) };
  };
  if (defect !== undefined) return ended(4, `A defect of pullproof: ${defect.split('\n', 1)[0]}`);
  if (has('harness-error')) return ended(4);
  if (gone !== undefined) return ended(3, `The registry stopped answering: ${gone}`);
  if (putOff > 0 && !has('fail')) {
    return ended(
      3,
      `The registry put requests off (429 or 502 to 504): ${putOff} ${putOff === 1 ? 'check is' : 'checks are'} void.`,
    );
  }
  // What reads has nothing to read then, and what pushes does not fail: that proves little.
  if (unpushed !== undefined && !has('fail') && !has('warn')) return ended(3, `${unpushed}.`);
  // With --only, the check that fails may be left out and the rest void: that proves nothing.
  const idle = checks.every(({ verdict }) => verdict === 'void' || verdict === 'unsupported');
  return idle && has('void') ? ended(3) : results;
}
