// From what a user asks of a load shape (flags, or the file of a plan) to what k6 is to do: one place that
// knows which wishes go together and what the others are by default. The shapes are told in docs/load.md.

import { availableParallelism } from 'node:os';
import type { PlannedShape, ShapeName, Stage } from '../../../../scenarios/lib/plan.ts';
import { docPage } from '../../../lib/doc-page.ts';
import { UserError } from '../../../lib/user-error.ts';

export interface ShapeWish {
  readonly shape?: ShapeName | undefined;
  readonly vus?: number | undefined;
  /** Pulls started per second. */
  readonly perSecond?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly iterations?: number | undefined;
  readonly stages?: StagesWish | undefined;
}

export interface StagesWish {
  readonly of: 'vus' | 'rate';
  readonly stages: readonly Stage[];
}

const vusDefault = 10;
const herdVusDefault = 100;
const durationSecondsDefault = 30;
const soakSecondsDefault = 3600;
/** Of one step of a breakpoint run. */
const stepSecondsDefault = 10;
/** Pulls per second of the first step. */
const firstStepDefault = 1;
/** Iterations have no duration of their own; this ends a run that hangs. */
const iterationsSecondsMax = 24 * 3600;
/** Everything of a herd is over by then. */
const herdSecondsMax = 600;
/** What a spike begins and ends with, as a part of its peak. */
const spikeBase = 0.1;

type Wished = 'vus' | 'perSecond' | 'durationMs' | 'iterations' | 'stages';

interface Shape {
  /** What may be said about it. */
  readonly takes: readonly Wished[];
  readonly make: (wish: ShapeWish, images: number) => PlannedShape;
}

/** `replay` is made of its trace (src/run/load/trace/trace.ts). */
const shapes: Readonly<Record<Exclude<ShapeName, 'replay'>, Shape>> = {
  smoke: {
    takes: ['iterations', 'durationMs'],
    make: (wish, images) => ({
      kind: 'iterations',
      name: 'smoke',
      vus: 1,
      iterations: wish.iterations ?? images,
      durationSecondsMax: limitSecondsOf(wish, iterationsSecondsMax),
    }),
  },
  herd: {
    takes: ['vus', 'durationMs'],
    make: (wish, images) => {
      if (images > 1) throw conflict('a herd comes for one image, and several are named');
      const vus = wish.vus ?? herdVusDefault;
      return { kind: 'herd', vus, durationSecondsMax: limitSecondsOf(wish, herdSecondsMax) };
    },
  },
  ramp: {
    takes: ['vus', 'perSecond', 'durationMs', 'stages'],
    make: (wish) => {
      if (wish.stages !== undefined) return staged('ramp', wish, 0, wish.stages);
      const { of, peak } = levelOf(wish);
      const seconds = secondsOf(wish, durationSecondsDefault);
      return staged('ramp', wish, 0, { of, stages: [{ seconds, target: peak }] });
    },
  },
  rate: {
    takes: ['vus', 'perSecond', 'durationMs'],
    make: (wish) => constantRate(wish, durationSecondsDefault),
  },
  vus: {
    takes: ['vus', 'durationMs'],
    make: (wish) => constantVus(wish, durationSecondsDefault),
  },
  iterations: {
    takes: ['vus', 'iterations', 'durationMs'],
    make: (wish) => {
      const { iterations } = wish;
      if (iterations === undefined) throw conflict('--shape iterations needs --iterations N');
      const durationSecondsMax = limitSecondsOf(wish, iterationsSecondsMax);
      const vus = Math.min(wish.vus ?? vusDefault, iterations);
      return { kind: 'iterations', iterations, vus, durationSecondsMax };
    },
  },
  spike: {
    takes: ['vus', 'perSecond', 'durationMs'],
    make: spike,
  },
  soak: {
    takes: ['vus', 'perSecond', 'durationMs'],
    make: (wish) => {
      const constant = wish.perSecond === undefined ? constantVus : constantRate;
      return { ...constant(wish, soakSecondsDefault), name: 'soak' };
    },
  },
  breakpoint: {
    takes: ['vus', 'perSecond', 'durationMs'],
    make: (wish) => {
      const perSecond = wish.perSecond ?? firstStepDefault;
      return { ...constantRate({ ...wish, perSecond }, stepSecondsDefault), name: 'breakpoint' };
    },
  },
};

/** Names of all shapes, in the order in which help shows them. */
export const shapeNames: readonly ShapeName[] = [
  ...(Object.keys(shapes) as Exclude<ShapeName, 'replay'>[]),
  'replay',
];

