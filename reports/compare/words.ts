// A comparison in plain words, which every view of it shares: its sentence, names of lines, figures, tones.

import type {
  ChangeVerdict,
  Comparison,
  ConformComparison,
  LoadComparison,
  MetricChange,
} from '../comparison.ts';
import { count, duration, plural, rate } from '../figures.ts';
import type { Tone } from '../summary.ts';
import { oneLine } from '../untrusted.ts';

export const verdictWords: Record<Comparison['verdict'], string> = {
  pass: 'No regression',
  fail: 'Regression',
  error: 'Not comparable',
};

export const verdictTones: Record<Comparison['verdict'], Tone> = {
  pass: 'good',
  fail: 'bad',
  error: 'warn',
};

const namedMax = 3;

/** What came of it, without a full stop. */
export function comparisonSentence(comparison: Comparison): string {
  const { verdict, incomparable, load, conform, validate } = comparison;
  if (verdict === 'error') {
    const [first, ...others] = incomparable;
    const more = others.length === 0 ? '' : `; and ${plural(others.length, 'more reason')}`;
    const why = (first?.message ?? 'nothing says why').replace(/\.$/, '');
    return `The runs cannot be compared: ${why}${more}`;
  }
  if (load) return loadSentence(load);
  if (conform) return conformSentence(conform);
  if (validate) {
    const fresh = validate.appeared.length;
    const gone = `${plural(validate.gone.length, 'finding')} gone`;
    if (fresh === 0) return `No new findings; ${gone}`;
    const counted = validate.appeared.filter(({ regression }) => regression).length;
    const which = counted === fresh ? '' : `, ${count(counted)} of them counting`;
    return `${plural(fresh, 'new finding')}${which}; ${gone}`;
  }
  return 'Nothing was compared';
}

function loadSentence({ changes, method }: LoadComparison): string {
  const worse = regressionsOf(changes);
  const least = percentOf(method.minEffect);
  if (worse.length > 0) {
    const named = worse.slice(0, namedMax).map((one) => `${lineName(one)} ${changeWords(one)}`);
    const more = worse.length > namedMax ? `, and ${count(worse.length - namedMax)} more` : '';
    return `Worse by more than ${least}: ${named.join(', ')}${more}`;
  }
  const better = changes.filter(({ verdict }) => verdict === 'faster').length;
  const few = changes.filter(({ verdict }) => verdict === 'too few').length;
  const parts = [`Nothing is worse by more than ${least}`];
  if (better > 0) parts.push(`${plural(better, 'line')} better`);
  if (few > 0) {
    parts.push(`nothing can be said of ${count(few)} of ${plural(changes.length, 'line')}`);
  }
  return parts.join('; ');
}

function conformSentence(conform: ConformComparison): string {
  const { newlyFailing, newlyPassing, changedWords, changedVerdicts, gone } = conform;
  const parts = [
    newlyFailing.length === 0
      ? 'No check fails that did not'
      : `${plural(newlyFailing.length, 'check')} newly ${newlyFailing.length === 1 ? 'fails' : 'fail'}`,
    newlyPassing.length > 0 && `${count(newlyPassing.length)} newly pass`,
    changedVerdicts.length > 0 && `${plural(changedVerdicts.length, 'verdict')} changed otherwise`,
    changedWords.length > 0 &&
      `${count(changedWords.length)} ${changedWords.length === 1 ? 'says' : 'say'} another thing`,
    gone.length > 0 && `${count(gone.length)} gone`,
  ];
  return parts.filter((part) => part !== false).join('; ');
}

/** What makes exit code 1, the largest change first within the order of the table. */
export function regressionsOf(changes: readonly MetricChange[]): MetricChange[] {
  return changes.filter(({ regression }) => regression);
}

const statisticNames: Partial<Record<MetricChange['statistic'], string>> = {
  rate: 'pulls per second',
  failed: 'failed pulls',
  dropped: 'dropped pulls',
  retried: 'pulls with retries',
  hits: 'cache hits',
};

