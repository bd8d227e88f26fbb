// A diagnosis for a terminal: why the pull fails and what to do first, then the pull hop by hop, its hosts, probes
// and the way that the configuration leads.

import {
  clockWords,
  type DoctorFinding,
  doctorFindings,
  hostColumns,
  hostName,
  saysLines,
} from './doctor-words.ts';
import { bytes, count, duration } from './figures.ts';
import type { DoctorHost, DoctorResult, DoctorRoute, HostRow } from './results.ts';
import { toneSymbols } from './summary.ts';
import { waterfallLines } from './text-doctor-waterfall.ts';
import { type Column, labelled, type Terminal, table, wrap } from './text-layout.ts';
import { oneLine } from './untrusted.ts';

const findingsMax = 20;
const evidenceMax = 12;
const rowsMax = 60;
const allowedMax = 20;
const filesMax = 12;

/** `startedAt`: when the run began, by which certificates are judged. */
export function doctorLines(doctor: DoctorResult, startedAt: string, terminal: Terminal): string[] {
  const { paint, width } = terminal;
  const looked = wrap(oneLine(doctor.lookedFrom, 600), width).map((line) => paint('dim', line));
  return [
    ...looked,
    ...findingLines(doctor, terminal),
    ...waterfallLines(doctor, terminal),
    ...hostLines(doctor, startedAt, terminal),
    ...columnLines(doctor, terminal),
    ...probeLines(doctor, terminal),
    ...routeLines(doctor.route, terminal),
    ...endLines(doctor, terminal),
  ];
}

function title(text: string, { paint }: Terminal): string[] {
  return ['', paint('strong', text)];
}

function more(all: readonly unknown[], shownMax: number, { paint }: Terminal): string[] {
  const left = all.length - shownMax;
  return left > 0 ? [paint('dim', `and ${count(left)} more`)] : [];
}

function findingLines(doctor: DoctorResult, terminal: Terminal): string[] {
  const findings = doctorFindings(doctor);
  const shown = findings.slice(0, findingsMax).flatMap((one) => {
    return ['', ...oneFinding(one, doctor.client, terminal)];
  });
  const says = doctor.pullable ? undefined : doctor.clientSays;
  const told = findings.some(({ clientSays }) => clientSays === says) ? undefined : says;
  const at = { indent: 0, labelWidth: doctor.client.length + 7, width: terminal.width };
  const words = { ...at, paint: terminal.paint };
  const end =
    told === undefined ? [] : ['', ...listed(`${doctor.client} says`, saysLines(told), words)];
  const allow = allowLines(doctor, terminal);
  return [...shown, ...more(findings, findingsMax, terminal), ...end, ...allow];
}

/** What to ask for, on the first screen, where the way is what is wrong. */
function allowLines({ causes, allowList }: DoctorResult, { paint, width }: Terminal): string[] {
  const isTheirs = causes.some(({ who, harmless }) => who === 'network team' && !harmless);
  if (!isTheirs || allowList.length === 0) return [];
  const names = allowList.slice(0, allowedMax).map((name) => oneLine(name, 120));
  const left = allowList.length - names.length;
  const all = left > 0 ? [...names, `and ${count(left)} more`] : names;
  return [
    '',
    ...labelled('let through', all.join(', '), { indent: 0, labelWidth: 13, width, paint }),
  ];
}

/** What and where; the evidence; what the client says; what to do, and who can. */
function oneFinding(finding: DoctorFinding, client: string, { paint, width }: Terminal): string[] {
  const tone = finding.level === 'error' ? 'bad' : 'warn';
  const at = { indent: 4, labelWidth: 10, width, paint };
  const list = (label: string, items: readonly string[]) => listed(label, items, at);
  const says = finding.clientSays;
  return [
    `${paint(tone, toneSymbols[tone])} ${paint('strong', oneLine(finding.id, 120))} ${paint(tone, oneLine(finding.at, 120))}`,
    ...wrap(oneLine(finding.title), width - 4).map((line) => `    ${line}`),
    ...list('evidence', finding.evidence),
    ...(says === undefined ? [] : list('it says', [`${oneLine(client, 20)}:`, ...saysLines(says)])),
    ...list('do', finding.remedy),
    ...(finding.who === '' ? [] : labelled('who can', oneLine(finding.who, 60), at)),
  ];
}

