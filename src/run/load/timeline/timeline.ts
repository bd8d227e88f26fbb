// Adds up the timeline that our k6 output writes: lines of counts and HdrHistograms per second and
// series. Merging is exact. The same code feeds the live line and the final results.
import type {
  Course,
  HopSummary,
  LatencySummary,
  LoadResult,
  PullSample,
} from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { CourseTally, type CourseWindow } from './course.ts';
import { Failures } from './failures.ts';
import { decode, newHistogram, summarize } from './histogram.ts';
import { numberOf, type Window, widen } from './line.ts';
import { Parts } from './parts.ts';
import { PullSamples } from './pull-samples.ts';
import { PushTally } from './pushes.ts';
import { AllRunners } from './runners.ts';
import { Seconds } from './seconds.ts';
import { AllSeries } from './series.ts';
import { Servers } from './servers.ts';
import { Tellings } from './tellings.ts';
import { Pending } from './unfinished.ts';
import { Waits } from './waits.ts';

/** Everything a timeline told so far. */
export class Timeline implements Window {
  readonly failures = new Failures();
  /** What was tried again after a failure. */
  readonly retried = new Failures();
  readonly waits = new Waits();
  readonly pending = new Pending();
  readonly clients = new Parts('client');
  readonly images = new Parts('image');
  readonly tellings = new Tellings();
  readonly runners = new AllRunners();
  /** Everything about pushes; all else is of pulls alone. */
  readonly pushes = new PushTally();
  readonly cache = { hit: 0, miss: 0, unknown: 0 };
  requests = 0;
  requestsFailed = 0;
  /** Body bytes of configs and layers, and those of successful pulls that were checked by digest. */
  blobBytes = 0;
  verifiedBytes = 0;
  pullsStarted = 0;
  pullsOk = 0;
  /** In which something was tried again, those under way among them. */
  pullsRetried = 0;
  dropped = 0;
  /** Virtual users of k6, at most. */
  vus = 0;
  /** Requests of a replay that began late. */
  late = 0;
  /** Those that failed as they had in the recording, which is no failure. */
  asRecorded = 0;
  /** The closing line was seen: the timeline is not cut short. */
  whole = false;
  /** When k6 was started (RFC 3339, to the nanosecond), of several the first; '' before it is told. */
  startedAt = '';
  /**
   * Milliseconds since 1970 of the first request's start, and of the last end of a request, of one that was
   * given up, or of the wait for one; 0 before any.
   */
  firstMs = 0;
  lastMs = 0;
  /** When k6 ended, of several the last; 0 when it does not say. */
  endMs = 0;
  readonly #pullDuration = newHistogram();
  readonly #series = new AllSeries();
  readonly #servers = new Servers();
  readonly #seconds = new Seconds();
  readonly #pulls = new PullSamples();
  readonly #course: CourseTally;

  /** `watched`: metrics of objectives, of which every step is told. */
  constructor(watched: readonly string[] = []) {
    this.#course = new CourseTally(watched);
  }

  /** What was tried again so far. */
  get retries(): number {
    return this.retried.total;
  }

  /** Failed pulls by class. */
  get errors(): ReadonlyMap<string, number> {
    return this.failures.byClass();
  }

  get pullsFailed(): number {
    return this.failures.total;
  }

  /** Takes one line of the file; lines that are none of ours (cut off by a kill) are left out. */
  add(text: string): void {
    const line = asObject(parseJson(text));
    if (line !== undefined) this.take(line);
  }

  /** Takes a line that was parsed already. */
  take(line: JsonObject): void {
    if (this.pushes.take(line)) {
      this.#course.addPush(line);
      return;
    }
    if (typeof line.series === 'string') this.#takeSeries(line, line.series);
    else if (line.end === true) this.#takeEnd(line);
    else if (typeof line.schema === 'string') this.#takeStart(asString(line.startedAt) ?? '');
    widen(this, line);
  }

