// A load run as families of OpenMetrics: counts, latencies in seconds, failures and what was tried again, objectives.

import { inPullOrder } from './load-words.ts';
import type { Exposition, Labels } from './openmetrics-text.ts';
import type { HopSummary, LoadError, LoadResult, Pushes } from './results.ts';

export function familiesOfLoad(text: Exposition, load: LoadResult): void {
  addCounts(text, load);
  addLatencies(text, load);
  const latency = text.latency('hop_duration_seconds', 'Requests by the hop that answered.');
  const hosts = text.latency('host_duration_seconds', 'Requests by host.');
  for (const [hop, one] of inPullOrder(load.hops)) {
    latency.add({ hop }, one);
    addHop(text, 'hop', { hop }, one);
  }
  for (const [host, one] of Object.entries(load.hosts)) {
    hosts.add({ host, role: one.role }, one);
    addHop(text, 'host', { host, role: one.role }, one);
  }
  addParts(text, load);
  addErrors(text, 'failures', 'What pulls failed with.', load.errors);
  addErrors(text, 'retries', 'What was tried again or resumed after a failure.', load.retried);
  const waits = text.gauge('waits', 'Pauses that clients made of their own accord, by reason.');
  const waited = text.gauge('waits_seconds', 'These pauses, all clients added up.');
  for (const { why, count, seconds } of load.waits ?? []) {
    waits.add({ why }, count);
    waited.add({ why }, seconds);
  }
  const cache = text.gauge('cache_replies', 'Replies of edges, by what they say of their cache.');
  for (const [verdict, count] of Object.entries(load.cache)) cache.add({ verdict }, count);
  addObjectives(text, load);
  addMachines(text, load);
  if (load.pushes) addPushes(text, load.pushes);
}

function addCounts(text: Exposition, load: LoadResult): void {
  const { client, shape, engine, seconds, vus, pulls, requests, bytes, bottleneck, knee } = load;
  text
    .gauge('load_info', 'How the load was made, and what limited it.')
    .add({ client, shape, engine, bottleneck }, 1);
  text.gauge('load_duration_seconds', 'The measured window.').add({}, seconds);
  text.gauge('load_users', 'Virtual users, at most.').add({}, vus);
  const outcomes = text.gauge(
    'pulls',
    'Pulls by outcome; dropped: due by the rate and not started.',
  );
  for (const outcome of ['ok', 'failed', 'dropped'] as const) {
    outcomes.add({ outcome }, pulls[outcome]);
  }
  text
    .gauge('pulls_retried', 'Pulls in which something was tried again.')
    .add({}, pulls.retried ?? 0);
  text.gauge('pulls_per_second', 'Successful pulls per second.').add({}, pulls.perSecond);
  const asked = text.gauge('requests', 'Requests by outcome.');
  asked.add({ outcome: 'ok' }, requests.total - requests.failed);
  asked.add({ outcome: 'failed' }, requests.failed);
  text.gauge('received_bytes', 'Bytes of bodies that came.').add({}, bytes.total);
  text.gauge('verified_bytes', 'Bytes that were verified by digest.').add({}, bytes.verified);
  if (knee === undefined) return;
  text.gauge('knee_pulls_per_second', 'The highest rate that held.').add({}, knee.perSecond);
  if (knee.brokeAt !== null) {
    text.gauge('knee_broke_pulls_per_second', 'The lowest rate that broke.').add({}, knee.brokeAt);
  }
}

function addLatencies(text: Exposition, load: LoadResult): void {
  const whole = text.latency('pull_duration_seconds', 'Whole pulls that succeeded.');
  whole.add({}, load.pullMs);
  const steps = text.latency('phase_duration_seconds', 'Whole steps, redirect and body included.');
  for (const [phase, one] of inPullOrder(load.phases)) steps.add({ phase }, one);
  const single = text.latency('phase_hop_duration_seconds', 'Requests of a phase, by hop.');
  for (const [phase, hops] of inPullOrder(load.phaseHops ?? {})) {
    for (const [hop, one] of inPullOrder(hops)) single.add({ phase, hop }, one);
  }
}

