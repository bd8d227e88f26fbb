// Pulls images as a real client does, every blob verified while it streams: for our own k6 build.
// `pullproof load` runs this file; pull-stock.ts is its twin for a k6 without the extension.
import { seededDigest } from 'k6/x/pullproof';
import { builtEngine } from './lib/built.ts';
import { optionsOf } from './lib/options.ts';
import { usersPerVu } from './lib/plan.ts';
import { planFromEnvironment } from './lib/pull.ts';
import { pushOnce } from './lib/push.ts';
import { waitForStart } from './lib/start.ts';
import { pullAsUsers } from './lib/users.ts';

const { plan, client } = planFromEnvironment();
export const options = optionsOf(plan, client, 'built');

const engine = builtEngine(plan.timeoutMs);
const users = Array.from({ length: usersPerVu(plan) }, (_, user) =>
  builtEngine(plan.timeoutMs, user),
);

export function setup(): void {
  waitForStart(plan);
}

export default function pull(): void {
  pullAsUsers(plan, client, users);
}

/** Beside the pulls, where the plan says so. */
export function push(): void {
  pushOnce(plan, client, engine, seededDigest);
}
