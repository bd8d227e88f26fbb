// One iteration of a load run: one pull as the plan's client does it, measured as a whole. What each
// request took is measured where it is performed.
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import { randomFrom } from '../../src/lib/random.ts';
import { rememberByObject } from '../../src/lib/remember.ts';
import type { ClientProfile, Credentials } from '../../src/protocol/client.ts';
import { PullFailure } from '../../src/protocol/failure.ts';
import { type Quota, quotaOf } from '../../src/protocol/quota.ts';
import type { Verification } from '../../src/protocol/talks/blob.ts';
import { type PullResult, pull } from '../../src/protocol/talks/pull.ts';
import { chooserOf, thinkMsOf } from './choice.ts';
import { type Course, fail, nameOf, pauseOf, whoseOf } from './course.ts';
import { drive } from './drive.ts';
import type { Engine } from './engine.ts';
import './metrics.ts';
import type { K6Plan, PlannedImage } from './plan.ts';
import { readK6Plan } from './plan-source.ts';

/** With `sample`, one pull in this many is verified by digest. */
const sampleEvery = 10;

/** @throws Error when the scenario is not run with a plan */
export function planFromEnvironment(): { plan: K6Plan; client: ClientProfile } {
  const plan = withImages(readK6Plan());
  const client = plan.profiles[plan.client];
  if (client === undefined) throw new Error(`the plan has no profile of ${plan.client}`);
  return { plan, client };
}

/** A plan whose images lie in a file reads them from memory that all virtual users share. */
function withImages(plan: K6Plan): K6Plan {
  const { imagesFile } = plan;
  if (imagesFile === undefined) return plan;
  const images = new SharedArray<PlannedImage>('images', () => JSON.parse(open(imagesFile)));
  return { ...plan, images };
}

const choosers = rememberByObject(chooserOf);

let current: typeof exec.scenario | undefined;

/** The scenario, with figures that change while it is kept. To mention `exec.scenario` makes a new one. */
export function scenario(): typeof exec.scenario {
  current ??= exec.scenario;
  return current;
}

/** Runs one pull, the next one of the run. */
export function pullOnce(plan: K6Plan, client: ClientProfile, engine: Engine): void {
  pullNumber(plan, client, engine, scenario().iterationInTest, (thinkMs) => {
    if (thinkMs > 0) sleep(thinkMs / 1000);
  });
}

/**
 * Runs pull number so-and-so of the run; `then` is told how long its user pauses after it, unless k6 ends the
 * user in mid-pull.
 */
export function pullNumber(
  plan: K6Plan,
  client: ClientProfile,
  engine: Engine,
  number: number,
  then: (thinkMs: number) => void,
): void {
  const { image, platform, client: name, has } = choosers(plan)(number);
  const wanted = name === plan.client ? client : (plan.profiles[name] ?? client);
  const course: Course = { of: 'pull', whose: whoseOf(plan, image, wanted.name), retried: false };
  const done = measured(engine, course);
  engine.beginPull();
  const talk = pull({
    registryUrl: image.registryUrl,
    repository: image.repository,
    reference: image.reference,
    credentials: credentialsOf(plan, image),
    resolvesTo: image.resolvesTo,
    mirrors: plan.mirrors,
    platform,
    client: wanted,
    has,
    clock: engine.now,
    random: randomOf(plan),
    quota: quotaFor(wanted, engine),
    verification: verificationOf(plan, number),
  });
  drive(talk, engine.perform, pauseOf(engine, course), (error, result) => {
    done(error, result);
    engine.tellPull(wanted.name, nameOf(image), classOf(error));
    if (wanted.connections === 'per-pull') engine.endPull();
    // k6 has ended this virtual user: whatever came next would fail at once, and again.
    if (error instanceof PullFailure && error.class === 'interrupted') return;
    then(thinkMsOf(plan, number));
  });
}

function classOf(error: unknown): string {
  if (error === undefined) return '';
  return error instanceof PullFailure ? error.class : 'harness-error';
}

/** Chance of this virtual user, the same in every run with the same seed. */
const randomOf = rememberByObject(({ mix }: K6Plan) =>
  // Unlike the numbers that choose among images, those that vary waits are drawn in each user's own order.
  randomFrom((mix?.seed ?? 1) * 1_000_003 + exec.vu.idInTest),
);

/** Each user is one node to its kubelet. */
const quotas = new Map<Engine, Map<string, Quota>>();

function quotaFor({ name, quota }: ClientProfile, engine: Engine): Quota | undefined {
  if (quota === undefined) return undefined;
  const known = quotas.get(engine) ?? new Map<string, Quota>();
  quotas.set(engine, known);
  const mine = known.get(name) ?? quotaOf(quota, engine.now);
  known.set(name, mine);
  return mine;
}

/** Starts a measured pull; what it returns takes its outcome. */
export function measured(
  engine: Engine,
  course: Course,
): (error: unknown, result: unknown) => void {
  const started = engine.now();
  engine.addTagged(course.whose, 'pull_started', 1);
  return (error, result) => {
    if (error !== undefined) return fail(engine, course, error);
    const { bytes, verifiedBytes } = result as Tally;
    const tookMs = engine.now() - started;
    // biome-ignore format: names and values in turn
    engine.addTagged(course.whose, 'pull_ok', 1, 'pull_duration', tookMs, 'pull_bytes', bytes, 'pull_verified_bytes', verifiedBytes);
  };
}

export type Tally = Pick<PullResult, 'bytes' | 'verifiedBytes'>;

export function credentialsOf(
  plan: K6Plan,
  { credentials, login }: PlannedImage,
): Credentials | undefined {
  return login === undefined ? credentials : plan.logins?.[login];
}

function verificationOf(plan: K6Plan, number: number): Verification {
  if (plan.verify !== 'sample') return plan.verify;
  return number % sampleEvery === 0 ? 'all' : 'size';
}