  #takeSeries(line: JsonObject, series: string): void {
    switch (series) {
      case 'hop':
        this.#addHop(line);
        break;
      case 'step':
        this.#addStep(line);
        break;
      case 'server':
        this.#servers.addServer(line);
        break;
      case 'metric':
        this.#addMetric(line, numberOf(line.sum));
        break;
      case 'limit':
        this.tellings.addLimit(line);
        break;
      case 'miss':
        this.tellings.addMiss(line);
        break;
      case 'waiting':
        this.waits.addUnderWay(line);
        break;
      case 'pending':
        this.#addPending(line);
        break;
      case 'pull':
        this.#pulls.add(line);
        break;
      case 'runner':
        this.runners.add(line);
    }
  }

  #takeStart(at: string): void {
    const ms = parseDateTime(at) ?? Number.POSITIVE_INFINITY;
    const earliestMs = parseDateTime(this.startedAt) ?? Number.POSITIVE_INFINITY;
    if (ms < earliestMs) this.startedAt = at;
  }

  #takeEnd(line: JsonObject): void {
    this.whole = true;
    this.endMs = Math.max(this.endMs, numberOf(line.endMs));
  }

  #addStep(line: JsonObject): void {
    const duration = decode(line.duration);
    this.#series.addStep(line, duration);
    this.#course.addStep(line, duration);
  }

  #addHop(line: JsonObject): void {
    const count = asInteger(line.count) ?? 0;
    const bytes = asInteger(line.bytes) ?? 0;
    this.requests += count;
    this.requestsFailed += asInteger(line.failed) ?? 0;
    const second = this.#seconds.of(line);
    const blobBytes = isBlobBody(line) ? bytes : 0;
    this.blobBytes += blobBytes;
    if (second !== undefined) second.bytes += blobBytes;
    this.#servers.addStatus(line, count);
    const duration = decode(line.duration);
    const ttfb = decode(line.ttfb);
    this.#series.addHop(line, duration, ttfb);
    this.#course.addHop(line, duration, ttfb, blobBytes);
    const cache = line.cache;
    if (cache === 'hit' || cache === 'miss' || cache === 'unknown') this.cache[cache] += count;
  }

  #addPending(line: JsonObject): void {
    this.pending.add(line);
    if (line.phase === 'config' || line.phase === 'layer') {
      this.blobBytes += asInteger(line.bytes) ?? 0;
    }
    this.#series.addPending(line);
    this.#servers.addPending(line);
  }

  #addMetric(line: JsonObject, sum: number): void {
    const second = this.#seconds.of(line);
    if (line.metric !== 'pull_duration') this.#course.addMetric(line, sum);
    switch (line.metric) {
      case 'pull_started':
        this.pullsStarted += sum;
        this.#addToParts(line, 'started', sum);
        break;
      case 'pull_ok':
        this.pullsOk += sum;
        this.#addToParts(line, 'ok', sum);
        if (second !== undefined) second.pulls += sum;
        break;
      case 'pull_failed':
        this.failures.add(line);
        this.#addToParts(line, 'failed', sum);
        if (second !== undefined) second.failed += sum;
        break;
      case 'pull_retried':
        this.retried.add(line);
        break;
      case 'pull_with_retry':
        this.pullsRetried += sum;
        this.#addToParts(line, 'retried', sum);
        break;
      case 'pull_wait':
        this.waits.addBegun(line);
        break;
      case 'pull_verified_bytes':
        this.verifiedBytes += sum;
        break;
      case 'dropped_iterations':
        this.dropped += sum;
        break;
      case 'vus':
        this.vus = Math.max(this.vus, Math.round(numberOf(line.last)));
        break;
      case 'pull_late':
        this.late += sum;
        break;
      case 'pull_as_recorded':
        this.asRecorded += sum;
        break;
      case 'pull_duration':
        this.#addDuration(line);
    }
  }

  #addToParts(line: JsonObject, what: 'started' | 'ok' | 'failed' | 'retried', sum: number): void {
    this.clients.count(line, what, sum);
    this.images.count(line, what, sum);
  }

  #addDuration(line: JsonObject): void {
    const counts = decode(line.hdr);
    if (counts === undefined) return;
    this.#course.addMetric(line, 0, counts);
    this.#pullDuration.add(counts);
    this.clients.addDuration(line, counts);
    this.images.addDuration(line, counts);
    const second = this.#seconds.of(line);
    if (second !== undefined) this.#seconds.addDuration(second, counts);
  }

  pullMs(): LatencySummary {
    return summarize(this.#pullDuration);
  }

  /** Whole steps. */
  phases(): Record<string, LatencySummary> {
    return this.#series.phases();
  }

  /** Single requests. */
  phaseHops(): Record<string, Record<string, LatencySummary>> {
    return this.#series.phaseHops();
  }

  hops(): Record<string, HopSummary> {
    return this.#series.hops();
  }

  /** Milliseconds that requests took in all, by hop, also those that failed or never ended. */
  hopMs(): Record<string, number> {
    return this.#series.hopMs();
  }

  hosts(): LoadResult['hosts'] {
    return this.#series.hosts();
  }

  servers(): NonNullable<LoadResult['servers']> {
    return this.#servers.servers();
  }

  statuses(): NonNullable<LoadResult['statuses']> {
    return this.#servers.statuses();
  }

  /** One entry per second from the first to the last, gaps included. */
  seconds(): LoadResult['timeline'] {
    return this.#seconds.all();
  }

  /** At most so many seconds, the latest last, for the live view; cheap, however long the run. */
  tail(seconds: number): LoadResult['timeline'] {
    return this.#seconds.tail(seconds);
  }

  /** A few whole pulls. */
  pullSamples(): PullSample[] {
    return this.#pulls.told(this.firstMs, this.pullMs());
  }

  /** How it went, in steps; undefined before anything was told. */
  course(window: CourseWindow): Course | undefined {
    return this.#course.course(window);
  }

  /** What the metric of an objective was in each step of the course; undefined where that is not told. */
  observed(metric: string, course: Course): (number | null)[] | undefined {
    return this.#course.observed(metric, course.window);
  }

  /** The last second, for the live line; cheap, however long the run. */
  latest(): LoadResult['timeline'][number] | undefined {
    return this.#seconds.latest();
  }
}

/** A blob itself, not a redirect to one. */
function isBlobBody({ phase, status }: JsonObject): boolean {
  return (phase === 'config' || phase === 'layer') && (status === '200' || status === '206');
}
