// What a run on stock k6 hands over at its end: k6's own summary, cut by phase and hop. k6 keeps a cut
// only for series that a threshold names, so thresholds that always hold name them.

import { failureHints } from '../../src/protocol/failure-hints.ts';
import { hostOf } from '../../src/protocol/grammar/uri.ts';
import { type K6Plan, planVariable } from './plan.ts';

const phases = ['ping', 'token', 'index', 'manifest', 'config', 'layer'];
const hops = ['registry', 'token', 'edge'];

/** Name of the environment variable that says where the summary goes. */
const fileVariable = 'PULLPROOF_SUMMARY';

export function stockThresholds(plan: K6Plan): Record<string, string[]> {
  const hosts = new Set(plan.images.map((image) => hostOf(image.registryUrl)));
  const cuts = [
    ...phases.map((phase) => `phase:${phase}`),
    ...hops.map((hop) => `hop:${hop}`),
    ...[...hosts].map((host) => `host:${host}`),
  ];
  const thresholds: Record<string, string[]> = {};
  for (const cut of cuts) {
    thresholds[`http_req_duration{${cut}}`] = ['max>=0'];
    thresholds[`http_req_waiting{${cut}}`] = ['max>=0'];
    thresholds[`http_reqs{${cut}}`] = ['count>=0'];
    thresholds[`http_req_failed{${cut}}`] = ['rate>=0'];
  }
  for (const kind of [...Object.keys(failureHints), 'harness-error']) {
    thresholds[`pull_failed{class:${kind}}`] = ['count>=0'];
    thresholds[`pull_retried{class:${kind}}`] = ['count>=0'];
  }
  return thresholds;
}

export function handleSummary(data: unknown): Record<string, string> {
  const file: string | undefined = __ENV[fileVariable];
  if (file === undefined) throw new Error(`no ${fileVariable} beside ${planVariable}`);
  return { [file]: JSON.stringify(data) };
}
