// What was under way when a run gave up waiting: requests by place, pauses by their reason.
import type { Unfinished } from '../../../../reports/results.ts';
import { asInteger, asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

/** Requests of one place. */
export interface PendingPlace extends Unfinished {
  /** Pulls that waited for this place for longest. */
  readonly pulls: number;
  /** The request that was under way for longest. */
  readonly longest: PendingRequest;
}

export interface PendingRequest {
  readonly method: string;
  readonly url: string;
  readonly bytes: number;
  readonly bytesExpected: number | undefined;
  readonly seconds: number;
  /** 0 when no reply had begun. */
  readonly status: number;
}

const placesMax = 1000;

export class Pending {
  readonly #places = new Map<string, PendingPlace>();

  /** Takes a line of the series `pending`. */
  add(line: JsonObject): void {
    const place = placeOf(line);
    const key = JSON.stringify([place.phase, place.hop, place.host, place.address]);
    const known = this.#places.get(key);
    if (known !== undefined) this.#places.set(key, together(known, place));
    else if (this.#places.size < placesMax) this.#places.set(key, place);
  }

  /** Those with most pulls first. */
  places(): PendingPlace[] {
    return [...this.#places.values()].sort(
      (a, b) => b.pulls - a.pulls || b.requests - a.requests || b.seconds - a.seconds,
    );
  }

  unfinished(): Unfinished[] {
    return this.places().map(({ pulls, longest, ...place }) => place);
  }
}

function placeOf(line: JsonObject): PendingPlace {
  const longest = requestOf(asObject(line.longest));
  const bytesExpected = asInteger(line.bytesExpected);
  return {
    phase: asString(line.phase) ?? 'other',
    hop: asString(line.hop) ?? '',
    host: asString(line.host) ?? '',
    address: asString(line.remote) ?? '',
    requests: asInteger(line.count) ?? 0,
    bytes: asInteger(line.bytes) ?? 0,
    ...(bytesExpected !== undefined && { bytesExpected }),
    seconds: longest.seconds,
    pulls: asInteger(line.pulls) ?? 0,
    longest,
  };
}

function requestOf(longest: JsonObject | undefined): PendingRequest {
  return {
    method: asString(longest?.method) ?? '',
    url: asString(longest?.url) ?? '',
    bytes: asInteger(longest?.bytes) ?? 0,
    bytesExpected: asInteger(longest?.bytesExpected),
    seconds: numberOf(longest?.seconds),
    status: asInteger(longest?.status) ?? 0,
  };
}

function together(a: PendingPlace, b: PendingPlace): PendingPlace {
  const expected = (a.bytesExpected ?? 0) + (b.bytesExpected ?? 0);
  return {
    ...a,
    requests: a.requests + b.requests,
    bytes: a.bytes + b.bytes,
    ...(expected > 0 && { bytesExpected: expected }),
    seconds: Math.max(a.seconds, b.seconds),
    pulls: a.pulls + b.pulls,
    longest: b.seconds > a.seconds ? b.longest : a.longest,
  };
}
