// The seconds of a run, read from its timeline in one pass: histograms of what is compared, and counts. Lines of
// no use are told by their beginning, as a run of an hour has most of a million.
import { join } from 'node:path';
import { SecondCounts, SecondHistogram } from '../../compare/seconds.ts';
import { asInteger, asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';
import { linesOf, timelineName } from '../load/timeline/file.ts';
import { decode } from '../load/timeline/histogram.ts';
import { numberOf } from '../load/timeline/line.ts';
import { edgeNameOf, type LoadRun } from './run-figures.ts';

/** By the keys of places and shares (lines.ts). */
export interface RunSeconds {
  histogram(key: string): SecondHistogram | undefined;
  counts(key: string): SecondCounts;
}

/** Longest run whose seconds are told apart; what comes after counts for the last one. */
const secondsMax = 7 * 24 * 3600;
/**
 * Seconds whose places are looked at, spread over the run: an hour with a large CDN has a million histograms, which
 * take half a minute to unpack. Whole pulls are taken of every second.
 */
const placeSecondsMax = 900;

/**
 * Seconds of the places with these keys. Undefined where there is no timeline, or that of another run.
 */
export async function readSeconds(
  run: LoadRun,
  keys: ReadonlySet<string>,
): Promise<RunSeconds | undefined> {
  const reader = new Reader(run, keys);
  try {
    for await (const line of linesOf(join(run.folder, timelineName))) reader.take(line);
  } catch {
    return undefined;
  }
  return reader.isOfRun ? reader : undefined;
}

/** One in so many seconds of a run is looked at for places. */
export function strideOf(seconds: number): number {
  return Math.ceil(seconds / placeSecondsMax);
}

/** Our k6 writes the second first, then what the line is of. */
const beginning = /^\{"t":(\d+),"series":"(hop|step|server|metric)",(?:"metric":"(\w+)")?/;

class Reader implements RunSeconds {
  readonly #run: LoadRun;
  readonly #keys: ReadonlySet<string>;
  readonly #seconds: number;
  /** Of so many seconds one is looked at for places. */
  readonly #stride: number;
  readonly #histograms = new Map<string, SecondHistogram>();
  readonly #counts = new Map<string, SecondCounts>();
  #first: number | undefined;
  #startedMs = Number.NaN;
  #pullsOk = 0;

  constructor(run: LoadRun, keys: ReadonlySet<string>) {
    this.#run = run;
    this.#keys = keys;
    this.#seconds = Math.min(secondsMax, Math.max(1, Math.ceil(run.load.seconds)));
    this.#stride = strideOf(this.#seconds);
  }

  /** What it holds is what the results say. */
  get isOfRun(): boolean {
    const { startedAt, pulls } = this.#run.load;
    const isTime =
      startedAt === undefined ? pulls.ok > 0 : parseDateTime(startedAt) === this.#startedMs;
    return this.#pullsOk === pulls.ok && isTime;
  }

  histogram(key: string): SecondHistogram | undefined {
    return this.#histograms.get(key);
  }

  counts(key: string): SecondCounts {
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const made = new SecondCounts(this.#seconds);
    this.#counts.set(key, made);
    return made;
  }

  take(text: string): void {
    const [, second, series, metric] = beginning.exec(text) ?? [];
    if (second === undefined) {
      if (text.startsWith('{"schema"')) this.#takeStart(asObject(parseJson(text)));
      return;
    }
    if (series === 'metric' ? !wantedMetrics.has(metric ?? '') : !this.#isWanted(second)) return;
    const line = asObject(parseJson(text));
    if (line === undefined) return;
    this.#first ??= Number(second);
    const at = Number(second) - this.#first;
    if (series === 'metric') this.#takeMetric(line, metric ?? '', at);
    else if (series === 'hop') this.#takeHop(line, at);
    else if (series === 'step') this.#add(`phase:${asString(line.phase)}`, line.duration, at);
    else this.#takeServer(line, at);
  }

  /** Spread by a hash: what a server does every ten seconds is met as often as it comes. */
  #isWanted(second: string): boolean {
    return Math.imul(Number(second), 0x9e37_79b1) >>> 8 < 2 ** 24 / this.#stride;
  }

  #takeStart(line: JsonObject | undefined): void {
    const ms = parseDateTime(asString(line?.startedAt) ?? '') ?? Number.NaN;
    if (!(this.#startedMs <= ms)) this.#startedMs = ms;
  }

  #takeMetric(line: JsonObject, metric: string, at: number): void {
    const sum = numberOf(line.sum);
    switch (metric) {
      case 'pull_ok':
        this.#pullsOk += sum;
        this.#count(['ok', 'ended', 'due'], at, sum);
        break;
      case 'pull_failed':
        this.#count(['failed', `failed:${classOf(line)}`, 'ended', 'due'], at, sum);
        break;
      case 'pull_with_retry':
        this.#count(['retried'], at, sum);
        break;
      case 'dropped_iterations':
        this.#count(['dropped', 'due'], at, sum);
        break;
      default:
        this.#add('pull', line.hdr, at);
    }
  }

  #takeHop(line: JsonObject, at: number): void {
    const hop = asString(line.hop) ?? '';
    const host = this.#run.hostNames.get(asString(line.host) ?? '');
    const counts = [`hop:${hop}`, ...(host === undefined ? [] : [`host:${host}`])].filter((key) =>
      this.#keys.has(key),
    );
    if (counts.length > 0) this.#addAll(counts, line.duration, at);
    this.#add(`hop:${hop}.ttfb`, line.ttfb, at);
    const told = asInteger(line.count) ?? 0;
    if (line.cache === 'hit') this.#count(['hit', 'told'], at, told);
    else if (line.cache === 'miss') this.#count(['told'], at, told);
  }

  #takeServer(line: JsonObject, at: number): void {
    if (typeof line.duration !== 'string') return;
    const edge = asString(line.edge) ?? '';
    this.#add(
      `edge:${edgeNameOf({ edge, address: asString(line.remote) ?? '' })}`,
      line.duration,
      at,
    );
  }

  #add(key: string, encoded: unknown, at: number): void {
    if (this.#keys.has(key)) this.#addAll([key], encoded, at);
  }

  #addAll(keys: readonly string[], encoded: unknown, at: number): void {
    const counts = decode(encoded);
    if (counts === undefined) return;
    for (const key of keys) {
      let histogram = this.#histograms.get(key);
      if (histogram === undefined) {
        histogram = new SecondHistogram(this.#seconds);
        this.#histograms.set(key, histogram);
      }
      histogram.add(at, counts.values, counts.counts);
    }
  }

  #count(keys: readonly string[], at: number, sum: number): void {
    for (const key of keys) this.counts(key).add(at, sum);
  }
}

const wantedMetrics: ReadonlySet<string> = new Set([
  ...['pull_ok', 'pull_failed', 'pull_with_retry', 'dropped_iterations', 'pull_duration'],
]);

function classOf(line: JsonObject): string {
  return asString(asObject(line.tags)?.class) ?? 'unknown';
}
