// Lines of one second that tell of the same thing, added up into one: what many runners say of a second then takes
// no more room than what one of them says.
import type { JsonObject } from '../../../lib/json.ts';
import { type Counts, readCounts, writeCounts } from './histogram-counts.ts';

/** How the fields of lines of a series are added; all others say of what they are. */
interface Fields {
  readonly sum?: readonly string[];
  readonly least?: readonly string[];
  readonly most?: readonly string[];
  readonly histograms: readonly string[];
}

/** Series that are not here tell of single things, and stay as they are. */
const series: Readonly<Record<string, Fields>> = {
  hop: {
    sum: ['count', 'failed', 'bytes', 'connections', 'totalUs'],
    least: ['firstMs'],
    most: ['lastMs'],
    histograms: ['duration', 'ttfb', 'dns', 'connect', 'tls'],
  },
  server: {
    sum: ['count', 'failed', 'hits', 'misses', 'bytes', 'connections', 'bodyBytes', 'bodyUs'],
    histograms: ['duration', 'ttfb'],
  },
  step: { histograms: ['duration'] },
  metric: { sum: ['count', 'sum'], most: ['last'], histograms: ['hdr'] },
};

type Adding = 'sum' | 'least' | 'most' | 'histogram';

const addings: ReadonlyMap<string, ReadonlyMap<string, Adding>> = new Map(
  Object.entries(series).map(([name, { sum = [], least = [], most = [], histograms }]) => [
    name,
    new Map<string, Adding>([
      ...sum.map((field) => [field, 'sum'] as const),
      ...least.map((field) => [field, 'least'] as const),
      ...most.map((field) => [field, 'most'] as const),
      ...histograms.map((field) => [field, 'histogram'] as const),
    ]),
  ]),
);

const add: Readonly<Record<Exclude<Adding, 'histogram'>, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  least: Math.min,
  most: Math.max,
};

/** A line, and its text. */
export interface Line {
  readonly text: string;
  readonly line: JsonObject;
}

class Sum {
  /** The only one so far. */
  #single: Line | undefined;
  readonly #line: Record<string, unknown>;
  readonly #fields: ReadonlyMap<string, Adding>;
  readonly #histograms = new Map<string, Map<number, number>>();

  constructor(first: Line, fields: ReadonlyMap<string, Adding>) {
    this.#single = first;
    this.#line = { ...first.line };
    this.#fields = fields;
  }

  add(line: JsonObject): void {
    if (this.#single !== undefined) this.#addHistograms(this.#single.line);
    this.#single = undefined;
    this.#addHistograms(line);
    for (const [field, how] of this.#fields) {
      const value = line[field];
      if (how === 'histogram' || typeof value !== 'number') continue;
      const before = this.#line[field];
      this.#line[field] = typeof before === 'number' ? add[how](before, value) : value;
    }
  }

  #addHistograms(line: JsonObject): void {
    for (const [field, how] of this.#fields) {
      if (how !== 'histogram') continue;
      const counts = readCounts(line[field]);
      if (counts === undefined) continue;
      const all = this.#histograms.get(field) ?? new Map<number, number>();
      this.#histograms.set(field, all);
      addTo(all, counts);
    }
  }

  told(): Line {
    if (this.#single !== undefined) return this.#single;
    const line: Record<string, unknown> = { ...this.#line };
    for (const [field, all] of this.#histograms) line[field] = writeCounts(countsOf(all));
    return { line, text: JSON.stringify(line) };
  }
}

function addTo(all: Map<number, number>, { values, counts }: Counts): void {
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    all.set(value, (all.get(value) ?? 0) + (counts[at] as number));
  }
}

function countsOf(all: ReadonlyMap<number, number>): Counts {
  const pairs = [...all].sort(([a], [b]) => a - b);
  return { values: pairs.map(([value]) => value), counts: pairs.map(([, count]) => count) };
}

/** Takes lines of a second, in any order; what they come to is exactly what all of them said. */
export class Sums {
  readonly #sums = new Map<string, Sum>();
  readonly #others: Line[] = [];

  take(one: Line): void {
    const fields = typeof one.line.series === 'string' ? addings.get(one.line.series) : undefined;
    const key = fields && keyOf(one.line, fields);
    if (fields === undefined || key === undefined) {
      this.#others.push(one);
      return;
    }
    const known = this.#sums.get(key);
    if (known === undefined) this.#sums.set(key, new Sum(one, fields));
    else known.add(one.line);
  }

  told(): Line[] {
    return [...[...this.#sums.values()].map((sum) => sum.told()), ...this.#others];
  }
}

/** Of what a line tells; undefined for one that cannot be added, which then stays as it is. */
function keyOf(line: JsonObject, fields: ReadonlyMap<string, Adding>): string | undefined {
  let key = '';
  for (const name in line) {
    const value = line[name];
    const how = fields.get(name);
    if (how === undefined) key += `${name}=${JSON.stringify(value)};`;
    else if (typeof value !== (how === 'histogram' ? 'string' : 'number')) return undefined;
  }
  return key;
}
