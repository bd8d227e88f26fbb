// The twin of pull.ts for a stock k6: no extension, a sample of the blobs verified by digest, and the
// figures handed over by k6's own summary.
import { optionsOf } from './lib/options.ts';
import { planFromEnvironment, pullOnce } from './lib/pull.ts';
import { waitForStart } from './lib/start.ts';
import { stockEngine } from './lib/stock.ts';
import { stockThresholds } from './lib/summary.ts';

const { plan, client } = planFromEnvironment();
export const options = {
  ...optionsOf(plan, client, 'stock'),
  thresholds: stockThresholds(plan),
  systemTags: ['status'],
  summaryTrendStats: ['count', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
};

const engine = stockEngine(plan.timeoutMs);

export function setup(): void {
  waitForStart(plan);
}

export default function pullStock(): void {
  pullOnce(plan, client, engine);
}

export { handleSummary } from './lib/summary.ts';