const flagNames: Readonly<Record<Wished, string>> = {
  vus: '--vus',
  perSecond: '--rate',
  durationMs: '--duration',
  iterations: '--iterations',
  stages: 'stages',
};

/**
 * One shape: as named, or the one that the other wishes tell. `images` are how many there are.
 * @throws UserError `shape-conflict` (exit 2)
 */
export function shapeOf(wish: ShapeWish, images: number): PlannedShape {
  const name = wish.shape ?? toldBy(wish);
  if (name === 'replay') throw conflict('--shape replay needs --trace FILE');
  if (wish.shape === undefined && wish.perSecond !== undefined && wish.iterations !== undefined) {
    throw conflict('--rate and --iterations exclude each other');
  }
  const { takes, make } = shapes[name];
  for (const wished of Object.keys(flagNames) as Wished[]) {
    if (wish[wished] !== undefined && !takes.includes(wished)) {
      const known = takes.map((one) => flagNames[one]).join(', ');
      throw conflict(`the shape ${name} takes no ${flagNames[wished]}, but ${known}`);
    }
  }
  return make(wish, images);
}

function toldBy({ stages, perSecond, iterations }: ShapeWish): ShapeName {
  if (stages !== undefined) return 'ramp';
  if (perSecond !== undefined) return 'rate';
  return iterations === undefined ? 'vus' : 'iterations';
}

function secondsOf({ durationMs }: ShapeWish, otherwise: number): number {
  return durationMs === undefined ? otherwise : durationMs / 1000;
}

/** Of what ends with its last pull, the longest that it may take; k6 has no such limit below a second. */
function limitSecondsOf(wish: ShapeWish, otherwise: number): number {
  const seconds = secondsOf(wish, otherwise);
  if (seconds >= 1) return seconds;
  throw conflict(`--duration ${seconds * 1000}ms is too short a limit: from 1s on one can be kept`);
}

function constantVus(wish: ShapeWish, seconds: number): PlannedShape {
  return { kind: 'vus', vus: wish.vus ?? vusDefault, durationSeconds: secondsOf(wish, seconds) };
}

function constantRate(wish: ShapeWish, seconds: number): PlannedShape {
  const { perSecond } = wish;
  if (perSecond === undefined) throw conflict('the shape rate needs --rate N/s');
  const durationSeconds = secondsOf(wish, seconds);
  return { kind: 'rate', perSecond, durationSeconds, vus: wish.vus ?? defaultRateVus(perSecond) };
}

/** What a shape rises to: a rate if one is told, virtual users otherwise. */
function levelOf({ vus, perSecond }: ShapeWish): { of: 'vus' | 'rate'; peak: number } {
  if (perSecond !== undefined) return { of: 'rate', peak: perSecond };
  return { of: 'vus', peak: vus ?? vusDefault };
}

/** Three tenths at the base, three at the peak, the rest at the base again: does it recover? */
function spike(wish: ShapeWish): PlannedShape {
  const { of, peak } = levelOf(wish);
  const seconds = secondsOf(wish, durationSecondsDefault);
  const base = of === 'vus' ? Math.max(1, Math.round(peak * spikeBase)) : peak * spikeBase;
  // In whole seconds, which the timeline tells apart, or where there are few of them in milliseconds.
  const part = seconds >= 4 ? Math.round(seconds * 0.3) : Math.round(seconds * 300) / 1000;
  const last = Math.round((seconds - 2 * part) * 1000) / 1000;
  const stages = [
    { seconds: part, target: base },
    { seconds: 0, target: peak },
    { seconds: part, target: peak },
    { seconds: 0, target: base },
    { seconds: last, target: base },
  ];
  return staged('spike', wish, base, { of, stages });
}

function staged(
  name: ShapeName,
  wish: ShapeWish,
  start: number,
  { of, stages }: StagesWish,
): PlannedShape {
  const peak = stages.reduce((most, { target }) => Math.max(most, target), start);
  if (peak === 0) throw conflict('no stage has a target above 0, so nothing would be pulled');
  const vus = of === 'vus' ? Math.max(1, Math.round(peak)) : (wish.vus ?? defaultRateVus(peak));
  return { kind: 'stages', name, of, start, stages, vus };
}

/** Virtual users of an open model: enough for slow pulls, within what a machine bears. */
function defaultRateVus(perSecond: number): number {
  return Math.min(Math.max(Math.ceil(perSecond * 10), 10 * availableParallelism()), 2000);
}

function conflict(message: string): UserError {
  return new UserError(
    'shape-conflict',
    message,
    `Use --vus N --duration D (constant users), --rate N/s --duration D (constant rate), --iterations N, or another --shape with what it takes (${docPage('load.md')}).`,
  );
}
