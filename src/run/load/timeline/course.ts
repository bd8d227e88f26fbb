// How a run went, in at most 600 steps: added up while it goes on, in memory that does not grow with it. Steps are
// a second long at first, and twice as long each time there are too many of them.
import type { Course } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { isPushPhase } from '../../../protocol/push-phase.ts';
import { addBins, type Bins, OpenBins, percentileOf } from './bins.ts';
import { bandsOf, classesOf, otherClasses } from './course-lists.ts';
import { type Counts, decode } from './histogram.ts';
import { numberOf, type Window } from './line.ts';

const stepsMax = 600;
/** What lies further from the first second was not written by one run. */
const secondsMax = 8 * 24 * 3600;
/** Kinds of failures that are told apart; scripts name them. */
const classesMax = 50;

const hops = ['registry', 'token', 'edge'] as const;

type Count = 'pulls' | 'failed' | 'bytes' | 'dropped' | 'retried' | 'pullBytes' | 'verified';
type PushCount = 'pushes' | 'pushesFailed';

class Step {
  readonly counts: Record<Count | PushCount, number> = {
    ...{ pulls: 0, failed: 0, bytes: 0, dropped: 0, retried: 0, pullBytes: 0, verified: 0 },
    ...{ pushes: 0, pushesFailed: 0 },
  };
  readonly failedBy = new Map<string, number>();
  readonly retriedBy = new Map<string, number>();
  /** By the place of the series among those that are kept. */
  readonly bins: (Bins | undefined)[] = [];
}

/** What lines of a metric count, other than failures and durations. */
const counted: Readonly<Record<string, Count>> = {
  ...{ pull_ok: 'pulls', pull_with_retry: 'retried', dropped_iterations: 'dropped' },
  ...{ pull_bytes: 'pullBytes', pull_verified_bytes: 'verified' },
};

export interface CourseWindow extends Window {
  readonly isCounted: boolean;
}

export class CourseTally {
  /** Names of what bins are kept of: `pull`, `hop:edge`, `ttfb:edge`, `step:layer`, `push`, `push:blob-put` … */
  readonly #kept: string[] = ['pull', ...hops.map((hop) => `hop:${hop}`)];
  /** Of the step that is added to, by the same places. */
  readonly #open: OpenBins[];
  readonly #classes = new Set<string>();
  #steps: Step[] = [];
  #stepSeconds = 1;
  #first: number | undefined;
  #current = 0;
  /** The last second in which a pull was begun. */
  #begun = 0;

