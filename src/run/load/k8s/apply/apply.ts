// `load --k8s DIR --apply`: the folder's run, on the cluster that the user's kubectl knows, from the first look at the
// cluster to the joined report.
import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Results } from '../../../../../reports/results.ts';
import { UserError } from '../../../../lib/user-error.ts';
import type { RunContext } from '../../../context.ts';
import type { View } from '../../../view.ts';
import { mergeRuns } from '../../merge/merge.ts';
import { timelinesFolder } from '../../merge/parts.ts';
import type { Slo } from '../../slo.ts';
import { Made } from './clean-up.ts';
import { type Described, readDescribed } from './described.ts';
import { errorOf, type Followed, type Following, followRun } from './follow.ts';
import { Kubectl } from './kubectl.ts';
import { RunnerLogs } from './logs.ts';
import { preflight } from './preflight.ts';
import { wholeWords } from './progress.ts';
import { mustHaveWorked } from './said.ts';
import { makeSecrets, type SecretWish } from './secrets.ts';
import { startOf, writeStart } from './start-at.ts';
import { fetchFromVolume, prepareVolume } from './volume.ts';
import { Watch } from './watch.ts';

export interface ApplyOptions {
  /** That `load --k8s` wrote. */
  readonly dir: string;
  /** Existing folder for the joined run. */
  readonly outDir: string;
  /** What the runners read credentials from, where they are known here. */
  readonly secrets: readonly SecretWish[];
  /** Of kubectl; absent: its current one. */
  readonly kubeContext?: string | undefined;
  /** How far ahead the common start is; absent: by the load and the number of runners. */
  readonly startInMs?: number | undefined;
  /** How long what may mend itself is waited for; absent: by reason. */
  readonly patienceMs?: number | undefined;
  /** Objectives instead of those of the folder. */
  readonly slos: readonly Slo[];
  readonly show: (view: View) => void;
  readonly say: (line: string) => void;
  /** Told how to name what is left in the cluster by now, for who leaves at once. */
  readonly leaves: (left: () => string | undefined) => void;
}

const applyMs = 60_000;

/** @throws UserError when there is nothing to join */
export async function applyRun(options: ApplyOptions, context: RunContext): Promise<Results> {
  const { dir, outDir, patienceMs, show, say } = options;
  const { signal } = context;
  const anywhere = await Kubectl.find(process.env, options.kubeContext);
  const described = await readDescribed(dir, anywhere);
  const kubectl = anywhere.in(described.namespace);
  const { secrets, hasClaim } = await preflight(described, options.secrets, kubectl);
  const made = new Made(described, kubectl);
  options.leaves(() => (made.isEmpty ? undefined : made.command()));
  const watch = new Watch(described, kubectl, outDir);
  const following = { described, watch, patienceMs, signal, show, startAt: undefined };
  const stage = new Stage(following, made, kubectl, hasClaim);
  try {
    await setAside(dir, say);
    await stage.prepare(secrets);
    if (signal.aborted) throw stopped();
    const startAt = startOf(described.plan, described.parallelism, options.startInMs, Date.now());
    await writeStart(dir, described.plan, startAt);
    const followed = await stage.run(startAt);
    for (const one of followed.spared) say(`went on without ${wholeWords(one)}`);
    if (!followed.hasBegun) {
      stage.nothingToLose();
      throw nothingOf(followed, described, signal.aborted);
    }
    const files = await stage.collect(signal.aborted || followed.why !== undefined, say);
    if (files.length === 0) throw nothingOf(followed, described, signal.aborted);
    say(
      `${files.length} of ${described.parallelism} timelines are in ${join(dir, timelinesFolder)}`,
    );
    const results = await mergeRuns({ paths: [dir], slos: options.slos, outDir }, context);
    return concluded(results, followed, signal.aborted);
  } finally {
    await stage.end(say);
  }
}

/** What is made in the cluster for a run, and how its timelines come back. */
class Stage {
  readonly #following: Following;
  readonly #made: Made;
  readonly #kubectl: Kubectl;
  readonly #hasClaim: boolean;
  readonly #logs: RunnerLogs | undefined;
  /** Nothing is in the cluster that is not here. */
  #isSafe = true;

  constructor(following: Following, made: Made, kubectl: Kubectl, hasClaim: boolean) {
    this.#following = following;
    this.#made = made;
    this.#kubectl = kubectl;
    this.#hasClaim = hasClaim;
    const { described } = following;
    if (described.claim === undefined) this.#logs = new RunnerLogs(described, kubectl);
  }

