// One iteration of a load run: one pull as the plan's client does it, measured as a whole. What each
// request took is measured where it is performed.
import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import { profiles } from '../../src/profiles/index.ts';
import type { Verification } from '../../src/protocol/blob.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { PullFailure } from '../../src/protocol/failure.ts';
import { type PullResult, pull } from '../../src/protocol/pull.ts';
import { drive, type Perform } from './drive.ts';
import { type Plan, planVariable } from './plan.ts';

const pullStarted = new Counter('pull_started');
const pullOk = new Counter('pull_ok');
const pullFailed = new Counter('pull_failed');
const pullBytes = new Counter('pull_bytes');
const pullVerifiedBytes = new Counter('pull_verified_bytes');
/** Successful pulls only: a pull that fails at once must not make the others look fast. */
const pullDuration = new Trend('pull_duration', true);

/** With `sample`, one pull in this many is verified by digest. */
const sampleEvery = 10;

/** @throws Error when the scenario is not run with a plan */
export function planFromEnvironment(): { plan: Plan; client: ClientProfile } {
  const text: string | undefined = __ENV[planVariable];
  if (text === undefined)
    throw new Error(`no ${planVariable} in the environment: run \`pullproof load\``);
  const plan: Plan = JSON.parse(text);
  const client = profiles[plan.client];
  if (client === undefined) throw new Error(`no client profile is named ${plan.client}`);
  return { plan, client };
}

/** Failures already told by this VU: one example of each class is enough. */
const told: Record<string, true> = {};

/** Runs one pull. `now` gives milliseconds, as finely as the engine can. */
export function pullOnce(
  plan: Plan,
  client: ClientProfile,
  perform: Perform,
  now: () => number,
): void {
  const number = exec.scenario.iterationInTest;
  const image = plan.images[number % plan.images.length];
  if (image === undefined) throw new Error('the plan names no image');
  const started = now();
  pullStarted.add(1);
  const talk = pull({
    registryUrl: image.registryUrl,
    repository: image.repository,
    reference: image.reference,
    credentials: image.credentials,
    resolvesTo: image.resolvesTo,
    platform: plan.platform,
    client,
    verification: verificationOf(plan, number),
  });
  drive(talk, perform, (error, result) => {
    if (error === undefined) succeeded(result as PullResult, now() - started);
    else failed(error);
  });
}

function verificationOf(plan: Plan, number: number): Verification {
  if (plan.verify !== 'sample') return plan.verify;
  return number % sampleEvery === 0 ? 'all' : 'size';
}

function succeeded(result: PullResult, tookMs: number): void {
  pullOk.add(1);
  pullDuration.add(tookMs);
  pullBytes.add(result.bytes);
  pullVerifiedBytes.add(result.verifiedBytes);
}

/** Counts the failure and tells the first of its class as a JSON line of the log. */
function failed(error: unknown): void {
  const known = error instanceof PullFailure;
  const kind = known ? error.class : 'harness-error';
  pullFailed.add(1, { class: kind });
  if (told[kind] === true) return;
  told[kind] = true;
  const message = error instanceof Error ? error.message : String(error);
  console.error(JSON.stringify({ pullFailure: kind, message }));
  if (!known) throw error;
}
