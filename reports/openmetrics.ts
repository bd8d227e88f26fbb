// OpenMetrics text, for a Prometheus that scrapes a file, a textfile collector or a push gateway: the figures of one
// finished run. They are gauges and summaries: each run counts from zero, so that nothing of it can be summed up
// over time as a counter is. No times: who reads the file says when.
// https://prometheus.io/docs/specs/om/open_metrics_spec/

import { doctorFindings } from './doctor-words.ts';
import { familiesOfLoad } from './openmetrics-load.ts';
import { Exposition } from './openmetrics-text.ts';
import type { CheckResult, DoctorResult, DocumentResult, Results } from './results.ts';

/** Families of metrics that begin with `pullproof_`, and `# EOF`. */
export function renderOpenMetrics(results: Results): string {
  const text = new Exposition();
  const { verb, target, tool, startedAt, durationMs, exitCode } = results;
  const run = { verb, target, version: tool.version };
  text.gauge('run_info', 'What was run, and by which version.').add(run, 1);
  const began = Date.parse(startedAt) / 1000;
  if (Number.isFinite(began)) {
    text.gauge('run_start_time_seconds', 'When the run began, since 1970.').add({}, began);
  }
  text.gauge('run_duration_seconds', 'How long the run took.').add({}, durationMs / 1000);
  text.gauge('run_exit_code', 'Exit code: 0 when everything held.').add({}, exitCode);
  if (results.documents) addDocuments(text, results.documents);
  if (results.unread) {
    const help = 'Inputs that could not be read, by error.';
    const unread = text.gauge('unread_inputs', help);
    for (const { code } of results.unread) unread.add({ code }, 1);
  }
  if (results.checks) addChecks(text, results.checks);
  if (results.load) familiesOfLoad(text, results.load);
  if (results.doctor) addDoctor(text, results.doctor);
  return text.toString();
}

function addDocuments(text: Exposition, documents: readonly DocumentResult[]): void {
  const judged = text.gauge('documents', 'Documents, by kind and whether they are valid.');
  for (const { kind, valid } of documents) judged.add({ kind, valid: String(valid) }, 1);
  const findings = text.gauge(
    'findings',
    'Findings, by rule, level and whether a baseline accepts them.',
  );
  for (const { ruleId, level, accepted } of documents.flatMap((one) => one.findings)) {
    findings.add({ rule: ruleId, level, accepted: String(accepted === true) }, 1);
  }
}

function addChecks(text: Exposition, checks: readonly CheckResult[]): void {
  const counts = text.gauge('checks', 'Checks, by level and verdict.');
  for (const { level, verdict } of checks) counts.add({ level, verdict }, 1);
  const each = text.gauge(
    'check_holds',
    '1 where the check holds; expected: the baseline lists it.',
  );
  for (const { id, level, verdict, expectedFailure } of checks) {
    const expected = String(expectedFailure !== undefined);
    each.add({ check: id, level, verdict, expected }, verdict === 'pass' ? 1 : 0);
  }
}

function addDoctor(text: Exposition, doctor: DoctorResult): void {
  const { client, name, image, pullable, hops, hostList, probes } = doctor;
  text
    .gauge('doctor_pullable', '1 where the client can pull the image from here.')
    .add({ client, image: name || image }, pullable ? 1 : 0);
  const causes = text.gauge('doctor_findings', 'What somebody should mend, by cause and place.');
  for (const { id, level, at } of doctorFindings(doctor)) causes.add({ cause: id, level, at }, 1);
  const requests = text.gauge('doctor_requests', 'Requests of the traced pull and its repeats.');
  const took = text.gauge('doctor_requests_duration_seconds', 'Time of these requests, added up.');
  for (const { phase, hop, host, status, failure = '', totalMs } of hops) {
    const labels = { phase, hop, host, status: String(status), failure };
    requests.add(labels, 1);
    took.add(labels, totalMs / 1000);
  }
  const hosts = text.gauge('doctor_host_reachable', '1 where a connection to the host came about.');
  for (const { host, port, reachable } of hostList) {
    if (reachable !== null) hosts.add({ host, port: String(port) }, reachable ? 1 : 0, 'least');
  }
  const held = text.gauge('doctor_probe_held', '1 where the probe was answered as it should be.');
  for (const { id, host, held: isHeld } of probes) {
    held.add({ probe: id, host }, isHeld ? 1 : 0, 'least');
  }
}
