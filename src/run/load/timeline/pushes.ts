// What a timeline tells of the pushes beside the pulls: added up apart, so that nothing mixes the two.
import type { LatencySummary } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { isPushPhase, type PushPhase, pushPhases } from '../../../protocol/push-phase.ts';
import { Failures } from './failures.ts';
import { decode, newHistogram, summarize } from './histogram.ts';
import { type Window, widen } from './line.ts';
import { Pending } from './unfinished.ts';

export class PushTally implements Window {
  readonly failures = new Failures();
  readonly pending = new Pending();
  started = 0;
  ok = 0;
  dropped = 0;
  /** Of blobs that successful pushes uploaded. */
  bytes = 0;
  /** Blobs that were there already. */
  known = 0;
  requests = 0;
  requestsFailed = 0;
  /** Milliseconds since 1970 of the first request's start and the last one's end; 0 before any. */
  firstMs = 0;
  lastMs = 0;
  /** The last second with a push that succeeded, and how many did in it. */
  latest = { second: 0, ok: 0 };
  readonly #duration = newHistogram();
  readonly #phases = new Map<PushPhase, ReturnType<typeof newHistogram>>();

  get failed(): number {
    return this.failures.total;
  }

  /** Takes the line if it is about pushes; else it is for others. */
  take(line: JsonObject): boolean {
    const phase = asString(line.phase) ?? '';
    if (line.series === 'hop') return this.#takeHop(line, phase);
    if (line.series === 'pending') return this.#takePending(line, phase);
    return line.series === 'metric' && this.#takeMetric(line, asString(line.metric) ?? '');
  }

  pushMs(): LatencySummary {
    return summarize(this.#duration);
  }

  phases(): Record<string, LatencySummary> {
    const all = pushPhases.flatMap((phase) => {
      const histogram = this.#phases.get(phase);
      return histogram === undefined ? [] : [[phase, summarize(histogram)] as const];
    });
    return Object.fromEntries(all);
  }

  #takeHop(line: JsonObject, phase: string): boolean {
    if (!isPushPhase(phase)) return false;
    this.requests += asInteger(line.count) ?? 0;
    this.requestsFailed += asInteger(line.failed) ?? 0;
    widen(this, line);
    const histogram = this.#phases.get(phase) ?? newHistogram();
    this.#phases.set(phase, histogram);
    const duration = decode(line.duration);
    if (duration !== undefined) histogram.add(duration);
    return true;
  }

  #takePending(line: JsonObject, phase: string): boolean {
    if (!isPushPhase(phase)) return false;
    this.pending.add(line);
    widen(this, line);
    return true;
  }

  #takeMetric(line: JsonObject, metric: string): boolean {
    const tags = asObject(line.tags);
    const sum = typeof line.sum === 'number' ? line.sum : 0;
    switch (metric) {
      case 'dropped_iterations':
        if (tags?.scenario !== 'push') return false;
        this.dropped += sum;
        return true;
      case 'push_started':
        this.started += sum;
        return true;
      case 'push_ok':
        this.#addOk(asInteger(line.t) ?? 0, sum);
        return true;
      case 'push_failed':
        this.failures.add(line);
        return true;
      case 'push_bytes':
        this.bytes += sum;
        return true;
      case 'push_known':
        this.known += sum;
        return true;
      case 'push_duration': {
        const histogram = decode(line.hdr);
        if (histogram !== undefined) this.#duration.add(histogram);
        return true;
      }
    }
    return false;
  }

  #addOk(second: number, count: number): void {
    this.ok += count;
    if (second > this.latest.second) this.latest = { second, ok: 0 };
    if (second === this.latest.second) this.latest.ok += count;
  }
}
