// What a load run shows of itself: a view for who watches (src/run/view.ts), made once a second. Its line for logs is
// live-line.ts.
import {
  durationSecondsOf,
  gracefulStopSeconds,
  type K6Plan,
  type PlannedShape,
  shapeNameOf,
} from '../../../scenarios/lib/plan.ts';
import { plural } from '../../lib/plural.ts';
import { type View, type ViewRow, viewValuesMax } from '../view.ts';
import { type LiveFigures, liveLine, paceOf, waitWords } from './live-line.ts';
import { lastsSoLong } from './result/window.ts';
import type { Timeline } from './timeline/timeline.ts';

/** What it needs to know of a timeline. */
export type ViewFigures = LiveFigures &
  Pick<Timeline, 'blobBytes' | 'dropped' | 'failures' | 'pullMs' | 'pullsRetried' | 'tail'>;

/** Classes of failures that are named. */
const classesMax = 3;

/** `missed`: objectives that do not hold so far; `nowMs` and `startedMs`, when k6 was started or the load is to begin, since 1970. */
export function loadView(
  timeline: ViewFigures,
  plan: Pick<K6Plan, 'client' | 'images' | 'mix' | 'shape'>,
  missed: readonly string[],
  startedMs: number,
  nowMs: number,
): View {
  const { shape } = plan;
  const line = liveLine(timeline, plan, startedMs, nowMs);
  const noun = shape.kind === 'replay' ? 'request' : 'pull';
  const hasBegun = timeline.firstMs !== 0 || timeline.pullsStarted !== 0;
  // Until a first request has ended, what began is known by k6's own start.
  const elapsed = secondsOf(nowMs - (timeline.firstMs || startedMs));
  const ended = timeline.pullsOk + timeline.pullsFailed;
  const underWay = Math.max(0, timeline.pullsStarted - ended);
  return {
    title: titleOf(plan),
    place: hasBegun
      ? placeOf(shape, elapsed, ended, underWay, noun)
      : {
          share: 0,
          words: nowMs < startedMs ? waitWords(startedMs, nowMs) : `k6 starts, ${elapsed} s`,
        },
    rows: rowsOf(timeline, elapsed, underWay, noun, missed),
    line,
  };
}

function titleOf({ client, images, mix, shape }: Parameters<typeof loadView>[1]): string {
  const [first] = images;
  const name =
    first &&
    `${first.registryUrl.replace(/^https?:\/\//, '')}/${first.repository}:${first.reference}`;
  const more = images.length > 1 ? ` and ${images.length - 1} more` : '';
  const clients = mix?.clients?.map(({ value }) => value).join(', ') ?? client;
  return `load: ${name ?? 'images'}${more} as ${clients}, ${shapeWords(shape)}`;
}

function shapeWords(shape: PlannedShape): string {
  const named = shape.name === undefined ? '' : `${shapeNameOf(shape)}, `;
  switch (shape.kind) {
    case 'vus':
      return `${named}${plural(shape.vus, 'user')}`;
    case 'rate':
      return `${named}${shape.perSecond} pulls/s`;
    case 'stages': {
      const most = Math.max(shape.start, ...shape.stages.map(({ target }) => target));
      return `${shapeNameOf(shape)}, up to ${shape.of === 'rate' ? `${most} pulls/s` : plural(most, 'user')}`;
    }
    case 'replay':
      return `replay, up to ${plural(shape.vus, 'request')} at once`;
    default:
      return `${shapeNameOf(shape)}, ${plural(shape.vus, 'user')}`;
  }
}

function placeOf(
  shape: PlannedShape,
  elapsed: number,
  ended: number,
  underWay: number,
  noun: string,
): View['place'] {
  const total = durationSecondsOf(shape);
  if (lastsSoLong(shape)) {
    if (elapsed < total) {
      const left = timeWords(total - elapsed);
      return {
        share: elapsed / total,
        words: `${elapsed} s of ${roundSeconds(total)} s, ${left} left`,
      };
    }
    const over = Math.min(Math.floor(elapsed - total), gracefulStopSeconds);
    const grace = `${over} s of ${gracefulStopSeconds} s`;
    const what =
      underWay > 0
        ? `waiting for ${plural(underWay, noun)} under way`
        : 'k6 closes its connections';
    return { share: 1, words: `${what}, ${grace}` };
  }
  const due = 'iterations' in shape ? shape.iterations : shape.vus;
  const left = ended === 0 || ended >= due ? '' : `, ${leftWords(elapsed, ended, due)}`;
  return { share: ended / due, words: `${ended} of ${due} ${noun}s ended, ${elapsed} s${left}` };
}

/** As long as it goes on as it did. */
function leftWords(elapsed: number, ended: number, due: number): string {
  return `about ${timeWords(Math.ceil((elapsed / ended) * (due - ended)))} left`;
}

function rowsOf(
  timeline: ViewFigures,
  elapsed: number,
  underWay: number,
  noun: string,
  missed: readonly string[],
): ViewRow[] {
  const { pullsOk, pullsFailed, pullsRetried, retries, dropped, pushes } = timeline;
  const { pulls, bytes } = paceOf(timeline, elapsed);
  const last = timeline.tail(viewValuesMax);
  const { count, p50, p95 } = timeline.pullMs();
  const done = pullsOk + pullsFailed;
  return [
    {
      label: `${noun}s`,
      text: `${pulls}/s, ${done} ended, ${underWay} under way`,
      values: last.map((second) => second.pulls),
    },
    {
      label: 'latency',
      text: count === 0 ? 'none yet' : `p50 ${msWords(p50)}, p95 ${msWords(p95)}`,
      values: last.map((second) => second.p95),
    },
    {
      label: 'data',
      text: `${mb(bytes)} MB/s, ${mb(timeline.blobBytes)} MB in all`,
      values: last.map((second) => second.bytes),
    },
    {
      label: 'failed',
      text: pullsFailed === 0 ? 'none' : `${pullsFailed}: ${classesOf(timeline)}`,
      ...(pullsFailed > 0 && { tone: 'bad', values: last.map(({ failed }) => failed) }),
    },
    {
      label: 'healed',
      text:
        retries === 0
          ? 'nothing was tried again'
          : `${plural(retries, 'retry', 'retries')} in ${plural(pullsRetried, noun)}`,
      ...(retries > 0 && { tone: 'warn' }),
    },
    ...(dropped > 0
      ? [
          {
            label: 'dropped',
            text: `${plural(dropped, noun)} due found no user free`,
            tone: 'bad' as const,
          },
        ]
      : []),
    ...missed.map((text) => ({ label: 'missed', text, tone: 'bad' as const })),
    ...(pushes.started > 0
      ? [
          {
            label: 'pushes',
            text: `${pushes.latest.ok}/s, ${pushes.ok} done, ${pushes.failed} failed`,
            ...(pushes.failed > 0 && { tone: 'bad' as const }),
          },
        ]
      : []),
  ];
}

/** `redirect-denied at edge 5, dns 2`. */
function classesOf({ failures }: ViewFigures): string {
  const counts = new Map<string, number>();
  for (const { class: kind, hop, count } of failures.groups()) {
    const name = hop === undefined ? kind : `${kind} at ${hop}`;
    counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const named = sorted.slice(0, classesMax).map(([name, count]) => `${name} ${count}`);
  return named.join(', ') + (sorted.length > classesMax ? ', …' : '');
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function msWords(ms: number): string {
  return ms < 9_950 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** `18 s`, `4 min 5 s`, `1 h 10 min`. */
function timeWords(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function roundSeconds(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}
