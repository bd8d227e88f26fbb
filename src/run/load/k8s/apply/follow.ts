// Follows a run to its end: finished, given up by the operator, or by a reason that does not mend itself.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  durationSecondsOf,
  gracefulStopSeconds,
  startMsOf,
} from '../../../../../scenarios/lib/plan.ts';
import { UserError } from '../../../../lib/user-error.ts';
import { ticking } from '../../../ticking.ts';
import type { View } from '../../../view.ts';
import { type Amiss, endOf, Troubles } from './amiss.ts';
import type { Described } from './described.ts';
import type { Look } from './look.ts';
import { type Progress, viewOf, wholeWords } from './progress.ts';
import { isLoading, signsOf } from './signs.ts';
import type { Watch } from './watch.ts';

const lookMsMin = 1500;
/** API servers restart, and laptops sleep. */
const awayMsMax = 10 * 60_000;
/** After the load and its grace period k6 closes up; a node that is gone is noticed after five minutes. */
const overdueSeconds = 6 * 60;
/** Runners that have all ended without the operator saying so: it may be gone. */
const unsaidMs = 60_000;

export interface Following {
  readonly described: Described;
  readonly watch: Watch;
  readonly startAt: string | undefined;
  readonly patienceMs: number | undefined;
  readonly signal: AbortSignal;
  readonly show: (view: View) => void;
  /** Told of every look. */
  readonly onLook?: (look: Look) => Promise<void>;
}

export interface Followed {
  /** Why it ended early; absent: it did not. */
  readonly why: Amiss | undefined;
  /** Runners that ended early while the others went on. */
  readonly spared: readonly Amiss[];
  /** Runners were let go. */
  readonly hasBegun: boolean;
}

/** @throws UserError `cluster-lost` (exit 3) */
export async function followRun(following: Following): Promise<Followed> {
  const run = new Run(following);
  const tick = (told: () => string | View) => following.show(told() as View);
  return await ticking(
    { tick },
    () => run.view(),
    () => run.toEnd(),
  );
}

/** Until the pod runs. @throws UserError the reason why it does not */
export async function followPod(following: Following, pod: string): Promise<void> {
  const { watch, patienceMs, signal, described, show } = following;
  const troubles = new Troubles(patienceMs);
  const expected = { name: described.name, runners: 0, isOverdue: false, isBefore: true };
  const sinceMs = Date.now();
  while (!signal.aborted) {
    const look = await watch.atPod(pod);
    const nowMs = Date.now();
    if (look?.pods.some(({ phase }) => phase === 'Running')) return;
    const amiss =
      look === undefined
        ? []
        : troubles.seen(look, signsOf(look, { ...expected, logs: watch.logs }), nowMs);
    const why = endOf(amiss, nowMs);
    if (why !== undefined) throw errorOf(why, described);
    if (look === undefined && nowMs - sinceMs > awayMsMax) throw lost(watch.away, described);
    const line = ['looking at the volume', ...amiss.map(wholeWords)].join(': ');
    show({ title: line, rows: [], line });
    await pause(lookMsMin, signal);
  }
}

class Run {
  readonly #following: Following;
  readonly #troubles: Troubles;
  readonly #spared = new Map<string, Amiss>();
  #look: Look | undefined;
  #amiss: readonly Amiss[] = [];
  #away: Progress['away'];
  #startedMs: number | undefined;
  #overMs: number | undefined;

  constructor(following: Following) {
    this.#following = following;
    this.#troubles = new Troubles(following.patienceMs);
  }

  view(): View {
    const { described } = this.#following;
    const loadMs = this.#loadMs();
    const progress = { described, look: this.#look, amiss: this.#amiss, loadMs };
    return viewOf({ ...progress, away: this.#away }, Date.now());
  }

  async toEnd(): Promise<Followed> {
    const { signal, show, watch, onLook } = this.#following;
    while (!signal.aborted) {
      const beganMs = Date.now();
      const look = await watch.atRun();
      const nowMs = Date.now();
      this.#learn(look, nowMs);
      if (look !== undefined) await onLook?.(look);
      show(this.view());
      const why = endOf(this.#amiss, nowMs);
      if (look !== undefined && this.#isOver(look, nowMs)) return this.#ended(undefined);
      if (why !== undefined) return this.#ended(why);
      await pause(Math.max(lookMsMin, 2 * (nowMs - beganMs)), signal);
    }
    return this.#ended(undefined);
  }

  #ended(why: Amiss | undefined): Followed {
    const hasBegun = this.#startedMs !== undefined && why?.sign.role !== 'starter';
    return { why, spared: [...this.#spared.values()], hasBegun };
  }

  #learn(look: Look | undefined, nowMs: number): void {
    const { described, watch } = this.#following;
    if (look === undefined) {
      this.#away ??= { sinceMs: nowMs, why: watch.away };
      if (nowMs - this.#away.sinceMs > awayMsMax) throw lost(watch.away, described);
      return;
    }
    this.#away = undefined;
    this.#look = look;
    if (isLoading(look)) this.#startedMs ??= nowMs;
    const signs = signsOf(look, {
      name: described.name,
      runners: described.parallelism,
      isOverdue: nowMs > this.#overdueMs(),
      isBefore: false,
      logs: watch.logs,
    });
    this.#amiss = this.#troubles.seen(look, signs, nowMs);
    for (const one of this.#amiss) {
      if (one.isSpared && one.countsMs <= nowMs) this.#spared.set(one.sign.who, one);
    }
  }

  #isOver(look: Look, nowMs: number): boolean {
    if (look.stage === 'finished') return true;
    const runners = look.jobs.filter(({ role }) => role === 'runner');
    const over = runners.filter(({ isOver }) => isOver);
    const isAll = look.stage === 'started' && over.length >= this.#following.described.parallelism;
    this.#overMs = isAll ? (this.#overMs ?? nowMs) : undefined;
    return this.#overMs !== undefined && nowMs - this.#overMs > unsaidMs;
  }

  #loadMs(): number | undefined {
    if (this.#startedMs === undefined) return undefined;
    return Math.max(this.#startedMs, startMsOf(this.#following) ?? 0);
  }

  #overdueMs(): number {
    const { shape } = this.#following.described.plan;
    const seconds = durationSecondsOf(shape) + gracefulStopSeconds + overdueSeconds;
    return (this.#loadMs() ?? Number.POSITIVE_INFINITY) + seconds * 1000;
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

/** The reason as an error, with what to do. */
export function errorOf({ reason, sign }: Amiss, described: Pick<Described, 'image'>): UserError {
  const flag = sign.role === 'starter' ? '--starter-image' : '--k6-image';
  const hint = reason.remedy
    .replaceAll('{image}', sign.image ?? described.image)
    .replaceAll('{flag}', flag);
  return new UserError(reason.id, wholeWords({ reason, sign }), hint, 3);
}

function lost(words: string, { name, dir }: Pick<Described, 'name' | 'dir'>): UserError {
  return new UserError(
    'cluster-lost',
    `the cluster has not answered for ${awayMsMax / 60_000} minutes: ${words}`,
    `What ran goes on there as ${name}. When it answers again, ${dir}/README.md says how to fetch the timelines and join them.`,
    3,
  );
}
