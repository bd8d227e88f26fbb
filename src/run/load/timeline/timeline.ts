// Adds up the timeline that our k6 output writes: lines of counts and HdrHistograms per second and
// series. Merging is exact. The same code feeds the live line and the final results.
import type { HopSummary, LatencySummary, LoadResult } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { type Counts, decode, type Histogram, newHistogram, summarize, toMs } from './histogram.ts';
import { countFailures, numberOf, sumOf, type Window, widen } from './line.ts';
import { PushTally } from './pushes.ts';
import { Servers } from './servers.ts';

/** Longest run whose seconds are kept for charts. */
const secondsMax = 24 * 3600;
/** Seconds whose histogram (95 KB) is held; of earlier ones only the p95 is left. */
const secondsOpenMax = 60;
/** A registry can redirect to any number of hosts; the ones after these are counted as one. */
const hostsMax = 100;
const otherHosts = '(other hosts)';

class Series {
  readonly duration = newHistogram();
  readonly ttfb = newHistogram();
  /** Parts of the connections that were dialled, made when there are any: a histogram takes 95 KB. */
  readonly dials: Partial<Record<DialPart, Histogram>> = {};
  requests = 0;
  failed = 0;
  bytes = 0;
  connections = 0;

  addDial(part: DialPart, counts: Counts): void {
    this.dials[part] ??= newHistogram();
    this.dials[part].add(counts);
  }

  toSummary(): HopSummary {
    const { failed, bytes, connections, dials } = this;
    const summary: HopSummary = {
      ...summarize(this.duration),
      failed,
      bytes,
      ttfb: summarize(this.ttfb),
      connections,
    };
    for (const part of dialParts) {
      const histogram = dials[part];
      if (histogram !== undefined) summary[part] = summarize(histogram);
    }
    return summary;
  }
}

const dialParts = ['dns', 'connect', 'tls'] as const;
type DialPart = (typeof dialParts)[number];

interface Second {
  pulls: number;
  failed: number;
  bytes: number;
  /** Of successful pulls; undefined before the first and after the second was closed. */
  duration?: Histogram | undefined;
  /** Milliseconds, once the second is closed. */
  p95?: number;
}

/** Everything a timeline told so far. */
export class Timeline implements Window {
  readonly errors = new Map<string, number>();
  /** Everything about pushes; what follows is of pulls alone. */
  readonly pushes = new PushTally();
  readonly cache = { hit: 0, miss: 0, unknown: 0 };
  requests = 0;
  requestsFailed = 0;
  /** Body bytes of configs and layers, and those of successful pulls that were checked by digest. */
  blobBytes = 0;
  verifiedBytes = 0;
  pullsStarted = 0;
  pullsOk = 0;
  dropped = 0;
  /** Requests of a replay that began late. */
  late = 0;
  /** Those that failed as they had in the recording, which is no failure. */
  asRecorded = 0;
  /** What was tried again so far, also in pulls that are under way. */
  retries = 0;
  /** The closing line was seen: the timeline is not cut short. */
  whole = false;
  /** When k6 was started (RFC 3339, to the nanosecond), of several the first; '' before it is told. */
  startedAt = '';
  /** Milliseconds since 1970 of the first request's start and the last one's end; 0 before any. */
  firstMs = 0;
  lastMs = 0;
  readonly #pullDuration = newHistogram();
  readonly #phases = new Map<string, Series>();
  readonly #hops = new Map<string, Series>();
  readonly #hosts = new Map<string, { series: Series; role: string }>();
  readonly #servers = new Servers();
  readonly #seconds = new Map<number, Second>();
  /** Those that have a histogram, oldest first. */
  readonly #open: Second[] = [];
  #firstSecond = Number.POSITIVE_INFINITY;
  #lastSecond = Number.NEGATIVE_INFINITY;

  get pullsFailed(): number {
    return sumOf(this.errors);
  }

  /** Takes one line of the file; lines that are none of ours (cut off by a kill) are left out. */
  add(text: string): void {
    const line = asObject(parseJson(text));
    if (line !== undefined) this.take(line);
  }

  /** Takes a line that was parsed already. */
  take(line: JsonObject): void {
    if (this.pushes.take(line)) return;
    if (line.series === 'hop') this.#addHop(line);
    else if (line.series === 'server') this.#servers.addServer(line);
    else if (line.series === 'metric') this.#addMetric(line);
    else if (line.end === true) this.whole = true;
    else if (typeof line.schema === 'string') this.#addStart(asString(line.startedAt) ?? '');
    widen(this, line);
  }

