// A diagnosis as test cases: the pull, each host that is expected, and each thing that somebody should mend.
import {
  type DoctorFinding,
  doctorFindings,
  findingText,
  hostName,
  isStopped,
  outcomeOf,
  saysLines,
} from './doctor-words.ts';
import type { Case } from './junit.ts';
import type { DoctorResult } from './results.ts';

const suite = 'doctor';
const hopsMax = 200;

export function doctorCases(doctor: DoctorResult): Case[] {
  const findings = doctorFindings(doctor);
  const expected = doctor.hostList
    .filter(({ expected: isExpected, trouble }) => isExpected === true && trouble === '')
    .map((row): Case => ({ suite, name: `${hostName(row)} is as expected`, seconds: 0 }));
  return [pullCase(doctor, findings), ...expected, ...findings.map(findingCase)];
}

function pullCase(doctor: DoctorResult, findings: readonly DoctorFinding[]): Case {
  const { name, image, client, pullable, lookedFrom, clientSays } = doctor;
  const hops = doctor.hops.slice(0, hopsMax);
  const seconds = hops.reduce((sum, { totalMs }) => sum + totalMs, 0) / 1000;
  const details = [
    lookedFrom,
    ...(clientSays === undefined ? [] : [`${client} says: ${saysLines(clientSays).join('\n')}`]),
    ...hops.map((hop) => `${hop.method} ${hop.url}: ${outcomeOf(hop)}`),
  ].join('\n');
  const one = { suite, name: `${client} pulls ${name || image}`, seconds, details };
  if (pullable) return one;
  if (isStopped(doctor)) {
    const message = 'The run was stopped before its end';
    return { ...one, outcome: { element: 'skipped', type: 'interrupted', message } };
  }
  const first = findings.find(({ level }) => level === 'error');
  const type = first?.id ?? 'pull-fails';
  const message = `${first?.title ?? 'The pull fails'} (${first?.at ?? image})`;
  return { ...one, outcome: { element: 'failure', type, message } };
}

/** A warning fails no run, so that a red test case would lie; a green one would hide it. */
function findingCase(finding: DoctorFinding): Case {
  const { id, level, title, at } = finding;
  return {
    suite,
    name: `${id} at ${at}`,
    seconds: 0,
    outcome: { element: level === 'error' ? 'failure' : 'skipped', type: id, message: title },
    details: findingText(finding),
  };
}
