// The machines that made the load: whether they were the limit, by what, and what to do about it.
import { count, duration, plural, rate } from './figures.ts';
import type { Clocks, LoadResult, RunnerFigures, RunnerLimit, Runners } from './results.ts';

const namesMax = 3;
/** Less throttling than this is not worth a word. */
const throttledToldMin = 0.05;
/** Clocks that differ by less than a `Date` can tell. */
export const clocksToldMsMin = 1000;

/** What limited where machines did: this one, or those of the runs that were joined. */
export function clientSentence({ merged, runner }: LoadResult): string {
  const how = merged === undefined ? limitWords(runner) : runnersWords(merged.runners);
  const told = how === undefined ? '' : ` (${how})`;
  return merged === undefined
    ? `This machine, not the registry, was the limit${told}: the registry may hold more.`
    : `The runners, not the registry, were the limit${told}: the registry may hold more.`;
}

/** What to do about it. */
export function clientAdvice({ merged, runner }: LoadResult): string {
  if (merged === undefined) return aloneAdvice[runner?.limit ?? 'machine'];
  return togetherAdvice[merged.runners?.limits[0]?.limit ?? 'machine'];
}

const larger = 'Run it from a larger machine, or from several (--segment).';

const aloneAdvice: Record<RunnerLimit, string> = {
  cpu: larger,
  throttled: 'Raise the CPU quota of what it runs in, or run it from several machines (--segment).',
  machine: larger,
  lag: 'Run it where nothing else takes the processors: k6 was woken too late to measure.',
};

const togetherAdvice: Record<RunnerLimit, string> = {
  cpu: 'Share the load among more runners (--parallelism, --segment), or give each more processors.',
  throttled:
    'Give the runners more processors (--cpu-limit), or share the load among more of them (--parallelism).',
  machine: 'Spread the runners over more or larger machines (--spread).',
  lag: 'Run them where nothing else takes the processors: they were woken too late to measure.',
};

function percent(share = 0): string {
  return `${Math.round(100 * share)} %`;
}

/** `0.5 of a processor`, `1 processor`, `1.5 processors`. */
function processors(cpus: number): string {
  if (cpus < 1) return `${rate(cpus)} of a processor`;
  return `${rate(cpus)} processor${cpus === 1 ? '' : 's'}`;
}

function limitWords(runner: RunnerFigures | undefined): string | undefined {
  if (runner?.limit === undefined) return undefined;
  return `k6 ${words[runner.limit](runner)}`;
}

const words: Record<RunnerLimit, (runner: RunnerFigures) => string> = {
  cpu: ({ own, cpus }) => `took ${percent(own)} of the ${processors(cpus)} that it may use`,
  throttled: ({ throttled, cpus }) =>
    `was throttled in ${percent(throttled)} of its periods: its quota is ${processors(cpus)}`,
  machine: ({ machineBusy }) =>
    `had a machine whose processors were ${percent(machineBusy)} in use`,
  lag: ({ lagMs }) => `was woken late, by up to ${duration(lagMs.max)}`,
};

/** `2 of 8 were throttled in up to 40 % of their periods: runner-1, runner-3`. */
function runnersWords(runners: Runners | undefined): string | undefined {
  const [first] = runners?.limits ?? [];
  if (runners === undefined || first === undefined) return undefined;
  const those = runners.worst.filter(({ limit }) => limit === first.limit);
  const names = those.slice(0, namesMax).map(({ id }) => runnerName(id, runners.worst));
  const more = first.runners - names.length;
  const rest = more > 0 ? ` and ${count(more)} more` : '';
  const many = `${count(first.runners)} of ${count(runners.told)}`;
  return `${many} ${manyWords(first.limit, those, first.runners === 1)}: ${names.join(', ')}${rest}`;
}

function most(all: readonly RunnerFigures[], of: (one: RunnerFigures) => number | undefined) {
  return Math.max(0, ...all.map((one) => of(one) ?? 0));
}

/** `were throttled in up to 40 % of their periods`; of one `was throttled in 40 % of its periods`. */
function manyWords(limit: RunnerLimit, those: readonly RunnerFigures[], isOne: boolean): string {
  const [were, their, upTo] = isOne ? ['was', 'its', ''] : ['were', 'their', 'up to '];
  const share = (of: (one: RunnerFigures) => number | undefined) =>
    `${upTo}${percent(most(those, of))}`;
  switch (limit) {
    case 'cpu':
      return `took ${share(({ own }) => own)} of the processors allowed`;
    case 'throttled':
      return `${were} throttled in ${share(({ throttled }) => throttled)} of ${their} periods`;
    case 'machine':
      return `ran where processors were ${share(({ machineBusy }) => machineBusy)} in use`;
    case 'lag':
      return `${were} woken late, by up to ${duration(most(those, ({ lagMs }) => lagMs.max))}`;
  }
}

/** The host, and the process where several of one host are shown; the rest of an id is random. */
export function runnerName(id: string, shown: readonly { readonly id: string }[]): string {
  const [host = '', process = ''] = id.split(':');
  const isAlone = shown.filter((one) => one.id.split(':')[0] === host).length < 2;
  return isAlone || process === '' ? host : `${host}:${process}`;
}

/** Lines on the machines, whether or not they were the limit. */
export function runnerNotes({ merged, runner }: LoadResult): [label: string, text: string][] {
  const notes: [string, string][] = [];
  if (runner !== undefined && (runner.throttled ?? 0) >= throttledToldMin) {
    notes.push(['k6', words.throttled(runner)]);
  }
  if (merged === undefined) return notes;
  const { clocks, known = 0, runners, runs } = merged;
  if (runners !== undefined) notes.push(['runners', nearestWords(runners)]);
  if (known < runs) {
    notes.push([
      'runners',
      `of ${plural(runs - known, 'run')} nothing tells how busy its machine was`,
    ]);
  }
  if (clocks !== undefined && clocks.differMs >= clocksToldMsMin) {
    notes.push(['clocks', clockWords(clocks)]);
  }
  return notes;
}

/** That which was nearest to a limit, of those that told. */
function nearestWords({ told, worst }: Runners): string {
  const [first] = worst;
  if (first === undefined) return `${count(told)} told of themselves`;
  const { cpus, own, machineBusy, throttled, lagMs } = first;
  const parts = [
    own !== undefined && `${percent(own)} of ${processors(cpus)}`,
    machineBusy !== undefined && `${percent(machineBusy)} of its machine in use`,
    throttled !== undefined && `throttled in ${percent(throttled)} of its periods`,
    `woken up to ${duration(lagMs.max)} late`,
  ].filter((part) => part !== false);
  const which = told === 1 ? 'the one that told' : `the busiest of ${count(told)}`;
  return `${which}, ${runnerName(first.id, worst)}: ${parts.join(', ')}`;
}

function clockWords({ differMs, off }: Clocks): string {
  const far = off.slice(0, namesMax).map(({ id, aheadMs }) => {
    const side = aheadMs > 0 ? 'ahead' : 'behind';
    return `${runnerName(id, off)} is ${rate(Math.abs(aheadMs) / 1000)} s ${side}`;
  });
  const who = far.length === 0 ? '' : `: ${far.join(', ')}`;
  return `those of the runners differ by ${rate(differMs / 1000)} s${who}`;
}