  /** `watched`: metrics of objectives, as in `pull.p95`. */
  constructor(watched: readonly string[] = []) {
    for (const metric of watched) {
      const name = keptOf(metric);
      if (name !== undefined && !this.#kept.includes(name)) this.#kept.push(name);
    }
    this.#open = this.#kept.map(() => new OpenBins());
  }

  /** Takes a line of the series `hop`, of pulls. */
  addHop(line: JsonObject, duration: Counts | undefined, ttfb: Counts | undefined, bytes: number) {
    const step = this.#at(line);
    if (step === undefined) return;
    step.counts.bytes += bytes;
    const hop = asString(line.hop) ?? '';
    this.#add(`hop:${hop}`, duration);
    this.#add(`ttfb:${hop}`, ttfb);
  }

  /** Takes a line of the series `step`. */
  addStep(line: JsonObject, duration: Counts | undefined): void {
    if (this.#at(line) !== undefined) this.#add(`step:${asString(line.phase) ?? ''}`, duration);
  }

  /** Takes a line of a metric of pulls; the counts are those of `pull_duration`. */
  addMetric(line: JsonObject, sum: number, duration?: Counts): void {
    const step = this.#at(line);
    if (step === undefined) return;
    const metric = asString(line.metric) ?? '';
    if (metric === 'pull_duration') this.#add('pull', duration);
    else if (metric === 'pull_started') this.#begun = Math.max(this.#begun, numberOf(line.t));
    else if (metric === 'pull_retried') this.#addClass(step.retriedBy, line, sum);
    else if (metric === 'pull_failed') {
      step.counts.failed += sum;
      this.#addClass(step.failedBy, line, sum);
    } else {
      const count = counted[metric];
      if (count !== undefined) step.counts[count] += sum;
    }
  }

  /** Takes a line of pushes, in the seconds of the pulls. */
  addPush(line: JsonObject): void {
    if (this.#first === undefined) return;
    const step = this.#at(line);
    if (step === undefined) return;
    if (line.metric === 'push_ok') step.counts.pushes += numberOf(line.sum);
    else if (line.metric === 'push_failed') step.counts.pushesFailed += numberOf(line.sum);
    else if (line.metric === 'push_duration') this.#addEncoded('push', line.hdr);
    else if (line.series === 'hop') this.#addEncoded(`push:${asString(line.phase)}`, line.duration);
  }

  #addEncoded(name: string, encoded: unknown): void {
    if (this.#kept.includes(name)) this.#add(name, decode(encoded));
  }

  #add(name: string, counts: Counts | undefined): void {
    if (counts === undefined) return;
    this.#open[this.#kept.indexOf(name)]?.add(counts);
  }

  #addClass(by: Map<string, number>, line: JsonObject, sum: number): void {
    let name = asString(asObject(line.tags)?.class) || 'unknown';
    if (!this.#classes.has(name)) {
      if (this.#classes.size >= classesMax) name = otherClasses;
      else this.#classes.add(name);
    }
    by.set(name, (by.get(name) ?? 0) + sum);
  }

  /** The step of a line, which is then the one that is added to; undefined for a line of no second. */
  #at(line: JsonObject): Step | undefined {
    const second = asInteger(line.t);
    if (second === undefined) return undefined;
    this.#first ??= second;
    const after = Math.max(0, second - this.#first);
    if (after >= secondsMax) return undefined;
    while (after >= stepsMax * this.#stepSeconds) this.#fold();
    const at = Math.floor(after / this.#stepSeconds);
    if (at !== this.#current) this.#close();
    this.#current = at;
    while (this.#steps.length <= at) this.#steps.push(new Step());
    return this.#steps[at];
  }

  /** Lays what was counted beside the rest of its step. */
  #close(): void {
    const step = this.#steps[this.#current];
    if (step === undefined) return;
    for (const [series, open] of this.#open.entries()) {
      const taken = open.take();
      if (taken !== undefined) step.bins[series] = addBins(step.bins[series], taken);
    }
  }

  /** Two steps become one. */
  #fold(): void {
    this.#close();
    const folded: Step[] = [];
    for (let at = 0; at < this.#steps.length; at += 2) {
      const step = this.#steps[at] as Step;
      const next = this.#steps[at + 1];
      if (next !== undefined) addStep(step, next);
      folded.push(step);
    }
    this.#steps = folded;
    this.#stepSeconds *= 2;
    this.#current = Math.floor(this.#current / 2);
  }

  /**
   * Undefined before anything was told. The window is from the first request to the end of the load, which is
   * counted where it is so many pulls and not a time.
   */
  course({ firstMs, lastMs, isCounted }: CourseWindow): Course | undefined {
    if (this.#first === undefined) return undefined;
    this.#close();
    const of = (count: Count) => this.#steps.map(({ counts }) => counts[count]);
    const percentiles = (series: number, percentile: number) =>
      this.#steps.map(({ bins }) => percentileOf(bins[series], percentile));
    const told = hops
      .map((hop) => [hop, this.#kept.indexOf(`hop:${hop}`)] as const)
      .filter(([, series]) => this.#steps.some(({ bins }) => bins[series] !== undefined));
    return {
      stepSeconds: this.#stepSeconds,
      steps: this.#steps.length,
      window: this.#windowOf(firstMs, lastMs, isCounted),
      ...{ pulls: of('pulls'), failed: of('failed'), bytes: of('bytes'), dropped: of('dropped') },
      ...{ p50: percentiles(0, 50), p95: percentiles(0, 95) },
      latency: bandsOf(this.#steps.map(({ bins }) => bins[0])),
      failedBy: classesOf(this.#steps.map(({ failedBy }) => failedBy)),
      retriedBy: classesOf(this.#steps.map(({ retriedBy }) => retriedBy)),
      hops: Object.fromEntries(
        told.map(([hop, at]) => [hop, { p50: percentiles(at, 50), p95: percentiles(at, 95) }]),
      ),
    };
  }

  #windowOf(firstMs: number, lastMs: number, isCounted: boolean): NonNullable<Course['window']> {
    const first = this.#first ?? 0;
    const after = (ms: number) => Math.max(0, Math.round(ms - first * 1000) / 1000);
    const to = after(lastMs);
    const begun = isCounted || this.#begun === 0 ? to : Math.min(to, this.#begun + 1 - first);
    return { from: after(firstMs), begunUntil: Math.max(0, begun), to };
  }

  /** What the metric of an objective was in each step; undefined for one that steps do not tell. */
  observed(metric: string, window: Course['window']): (number | null)[] | undefined {
    this.#close();
    const shares = sharesOf[metric];
    if (shares !== undefined) return this.#steps.map(({ counts }) => shares(counts));
    if (metric === 'pulls' || metric === 'pushes') {
      return this.#steps.map(({ counts }, at) => this.#rate(counts[metric], at, window));
    }
    const statistic = /\.p(\d\d)$/.exec(metric)?.[1];
    const series = this.#seriesOf(metric);
    if (statistic === undefined || series < 0) return undefined;
    return this.#steps.map(({ bins }) => percentileOf(bins[series], Number(statistic)));
  }

  /** A whole step of a phase, or where a run has none the requests of a hop of that name. */
  #seriesOf(metric: string): number {
    const series = this.#kept.indexOf(keptOf(metric) ?? '');
    if (this.#steps.some(({ bins }) => bins[series] !== undefined)) return series;
    const [first = ''] = metric.split('.');
    const hop = this.#kept.indexOf(`hop:${first}`);
    return hop < 0 ? series : hop;
  }

  /** Over the part of the step in which pulls were begun, if that is enough to speak of a rate. */
  #rate(count: number, step: number, window: Course['window']): number | null {
    const start = step * this.#stepSeconds;
    if (window === undefined) return null;
    const { from, begunUntil } = window;
    const seconds = Math.min(start + this.#stepSeconds, begunUntil) - Math.max(start, from);
    return seconds < Math.min(0.5, this.#stepSeconds / 2) ? null : count / seconds;
  }
}

/** The series whose percentiles the metric of an objective is about; undefined for counts. */
function keptOf(metric: string): string | undefined {
  const [first = '', second = '', third] = metric.split('.');
  if (third !== undefined) return second === 'ttfb' ? `ttfb:${first}` : undefined;
  if (!/^p\d\d$/.test(second)) return undefined;
  if (first === 'pull' || first === 'push') return first;
  if (isPushPhase(first)) return `push:${first}`;
  return first === 'registry' || first === 'edge' ? `hop:${first}` : `step:${first}`;
}

type Counted = Step['counts'];

const share = (part: number, all: number) => (all <= 0 ? null : Math.min(100, (100 * part) / all));

/** In percent; what is verified is of the pulls that succeeded in the step. */
const sharesOf: Readonly<Record<string, (counts: Counted) => number | null>> = {
  errors: ({ failed, pulls }) => share(failed, pulls + failed),
  retried: ({ retried, failed, pulls }) => share(retried, pulls + failed),
  verified: ({ verified, pullBytes }) => share(verified, pullBytes),
  'push.errors': ({ pushesFailed, pushes }) => share(pushesFailed, pushes + pushesFailed),
};

function addStep(step: Step, next: Step): void {
  for (const name of Object.keys(step.counts) as (keyof Counted)[]) {
    step.counts[name] += next.counts[name];
  }
  for (const by of ['failedBy', 'retriedBy'] as const) {
    for (const [name, count] of next[by]) step[by].set(name, (step[by].get(name) ?? 0) + count);
  }
  for (const [series, bins] of next.bins.entries()) {
    step.bins[series] = addBins(step.bins[series], bins);
  }
}