function addHop(text: Exposition, of: 'hop' | 'host', labels: Labels, one: HopSummary): void {
  text.latency(`${of}_ttfb_seconds`, `Time to the first byte, by ${of}.`).add(labels, one.ttfb);
  text.gauge(`${of}_failed_requests`, `Requests that failed, by ${of}.`).add(labels, one.failed);
  text.gauge(`${of}_received_bytes`, `Bytes of bodies, by ${of}.`).add(labels, one.bytes);
  if (one.connections !== undefined) {
    text.gauge(`${of}_connections`, `Connections opened, by ${of}.`).add(labels, one.connections);
  }
}

/** Pulls of one client or image, where there are several. */
function addParts(text: Exposition, { byClient = {}, byImage = {} }: LoadResult): void {
  for (const [of, parts] of [['client', byClient] as const, ['image', byImage] as const]) {
    const counts = text.gauge(`${of}_pulls`, `Pulls by ${of} and outcome.`);
    const took = text.latency(`${of}_pull_duration_seconds`, `Whole pulls, by ${of}.`);
    for (const [name, { ok, failed, pullMs }] of Object.entries(parts)) {
      counts.add({ [of]: name, outcome: 'ok' }, ok);
      counts.add({ [of]: name, outcome: 'failed' }, failed);
      took.add({ [of]: name }, pullMs);
    }
  }
}

function addErrors(
  text: Exposition,
  name: string,
  help: string,
  errors: readonly LoadError[] = [],
): void {
  const family = text.gauge(name, help);
  for (const {
    class: kind,
    reason = '',
    hop = '',
    host = '',
    phase = '',
    status,
    count,
  } of errors) {
    const told = status === undefined ? '' : String(status);
    family.add({ class: kind, reason, hop, host, phase, status: told }, count);
  }
}

/** Of the machines that made the load. */
function addMachines(text: Exposition, { merged, runner }: LoadResult): void {
  const limits =
    merged?.runners?.limits ?? (runner?.limit ? [{ limit: runner.limit, runners: 1 }] : []);
  const atLimit = text.gauge('runners_at_limit', 'Processes of k6 at a limit of their own.');
  for (const { limit, runners } of limits) atLimit.add({ limit }, runners);
  if (merged === undefined) return;
  text.gauge('merged_runs', 'Runs that were joined.').add({}, merged.runs);
  text
    .gauge('merged_together_seconds', 'Seconds in which all of them were under way.')
    .add({}, merged.togetherSeconds);
  if (merged.startsWithinSeconds === undefined) return;
  text
    .gauge(
      'merged_starts_within_seconds',
      'From the first request of the first to that of the last.',
    )
    .add({}, merged.startsWithinSeconds);
}

function addObjectives(text: Exposition, { slo }: LoadResult): void {
  const held = text.gauge('slo_held', '1 where the objective was held.');
  const bounds = text.gauge('slo_bound', 'The bound of the objective, in its unit.');
  for (const { expression, held: isHeld, bound, unit } of slo) {
    held.add({ objective: expression }, isHeld ? 1 : 0, 'least');
    if (bound !== undefined) bounds.add({ objective: expression, in: unit ?? '' }, bound, 'least');
  }
}

function addPushes(text: Exposition, pushes: Pushes): void {
  const outcomes = text.gauge('pushes', 'Pushes beside the pulls, by outcome.');
  for (const outcome of ['ok', 'failed', 'dropped'] as const) {
    outcomes.add({ outcome }, pushes[outcome]);
  }
  text.gauge('pushed_bytes', 'Bytes of blobs that pushes uploaded.').add({}, pushes.bytes.sent);
  text.latency('push_duration_seconds', 'Whole pushes that succeeded.').add({}, pushes.pushMs);
  const steps = text.latency('push_phase_duration_seconds', 'Steps of pushes.');
  for (const [phase, one] of inPullOrder(pushes.phases)) steps.add({ phase }, one);
  addErrors(text, 'push_failures', 'What pushes failed with.', pushes.errors);
}
