// The engine of `load`: tries every image once, runs k6 with the plan, and adds up what it measured.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { LoadResult, Results } from '../../reports/results.ts';
import type { Plan, PlannedImage, PlannedShape } from '../../scenarios/lib/plan.ts';
import { Redactor } from '../drivers/redact.ts';
import { profiles } from '../profiles/index.ts';
import { base64 } from '../protocol/base64.ts';
import type { ClientProfile } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import { asObject, asString, parseJson } from '../protocol/json.ts';
import type { Platform } from '../protocol/platform.ts';
import { locate } from '../protocol/pull.ts';
import { UserError } from '../protocol/user-error.ts';
import { watchCpu } from './bottleneck.ts';
import { type Access, conclude, newResults, type RunContext } from './context.ts';
import { type EngineChoice, findK6, type K6 } from './k6.ts';
import { runK6 } from './k6-child.ts';
import { examplesOf, failedSetUp, fromStock, fromTimeline } from './load-result.ts';
import { packageRoot } from './package-root.ts';
import { judgeSlos, type Slo } from './slo.ts';
import type { Image } from './target.ts';
import { Timeline } from './timeline.ts';
import { unreachable } from './unreachable.ts';
import { withDriver } from './with-driver.ts';

export interface LoadOptions {
  readonly images: readonly Image[];
  readonly client: string;
  readonly platform: Platform;
  readonly shape: PlannedShape;
  readonly verify: 'all' | 'sample' | 'size' | 'none';
  readonly engine: EngineChoice;
  readonly slos: readonly Slo[];
  readonly access: Access;
  /** Existing folder for timeline.ndjson and k6.log. */
  readonly outDir: string;
  /** Shows a line that replaces the one before; undefined when nobody watches. */
  readonly live?: ((line: string) => void) | undefined;
}

/** @throws UserError when the target cannot be reached or no k6 can be had */
export async function runLoad(options: LoadOptions, context: RunContext): Promise<Results> {
  const client = profiles[options.client];
  if (client === undefined) throw new Error(`unknown profile ${options.client}`);
  const results = newResults('load', options.images.map((image) => image.text).join(', '), context);
  const tried = await tryImages(options, client, context);
  if (!Array.isArray(tried)) {
    results.load = failedSetUp(options, tried.failure);
    return conclude(results, 'fail', context.signal);
  }
  const k6 = await findK6(options.engine, {
    variables: process.env,
    progress: context.work,
    signal: context.signal,
  });
  const verify = k6.engine === 'stock' && options.verify === 'all' ? 'sample' : options.verify;
  const { access, images, platform, shape } = options;
  const plan: Plan = {
    client: options.client,
    images: tried,
    platform,
    shape,
    verify,
    timeoutMs: access.timeoutMs,
    insecure: access.insecure,
  };
  const load = await measure(k6, plan, client, options, context);
  load.images = images.map((image) => image.text);
  load.slo = judgeSlos(options.slos, load);
  results.load = load;
  return conclude(results, verdictOf(load), context.signal);
}

/** Without SLOs every failed pull counts; with SLOs they decide. No pull at all is never a success. */
function verdictOf({ pulls, slo }: LoadResult): 'pass' | 'fail' {
  if (pulls.ok === 0) return 'fail';
  const held = slo.length > 0 ? slo.every((one) => one.held) : pulls.failed === 0;
  return held ? 'pass' : 'fail';
}