/** Each on lines of its own, the label before the first. */
function listed(
  label: string,
  items: readonly string[],
  at: Parameters<typeof labelled>[2],
): string[] {
  return items
    .slice(0, evidenceMax)
    .flatMap((item, index) => labelled(index === 0 ? label : '', oneLine(item, 600), at));
}

const hostTitles: readonly Column[] = [
  { title: 'Host', align: 'left' },
  { title: 'role', align: 'left' },
  { title: 'A', align: 'right' },
  { title: 'AAAA', align: 'right' },
  { title: 'TCP', align: 'right' },
  { title: 'TLS', align: 'left' },
  { title: 'trusted by', align: 'left', optional: true },
];

function hostLines({ hosts }: DoctorResult, startedAt: string, terminal: Terminal): string[] {
  if (hosts.length === 0) return [];
  const { paint, width } = terminal;
  const rows = hosts.slice(0, rowsMax).map((host) => {
    const { tls } = host;
    const ink = host.error === '' ? undefined : ('bad' as const);
    return [
      { text: oneLine(host.host.replace(/:443$/, ''), 44), ...(ink && { ink }) },
      { text: host.role },
      { text: familyWords(host, 4) },
      { text: familyWords(host, 6) },
      { text: tcpWords(host) },
      { text: tls === null ? '–' : oneLine(tls.problem || tls.version || 'failed', 20) },
      { text: tls === null ? '' : oneLine(tls.trustedBy.join(', ') || 'none', 24) },
    ];
  });
  const details = hosts.slice(0, rowsMax).flatMap((host) => hostDetails(host, startedAt, terminal));
  return [
    ...title('Hosts', terminal),
    ...table(hostTitles, rows, width, paint),
    ...more(hosts, rowsMax, terminal),
    ...details,
  ];
}

/** Addresses of a family that the name has, or why it has none. */
function familyWords({ dns }: DoctorHost, family: 4 | 6): string {
  const one = dns.find((lookup) => lookup.family === family);
  if (one === undefined) return '–';
  return one.failure === '' ? count(one.addresses.length) : oneLine(one.failure, 12);
}

function tcpWords({ tcp }: DoctorHost): string {
  if (tcp.length === 0) return '–';
  const open = tcp.filter(({ failure }) => failure === '');
  const [first] = open;
  if (first === undefined) return oneLine(tcp[0]?.failure ?? '', 14);
  const share = open.length === tcp.length ? '' : `${open.length}/${tcp.length} `;
  return share + duration(first.ms);
}

/** What is wrong, and who says that the certificate is right. */
function hostDetails(host: DoctorHost, startedAt: string, { paint, width }: Terminal): string[] {
  if (host.error === '') return [];
  const [leaf] = host.tls?.chain ?? [];
  const at = { indent: 2, labelWidth: 2, width, paint };
  const issuer = leaf === undefined ? '' : `; its certificate is of ${leaf.issuer}`;
  const ends =
    leaf !== undefined && Date.parse(leaf.notAfter) < Date.parse(startedAt)
      ? `, ended ${leaf.notAfter}`
      : '';
  return labelled('→', oneLine(`${host.host}: ${host.error}${issuer}${ends}`, 600), at);
}

function columnLines({ hostList }: DoctorResult, terminal: Terminal): string[] {
  if (hostList.length === 0) return [];
  const { paint, width } = terminal;
  const columns: readonly Column[] = [
    { title: 'Host', align: 'left' },
    { title: 'observed', align: 'left' },
    { title: 'documented', align: 'left', optional: true },
    { title: 'expected', align: 'left', optional: true },
  ];
  const rows = hostList.slice(0, rowsMax).map((row) => {
    const { observed, documented, expected } = hostColumns(row);
    const ink = inkOf(row);
    return [
      { text: oneLine(hostName(row), 253), ...(ink && { ink }) },
      { text: observed },
      { text: oneLine(documented, 22) },
      { text: oneLine(expected, 24) },
    ];
  });
  return [
    ...title('Hosts by who names them', terminal),
    ...table(columns, rows, width, paint),
    ...more(hostList, rowsMax, terminal),
  ];
}

