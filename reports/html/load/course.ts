// How a load test went, as all charts of its chapter read it: the course, or of runs that have none (stock k6, earlier
// versions) what the seconds of its timeline tell.

import type { Course, LoadResult } from '../../results.ts';
import type { Chart } from '../chart.ts';

/** Steps of the charts, as of `Course`. */
const stepsMax = 600;

export interface Steps
  extends Pick<Course, 'stepSeconds' | 'steps' | 'pulls' | 'failed' | 'bytes' | 'p95'> {
  /** All that the timeline does not tell. */
  course?: Course;
}

/** Undefined where there is too little to draw. */
export function stepsOf({ course, timeline }: LoadResult): Steps | undefined {
  if (course !== undefined && course.steps > 1) return { ...course, course };
  if (timeline.length < 2) return undefined;
  const stepSeconds = Math.ceil(timeline.length / stepsMax);
  const steps = Math.ceil(timeline.length / stepSeconds);
  const parts = Array.from({ length: steps }, (_, at) =>
    timeline.slice(at * stepSeconds, (at + 1) * stepSeconds),
  );
  const sums = (pick: (second: LoadResult['timeline'][number]) => number) =>
    parts.map((part) => part.reduce((sum, second) => sum + pick(second), 0));
  return {
    stepSeconds,
    steps,
    pulls: sums((second) => second.pulls),
    failed: sums((second) => second.failed),
    bytes: sums((second) => second.bytes),
    // The worst second of a step stands for it.
    p95: parts.map((part) => Math.max(...part.map((second) => second.p95)) || null),
  };
}

/** Whether the page of these runs needs what draws charts. */
export function hasCharts({ load }: { load?: LoadResult }): boolean {
  return load !== undefined && stepsOf(load) !== undefined;
}

/** Lists as long as the steps, whatever the document holds. */
export function fitted<T>(values: readonly T[] | undefined, steps: number, none: T): T[] {
  return Array.from({ length: steps }, (_, at) => values?.[at] ?? none);
}

/** What all charts of the chapter have in common. */
export type ChartFrame = Pick<Chart, 'sync' | 'step' | 'steps' | 'shade'>;

/** Median and extremes in words. */
export function spread(values: readonly number[], unit: (value: number) => string): string {
  if (values.length === 0) return 'nothing measured';
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return `median ${unit(median)}, from ${unit(sorted[0]!)} to ${unit(sorted.at(-1)!)}`;
}
