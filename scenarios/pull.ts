// Pulls images as a real client does, every blob verified while it streams: for our own k6 build.
// `pullproof load` runs this file; pull-stock.ts is its twin for a k6 without the extension.
import { now, request } from 'k6/x/pullproof';
import type { Perform } from './lib/drive.ts';
import { optionsOf } from './lib/options.ts';
import { planFromEnvironment, pullOnce } from './lib/pull.ts';

const { plan, client } = planFromEnvironment();
export const options = optionsOf(plan, client);

const perform: Perform = (wanted, done) => request(wanted, plan.timeoutMs, done);

export default function pull(): void {
  pullOnce(plan, client, perform, now);
}