function inkOf({ trouble, reachable }: HostRow): 'bad' | 'warn' | undefined {
  if (trouble !== '') return 'bad';
  return reachable === false ? 'warn' : undefined;
}

function probeLines({ probes }: DoctorResult, terminal: Terminal): string[] {
  if (probes.length === 0) return [];
  const { paint, width } = terminal;
  const lines = probes.slice(0, rowsMax).flatMap(({ id, host, asked, answer, held, ms }) => {
    const tone = held ? 'good' : 'bad';
    const words = oneLine(`${id} at ${host}: ${asked} → ${answer} (${duration(ms)})`, 400);
    return wrap(words, width - 2).map((line, index) =>
      index === 0 ? `${paint(tone, toneSymbols[tone])} ${line}` : `  ${line}`,
    );
  });
  return [...title('Probes', terminal), ...lines, ...more(probes, rowsMax, terminal)];
}

/** Names, endpoints and what each is shown, with the file and line that say so. */
function routeLines(route: DoctorRoute, terminal: Terminal): string[] {
  const { paint, width } = terminal;
  const at = { indent: 4, labelWidth: 12, width, paint };
  const names = route.candidates.slice(0, filesMax).flatMap((candidate) => {
    const { name, how, written, blocked } = candidate;
    const head = oneLine(`${name}  (${how}, ${written})`, 400);
    const stop = blocked === undefined ? [] : labelled('blocked', oneLine(blocked, 200), at);
    return [
      `  ${head}`,
      ...stop,
      ...candidate.endpoints
        .slice(0, filesMax)
        .flatMap((endpoint) => [
          ...labelled(endpoint.role, oneLine(`${endpoint.url} (${endpoint.written})`, 400), at),
          ...labelled('credential', oneLine(endpoint.credential, 400), at),
          ...labelled('trust', oneLine(endpoint.trust, 400), at),
          ...labelled('proxy', oneLine(endpoint.proxy, 400), at),
        ]),
    ];
  });
  const read = route.files.filter(({ state }) => state !== 'absent');
  const files = read
    .slice(0, filesMax)
    .map(({ path, state }) => `  ${oneLine(path, 200)}: ${state}`);
  if (names.length + files.length === 0) return [];
  return [
    ...title('What the configuration says', terminal),
    ...names,
    ...(files.length > 0 ? [paint('dim', '  files')] : []),
    ...files.map((line) => oneLineLeft(line)),
    ...more(read, filesMax, terminal),
  ];
}

/** Keeps the indent, which `oneLine` would take away. */
function oneLineLeft(text: string): string {
  return `  ${oneLine(text)}`;
}

function endLines(doctor: DoctorResult, terminal: Terminal): string[] {
  const { hops, bytes: read, saved, allowList } = doctor;
  const clocks = hops.map((hop) => clockWords(hop)).filter(Boolean);
  const told = [
    `${bytes(read.read)} of blobs read, ${bytes(read.verified)} checked by digest`,
    ...(saved === undefined ? [] : [`saved to ${saved}`]),
    ...(clocks[0] === undefined ? [] : [clocks[0]]),
  ];
  const list =
    allowList.length === 0
      ? []
      : [
          '',
          'An allow list to hand on, without another pull: pullproof report RUN --format squid (or csv, nftables, cilium, harden-runner); RUN is the folder of the report.',
        ];
  return [
    '',
    ...[...told.map((one) => oneLine(one)), ...list].flatMap((line) =>
      wrap(line, terminal.width).map((part) => terminal.paint('dim', part)),
    ),
  ];
}
