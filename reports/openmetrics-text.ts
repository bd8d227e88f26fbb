// The text of OpenMetrics: families of gauges and summaries, each written once, with help, unit and escaped labels.

import type { LatencySummary } from './results.ts';
import { oneLine, withoutCommands } from './untrusted.ts';

export type Labels = Readonly<Record<string, string>>;

const prefix = 'pullproof';
const labelCharsMax = 400;
/** What Prometheus takes as base units, at the end of names. */
const units = ['seconds', 'bytes', 'ratio'];

/** How two values with the same labels become one: texts that were cut can be alike. */
type Joined = 'sum' | 'least';

interface Family {
  add(labels: Labels, value: number, joined?: Joined): void;
}

interface Written {
  readonly type: 'gauge' | 'summary';
  readonly help: string;
  /** By the text in front of the value. */
  readonly samples: Map<string, number>;
}

/** Families in the order in which they were first named. */
export class Exposition {
  readonly #families = new Map<string, Written>();

  /** Names leave out `pullproof_`; their unit is their last word. */
  gauge(name: string, help: string): Family {
    const { samples } = this.#family(name, 'gauge', help);
    return {
      add: (labels, value, joined = 'sum') => put(samples, sampleName(name, labels), value, joined),
    };
  }

  /** Quantiles in seconds of what took milliseconds; 1 is the maximum. Without a sample there are none. */
  latency(name: string, help: string): { add(labels: Labels, ms: LatencySummary): void } {
    const { samples } = this.#family(name, 'summary', help);
    return {
      add: (labels, { count, p50, p90, p95, p99, max }) => {
        const byQuantile = Object.entries({ '0.5': p50, '0.9': p90, '0.95': p95, '0.99': p99 });
        const quantiles = count === 0 ? [] : [...byQuantile, ['1', max] as const];
        for (const [quantile, ms] of quantiles) {
          put(samples, sampleName(name, { ...labels, quantile }), inSeconds(ms), 'least');
        }
        put(samples, sampleName(`${name}_count`, labels), count, 'sum');
      },
    };
  }

  #family(name: string, type: Written['type'], help: string): Written {
    const known = this.#families.get(name);
    if (known !== undefined) return known;
    const family: Written = { type, help, samples: new Map() };
    this.#families.set(name, family);
    return family;
  }

  toString(): string {
    const lines = [...this.#families].flatMap(([name, { type, help, samples }]) => {
      if (samples.size === 0) return [];
      const unit = units.find((one) => name.endsWith(`_${one}`));
      return [
        `# HELP ${prefix}_${name} ${escapeLabel(help)}`,
        `# TYPE ${prefix}_${name} ${type}`,
        ...(unit === undefined ? [] : [`# UNIT ${prefix}_${name} ${unit}`]),
        ...[...samples].map(([sample, value]) => `${sample} ${value}`),
      ];
    });
    return `${[...lines, '# EOF'].join('\n')}\n`;
  }
}

/** Without the digits that only the division brings. */
function inSeconds(ms: number): number {
  return Number((ms / 1000).toPrecision(12));
}

function put(samples: Map<string, number>, sample: string, value: number, joined: Joined): void {
  if (!Number.isFinite(value)) return;
  const before = samples.get(sample);
  if (before === undefined) samples.set(sample, value);
  else samples.set(sample, joined === 'sum' ? before + value : Math.min(before, value));
}

function sampleName(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escapeLabel(value)}"`);
  return `${prefix}_${name}${pairs.length === 0 ? '' : `{${pairs.join()}}`}`;
}

/** On one line, so that no text of a registry begins one. */
function escapeLabel(text: string): string {
  return withoutCommands(oneLine(text, labelCharsMax))
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"');
}
