// The figures of a run, as outputs of the action: whatever the verb, how many passed, failed, and want a look.
import type { DoctorHost, Results } from '../reports/results.ts';

/** `passed`, `failed` and `warned` of what the verb counts; the rest by its own names. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly [name: string]: number;
}

/** Documents, checks, pulls or hosts, whichever the run has; all of them 0 where it has none. */
export function countsOf(results: Results): Counts {
  const { documents, checks, load, doctor } = results;
  if (documents) return ofDocuments(documents, results.unread?.length ?? 0);
  if (checks) return ofChecks(checks);
  if (load) return ofLoad(load);
  if (doctor) return ofDoctor(doctor);
  return { passed: 0, failed: 0, warned: 0 };
}

function ofDocuments(documents: NonNullable<Results['documents']>, unread: number): Counts {
  const findings = documents.flatMap((document) => document.findings);
  const fresh = findings.filter(({ accepted }) => accepted !== true);
  const ofLevel = (level: string) => fresh.filter((finding) => finding.level === level).length;
  const valid = documents.filter((document) => document.valid);
  const isWarned = ({ findings }: (typeof documents)[number]) =>
    findings.some(({ level, accepted }) => level === 'warning' && accepted !== true);
  return {
    passed: valid.length,
    failed: documents.length - valid.length,
    warned: valid.filter(isWarned).length,
    documents: documents.length,
    unread,
    errors: ofLevel('error'),
    warnings: ofLevel('warning'),
    notes: ofLevel('note'),
    accepted: findings.length - fresh.length,
  };
}

function ofChecks(checks: NonNullable<Results['checks']>): Counts {
  const expected = checks.filter(({ expectedFailure }) => expectedFailure !== undefined);
  const fresh = checks.filter(({ expectedFailure }) => expectedFailure === undefined);
  const of = (verdict: string) => fresh.filter((check) => check.verdict === verdict).length;
  return {
    passed: of('pass'),
    failed: of('fail') + of('harness-error'),
    warned: of('warn'),
    checks: checks.length,
    void: of('void'),
    unsupported: of('unsupported'),
    expected: expected.length,
  };
}

function ofLoad({ pulls, pushes, requests, slo }: NonNullable<Results['load']>): Counts {
  return {
    passed: pulls.ok + (pushes?.ok ?? 0),
    failed: pulls.failed + (pushes?.failed ?? 0),
    warned: pulls.retried ?? 0,
    dropped: pulls.dropped,
    requests: requests.total,
    objectives: slo.length,
    missed: slo.filter(({ held }) => !held).length,
  };
}

function ofDoctor({ hosts, causes, pullable }: NonNullable<Results['doctor']>): Counts {
  const isWell = ({ error }: DoctorHost) => error === '';
  return {
    passed: hosts.filter(isWell).length,
    failed: hosts.filter((host) => !isWell(host)).length,
    warned: causes.filter(({ harmless }) => harmless).length,
    hosts: hosts.length,
    causes: causes.length,
    pullable: pullable ? 1 : 0,
  };
}
