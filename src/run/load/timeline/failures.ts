// Failures as a timeline tells them, by class, reason, place and status: those that ended a pull, or those
// after which something was tried again.
import { asObject, asString, type JsonObject } from '../../../lib/json.ts';
import { numberOf } from './line.ts';

/** What failures have in common that are counted as one; absent is what their line did not say. */
export interface FailureKind {
  readonly class: string;
  readonly reason?: string | undefined;
  readonly hop?: string | undefined;
  readonly host?: string | undefined;
  readonly status?: number | undefined;
}

export interface FailureGroup extends FailureKind {
  readonly count: number;
  /** Where most of them struck. */
  readonly phase?: string | undefined;
}

/** Hosts are the servers' choice: kinds beyond this are told without them. */
const kindsMax = 300;
/** Of one kind. */
const phasesMax = 20;
export const otherHosts = '(other hosts)';

export function kindKey({ class: kind, reason, hop, host, status }: FailureKind): string {
  return JSON.stringify([kind, reason ?? '', hop ?? '', host ?? '', status ?? -1]);
}

interface Known {
  readonly kind: FailureKind;
  count: number;
  readonly phases: Map<string, number>;
}

export class Failures {
  readonly #known = new Map<string, Known>();
  readonly #byClass = new Map<string, number>();

  /** Takes a line of one of the metrics of failures. */
  add(line: JsonObject): void {
    const tags = asObject(line.tags);
    const text = (name: string) => asString(tags?.[name]) || undefined;
    const status = text('status');
    const kind = {
      class: text('class') ?? 'unknown',
      reason: text('reason'),
      hop: text('hop'),
      host: text('host'),
      status: status === undefined ? undefined : Number(status) || 0,
    };
    this.count(kind, numberOf(line.sum), text('phase'));
  }

  count(kind: FailureKind, count: number, phase?: string): void {
    this.#byClass.set(kind.class, (this.#byClass.get(kind.class) ?? 0) + count);
    const known = this.#of(kind);
    known.count += count;
    if (phase === undefined) return;
    if (known.phases.has(phase) || known.phases.size < phasesMax) {
      known.phases.set(phase, (known.phases.get(phase) ?? 0) + count);
    }
  }

  #of(kind: FailureKind): Known {
    const key = kindKey(kind);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    if (this.#known.size >= kindsMax && kind.host !== undefined && kind.host !== otherHosts) {
      return this.#of({ ...kind, host: otherHosts });
    }
    const known: Known = { kind, count: 0, phases: new Map() };
    this.#known.set(key, known);
    return known;
  }

  get total(): number {
    let sum = 0;
    for (const count of this.#byClass.values()) sum += count;
    return sum;
  }

  byClass(): ReadonlyMap<string, number> {
    return this.#byClass;
  }

  /** The most frequent first. */
  groups(): FailureGroup[] {
    return [...this.#known.values()]
      .map(({ kind, count, phases }) => ({ ...kind, count, phase: mostOf(phases) }))
      .sort((a, b) => b.count - a.count);
  }
}

function mostOf(counts: ReadonlyMap<string, number>): string | undefined {
  let most: string | undefined;
  for (const [name, count] of counts) {
    if (most === undefined || count > (counts.get(most) ?? 0)) most = name;
  }
  return most;
}
