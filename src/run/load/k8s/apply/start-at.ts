// The common start of the runners: without one they begin as the operator comes to each.
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  durationSecondsOf,
  type K6Plan,
  type PlannedShape,
  startMsOf,
} from '../../../../../scenarios/lib/plan.ts';
import { lastsSoLong } from '../../result/window.ts';
import { planName } from '../manifests.ts';

/** Longer loads overlap for the most part in any case. */
const shortSeconds = 5 * 60;
const aheadSecondsDefault = 60;
/** What each runner adds: a pod to be scheduled and started, a call of the starter. */
const perRunnerSeconds = 0.5;

/** A number of pulls, a trace, or short: runners that begin one after the other hardly overlap. */
export function needsStart(shape: PlannedShape): boolean {
  return !lastsSoLong(shape) || durationSecondsOf(shape) < shortSeconds;
}

/**
 * When all are to begin, RFC 3339; undefined where it does not matter. One that the plan has already counts while it
 * is to come; an earlier run left one that has passed. `aheadMs`: as the user wishes it.
 */
export function startOf(
  plan: Pick<K6Plan, 'shape' | 'startAt'>,
  runners: number,
  aheadMs: number | undefined,
  nowMs: number,
): string | undefined {
  const { shape, startAt } = plan;
  const isAhead = (startMsOf(plan) ?? 0) > nowMs;
  if (isAhead && aheadMs === undefined) return startAt;
  if (!needsStart(shape) && aheadMs === undefined) return undefined;
  const defaultMs = (aheadSecondsDefault + perRunnerSeconds * runners) * 1000;
  return new Date(nowMs + (aheadMs ?? defaultMs)).toISOString();
}

/** Into the folder, whose plan goes into the ConfigMap. */
export async function writeStart(
  dir: string,
  plan: K6Plan,
  startAt: string | undefined,
): Promise<void> {
  const { startAt: _, ...rest } = plan;
  const written: K6Plan = startAt === undefined ? rest : { ...rest, startAt };
  const file = join(dir, planName);
  await writeFile(`${file}.part`, `${JSON.stringify(written, null, 2)}\n`);
  await rename(`${file}.part`, file);
}
