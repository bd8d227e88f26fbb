// k6 options of a plan: which executor makes the shape, how connections behave.
import type { Options, Scenario } from 'k6/options';
import type { ClientProfile } from '../../src/protocol/client.ts';
import {
  durationSecondsOf,
  gracefulStopSeconds,
  type K6Plan,
  type PlannedPush,
  type PlannedShape,
  startMsOf,
  usersPerVu,
} from './plan.ts';

/** k6 has it, its types do not. */
type AllOptions = Options & { readonly noSetup?: boolean };

export function optionsOf(
  plan: K6Plan,
  client: ClientProfile,
  engine: 'built' | 'stock',
): AllOptions {
  const stock = engine === 'stock';
  return {
    scenarios: {
      pull: executorOf(plan.shape, stock ? 1 : usersPerVu(plan)),
      ...(plan.push !== undefined && { push: pushExecutor(plan.push, plan.shape) }),
    },
    ...startOf(plan),
    // For stock k6, where the first of several clients decides for all; our engine has it from each request.
    ...(stock && {
      noConnectionReuse: client.connections === 'per-request',
      noVUConnectionReuse: client.connections === 'per-pull',
    }),
    insecureSkipTLSVerify: plan.insecure,
    // Stock k6 heeds no domains, and shows what fits to whoever asks.
    ...(plan.shown !== undefined && {
      tlsAuth: plan.shown.map(({ host, ...pair }) => (stock ? pair : { ...pair, domains: [host] })),
    }),
    // k6 keeps this many idle connections per VU and host; fewer than the client's parallel blobs
    // would make it dial anew where the client does not.
    batch: 100,
    batchPerHost: 100,
    discardResponseBodies: false,
    userAgent: client.userAgent,
    // What was dropped is told by scenario.
    systemTags: plan.push === undefined ? [] : ['scenario'],
  };
}

/** Beyond the wait for it. */
const setupSecondsMax = 60;

/** The set-up of k6 waits for the start, and is left out where there is none to wait for. */
function startOf(plan: K6Plan): AllOptions {
  const startMs = startMsOf(plan);
  if (startMs === undefined) return { noSetup: true };
  const waitSeconds = Math.max(0, Math.ceil((startMs - Date.now()) / 1000));
  return { setupTimeout: `${waitSeconds + setupSecondsMax}s` };
}

/** Pushes begin and end with the pulls. */
function pushExecutor({ perSecond, vus }: PlannedPush, shape: PlannedShape): Scenario {
  const durationSeconds = durationSecondsOf(shape);
  const kind =
    perSecond === undefined
      ? ({ kind: 'vus', vus, durationSeconds } as const)
      : ({ kind: 'rate', perSecond, vus, durationSeconds } as const);
  return { ...executorOf(kind, 1), exec: 'push' };
}

/** `users` of the shape are played by one virtual user. */
function executorOf(shape: PlannedShape, users: number): Scenario {
  const gracefulStop = k6Duration(gracefulStopSeconds);
  switch (shape.kind) {
    case 'vus':
      if (shape.durationSeconds < constantSecondsMin) {
        return stagedExecutor(levelOf(shape, 'vus', Math.ceil(shape.vus / users)), gracefulStop);
      }
      return {
        executor: 'constant-vus',
        vus: Math.ceil(shape.vus / users),
        duration: k6Duration(shape.durationSeconds),
        gracefulStop,
      };
    case 'rate':
      if (shape.durationSeconds < constantSecondsMin) {
        return stagedExecutor(levelOf(shape, 'rate', shape.perSecond), gracefulStop);
      }
      return {
        executor: 'constant-arrival-rate',
        rate: Math.max(1, perMinute(shape.perSecond)),
        timeUnit: '1m',
        duration: k6Duration(shape.durationSeconds),
        preAllocatedVUs: shape.vus,
        maxVUs: shape.vus,
        gracefulStop,
      };
    case 'herd':
      return {
        executor: 'per-vu-iterations',
        vus: Math.ceil(shape.vus / users),
        iterations: 1,
        maxDuration: k6Duration(shape.durationSecondsMax),
        gracefulStop,
      };
    case 'stages':
      return stagedExecutor(shape, gracefulStop);
    case 'iterations':
    case 'replay':
      return {
        executor: 'shared-iterations',
        vus: shape.vus,
        iterations: shape.iterations,
        maxDuration: k6Duration(shape.durationSecondsMax),
        gracefulStop,
      };
  }
}

/** What is shorter k6's constant executors refuse; a ramp that goes nowhere is the same. */
const constantSecondsMin = 1;

type Staged = PlannedShape & { kind: 'stages' };

/** A constant shape as a ramp from its level to its level. */
function levelOf(
  { vus, durationSeconds }: PlannedShape & { kind: 'vus' | 'rate' },
  of: Staged['of'],
  level: number,
): Staged {
  const stages = [{ seconds: durationSeconds, target: level }];
  return { kind: 'stages', of, start: level, stages, vus };
}

/** k6 takes whole milliseconds well, and long fractions of a second not at all. */
function k6Duration(seconds: number): string {
  return seconds % 1 === 0 ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

function stagedExecutor({ of, start, stages, vus }: Staged, gracefulStop: string): Scenario {
  const stagesBy = (unit: (target: number) => number) =>
    stages.map(({ seconds, target }) => ({ duration: k6Duration(seconds), target: unit(target) }));
  if (of === 'vus') {
    return {
      executor: 'ramping-vus',
      startVUs: start,
      stages: stagesBy(Math.round),
      gracefulStop,
      // Users that the shape takes away finish their pull, as those at its end do.
      gracefulRampDown: gracefulStop,
    };
  }
  return {
    executor: 'ramping-arrival-rate',
    startRate: perMinute(start),
    timeUnit: '1m',
    stages: stagesBy(perMinute),
    preAllocatedVUs: vus,
    maxVUs: vus,
    gracefulStop,
  };
}

/** k6 takes whole numbers only; a minute keeps fractions of a pull per second. */
function perMinute(perSecond: number): number {
  return Math.round(perSecond * 60);
}
