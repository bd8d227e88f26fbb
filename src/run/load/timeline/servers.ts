// Who answered in a load run: every peer with the edge that it says it is, and every status by phase and host.
import type { LoadResult } from '../../../../reports/results.ts';
import { asInteger, asString, type JsonObject } from '../../../lib/json.ts';
import { decode, type Histogram, newHistogram, summarize } from './histogram.ts';
import { numberOf } from './line.ts';

type Server = NonNullable<LoadResult['servers']>[number];
type Status = NonNullable<LoadResult['statuses']>[number];

/** Servers and statuses that are told apart; those after these are counted as one. */
const serversMax = 200;
const statusesMax = 200;
/** Of so many edges latencies are kept: two histograms take 190 KB. */
const timedMax = 50;
const others = '(others)';

interface Known {
  readonly counts: Server;
  timed?: { readonly latency: Histogram; readonly ttfb: Histogram };
  /** Body bytes by which a speed can be told, and the seconds in which they came. */
  bodyBytes: number;
  bodySeconds: number;
}

export class Servers {
  readonly #servers = new Map<string, Known>();
  readonly #statuses = new Map<string, Status>();
  #timed = 0;

  /** Takes a line of the series `server`. */
  addServer(line: JsonObject): void {
    const known = this.#of(line);
    const { counts } = known;
    counts.requests += asInteger(line.count) ?? 0;
    counts.failed += asInteger(line.failed) ?? 0;
    counts.hits += asInteger(line.hits) ?? 0;
    counts.misses += asInteger(line.misses) ?? 0;
    counts.bytes += asInteger(line.bytes) ?? 0;
    counts.connections += asInteger(line.connections) ?? 0;
    known.bodyBytes += asInteger(line.bodyBytes) ?? 0;
    known.bodySeconds += numberOf(line.bodyUs) / 1e6;
    const latency = decode(line.duration);
    const ttfb = decode(line.ttfb);
    if (latency === undefined || ttfb === undefined) return;
    if (known.timed === undefined) {
      if (this.#timed >= timedMax) return;
      this.#timed++;
      known.timed = { latency: newHistogram(), ttfb: newHistogram() };
    }
    known.timed.latency.add(latency);
    known.timed.ttfb.add(ttfb);
  }

  /** Takes a line of the series `pending`: a body that drips has a speed, too. */
  addPending(line: JsonObject): void {
    if ((asString(line.remote) ?? '') === '') return;
    const bytes = asInteger(line.bytes) ?? 0;
    const edge = this.#edgeAt(line);
    const known = this.#of({ ...line, edge });
    const { counts } = known;
    counts.unfinished = (counts.unfinished ?? 0) + (asInteger(line.count) ?? 0);
    counts.bytes += bytes;
    if (line.hop !== 'edge' || bytes === 0) return;
    known.bodyBytes += bytes;
    known.bodySeconds += numberOf(line.totalUs) / 1e6;
  }

  /** What is said to be at the address that was asked, if anything answered there. */
  #edgeAt(line: JsonObject): string {
    for (const { counts } of this.#servers.values()) {
      if (counts.host === line.host && counts.address === line.remote) return counts.edge;
    }
    return '';
  }

  #of(line: JsonObject): Known {
    let host = asString(line.host) ?? '';
    let address = asString(line.remote) ?? '';
    let edge = asString(line.edge) ?? '';
    let key = JSON.stringify([host, address, edge]);
    if (!this.#servers.has(key) && this.#servers.size >= serversMax) {
      [host, address, edge, key] = [others, '', '', others];
    }
    const before = this.#servers.get(key);
    if (before !== undefined) return before;
    const counts = { host, address, edge, ...nothing };
    const known: Known = { counts, bodyBytes: 0, bodySeconds: 0 };
    this.#servers.set(key, known);
    return known;
  }

  /** Takes a line of the series `hop`. */
  addStatus(line: JsonObject, count: number): void {
    const phase = asString(line.phase) ?? 'other';
    const hop = asString(line.hop) ?? '';
    const status = Number(asString(line.status) ?? '0') || 0;
    const failure = asString(line.failure) ?? '';
    const ofHost = (host: string) => JSON.stringify([phase, hop, host, status, failure]);
    let host = asString(line.host) ?? '';
    if (!this.#statuses.has(ofHost(host)) && this.#statuses.size >= statusesMax) host = others;
    const key = ofHost(host);
    const known = this.#statuses.get(key);
    if (known !== undefined) known.count += count;
    else if (this.#statuses.size < 2 * statusesMax) {
      this.#statuses.set(key, { phase, hop, host, status, failure, count });
    }
  }

  servers(): Server[] {
    return [...this.#servers.values()]
      .map(toServer)
      .sort((a, b) => b.requests - a.requests || b.bytes - a.bytes);
  }

  statuses(): Status[] {
    return [...this.#statuses.values()].sort((a, b) => b.count - a.count);
  }
}

const nothing = { requests: 0, failed: 0, hits: 0, misses: 0, bytes: 0, connections: 0 };

function toServer({ counts, timed, bodyBytes, bodySeconds }: Known): Server {
  return {
    ...counts,
    ...(timed && { latency: summarize(timed.latency), ttfb: summarize(timed.ttfb) }),
    ...(bodySeconds > 0 && { bytesPerSecond: bodyBytes / bodySeconds }),
  };
}
