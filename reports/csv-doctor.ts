// A diagnosis as rows of CSV: whether the pull works, why not, each request with its times, hosts and probes.

import type { CsvRow } from './csv.ts';
import { doctorFindings } from './doctor-words.ts';
import type { DoctorResult } from './results.ts';

const times = ['start', 'dns', 'connect', 'tls', 'ttfb', 'total'] as const;

export function csvOfDoctor(doctor: DoctorResult): CsvRow[] {
  const { name, image, client, pullable, clientSays = '', hops, hostList, probes } = doctor;
  return [
    {
      ...{ part: 'pull', name: name || image, of: client, message: clientSays },
      verdict: pullable ? 'pass' : 'fail',
    },
    ...doctorFindings(doctor).map(({ id, level, title, at }) => ({
      ...{ part: 'cause', name: id, place: at, verdict: level, message: title },
    })),
    ...hops.flatMap((hop) => {
      const { method, url, phase, status, failure = '', message = '', pull, bytes } = hop;
      const one = { part: 'request', name: phase, of: hop.hop, place: `${method} ${url}` };
      const outcome = { verdict: failure === '' ? String(status) : failure, message };
      const which = pull === 1 ? one : { ...one, name: `${phase} (pull ${pull})` };
      return [
        ...times.map((time) => ({
          ...{ ...which, metric: time, value: hop[`${time}Ms`], unit: 'ms', ...outcome },
        })),
        { ...which, metric: 'bytes', value: bytes, unit: 'B', ...outcome },
      ];
    }),
    ...hostList.map(({ host, port, reason, reachable, trouble }) => ({
      ...{ part: 'host', name: host, of: String(port), message: reason },
      verdict:
        trouble || (reachable === null ? 'not asked' : reachable ? 'reachable' : 'not reachable'),
    })),
    ...probes.map(({ id, host, asked, answer, held, ms }) => ({
      ...{ part: 'probe', name: id, place: host, metric: 'duration', value: ms, unit: 'ms' },
      ...{ verdict: held ? 'held' : 'not held', message: `${asked}: ${answer}` },
    })),
  ];
}
