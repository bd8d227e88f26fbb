// Whether load runs can be compared at all, and what may explain a difference besides the registry.
import type { ComparisonRemark } from '../../../reports/comparison.ts';
import type { LoadResult, Results } from '../../../reports/results.ts';

/** A run of load as it was read. */
export interface ReadLoad {
  /** As the user named it. */
  readonly path: string;
  readonly results: Results;
  readonly load: LoadResult;
}

/** What all runs must say alike; undefined where a run does not say. */
export interface Fact<R extends { readonly path: string } = ReadLoad> {
  readonly id: string;
  /** As in `the images differ`. */
  readonly what: string;
  of(run: R): string | undefined;
  /** What of two values is shown; absent: all. */
  shown?(one: string, other: string): [one: string, other: string];
}

const mustAgree: readonly Fact[] = [
  { id: 'other-digests', what: 'digests of the images', of: digestsOf, shown: differing },
  { id: 'other-client', what: 'clients', of: ({ load }) => load.client },
  { id: 'other-shape', what: 'shapes of the load', of: ({ load }) => load.shape },
  {
    ...{ id: 'other-rate', what: 'rates that were asked for' },
    of: ({ load: { asked } }) => asked && rateWords(asked.perSecond),
  },
  { id: 'other-users', what: 'virtual users', of: ({ load }) => String(load.vus) },
  {
    ...{ id: 'other-duration', what: 'durations that were asked for' },
    of: ({ load: { asked } }) => asked && lengthWords(asked),
  },
  {
    ...{ id: 'other-platforms', what: 'platforms' },
    of: ({ load: { asked } }) => asked?.platforms.join(', '),
  },
  { id: 'other-verification', what: 'ways of verifying', of: ({ load }) => load.verify },
  {
    ...{ id: 'other-mix', what: 'plans (mix, mirrors, pushes)' },
    of: ({ load: { asked } }) => asked && (asked.varies ?? 'nothing that varies'),
  },
  {
    ...{ id: 'other-trace', what: 'traces that were replayed' },
    of: ({ load: { replay } }) =>
      replay && `${replay.requests} requests of ${replay.format} at ${replay.speed}x`,
  },
  {
    ...{ id: 'other-share', what: 'shares of the load' },
    of: ({ load: { segment } }) =>
      segment === undefined ? 'all of it' : `${segment.part} of ${segment.of}`,
  },
];

/** Of runs of earlier versions, which do not say all of the above, the fingerprint of the plan. */
const planFact: Fact = { id: 'other-plan', what: 'plans', of: ({ load }) => load.plan };

/** Why these runs cannot be compared, each reason once; none where they can. */
export function refusalsOf(
  base: readonly ReadLoad[],
  others: readonly ReadLoad[],
): ComparisonRemark[] {
  const all = [...base, ...others];
  const unusable = [...all.flatMap(unusableOf), ...withoutPulls(base, others)];
  if (unusable.length > 0) return unusable;
  const facts = all.some(isOld) ? [...mustAgree, planFact] : mustAgree;
  return facts.flatMap((fact) => disagreement(fact, all));
}

/** Runs that do not say what was asked of them: those of earlier versions. */
function isOld({ load }: ReadLoad): boolean {
  return load.asked === undefined || load.digests === undefined;
}

/** Undefined for a run that reached its end. */
export function interruptedOf({
  path,
  results: { begun, interrupted },
}: Pick<ReadLoad, 'path' | 'results'>): ComparisonRemark | undefined {
  if (begun !== true && interrupted === undefined) return undefined;
  const why = interrupted ?? 'it was begun, and nothing came after that';
  return { id: 'interrupted', message: `${path} did not reach its end: ${why}` };
}

function unusableOf({ path, results, load }: ReadLoad): ComparisonRemark[] {
  const cut = interruptedOf({ path, results });
  if (cut !== undefined) return [cut];
  const { knee } = load;
  if (knee === undefined) return [];
  const message = `${path} is a breakpoint run, whose rates follow from what it measured: its knee is at ${knee.perSecond} pulls/s. Compare runs of --shape rate.`;
  return [{ id: 'breakpoint', message }];
}

