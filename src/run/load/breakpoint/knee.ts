// The search for the rate at which objectives begin to break: doubling until one does, closing in, and
// then repeating the two rates on either side, because one step proves little. Knows nothing of k6.
import type { Knee } from '../../../../reports/results.ts';

export interface RateStep {
  /** Successful pulls per second. */
  readonly done: number;
  /** The objectives that broke; none: the rate held. */
  readonly broke: readonly string[];
}

type Trial = Knee['steps'][number];

/** Steps in all, whatever happens. */
const stepsMax = 30;
const perSecondMax = 100_000;
const growth = 2;
/** How often a first rate that breaks is divided, to find one that holds. */
const backwardMax = 4;
/** The search closes in until the rate that broke is this many times the one that held. */
const nearEnough = 1.2;
/** Times that each of the two is run again. */
const repeats = 2;

/** Runs steps until the knee is known; stops early when `signal` is aborted. */
export async function findKnee(
  startPerSecond: number,
  run: (perSecond: number) => Promise<RateStep>,
  signal: AbortSignal,
): Promise<Knee> {
  const steps: Trial[] = [];
  const goesOn = () => steps.length < stepsMax && !signal.aborted;
  const holds = async (perSecond: number): Promise<boolean> => {
    const { done, broke } = await run(perSecond);
    // What an interrupt cut short says nothing about the registry.
    if (signal.aborted) return false;
    steps.push({ perSecond, done, held: broke.length === 0, broke: [...broke] });
    return broke.length === 0;
  };
  await climb(startPerSecond, holds, goesOn);
  await closeIn(steps, holds, goesOn);
  const { held, broken } = borders(steps);
  for (let again = 0; again < repeats; again++) {
    for (const perSecond of [held, broken]) {
      if (perSecond !== undefined && goesOn()) await holds(perSecond);
    }
  }
  return kneeOf(steps);
}

type Holds = (perSecond: number) => Promise<boolean>;

async function climb(start: number, holds: Holds, goesOn: () => boolean): Promise<void> {
  let perSecond = start;
  if (await holds(perSecond)) {
    do perSecond = Math.min(perSecond * growth, perSecondMax);
    while (goesOn() && (await holds(perSecond)) && perSecond < perSecondMax);
    return;
  }
  for (let back = 0; back < backwardMax && goesOn(); back++) {
    perSecond = rounded(perSecond / growth);
    if (perSecond <= 0 || (await holds(perSecond))) return;
  }
}

async function closeIn(
  steps: readonly Trial[],
  holds: Holds,
  goesOn: () => boolean,
): Promise<void> {
  while (goesOn()) {
    const { held, broken } = borders(steps);
    if (held === undefined || broken === undefined || broken / held <= nearEnough) return;
    const between = rounded(Math.sqrt(held * broken));
    if (between <= held || between >= broken) return;
    await holds(between);
  }
}

/** The highest rate that mostly held below the lowest that mostly broke. */
function borders(steps: readonly Trial[]): { held?: number; broken?: number } {
  const rates = [...new Set(steps.map(({ perSecond }) => perSecond))].sort((a, b) => a - b);
  const mostlyHeld = (rate: number) => {
    const trials = steps.filter(({ perSecond }) => perSecond === rate);
    return 2 * trials.filter(({ held }) => held).length > trials.length;
  };
  const broken = rates.find((rate) => !mostlyHeld(rate));
  const held = rates.filter((rate) => broken === undefined || rate < broken).at(-1);
  return { ...(held !== undefined && { held }), ...(broken !== undefined && { broken }) };
}

function kneeOf(steps: Trial[]): Knee {
  const { held, broken } = borders(steps);
  const atBorders = steps.filter(({ perSecond }) => perSecond === held || perSecond === broken);
  const agreeing = atBorders.filter((step) => step.held === (step.perSecond === held));
  const broke = steps.filter(({ perSecond }) => perSecond === broken).flatMap((step) => step.broke);
  return {
    perSecond: held ?? 0,
    brokeAt: broken ?? null,
    broke: [...new Set(broke)],
    confidence: atBorders.length === 0 ? 0 : agreeing.length / atBorders.length,
    steps,
  };
}

/** Rates that people read: hundredths of a pull per second are k6's own resolution. */
function rounded(perSecond: number): number {
  return perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
}
