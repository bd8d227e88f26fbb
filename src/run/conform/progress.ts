// Where a run of the checks is, for who watches: a view of how far it is, what does not hold, what came in passing.
import type { CheckResult } from '../../../reports/results.ts';
import { plural } from '../../lib/plural.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { View, ViewRow } from '../view.ts';
import { isStumble } from './stumbles.ts';

/** Ids that a row names: those that came last. */
const idsMax = 4;
/** Before so many checks, what is left cannot be told. */
const doneMin = 10;
/** After a 429 and so long without an answer, it is being waited. */
const waitMsMin = 1_000;

interface Work {
  /** Where the checks work, in words. */
  readonly target: string;
  /** Checks of it. */
  readonly total: number;
  /** Expected failures, by id: they fail no run. */
  readonly isExpected: (id: string) => boolean;
}

export class ConformProgress {
  readonly #work: Work;
  readonly #now: () => number;
  readonly #startedMs: number;
  #firstMs = 0;
  #done = 0;
  #latest = '';
  readonly #underWay = new Set<string>();
  readonly #ids = { fail: [] as string[], warn: [] as string[] };
  #stumbles = 0;
  #limits = 0;
  #limitedMs = Number.POSITIVE_INFINITY;

  constructor(work: Work, now: () => number = Date.now) {
    this.#work = work;
    this.#now = now;
    this.#startedMs = now();
  }

  begin(id: string): void {
    if (this.#firstMs === 0) this.#firstMs = this.#now();
    this.#underWay.add(id);
  }

  end({ id, verdict }: CheckResult): void {
    this.#underWay.delete(id);
    this.#done++;
    this.#latest = id;
    if (verdict === 'harness-error') this.#ids.fail.push(id);
    if ((verdict === 'fail' || verdict === 'warn') && !this.#work.isExpected(id)) {
      this.#ids[verdict].push(id);
    }
  }

  /** Of every reply, in set-up and clean-up too. */
  note(exchange: Exchange): void {
    const isLimit = exchange.reply.status === 429;
    if (isLimit) this.#limits++;
    else if (isStumble(exchange)) this.#stumbles++;
    this.#limitedMs = isLimit ? this.#now() : Number.POSITIVE_INFINITY;
  }

  view(): View {
    const { target, total } = this.#work;
    const words = this.#place();
    const now = [...this.#underWay].join(', ') || this.#latest;
    const rows: ViewRow[] = [
      { label: 'now', text: this.#waits() || now || 'the image of the run, and what is offered' },
      rowOf('failed', this.#ids.fail, 'bad'),
      rowOf('warnings', this.#ids.warn, 'warn'),
      ...(this.#stumbles > 0
        ? [
            {
              label: 'stumbles',
              text: `${plural(this.#stumbles, 'time')} a server failed by itself`,
              tone: 'warn' as const,
            },
          ]
        : []),
      ...(this.#limits > 0
        ? [
            {
              label: 'limits',
              text: `${plural(this.#limits, 'time')} put off (429)`,
              tone: 'warn' as const,
            },
          ]
        : []),
    ];
    return {
      title: `conform: ${target}`,
      place: { share: total === 0 ? 1 : this.#done / total, words },
      rows,
      line: `${words}: ${this.#told()}; ${this.#waits() || (now === '' ? 'setting up' : `now ${now}`)}`,
    };
  }

  #place(): string {
    const { total } = this.#work;
    const head = `${this.#done} of ${plural(total, 'check')}`;
    const elapsedMs = this.#now() - this.#startedMs;
    const took = `${Math.floor(elapsedMs / 1000)} s`;
    if (this.#firstMs === 0) return `${head}, setting up, ${took}`;
    if (this.#underWay.size === 0 && this.#done > 0) return `${head}, cleaning up, ${took}`;
    if (this.#done < doneMin) return `${head}, ${took}`;
    const perCheckMs = (this.#now() - this.#firstMs) / this.#done;
    const left = Math.ceil((perCheckMs * (total - this.#done)) / 1000);
    return `${head}, ${took}, about ${left} s left`;
  }

  #waits(): string {
    const waited = this.#now() - this.#limitedMs;
    if (waited < waitMsMin) return '';
    return `put off (429), waiting for ${Math.floor(waited / 1000)} s`;
  }

  #told(): string {
    const { fail, warn } = this.#ids;
    const failed = fail.length === 0 ? 'none failed' : `${fail.length} failed (${fail.at(-1)})`;
    const warned = warn.length === 0 ? '' : `, ${plural(warn.length, 'warning')}`;
    const stumbled =
      this.#stumbles === 0 ? '' : `, ${plural(this.#stumbles, 'time')} a server failed by itself`;
    return (
      failed + warned + stumbled + (this.#limits === 0 ? '' : `, ${this.#limits} put off (429)`)
    );
  }
}

/** The last that came first: a row that is cut keeps what is new. */
function rowOf(label: string, ids: readonly string[], tone: 'bad' | 'warn'): ViewRow {
  if (ids.length === 0) return { label, text: 'none' };
  const named = ids.slice(-idsMax).reverse();
  const more = ids.length > idsMax ? ', …' : '';
  return { label, text: `${ids.length}: ${named.join(', ')}${more}`, tone };
}
