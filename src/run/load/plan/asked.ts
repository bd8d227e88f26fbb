// What a load run was asked for, as far as runs must agree in it before their figures say anything about each other.
import { createHash } from 'node:crypto';
import type { LoadAsked } from '../../../../reports/results.ts';
import type { Mix, PlannedShape } from '../../../../scenarios/lib/plan.ts';
import { formatPlatform, type Platform } from '../../../protocol/grammar/platform.ts';
import { meanPauseMs } from '../result/bottleneck.ts';

/** Of the plan of k6, and of a wish that came to none. */
export interface Asking {
  readonly platform: Platform;
  readonly shape: PlannedShape;
  readonly mix?: (Omit<Mix, 'seed'> & { readonly seed?: number }) | undefined;
  readonly mirrors?: readonly string[] | undefined;
  readonly push?: object | undefined;
}

export function askedOf(asking: Asking): LoadAsked {
  const { platform, mix, shape } = asking;
  const platforms = mix?.platforms?.map(({ value }) => value) ?? [platform];
  const varies = variesOf(asking);
  const pauseMs = meanPauseMs(mix);
  return {
    platforms: platforms.map(formatPlatform),
    ...extentOf(shape),
    ...(pauseMs !== undefined && { pauseMs }),
    ...(varies && { varies }),
  };
}

function extentOf(shape: PlannedShape): Omit<LoadAsked, 'platforms' | 'varies'> {
  // What a trace holds is known when it has been read.
  if (shape.name === 'replay' && shape.kind !== 'replay') return {};
  switch (shape.kind) {
    case 'vus':
      return { durationSeconds: shape.durationSeconds };
    case 'rate':
      return { perSecond: shape.perSecond, durationSeconds: shape.durationSeconds };
    case 'stages': {
      const durationSeconds = shape.stages.reduce((sum, { seconds }) => sum + seconds, 0);
      const peak = shape.stages.reduce((most, { target }) => Math.max(most, target), shape.start);
      return { durationSeconds, ...(shape.of === 'rate' && { perSecond: peak }) };
    }
    case 'herd':
      return { iterations: shape.vus };
    default:
      return { iterations: shape.iterations };
  }
}

/** Of pushes, planned or wished for: where they go, and what makes them of this run alone. */
const namesOfPush = [
  ...['registryUrl', 'repository', 'credentials', 'login', 'seed', 'run'],
  ...['target', 'cleanUp'],
];

function variesOf({ mix, mirrors, push, shape }: Asking): string | undefined {
  const { seed: _, ...drawn } = mix ?? {};
  const isStaged = shape.kind === 'stages' && shape.stages.length > 1;
  const pushed = push && Object.entries(push).filter(([name]) => !namesOfPush.includes(name));
  const said = {
    ...drawn,
    mirrors: mirrors?.length || undefined,
    push: pushed && Object.fromEntries(pushed),
    stages: isStaged ? [shape.start, shape.stages] : undefined,
  };
  const text = JSON.stringify(said, withSortedNames);
  return text === '{}' ? undefined : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** For JSON.stringify: the same text in whatever order the members were put together. */
function withSortedNames(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