/** The set-up, outside the measured window: each image is located once, as the client would. */
function tryImages(
  options: LoadOptions,
  client: ClientProfile,
  { signal }: RunContext,
): Promise<PlannedImage[] | { failure: PullFailure }> {
  return withDriver(options.access, signal, async (driver) => {
    try {
      const planned: PlannedImage[] = [];
      for (const image of options.images) {
        const { registryUrl, repository, reference, credentials } = image;
        const { platform } = options;
        const talk = locate({ registryUrl, repository, reference, credentials, platform, client });
        const { resolvedTo } = await driver.run(talk);
        planned.push({ registryUrl, repository, reference, credentials, resolvesTo: resolvedTo });
      }
      return planned;
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      // A reply may repeat what it was sent, and this ends up in messages and results.
      error.message = driver.redactor.text(error.message);
      const problem = unreachable(error);
      if (problem !== undefined && !signal.aborted) throw problem;
      return { failure: error };
    }
  });
}

async function measure(
  k6: K6,
  plan: Plan,
  client: ClientProfile,
  options: LoadOptions,
  context: RunContext,
): Promise<LoadResult> {
  const built = k6.engine === 'built';
  const figuresFile = join(options.outDir, built ? 'timeline.ndjson' : 'k6-summary.json');
  const logFile = join(options.outDir, 'k6.log');
  // k6 appends; an earlier run's figures must not be counted.
  await Promise.all([rm(figuresFile, { force: true }), rm(logFile, { force: true })]);
  const timeline = new Timeline();
  let partial = '';
  const onText = (text: string) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) timeline.add(line);
    options.live?.(liveLine(timeline));
  };
  const busy = watchCpu();
  const outcome = await runK6({
    k6,
    plan,
    scenario: join(packageRoot, 'scenarios', built ? 'pull.ts' : 'pull-stock.ts'),
    figuresFile,
    logFile,
    caFile: options.access.caFile,
    http1: client.httpVersion === '1.1',
    signal: context.signal,
    ...(built && { onText }),
  });
  const log = await cleanLog(logFile, plan);
  const facts = { examples: examplesOf(log), busy: busy(), aborted: context.signal.aborted };
  const load = built
    ? fromTimeline(timeline, plan, k6, facts)
    : fromStock(await readFile(figuresFile, 'utf8').catch(() => ''), plan, k6, facts);
  if (load.pulls.ok + load.pulls.failed === 0 && !context.signal.aborted && outcome.code !== 0) {
    const said = lastWords(log, outcome.output);
    throw new UserError(
      'k6-failed',
      `k6 ended with code ${outcome.code} before the first pull: ${said}`,
      `Look at ${logFile}; if PULLPROOF_K6 is set, try without it.`,
      3,
    );
  }
  return load;
}

/** k6 itself logs whole URLs, with what is signed into them: the log is kept without secrets. */
async function cleanLog(file: string, plan: Plan): Promise<string> {
  const redactor = new Redactor();
  for (const { credentials } of plan.images) {
    if (credentials === undefined) continue;
    redactor.add(credentials.password);
    redactor.add(base64(`${credentials.username}:${credentials.password}`));
  }
  const raw = await readFile(file, 'utf8').catch(() => '');
  const log = redactor.text(raw);
  if (log !== raw) await writeFile(file, log);
  return log;
}

function liveLine(timeline: Timeline): string {
  const last = timeline.latest();
  if (last === undefined) return 'starting';
  const megabytes = (last.bytes / 1e6).toFixed(1);
  const totals = `${timeline.pullsOk} pulls, ${timeline.pullsFailed} failed`;
  return `${last.second} s: ${last.pulls} pulls/s, ${megabytes} MB/s, p95 ${last.p95} ms (${totals})`;
}

/** The last error that k6 logged, else the end of its output. */
function lastWords(log: string, output: string): string {
  const messages = log.split('\n').flatMap((line) => {
    const entry = asObject(parseJson(line));
    return entry?.level === 'error' ? (asString(entry.msg) ?? []) : [];
  });
  return (messages.at(-1) ?? output.trim()).slice(-500);
}

/** Virtual users of the rate shape: enough for slow pulls, within what a machine bears. */
export function defaultRateVus(perSecond: number): number {
  return Math.min(Math.max(Math.ceil(perSecond * 10), 10 * availableParallelism()), 2000);
}
