// A load run that did not come to its end: its figures are made again of the timeline that it left, as far as that
// goes, and of what was written when it began.
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LoadResult, Results } from '../../../reports/results.ts';
import { parseDateTime } from '../../lib/rfc3339.ts';
import { version } from '../version.ts';
import { figuresOf } from './result/result.ts';
import { nothingTold } from './result/told.ts';
import { countedShapes } from './result/window.ts';
import { judgeSlos, parseSlo, type Slo, withCourses } from './slo.ts';
import { linesOf, timelineBytesMax, timelineName } from './timeline/file.ts';
import { Timeline } from './timeline/timeline.ts';

const imagesMax = 1000;

/** What the run said of itself when it began, if that can be read. */
export interface Begun {
  readonly results?: Results | undefined;
  /** Why there is nothing better, as `results.json is cut short`. */
  readonly why: string;
}

/** Undefined for a folder without a timeline that tells anything. */
export async function rebuildLoad(folder: string, begun: Begun): Promise<Results | undefined> {
  const file = join(folder, timelineName);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > timelineBytesMax) return undefined;
  const before = begun.results?.load;
  const slos = (before?.slo ?? []).flatMap(({ expression }) => readable(expression));
  const timeline = new Timeline(slos.map(({ metric }) => metric));
  try {
    for await (const line of linesOf(file)) timeline.add(line);
  } catch {
    // From there on it is damaged, or cannot be read: as if it had been cut there.
  }
  if (timeline.startedAt === '') return undefined;
  const load = loadOf(timeline, before, slos);
  const startMs = parseDateTime(timeline.startedAt) ?? timeline.firstMs;
  const base = begun.results ?? unknownRun(load.images.join(', ') || basename(folder), startMs);
  const { begun: _, ...known } = base;
  return {
    ...known,
    durationMs: Math.max(0, timeline.lastMs - (parseDateTime(base.startedAt) ?? startMs)),
    verdict: 'error',
    exitCode: 4,
    interrupted: interruptedBy(timeline, begun.why),
    load,
  };
}

function readable(expression: string): Slo[] {
  try {
    return [parseSlo(expression)];
  } catch {
    // Of a later version, perhaps.
    return [];
  }
}

function loadOf(
  timeline: Timeline,
  before: LoadResult | undefined,
  slos: readonly Slo[],
): LoadResult {
  const images = timeline.images.names().slice(0, imagesMax);
  const described = before ?? {
    client: timeline.clients.names().join(', ') || 'unknown',
    // Nothing says how load arrived; users who pull and pull again is what most runs are.
    ...({ shape: 'vus', engine: 'built' } as const),
    images: images.length > 0 ? images : ['unknown'],
    verify: timeline.verifiedBytes > 0 ? ('all' as const) : ('none' as const),
    vus: timeline.vus,
  };
  const isCounted = countedShapes.includes(described.shape);
  const facts = { told: nothingTold(), aborted: true };
  const load: LoadResult = {
    ...described,
    ...figuresOf(timeline, { endMs: timeline.lastMs, isCounted }, facts),
    bottleneck: 'unknown',
  };
  load.slo = withCourses(judgeSlos(slos, load), load, timeline);
  return load;
}

function unknownRun(target: string, startMs: number): Results {
  return {
    schema: 'pullproof/results/v1',
    verb: 'load',
    tool: { name: 'pullproof', version },
    target,
    startedAt: new Date(startMs).toISOString(),
    durationMs: 0,
    verdict: 'error',
    exitCode: 4,
    environment: { node: 'unknown', os: 'unknown', cpus: 1, seed: 0, command: 'unknown' },
  };
}

function interruptedBy({ whole, firstMs, lastMs }: Timeline, why: string): string {
  const seconds = Math.max(0, Math.round((lastMs - firstMs) / 1000));
  const until = whole ? 'to its end' : `until second ${seconds}, where it was cut`;
  return `The run did not come to its end (${why}); the figures are made of its timeline, which goes ${until}.`;
}
