// k6 options of a plan: which executor makes the shape, how connections behave.
import type { Options, Scenario } from 'k6/options';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { gracefulStopSeconds, type Plan, type PlannedShape } from './plan.ts';

export function optionsOf(plan: Plan, client: ClientProfile): Options {
  return {
    scenarios: { pull: executorOf(plan.shape) },
    noVUConnectionReuse: client.connections === 'per-pull',
    insecureSkipTLSVerify: plan.insecure,
    // k6 keeps this many idle connections per VU and host; fewer than the client's parallel blobs
    // would make it dial anew where the client does not.
    batch: 100,
    batchPerHost: 100,
    discardResponseBodies: false,
    userAgent: client.userAgent,
    systemTags: [],
  };
}

function executorOf(shape: PlannedShape): Scenario {
  const gracefulStop = `${gracefulStopSeconds}s`;
  switch (shape.kind) {
    case 'vus':
      return {
        executor: 'constant-vus',
        vus: shape.vus,
        duration: `${shape.durationSeconds}s`,
        gracefulStop,
      };
    case 'rate':
      return {
        executor: 'constant-arrival-rate',
        // k6 takes whole numbers only; a minute keeps fractions of a pull per second.
        rate: Math.max(1, Math.round(shape.perSecond * 60)),
        timeUnit: '1m',
        duration: `${shape.durationSeconds}s`,
        preAllocatedVUs: shape.vus,
        maxVUs: shape.vus,
        gracefulStop,
      };
    case 'iterations':
      return {
        executor: 'shared-iterations',
        vus: shape.vus,
        iterations: shape.iterations,
        maxDuration: `${shape.durationSecondsMax}s`,
        gracefulStop,
      };
  }
}