/** Where all pulls of one side fail and none of the base did, that is the regression. */
function withoutPulls(base: readonly ReadLoad[], others: readonly ReadLoad[]): ComparisonRemark[] {
  const judged = isAllFailed(others) ? base : [...base, ...others];
  return judged
    .filter(({ load }) => load.pulls.ok === 0)
    .map(({ path, load }) => ({
      id: 'no-pulls',
      message: `no pull of ${path} succeeded, ${load.pulls.failed} failed: there is nothing to compare`,
    }));
}

/** Pulls were made in every run, and none succeeded. */
export function isAllFailed(runs: readonly ReadLoad[]): boolean {
  return runs.every(({ load: { pulls } }) => pulls.ok === 0 && pulls.failed > 0);
}

/** In what the first two runs that do not say the same differ; nothing where all agree. */
export function disagreement<R extends { readonly path: string }>(
  { id, what, of, shown }: Fact<R>,
  runs: readonly R[],
): ComparisonRemark[] {
  const told = runs.flatMap((run) => {
    const value = of(run);
    return value === undefined ? [] : [{ run, value }];
  });
  const [first] = told;
  const other = told.find(({ value }) => value !== first?.value);
  if (first === undefined || other === undefined) return [];
  const [one, another] = shown?.(first.value, other.value) ?? [first.value, other.value];
  const message = `the ${what} differ: ${one} in ${first.run.path}, ${another} in ${other.run.path}`;
  return [{ id, message }];
}

/** In the order of the images, whatever their registry is called. */
function digestsOf({ load: { digests, images } }: ReadLoad): string | undefined {
  if (digests === undefined) return undefined;
  const known = images.flatMap((image) => digests[image] ?? []);
  return (known.length > 0 ? known : Object.values(digests).sort()).join(' ');
}

/** Of two lists the first entries that differ, and how many more do. */
function differing(one: string, other: string): [one: string, other: string] {
  const [a, b] = [one.split(' '), other.split(' ')];
  const places = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => at);
  const unequal = places.filter((at) => a[at] !== b[at]);
  const first = unequal[0] ?? 0;
  const more = unequal.length > 1 ? ` (and ${unequal.length - 1} more)` : '';
  return [`${a[first] ?? 'no image'}${more}`, `${b[first] ?? 'no image'}${more}`];
}

function rateWords(perSecond: number | undefined): string {
  return perSecond === undefined ? 'no rate' : `${perSecond}/s`;
}

function lengthWords({ durationSeconds, iterations }: NonNullable<LoadResult['asked']>): string {
  if (iterations !== undefined) return `${iterations} pulls`;
  return durationSeconds === undefined ? 'no end' : `${durationSeconds} s`;
}

/** What may explain a difference, told once for all runs. */
export function warningsOf(
  base: readonly ReadLoad[],
  others: readonly ReadLoad[],
): ComparisonRemark[] {
  const all = [...base, ...others];
  const warnings = mayDiffer.flatMap((fact) => disagreement(fact, all));
  const add = (id: string, message: string | undefined) => {
    if (message !== undefined) warnings.push({ id, message });
  };
  const named = (isOne: (run: ReadLoad) => boolean) => {
    const paths = all.filter(isOne).map(({ path }) => path);
    return paths.length === 0 ? undefined : paths.join(', ');
  };
  const old = named(isOld);
  add(
    'old-run',
    old &&
      `${old}: an earlier version, which does not say what was asked for; the fingerprints of the plans are compared instead`,
  );
  const busy = named(({ load }) => load.bottleneck === 'client');
  add(
    'machine-limit',
    busy &&
      `${busy}: the machines that made the load were the limit, so that the figures are their own`,
  );
  const mock = named(({ load }) => load.bottleneck === 'mock');
  add('mock-limit', mock && `${mock}: the mock was the limit`);
  add('other-length', lengthsOf(all));
  add('busy-machine', othersOf(all));
  return warnings;
}