  async prepare(secrets: readonly SecretWish[]): Promise<void> {
    const { described } = this.#following;
    const { claim, name } = described;
    if (claim !== undefined) {
      if (!this.#hasClaim) this.#made.add(`persistentvolumeclaim/${claim}`);
      this.#made.add(this.#made.collector);
      await prepareVolume(this.#following, this.#kubectl);
    }
    this.#made.add(...secrets.map((secret) => `secret/${secret.name}`));
    await makeSecrets(name, secrets, this.#kubectl);
  }

  /** @throws UserError */
  async run(startAt: string | undefined): Promise<Followed> {
    const { described } = this.#following;
    this.#made.add(this.#made.testRun, ...described.made);
    const words = ['apply', '--server-side', '-k', described.dir];
    mustHaveWorked(await this.#kubectl.run(words, { timeoutMs: applyMs }));
    this.#isSafe = false;
    const onLook = this.#logs?.takeEnded;
    return await followRun({ ...this.#following, startAt, ...(onLook && { onLook }) });
  }

  /** `isEarly`: runners may be at it. Gives the files. @throws UserError `timelines-not-fetched` (exit 3) */
  async collect(isEarly: boolean, say: (line: string) => void): Promise<readonly string[]> {
    const { described } = this.#following;
    // Who was stopped waits for these, too.
    const following = { ...this.#following, signal: new AbortController().signal };
    try {
      const files = await this.#fetch(isEarly, following);
      const lost = [...(this.#logs?.failures ?? [])];
      for (const [job, why] of lost) say(`the log of ${job} could not be read: ${why}`);
      this.#isSafe = lost.length === 0;
      return files;
    } catch (error) {
      throw notFetched((error as Error).message, described);
    }
  }

  async #fetch(isEarly: boolean, following: Following): Promise<readonly string[]> {
    const { described, watch } = following;
    const stop = () => this.#made.stopRunners();
    if (this.#logs === undefined) {
      if (isEarly) await stop();
      return await fetchFromVolume(following, this.#kubectl);
    }
    const look = await watch.atRun();
    if (look !== undefined) await this.#logs.takeEnded(look);
    if (isEarly) await this.#logs.takeWhile(described.parallelism, stop);
    return this.#logs.files;
  }

  nothingToLose(): void {
    this.#isSafe = true;
  }

  async end(say: (line: string) => void): Promise<void> {
    const { claim } = this.#following.described;
    const command = this.#made.command();
    if (!this.#isSafe) {
      const { testRun, collector } = this.#made;
      this.#made.keep(testRun, collector, `persistentvolumeclaim/${claim}`);
      say(`kept in the cluster; when you have the timelines: ${command}`);
    }
    const why = await this.#made.takeAway();
    if (why !== undefined) say(`left in the cluster, since ${why}: ${command}`);
  }
}

/** Timelines of an earlier run are of another plan's start, and no part of this one. */
async function setAside(dir: string, say: (line: string) => void): Promise<void> {
  const folder = join(dir, timelinesFolder);
  const found = await readdir(folder).catch((): string[] => []);
  if (found.length === 0) return;
  const time = (await stat(folder)).mtime.toISOString().replace(/[:.]/g, '-').slice(0, 19);
  const aside = `${folder}-${time}`;
  await rename(folder, aside);
  say(`the timelines of an earlier run are in ${aside} now`);
}

/** What is not the whole of it is never a pass, whatever the timelines say of themselves. */
function concluded(results: Results, followed: Followed, wasStopped: boolean): Results {
  const { why, spared } = followed;
  const words = [
    wasStopped
      ? 'Stopped by Ctrl-C or another signal; the figures are those until then.'
      : why && `Ended early: ${wholeWords(why)}.`,
    ...spared.map((one) => `Went on without ${wholeWords(one)}.`),
  ].filter((one) => one !== undefined);
  if (words.length === 0) return results;
  results.interrupted = [...words, results.interrupted].filter((one) => one).join(' ');
  results.verdict = 'error';
  results.exitCode = wasStopped ? 130 : 3;
  return results;
}

function stopped(): Error {
  return new Error('stopped by a signal');
}

function nothingOf({ why, spared }: Followed, described: Described, wasStopped: boolean): Error {
  if (wasStopped) return stopped();
  const reason = why ?? spared[0];
  if (reason !== undefined) return errorOf(reason, described);
  return new UserError(
    'timeline-missing',
    'the run has ended, and no runner left a timeline',
    'Look whether the image of the runners is our build of k6, of this version.',
    3,
  );
}

function notFetched(why: string, { dir, name }: Described): UserError {
  return new UserError(
    'timelines-not-fetched',
    `the timelines of ${name} could not be fetched: ${why}`,
    `They are still in the cluster: ${dir}/README.md says how to fetch and join them by hand, and how to clean up.`,
    3,
  );
}
