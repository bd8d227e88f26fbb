// A diagnosis in Markdown: what is wrong and what to do, then hosts, hops and probes.
import {
  doctorFindings,
  hostColumns,
  hostName,
  isFailed,
  outcomeOf,
  saysLines,
} from './doctor-words.ts';
import { bytes, duration } from './figures.ts';
import { code, escapeMarkdown, folded, symbols, table } from './markdown-bits.ts';
import type { DoctorResult } from './results.ts';

const namesMax = 200;

export function doctorBlocks(doctor: DoctorResult): string[] {
  const { client, clientSays, lookedFrom, allowList } = doctor;
  const blocks = ['### Diagnosis', escapeMarkdown(lookedFrom)];
  const findings = doctorFindings(doctor).map(({ id, level, title, at, evidence, remedy, who }) => [
    symbols[level === 'error' ? 'bad' : 'warn'],
    code(id),
    code(at),
    escapeMarkdown(title),
    escapeMarkdown(evidence.join('; ')),
    escapeMarkdown([...remedy, ...(who === '' ? [] : [`(${who})`])].join(' ')),
  ]);
  const head = ['', 'Cause', 'Where', 'What', 'Evidence', 'What to do'];
  if (findings.length > 0) blocks.push(table(head, findings));
  if (clientSays !== undefined) {
    blocks.push(`${escapeMarkdown(client)} says: ${saysLines(clientSays).map(code).join('<br>')}`);
  }
  if (doctor.hostList.length > 0) blocks.push(hostTable(doctor));
  if (allowList.length > 0) {
    blocks.push(
      folded(
        'Names to let through',
        allowList
          .slice(0, namesMax)
          .map((name) => `- ${code(name)}`)
          .join('\n'),
      ),
    );
  }
  if (doctor.hops.length > 0) blocks.push(folded('The pull, hop by hop', hopTable(doctor)));
  if (doctor.probes.length > 0) blocks.push(folded('Probes', probeTable(doctor)));
  return blocks;
}

function hostTable({ hostList }: DoctorResult): string {
  const rows = hostList.map((row) => {
    const { observed, documented, expected } = hostColumns(row);
    const tone = row.trouble !== '' ? 'bad' : row.reachable === false ? 'warn' : 'good';
    return [
      row.reachable === null && row.trouble === '' ? symbols.idle : symbols[tone],
      code(hostName(row)),
      ...[row.reason, observed, documented, expected].map(escapeMarkdown),
    ];
  });
  return table(['', 'Host', 'For', 'Observed', 'Documented', 'Expected'], rows);
}

function hopTable({ hops }: DoctorResult): string {
  const rows = hops.map((hop) => [
    symbols[isFailed(hop) ? 'bad' : 'good'],
    String(hop.pull),
    code(`${hop.method} ${hop.url}`),
    escapeMarkdown(outcomeOf(hop)),
    ...[hop.dnsMs, hop.connectMs, hop.tlsMs, hop.ttfbMs, hop.totalMs].map(duration),
    bytes(hop.bytes),
  ]);
  const times = ['DNS', 'Connect', 'TLS', 'First byte', 'Whole'];
  return table(['', 'Pull', 'Request', 'Came', ...times, 'Data'], rows);
}

function probeTable({ probes }: DoctorResult): string {
  const rows = probes.map(({ id, host, asked, answer, held, ms }) => [
    symbols[held ? 'good' : 'bad'],
    ...[id, host].map(code),
    ...[asked, answer].map(escapeMarkdown),
    duration(ms),
  ]);
  return table(['', 'Probe', 'Host', 'Asked', 'Came', 'Took'], rows);
}
