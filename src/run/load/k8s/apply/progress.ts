// What is shown of a run on Kubernetes: how far it is, its runners, what is amiss.
import { durationSecondsOf } from '../../../../../scenarios/lib/plan.ts';
import { plural } from '../../../../lib/plural.ts';
import type { View } from '../../../view.ts';
import { lastsSoLong } from '../../result/window.ts';
import type { Amiss } from './amiss.ts';
import type { Described } from './described.ts';
import type { Look } from './look.ts';

export interface Progress {
  readonly described: Pick<Described, 'name' | 'namespace' | 'parallelism' | 'plan'>;
  readonly look: Look | undefined;
  readonly amiss: readonly Amiss[];
  /** When the load began or begins, if that is known. */
  readonly loadMs: number | undefined;
  /** The API server does not answer since then, and why. */
  readonly away: { readonly sinceMs: number; readonly why: string } | undefined;
}

const stageWords: Readonly<Record<string, string>> = {
  '': 'waiting for k6-operator',
  initialization: 'k6 reads the script',
  initialized: 'the operator makes the runners',
  created: 'the runners start',
  started: 'the load goes on',
  stopped: 'the load has ended',
  finished: 'finished',
  error: 'the operator gave up',
};

const amissMax = 5;
/** Of what Kubernetes says: what it is about stands in front, the cause at the end. */
const wordsChars = { first: 120, last: 260 };

/** The line has no seconds in it: in logs it is written when it changes. */
export function viewOf(progress: Progress, nowMs: number): View {
  const { described, look, amiss, away } = progress;
  const { name, namespace, parallelism } = described;
  const { words, minutes, share } = placeOf(progress, nowMs);
  const runners = runnersOf(look, parallelism);
  const shown = amiss.slice(0, amissMax).map((one) => ({ one, text: amissWords(one) }));
  const more = amiss.length > amissMax ? [`and ${amiss.length - amissMax} more`] : [];
  const awayRow = away && `the cluster does not answer: ${away.why}`;
  const lines = new Set(shown.map(({ one }) => `${one.sign.who}: ${one.reason.title}`));
  const troubles = [...(awayRow ? [awayRow] : []), ...lines, ...more];
  return {
    title: `load on Kubernetes: ${name} in ${namespace}, ${plural(parallelism, 'runner')}`,
    place: { share, words },
    rows: [
      { label: 'runners', text: runners },
      ...(awayRow ? [{ label: 'cluster', text: awayRow, tone: 'warn' as const }] : []),
      ...shown.map(({ one, text }) => ({
        label: 'amiss',
        text,
        tone: one.countsMs <= nowMs ? ('bad' as const) : ('warn' as const),
      })),
    ],
    line: [`${name}: ${minutes}, runners ${runners}`, ...troubles].join('; '),
  };
}

/** `NAME-2: the image cannot be pulled (ErrImagePull)`. */
function amissWords({ sign, reason }: Amiss): string {
  const words = /^[A-Z]\w+$/.test(sign.reason) ? ` (${sign.reason})` : '';
  return `${sign.who}: ${reason.title}${words}`;
}

/** The same with all that Kubernetes says. */
export function wholeWords({ sign, reason }: Pick<Amiss, 'sign' | 'reason'>): string {
  const said = sign.message.replace(/\s+/g, ' ').trim() || sign.reason;
  const { first, last } = wordsChars;
  const isLong = said.length > first + last;
  const words = isLong ? `${said.slice(0, first)}… ${said.slice(-last)}` : said;
  const isOurs = sign.kind === 'run';
  return `${sign.who}: ${reason.title}${isOurs || words === '' ? '' : `: ${words}`}`;
}

function runnersOf(look: Look | undefined, parallelism: number): string {
  const runners = look?.pods.filter(({ role }) => role === 'runner') ?? [];
  const count = (phase: string) => runners.filter((pod) => pod.phase === phase).length;
  const [up, done, failed] = [count('Running'), count('Succeeded'), count('Failed')];
  const rest = [done > 0 && `${done} done`, failed > 0 && `${failed} failed`];
  return [`${up} of ${parallelism} up`, ...rest.filter((word) => word !== false)].join(', ');
}

function placeOf({ described, look, loadMs }: Progress, nowMs: number) {
  const stage = look?.stage ?? '';
  const words = stageWords[stage] ?? stage;
  if (stage !== 'started' || loadMs === undefined) return { words, minutes: words, share: 0 };
  const { shape } = described.plan;
  const total = durationSecondsOf(shape);
  const elapsed = Math.floor((nowMs - loadMs) / 1000);
  if (elapsed < 0) {
    const waits = 'the runners wait for the common start';
    return { words: `${waits}, ${-elapsed} s`, minutes: waits, share: 0 };
  }
  if (!lastsSoLong(shape)) {
    return {
      words: `${words}, ${elapsed} s`,
      minutes: minutesOf(words, elapsed),
      share: undefined,
    };
  }
  if (elapsed > total) {
    const ending = 'the runners end';
    return { words: `${ending}, ${elapsed - Math.floor(total)} s`, minutes: ending, share: 1 };
  }
  const of = `${words}, ${elapsed} s of ${Math.round(total)} s`;
  return { words: of, minutes: minutesOf(words, elapsed), share: elapsed / total };
}

function minutesOf(words: string, elapsed: number): string {
  return elapsed < 60 ? words : `${words}, ${Math.floor(elapsed / 60)} min`;
}