  #addStart(at: string): void {
    const ms = parseDateTime(at) ?? Number.POSITIVE_INFINITY;
    const earliestMs = parseDateTime(this.startedAt) ?? Number.POSITIVE_INFINITY;
    if (ms < earliestMs) this.startedAt = at;
  }

  #addHop(line: JsonObject): void {
    const count = asInteger(line.count) ?? 0;
    const failed = asInteger(line.failed) ?? 0;
    const bytes = asInteger(line.bytes) ?? 0;
    this.requests += count;
    this.requestsFailed += failed;
    const second = this.#second(line);
    if (isBlobBody(line)) {
      this.blobBytes += bytes;
      if (second !== undefined) second.bytes += bytes;
    }
    const hop = asString(line.hop) ?? '';
    const host = asString(line.host) ?? '';
    const duration = decode(line.duration);
    const ttfb = decode(line.ttfb);
    const connections = asInteger(line.connections) ?? 0;
    this.#servers.addStatus(line, count);
    const byHop = seriesOf(this.#hops, hop);
    const byHost = this.#hostSeries(host, hop);
    for (const part of dialParts) {
      const dial = decode(line[part]);
      if (dial === undefined) continue;
      byHop.addDial(part, dial);
      byHost.addDial(part, dial);
    }
    for (const series of [seriesOf(this.#phases, asString(line.phase) ?? 'other'), byHop, byHost]) {
      series.connections += connections;
      series.requests += count;
      series.failed += failed;
      series.bytes += bytes;
      if (duration !== undefined) series.duration.add(duration);
      if (ttfb !== undefined) series.ttfb.add(ttfb);
    }
    const cache = line.cache;
    if (cache === 'hit' || cache === 'miss' || cache === 'unknown') this.cache[cache] += count;
  }

  #hostSeries(name: string, role: string): Series {
    const host = this.#hosts.has(name) || this.#hosts.size < hostsMax ? name : otherHosts;
    const known = this.#hosts.get(host) ?? { series: new Series(), role };
    if (!known.role.split('+').includes(role)) known.role += `+${role}`;
    this.#hosts.set(host, known);
    return known.series;
  }

  #addMetric(line: JsonObject): void {
    const sum = numberOf(line.sum);
    const second = this.#second(line);
    switch (line.metric) {
      case 'pull_started':
        this.pullsStarted += sum;
        break;
      case 'pull_ok':
        this.pullsOk += sum;
        if (second !== undefined) second.pulls += sum;
        break;
      case 'pull_failed':
        countFailures(this.errors, line);
        if (second !== undefined) second.failed += sum;
        break;
      case 'pull_verified_bytes':
        this.verifiedBytes += sum;
        break;
      case 'dropped_iterations':
        this.dropped += sum;
        break;
      case 'pull_late':
        this.late += sum;
        break;
      case 'pull_as_recorded':
        this.asRecorded += sum;
        break;
      case 'pull_retried':
        this.retries += sum;
        break;
      case 'pull_duration': {
        const histogram = decode(line.hdr);
        if (histogram === undefined) break;
        this.#pullDuration.add(histogram);
        if (second !== undefined) this.#addDuration(second, histogram);
      }
    }
  }

  #addDuration(second: Second, counts: Counts): void {
    if (second.p95 !== undefined) return;
    if (second.duration === undefined) {
      second.duration = newHistogram();
      this.#open.push(second);
    }
    second.duration.add(counts);
    if (this.#open.length <= secondsOpenMax) return;
    const oldest = this.#open.shift();
    if (oldest?.duration === undefined) return;
    oldest.p95 = p95Of(oldest.duration);
    oldest.duration = undefined;
  }

  #second(line: JsonObject): Second | undefined {
    const at = asInteger(line.t);
    if (at === undefined) return undefined;
    const known = this.#seconds.get(at);
    if (known !== undefined || this.#seconds.size >= secondsMax) return known;
    const second: Second = { pulls: 0, failed: 0, bytes: 0 };
    this.#seconds.set(at, second);
    this.#firstSecond = Math.min(at, this.#firstSecond);
    this.#lastSecond = Math.max(at, this.#lastSecond);
    return second;
  }

  pullMs(): LatencySummary {
    return summarize(this.#pullDuration);
  }

  phases(): Record<string, LatencySummary> {
    return mapValues(this.#phases, (series) => summarize(series.duration));
  }

  hops(): Record<string, HopSummary> {
    return mapValues(this.#hops, (series) => series.toSummary());
  }

  /** Milliseconds that successful requests took in all, by hop. */
  hopMs(): Record<string, number> {
    return mapValues(this.#hops, ({ duration }) => (duration.mean * duration.totalCount) / 1000);
  }

  hosts(): LoadResult['hosts'] {
    return mapValues(this.#hosts, ({ series, role }) => ({ ...series.toSummary(), role }));
  }

  servers(): NonNullable<LoadResult['servers']> {
    return this.#servers.servers();
  }

  statuses(): NonNullable<LoadResult['statuses']> {
    return this.#servers.statuses();
  }

  /** One entry per second from the first to the last, gaps included. */
  seconds(): LoadResult['timeline'] {
    if (this.#seconds.size === 0) return [];
    const length = Math.min(this.#lastSecond - this.#firstSecond + 1, secondsMax);
    return Array.from({ length }, (_, second) => this.#entry(second));
  }

  /** The last second, for the live line; cheap, however long the run. */
  latest(): LoadResult['timeline'][number] | undefined {
    return this.#seconds.size === 0 ? undefined : this.#entry(this.#lastSecond - this.#firstSecond);
  }

  #entry(second: number): LoadResult['timeline'][number] {
    const known = this.#seconds.get(this.#firstSecond + second);
    const { pulls = 0, failed = 0, bytes = 0, duration, p95 } = known ?? {};
    return {
      second,
      pulls,
      failed,
      bytes,
      p95: duration === undefined ? (p95 ?? 0) : p95Of(duration),
    };
  }
}

function p95Of(histogram: Histogram): number {
  return toMs(histogram.getValueAtPercentile(95));
}

/** A blob itself, not a redirect to one. */
function isBlobBody({ phase, status }: JsonObject): boolean {
  return (phase === 'config' || phase === 'layer') && (status === '200' || status === '206');
}

function seriesOf(map: Map<string, Series>, key: string): Series {
  const series = map.get(key) ?? new Series();
  map.set(key, series);
  return series;
}

function mapValues<V, R>(map: Map<string, V>, make: (value: V) => R): Record<string, R> {
  return Object.fromEntries([...map].map(([key, value]) => [key, make(value)]));
}
