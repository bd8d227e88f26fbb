// The three answers that a report of a load test begins with: what happened, what limited, what to do next.
import { count, duration, plural, rate } from './figures.ts';
import { edgeNotes } from './load-edges.ts';
import { slowestHop, timeSentence } from './load-hops.ts';
import { loadOutcome } from './load-outcome.ts';
import { clientAdvice } from './load-runners.ts';
import { apartOf } from './load-together.ts';
import {
  isNotBegun,
  kindOf,
  limitSentence,
  loadSentence,
  observedWords,
  placeOf,
  share,
} from './load-words.ts';
import type { LoadResult } from './results.ts';

/** Each answer as its first sentence, and what there is to add. Texts of others are in them: to be escaped. */
export interface LoadAnswers {
  happened: string[];
  limited: string[];
  todo: string[];
}

const stepsMax = 3;
const missedMax = 3;

export function loadAnswers(load: LoadResult): LoadAnswers {
  return { happened: happened(load), limited: limited(load), todo: todo(load).slice(0, stepsMax) };
}

function happened(load: LoadResult): string[] {
  if (isNotBegun(load)) return [`${capital(loadSentence(load))}.`];
  const { pulls, knee, replay, slo, seconds, pullMs } = load;
  if (knee !== undefined) return loadOutcome(load);
  const noun = replay === undefined ? 'pull' : 'request';
  const { ok, failed, perSecond, retried = 0 } = pulls;
  const all = ok + failed;
  const lasted = duration(seconds * 1000);
  if (all === 0) return [`No ${noun} ended, in ${lasted}.`];
  const done = `${rate(perSecond)} ${noun}s/s for ${lasted}`;
  const apart = apartOf(load);
  const lines = [
    ok === 0 ? `No ${noun} succeeded, in ${lasted}.` : `${done}, p95 ${duration(pullMs.p95)}.`,
  ];
  if (apart !== undefined) lines.push(`${capital(apart.words)}.`);
  lines.push(
    failed > 0
      ? `${count(failed)} of ${plural(all, noun)} failed (${share(failed, all)}).`
      : `${plural(all, noun)}, none failed.`,
    `As ${load.client}, ${plural(load.vus, 'virtual user')}.`,
  );
  if (retried > 0)
    lines.push(
      `${count(retried)} of ${plural(all, noun)} needed a second try (${share(retried, all)}).`,
    );
  lines.push(...objectiveWords(slo));
  return [...lines, ...loadOutcome(load).slice(0, 2)];
}

function objectiveWords(slo: LoadResult['slo']): string[] {
  if (slo.length === 0) return [];
  const missed = slo.filter(({ held }) => !held);
  if (missed.length === 0) {
    return [slo.length === 1 ? 'The objective held.' : `All ${count(slo.length)} objectives held.`];
  }
  const shown = missed
    .slice(0, missedMax)
    .map((one) => `${one.expression} (observed ${observedWords(one)})`);
  const more = missed.length - shown.length;
  const rest = more > 0 ? ` and ${count(more)} more` : '';
  const which =
    slo.length === 1
      ? 'Missed'
      : `${count(missed.length)} of ${count(slo.length)} objectives missed`;
  return [`${which}: ${shown.join(', ')}${rest}.`];
}

function limited(load: LoadResult): string[] {
  const told = timeSentence(load);
  return told === undefined ? [limitSentence(load)] : [limitSentence(load), told];
}

const limitAdvice: Partial<Record<LoadResult['bottleneck'], string>> = {
  registry:
    'Give the registry more room (replicas, processors, faster storage) or ask for less, and run this again.',
  edge: 'Look at the edge first: its cache hits, its bandwidth, and how far it is from here.',
  token: 'Let clients keep tokens for longer, or give the token server more room.',
  mock: 'Run it against a registry of your own.',
};

/** The gravest first: failures, what hung, what was healed, what never began, then what limited. */
function todo(load: LoadResult): string[] {
  const { errors, retried = [], unfinished = [], pulls, bottleneck, slo, shape } = load;
  const steps = new Set<string>();
  const failures = errors.filter((error) => error.class !== 'interrupted');
  for (const error of failures.slice(0, 2)) {
    steps.add(`${error.hint} (${count(error.count)} × ${kindOf(error)}${placeOf(error)})`);
  }
  if (failures.length === 0 && unfinished[0] !== undefined) {
    const [one] = unfinished;
    const times = plural(one.requests, 'request');
    steps.add(`Look at what hangs${placeOf(one)}: ${times} had not ended.`);
  }
  const told = failures.slice(0, 2).map(({ hint }) => hint);
  for (const error of retried.filter(({ hint }) => !told.includes(hint)).slice(0, 1)) {
    const healed = `healed by trying again: ${count(error.count)} × ${kindOf(error)}${placeOf(error)}`;
    steps.add(`${error.hint} (${healed})`);
  }
  for (const [, text] of edgeNotes(load).slice(0, 1)) steps.add(`One edge differs: ${text}.`);
  if (pulls.dropped > 0 && load.knee === undefined) {
    steps.add('Raise --vus if the registry is not what is slow: pulls that were due never began.');
  }
  const apart = apartOf(load);
  if (apart !== undefined) steps.add(apart.advice);
  const advice = bottleneck === 'client' ? clientAdvice(load) : limitAdvice[bottleneck];
  if (advice !== undefined) steps.add(advice);
  if (steps.size > 0) return [...steps];
  if (load.knee === undefined && slo.some(({ held }) => !held)) return [missedAdvice(load)];
  if (slo.length === 0) return ['Nothing needs mending. Give --slo, so that the next run decides.'];
  if (shape === 'breakpoint') return ['Nothing needs mending. Keep the load below this rate.'];
  const most = rate(pulls.perSecond);
  return [
    `Nothing needs mending at ${most} pulls/s. To find how much it bears: --shape breakpoint.`,
  ];
}

/** Where nothing else tells: the hop that a missed objective is about, or else the one that pulls wait for. */
function missedAdvice(load: LoadResult): string {
  const late = load.slo.filter(({ held, unit }) => !held && unit === 'ms');
  const named = late.map(({ metric = '' }) => metric.split('.')[0]).filter(isHop);
  const hop = named[0] ?? (late.length > 0 ? slowestHop(load) : undefined);
  return (
    (isHop(hop) ? limitAdvice[hop] : undefined) ??
    'Look at when the objective was missed, and at the hops and phases that are slow then.'
  );
}

function isHop(name: string | undefined): name is 'registry' | 'edge' | 'token' {
  return name === 'registry' || name === 'edge' || name === 'token';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