/** Least difference, as a share of all processors, of what other programs took beside k6. */
const othersDifferenceMin = 0.25;

/** A machine that does more besides in one of the runs measures its own queues there. */
function othersOf(runs: readonly ReadLoad[]): string | undefined {
  const told = runs.flatMap(({ path, load: { processors } }) =>
    processors?.own === undefined
      ? []
      : [{ path, others: Math.max(0, processors.busy - processors.own) }],
  );
  const ordered = told.sort((a, b) => a.others - b.others);
  const [least, most] = [ordered[0], ordered.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  if (most.others - least.others < othersDifferenceMin) return undefined;
  const words = ({ path, others }: typeof least) => `${Math.round(100 * others)} % in ${path}`;
  return `programs beside k6 took unequal parts of its machine's processors: ${words(most)}, ${words(least)}; unless they are the registry's, the figures tell of them as well`;
}

const mayDiffer: readonly Fact[] = [
  { id: 'other-target', what: 'targets', of: ({ results }) => results.target },
  { id: 'other-machine', what: 'machines', of: machineOf },
  {
    ...{ id: 'other-engine', what: 'builds of k6' },
    of: ({ load: { engine, k6 } }) => (k6 === undefined ? engine : `${engine} ${k6}`),
  },
  { id: 'other-version', what: 'versions of pullproof', of: ({ results }) => results.tool.version },
];

function machineOf({ results: { environment } }: ReadLoad): string {
  const { machine, cpu, cpus, os } = environment;
  const words = [
    cpu ?? '',
    `${cpus} processors`,
    os,
    machine === undefined ? '' : `no. ${machine}`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

/** A tenth more or less time is another mixture of warm and cold. */
const lengthRatioMax = 1.1;

function lengthsOf(runs: readonly ReadLoad[]): string | undefined {
  const byLength = [...runs].sort((a, b) => a.load.seconds - b.load.seconds);
  const [shortest, longest] = [byLength[0], byLength.at(-1)];
  if (shortest === undefined || longest === undefined) return undefined;
  if (longest.load.seconds <= shortest.load.seconds * lengthRatioMax) return undefined;
  const told = ({ path, load }: ReadLoad) => `${Math.round(load.seconds * 10) / 10} s in ${path}`;
  return `the runs differ in length: ${told(shortest)}, ${told(longest)}`;
}

/** Least difference of the share of drops, of all pulls that were due, and drops at the least. */
const dropsDifferenceMin = 0.01;
const dropsMin = 5;

/** Latencies of an open model leave out what was dropped: with other drops they are of other pulls. */
export function unequalDrops(
  base: readonly ReadLoad[],
  others: readonly ReadLoad[],
): ComparisonRemark | undefined {
  const [before, now] = [dropsOf(base), dropsOf(others)];
  if (Math.max(before.dropped, now.dropped) < dropsMin) return undefined;
  const share = ({ dropped, due }: ReturnType<typeof dropsOf>) => dropped / Math.max(1, due);
  if (Math.abs(share(before) - share(now)) < dropsDifferenceMin) return undefined;
  const told = ({ dropped, due }: ReturnType<typeof dropsOf>, runs: readonly ReadLoad[]) =>
    `${dropped} of ${due} pulls in ${runs.map(({ path }) => path).join(', ')}`;
  return {
    id: 'unequal-drops',
    message: `the dropped pulls differ: ${told(before, base)}, ${told(now, others)}; the latencies are those of other pulls`,
  };
}

function dropsOf(runs: readonly ReadLoad[]): { dropped: number; due: number } {
  let dropped = 0;
  let due = 0;
  for (const { load } of runs) {
    dropped += load.pulls.dropped;
    due += load.pulls.ok + load.pulls.failed + load.pulls.dropped;
  }
  return { dropped, due };
}
