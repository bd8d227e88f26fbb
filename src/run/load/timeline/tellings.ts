// What servers told in passing: of their limits, and of blobs that their caches did not have.
import type { LoadResult, RateLimitHeader } from '../../../../reports/results.ts';
import { asInteger, asString, type JsonObject } from '../../../lib/json.ts';

/** Hosts and names are the servers' choice: what comes after these is not told. */
const limitsMax = 100;
const missesMax = 2000;
const missesToldMax = 200;

export class Tellings {
  readonly #limits = new Map<string, RateLimitHeader>();
  readonly #misses = new Map<string, number>();

  /** Takes a line of the series `limit`; lines come in the order of their seconds. */
  addLimit(line: JsonObject): void {
    const host = asString(line.host) ?? '';
    const hop = asString(line.hop) ?? '';
    const header = asString(line.header) ?? '';
    const key = JSON.stringify([host, hop, header]);
    const known = this.#limits.get(key);
    if (known === undefined && this.#limits.size >= limitsMax) return;
    const numbers = [known?.least, line.least].filter((one) => typeof one === 'number');
    this.#limits.set(key, {
      host,
      hop,
      header,
      last: asString(line.last) ?? '',
      ...(numbers.length > 0 && { least: Math.min(...numbers) }),
      replies: (known?.replies ?? 0) + (asInteger(line.count) ?? 0),
    });
  }

  /** Takes a line of the series `miss`. */
  addMiss(line: JsonObject): void {
    const digest = asString(line.digest) ?? '';
    const known = this.#misses.get(digest);
    if (known === undefined && this.#misses.size >= missesMax) return;
    this.#misses.set(digest, (known ?? 0) + (asInteger(line.count) ?? 0));
  }

  limits(): RateLimitHeader[] {
    return [...this.#limits.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  misses(): NonNullable<LoadResult['misses']> {
    return [...this.#misses]
      .map(([digest, misses]) => ({ digest, misses }))
      .sort((a, b) => b.misses - a.misses || (a.digest < b.digest ? -1 : 1))
      .slice(0, missesToldMax);
  }
}

function nameOf({ host, hop, header }: RateLimitHeader): string {
  return `${host} ${hop} ${header}`;
}
