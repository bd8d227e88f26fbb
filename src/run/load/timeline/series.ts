// Requests of a timeline by hop, by host, and by phase and hop; whole steps by phase.
import type { HopSummary, LatencySummary, LoadResult } from '../../../../reports/results.ts';
import { asInteger, asString, type JsonObject } from '../../../lib/json.ts';
import { otherHosts } from './failures.ts';
import { type Counts, decode, type Histogram, newHistogram, summarize } from './histogram.ts';
import { numberOf } from './line.ts';

/** A registry can redirect to any number of hosts; the ones after these are counted as one. */
const hostsMax = 100;

class Series {
  readonly duration = newHistogram();
  readonly ttfb = newHistogram();
  /** Parts of the connections that were dialled, made when there are any: a histogram takes 95 KB. */
  readonly dials: Partial<Record<DialPart, Histogram>> = {};
  failed = 0;
  unfinished = 0;
  bytes = 0;
  connections = 0;
  /** Of all requests, also those that failed or never ended. */
  totalMs = 0;

  addDial(part: DialPart, counts: Counts): void {
    this.dials[part] ??= newHistogram();
    this.dials[part].add(counts);
  }

  toSummary(): HopSummary {
    const { failed, unfinished, bytes, connections, dials } = this;
    const summary: HopSummary = {
      ...summarize(this.duration),
      failed,
      bytes,
      ttfb: summarize(this.ttfb),
      connections,
      ...(unfinished > 0 && { unfinished }),
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

export class AllSeries {
  readonly #steps = new Map<string, Histogram>();
  readonly #phaseHops = new Map<string, Map<string, Histogram>>();
  readonly #hops = new Map<string, Series>();
  readonly #hosts = new Map<string, { series: Series; role: string }>();

  /** Takes a line of the series `hop`. */
  addHop(line: JsonObject, duration: Counts | undefined, ttfb: Counts | undefined): void {
    const hop = asString(line.hop) ?? '';
    const both = [madeOf(this.#hops, hop, newSeries), this.#hostSeries(line, hop)] as const;
    for (const part of dialParts) {
      const dial = decode(line[part]);
      if (dial !== undefined) for (const series of both) series.addDial(part, dial);
    }
    for (const series of both) {
      series.connections += asInteger(line.connections) ?? 0;
      series.failed += asInteger(line.failed) ?? 0;
      series.bytes += asInteger(line.bytes) ?? 0;
      series.totalMs += numberOf(line.totalUs) / 1000;
      if (duration !== undefined) series.duration.add(duration);
      if (ttfb !== undefined) series.ttfb.add(ttfb);
    }
    if (duration === undefined) return;
    const ofPhase = madeOf(this.#phaseHops, asString(line.phase) ?? 'other', newHops);
    madeOf(ofPhase, hop, newHistogram).add(duration);
  }

  /** Takes a line of the series `step`. */
  addStep(line: JsonObject, duration: Counts | undefined): void {
    if (duration === undefined) return;
    madeOf(this.#steps, asString(line.phase) ?? 'other', newHistogram).add(duration);
  }

  /** Takes a line of the series `pending`: what came counts, though nothing ended. */
  addPending(line: JsonObject): void {
    const hop = asString(line.hop) ?? '';
    for (const series of [madeOf(this.#hops, hop, newSeries), this.#hostSeries(line, hop)]) {
      series.unfinished += asInteger(line.count) ?? 0;
      series.bytes += asInteger(line.bytes) ?? 0;
      series.totalMs += numberOf(line.totalUs) / 1000;
    }
  }

  #hostSeries(line: JsonObject, role: string): Series {
    const name = asString(line.host) ?? '';
    const host = this.#hosts.has(name) || this.#hosts.size < hostsMax ? name : otherHosts;
    const known = madeOf(this.#hosts, host, () => ({ series: new Series(), role }));
    if (!known.role.split('+').includes(role)) known.role += `+${role}`;
    return known.series;
  }

  phases(): Record<string, LatencySummary> {
    return mapValues(this.#steps, summarize);
  }

  phaseHops(): Record<string, Record<string, LatencySummary>> {
    return mapValues(this.#phaseHops, (hops) => mapValues(hops, summarize));
  }

  hops(): Record<string, HopSummary> {
    return mapValues(this.#hops, (series) => series.toSummary());
  }

  hosts(): LoadResult['hosts'] {
    return mapValues(this.#hosts, ({ series, role }) => ({ ...series.toSummary(), role }));
  }

  /** Milliseconds that requests took in all, by hop. */
  hopMs(): Record<string, number> {
    return mapValues(this.#hops, ({ totalMs }) => totalMs);
  }
}

const newSeries = () => new Series();
const newHops = () => new Map<string, Histogram>();

function madeOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function mapValues<V, R>(map: Map<string, V>, make: (value: V) => R): Record<string, R> {
  return Object.fromEntries([...map].map(([key, value]) => [key, make(value)]));
}