/** `pull p95`, `hop edge first byte p95`, `phase layer p50`: harmless, on one line. */
export function lineName(change: MetricChange): string {
  const { place, name, statistic, ttfb, class: kind } = change;
  const named = statisticNames[statistic];
  if (named !== undefined) return kind === undefined ? named : `${named}, ${oneLine(kind, 60)}`;
  const at = place === 'pull' ? 'pull' : `${place} ${oneLine(name, 80)}`;
  return `${at}${ttfb === true ? ' first byte' : ''} ${statistic}`;
}

export const placeTitles: Record<MetricChange['place'], string> = {
  pull: 'Whole pull',
  hop: 'Hops',
  phase: 'Phases',
  host: 'Hosts',
  edge: 'Edges',
};

/** A value of a line in its unit. */
export function valueWords({ unit }: Pick<MetricChange, 'unit'>, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'ms') return duration(value);
  return unit === '/s' ? `${rate(value)}/s` : `${shareDigits(value)} %`;
}

function shareDigits(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(value < 1 ? 2 : 3)));
}

function percentOf(part: number): string {
  return `${Number((part * 100).toPrecision(3))} %`;
}

function signed(value: number, digits = 1): string {
  const rounded = Math.abs(value) >= 10 ? Math.round(value) : Number(value.toFixed(digits));
  if (rounded === 0) return '0';
  return `${rounded > 0 ? '+' : '−'}${count0(Math.abs(rounded))}`;
}

/** Thousands apart, decimals kept. */
function count0(value: number): string {
  return value >= 1000 ? count(value) : String(value);
}

/** Beyond that a factor says more than percent. */
const factorFrom = 3;

function ratioWords(ratio: number): string {
  return ratio >= factorFrom ? `×${rate(ratio)}` : `${signed((ratio - 1) * 100)} %`;
}

/** Of shares, which may be 0, the difference in points of percent; else the ratio. */
export function changeWords(change: MetricChange): string {
  const { unit, ratio, difference } = change;
  if (unit === '%') return difference === null ? '–' : `${signed(difference.value, 2)} points`;
  return ratio === null ? '–' : ratioWords(ratio.value);
}

/** `+18 … +31 %`: what is known of the change. */
export function intervalWords(change: MetricChange): string {
  const { unit, ratio, difference } = change;
  if (unit === '%') {
    if (difference === null) return '–';
    return `${signed(difference.low, 2)} … ${signed(difference.high, 2)} points`;
  }
  if (ratio === null) return '–';
  const { low, high } = ratio;
  if (high < factorFrom) return `${signed((low - 1) * 100)} … ${signed((high - 1) * 100)} %`;
  return `${ratioWords(low)} … ${ratioWords(high)}`;
}

/** What `slower` and `faster` mean of this line. */
export function verdictWord({ verdict, statistic }: MetricChange): string {
  const isShare = statistic !== 'rate' && statisticNames[statistic] !== undefined;
  if (!isShare || (verdict !== 'slower' && verdict !== 'faster')) return verdict;
  const isMore = (verdict === 'slower') !== (statistic === 'hits');
  return isMore ? 'more' : 'fewer';
}

const tones: Record<ChangeVerdict, Tone> = {
  slower: 'warn',
  faster: 'good',
  'no evidence': 'idle',
  'too few': 'idle',
  incomparable: 'warn',
};

/** Worse, but not by as much as counts, is a warning. */
export function changeTone({ verdict, regression }: MetricChange): Tone {
  return regression ? 'bad' : tones[verdict];
}

/** `0.031`; what is less than three digits show is `<0.001`. */
export function pWords(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}

/** The runs of one side, in the user's words, bounded. */
export function sideWords(runs: Comparison['base']): string {
  const shown = runs.slice(0, sidesShownMax).map(({ path }) => oneLine(path, 120));
  const more = runs.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${count(more)} more` : '');
}
const sidesShownMax = 4;
