// Whole pulls that the output of our k6 kept, of which a report shows a few: typical ones near the median of the
// run, slow ones near its p99, failed ones of as many classes as there are.
import type { PullSample, SampledRequest } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

type Kind = PullSample['kind'];

const kinds: readonly Kind[] = ['typical', 'slow', 'failed'];
const toldOfKindMax = 3;
/** Held while a timeline is read; joined ones have as many more. */
const heldOfKindMax = 300;
const requestsMax = 200;
const textCharsMax = 255;

/** When it began, milliseconds since 1970, in the place of seconds from a start that is not known yet. */
type Held = Omit<PullSample, 'atSeconds'> & { readonly atMs: number };

export interface Middle {
  /** Of all pulls that succeeded, ms. */
  readonly p50: number;
  readonly p99: number;
}

export class PullSamples {
  readonly #held: Record<Kind, Held[]> = { typical: [], slow: [], failed: [] };

  /** Takes a line of the series `pull`. */
  add(line: JsonObject): void {
    const kind = kinds.find((one) => one === line.kind);
    if (kind === undefined) return;
    const held = this.#held[kind];
    held.push(heldOf(line, kind));
    if (held.length <= heldOfKindMax) return;
    // Every second one, so that those that stay are of the whole run.
    this.#held[kind] = held.filter((_, at) => at % 2 === 0);
  }

  /** At most three of each kind, each in the order in which they were. `firstMs`: of the run's first request. */
  told(firstMs: number, { p50, p99 }: Middle): PullSample[] {
    const { typical, slow, failed } = this.#held;
    const chosen = [...nearest(typical, p50), ...nearest(slow, p99), ...ofManyClasses(failed)];
    return chosen.map(({ atMs, ...pull }) => ({
      ...pull,
      atSeconds: Math.max(0, Math.round(atMs - firstMs)) / 1000,
    }));
  }
}

function nearest(held: readonly Held[], wantedMs: number): Held[] {
  const far = ({ durationMs }: Held) => Math.abs(durationMs - wantedMs);
  return inOrder(held.toSorted((a, b) => far(a) - far(b)).slice(0, toldOfKindMax));
}

/** The first of each class, then the second of each, and so on. */
function ofManyClasses(held: readonly Held[]): Held[] {
  const seen = new Map<string, number>();
  const round = held.map((pull) => {
    const before = seen.get(pull.failure ?? '') ?? 0;
    seen.set(pull.failure ?? '', before + 1);
    return { pull, before };
  });
  const chosen = round.toSorted((a, b) => a.before - b.before).slice(0, toldOfKindMax);
  return inOrder(chosen.map(({ pull }) => pull));
}

function inOrder(held: Held[]): Held[] {
  return held.sort((a, b) => a.atMs - b.atMs);
}

function heldOf(line: JsonObject, kind: Kind): Held {
  const requests = Array.isArray(line.requests) ? line.requests : [];
  const failure = textOf(line.failure);
  const more = countOf(line.more) + Math.max(0, requests.length - requestsMax);
  return {
    kind,
    atMs: numberOf(line.atMs),
    durationMs: msOf(line.durationUs),
    client: textOf(line.client),
    image: textOf(line.image),
    ...(failure !== '' && { failure }),
    requests: requests.slice(0, requestsMax).map((one) => requestOf(asObject(one) ?? {})),
    ...(more > 0 && { more }),
  };
}

function requestOf(one: JsonObject): SampledRequest {
  const failure = textOf(one.failure);
  const cache = textOf(one.cache);
  return {
    phase: textOf(one.phase),
    hop: textOf(one.hop),
    host: textOf(one.host),
    status: countOf(one.status),
    ...(failure !== '' && { failure }),
    startMs: msOf(one.startUs),
    dnsMs: msOf(one.dnsUs),
    connectMs: msOf(one.connectUs),
    tlsMs: msOf(one.tlsUs),
    ttfbMs: msOf(one.ttfbUs),
    totalMs: msOf(one.totalUs),
    bytes: countOf(one.bytes),
    ...(cache !== '' && { cache }),
  };
}

/** A timeline is a file that anyone may have edited. */
const msOf = (us: unknown) => Math.max(0, numberOf(us)) / 1000;
const countOf = (value: unknown) => Math.max(0, asInteger(value) ?? 0);
const textOf = (value: unknown) => (asString(value) ?? '').slice(0, textCharsMax);
