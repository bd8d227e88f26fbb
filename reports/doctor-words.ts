// What a diagnosis means, in plain words: the sentence, what is found and how grave it is, names of hosts.

import { count, duration, plural } from './figures.ts';
import type { DoctorHop, DoctorResult, HostRow } from './results.ts';

/** The pull, in a sentence without a full stop. */
export function doctorSentence(doctor: DoctorResult): string {
  const { saved } = doctor;
  const kept = saved === undefined ? [] : [`saved to ${saved}`];
  return [doctorHeadline(doctor), ...warningWords(doctor), ...troubleWords(doctor), ...kept].join(
    '; ',
  );
}

/** Whether it can be pulled, and why not. */
export function doctorHeadline(doctor: DoctorResult): string {
  const { client, image, name, pullable, hosts } = doctor;
  const what = name || image;
  if (isStopped(doctor)) return `The pull of ${what} by ${client} was stopped before its end`;
  const well = doctorFindings(doctor).length === 0 ? ', all went well' : '';
  return pullable
    ? `${client} can pull ${what} from here: ${plural(hosts.length, 'host')} touched${well}`
    : `${client} cannot pull ${what} from here: ${reasonWords(doctor)}`;
}

/** Whether nobody knows what would have come of the pull: the run was ended in the middle of it. */
export function isStopped({ pullable, causes, hops }: DoctorResult): boolean {
  const isGrave = causes.some(({ harmless }) => !harmless);
  return !pullable && !isGrave && hops.some(({ failure }) => failure === 'interrupted');
}

function reasonWords({ causes }: DoctorResult): string {
  const grave = causes.filter(({ harmless }) => !harmless);
  const [first] = grave;
  if (first === undefined) return 'no cause is known for what was seen';
  // Not of IPv6 or NO_PROXY.
  const begin = first.title.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());
  const title = begin.replace(/\.$/, '');
  const more = grave.length - 1;
  return `${title} (${first.at})${more > 0 ? `, and ${plural(more, 'more cause')}` : ''}`;
}

function warningWords(doctor: DoctorResult): string[] {
  const warnings = doctorFindings(doctor).filter(({ level }) => level === 'warning').length;
  return doctor.pullable && warnings > 0 ? [plural(warnings, 'warning')] : [];
}

const troubleNames = { unexpected: 'not expected', unreachable: 'expected and not reachable' };

function troubleWords({ hostList }: DoctorResult): string[] {
  return (['unexpected', 'unreachable'] as const).flatMap((trouble) => {
    const rows = hostList.filter((row) => row.trouble === trouble);
    if (rows.length === 0) return [];
    const named = rows.slice(0, 3).map(hostName).join(', ');
    const more = rows.length > 3 ? ' …' : '';
    return [`${plural(rows.length, 'host')} ${troubleNames[trouble]}: ${named}${more}`];
  });
}

export function doctorTone(doctor: DoctorResult): 'good' | 'warn' | 'bad' {
  const findings = doctorFindings(doctor);
  if (isStopped(doctor)) return 'warn';
  if (!doctor.pullable || findings.some(({ level }) => level === 'error')) return 'bad';
  return findings.length > 0 ? 'warn' : 'good';
}

/** `host`, with its port where that is not HTTPS's own; brackets around IPv6. */
export function hostName({ host, port }: Pick<HostRow, 'host' | 'port'>): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return port === 443 ? name : `${name}:${port}`;
}

/** Something that somebody should do something about. */
export interface DoctorFinding {
  readonly id: string;
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly at: string;
  /** What is seen, a line each; then what to do. */
  readonly evidence: readonly string[];
  readonly remedy: readonly string[];
  /** Who can do it; '' where that is not known. */
  readonly who: string;
  readonly clientSays?: string | undefined;
}

/** Evidence, what the client says, what to do and who can: a line each. */
export function findingText({ evidence, clientSays, remedy, who }: DoctorFinding): string {
  return [
    ...evidence,
    ...(clientSays === undefined ? [] : [`the client says: ${saysLines(clientSays).join('\n')}`]),
    ...remedy.map((step) => `→ ${step}`),
    ...(who === '' ? [] : [`who can do it: ${who}`]),
  ].join('\n');
}

const tryNumber = /\((\d+)\/(\d+)\)/;

/** What a client prints, a line each: tries that say the same are one line, with all their numbers. */
export function saysLines(clientSays: string): string[] {
  const lines: string[] = [];
  let before = '';
  for (const line of clientSays.split('\n')) {
    const same = line.replace(tryNumber, '($2)');
    const number = tryNumber.exec(line);
    const last = lines.at(-1);
    if (number === null || last === undefined || same !== before) lines.push(line);
    else
      lines[lines.length - 1] = last.replace(
        /\/\d+\)/,
        (end) => `${end.slice(0, -1)}, ${number[1]}${end}`,
      );
    before = same;
  }
  return lines;
}

/** The gravest first: causes, hosts that differ from what is expected, mistakes in the configuration. */
export function doctorFindings(doctor: DoctorResult): DoctorFinding[] {
  const found = [
    ...causeFindings(doctor),
    ...hostFindings(doctor),
    ...problemFindings(doctor),
  ].sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
  const isUnexplained =
    !doctor.pullable && !isStopped(doctor) && !found.some(({ level }) => level === 'error');
  return isUnexplained ? [unexplained(doctor), ...found] : found;
}

function causeFindings({ causes, pullable, clientSays }: DoctorResult): DoctorFinding[] {
  const first = causes.find(({ harmless }) => !harmless);
  return causes.map((cause): DoctorFinding => {
    const { id, title, at, harmless, certainty, wouldTell, evidence, remedy, who } = cause;
    const doubt = wouldTell === undefined ? '' : `; ${wouldTell} would tell`;
    return {
      id,
      level: harmless || pullable ? 'warning' : 'error',
      title,
      at,
      evidence: [
        ...evidence,
        ...(certainty === 'possible' ? [`possible: another cause fits too${doubt}`] : []),
      ],
      remedy,
      who,
      // What it would print here is worth more than its words with gaps.
      clientSays: cause === first ? (clientSays ?? cause.clientSays) : cause.clientSays,
    };
  });
}

function hostFindings({ hostList }: DoctorResult): DoctorFinding[] {
  return hostList.flatMap((row): DoctorFinding[] => {
    if (row.trouble === '') return [];
    const at = hostName(row);
    const who = 'you, and the network team';
    return [{ id: `host-${row.trouble}`, level: 'error', at, who, ...troubleOf(row, at) }];
  });
}

function troubleOf(
  { trouble, written, reason }: HostRow,
  at: string,
): Pick<DoctorFinding, 'title' | 'evidence' | 'remedy'> {
  if (trouble === 'unreachable') {
    return {
      title: 'An expected host cannot be reached',
      evidence: [`expected by ${written}`],
      remedy: [`Let ${at} through, or take it off ${written} if it serves no more.`],
    };
  }
  const title = 'The pull touches a host that is not expected';
  const seen = `${reason}, seen in this run`;
  return written === ''
    ? {
        title,
        evidence: [seen],
        remedy: [`If it is right, let ${at} through everywhere, and add it to what is expected.`],
      }
    : {
        title,
        evidence: [seen, `denied by ${written}`],
        remedy: [`Find out why the pull is sent there; if that is right, mend ${written}.`],
      };
}

function problemFindings({ causes, route }: DoctorResult): DoctorFinding[] {
  return route.problems
    .filter(({ id, message }) => !causes.some((cause) => tells(cause, id, message)))
    .map(({ id, written, message, hint, fatal }) => ({
      id,
      level: fatal ? 'error' : 'warning',
      title: message,
      at: written,
      evidence: [],
      remedy: [hint],
      who: '',
    }));
}

/** Whether a cause says what is the matter with the configuration already. */
function tells(
  { id, evidence }: DoctorResult['causes'][number],
  problem: string,
  message: string,
): boolean {
  const isSaid = (text: string) =>
    text !== '' && (message.startsWith(text) || text.endsWith(`: ${message}`));
  return id === problem || evidence.some(isSaid);
}

function unexplained({ image, clientSays, hops }: DoctorResult): DoctorFinding {
  const failed = hops.filter(isFailed);
  return {
    id: 'pull-fails',
    level: 'error',
    title: 'The pull fails, and no cause is known for what was seen',
    at: image,
    evidence: failed.slice(0, 5).map((hop) => `${hop.method} ${hop.url}: ${outcomeOf(hop)}`),
    remedy: ['Look at the hops one by one, and at what each host says.'],
    who: 'you',
    clientSays,
  };
}

/** Whether a request had no reply, or one that ends a pull. A 401 is how a pull begins. */
export function isFailed({ status, failure, phase }: DoctorHop): boolean {
  if (failure !== undefined) return true;
  return status >= 400 && !(status === 401 && phase !== 'token');
}

/** Status, or how the connection failed. */
export function outcomeOf({ status, failure, reason, message }: DoctorHop): string {
  if (failure === undefined) return String(status);
  const why = reason === undefined ? failure : `${failure} (${reason})`;
  const began = status === 0 ? why : `${status}, then ${why}`;
  return message === undefined || message === '' ? began : `${began}: ${message}`;
}

/** What a request spent its time on, in order. */
export function hopParts(hop: DoctorHop): readonly (readonly [name: HopPart, ms: number])[] {
  const { dnsMs, connectMs, tlsMs, ttfbMs, totalMs, status } = hop;
  const rest = Math.max(0, totalMs - (dnsMs + connectMs + tlsMs + ttfbMs));
  // Where no reply came, nothing of it is a body.
  const isBody = status > 0;
  return [
    ['dns', dnsMs],
    ['connect', connectMs],
    ['tls', tlsMs],
    ['wait', ttfbMs + (isBody ? 0 : rest)],
    ['body', isBody ? rest : 0],
  ];
}

export type HopPart = 'dns' | 'connect' | 'tls' | 'wait' | 'body';

/** When the first request began and how long it was until the last had ended, milliseconds. */
export function spanOf(hops: readonly DoctorHop[]): { fromMs: number; ms: number } {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = 0;
  for (const { startMs, totalMs } of hops) {
    fromMs = Math.min(fromMs, startMs);
    toMs = Math.max(toMs, startMs + totalMs);
  }
  return { fromMs, ms: Math.max(1, toMs - fromMs) };
}

/** The pull, and each of its repeats. */
export function pullsOf({ hops }: DoctorResult): [pull: number, hops: DoctorHop[]][] {
  const pulls = new Map<number, DoctorHop[]>();
  for (const hop of hops) {
    const own = pulls.get(hop.pull);
    if (own === undefined) pulls.set(hop.pull, [hop]);
    else own.push(hop);
  }
  return [...pulls];
}

/** `+3 s`, where a clock is more than a second off. */
export function clockWords({ host, clockSeconds }: DoctorHop): string {
  if (clockSeconds === null || Math.abs(clockSeconds) < 2) return '';
  const off = duration(Math.abs(clockSeconds) * 1000);
  return `the clock of ${host} is ${off} ${clockSeconds > 0 ? 'ahead' : 'behind'}`;
}

const daySeconds = 86_400;

/** Until a certificate ends, seen from a moment; '' for what is no date. */
export function endsWords(notAfter: string, at: string): string {
  const seconds = (Date.parse(notAfter) - Date.parse(at)) / 1000;
  if (!Number.isFinite(seconds)) return '';
  const days = Math.floor(Math.abs(seconds) / daySeconds);
  return seconds < 0 ? `ended ${count(days)} days ago` : `ends in ${count(days)} days`;
}

/** The three columns of a host, in words. */
export function hostColumns(row: HostRow): {
  observed: string;
  documented: string;
  expected: string;
} {
  const { documented, expected, reachable, written } = row;
  const seen = row.observed ? 'yes' : 'no';
  const reached = { true: '', false: ', not reachable', null: '' }[`${reachable}`];
  return {
    observed: seen + (row.observed || reachable !== null ? (reached ?? '') : ''),
    documented:
      documented === null
        ? 'no'
        : `${documented.preset}, ${documented.date === '' ? 'undated' : documented.date}`,
    expected: expected === null ? '' : expected ? writtenWords(written) : deniedWords(written),
  };
}

/** A file and line say more than that it is so. */
function writtenWords(written: string): string {
  return written === '--expect-host' ? 'yes' : `yes, ${written}`;
}

function deniedWords(written: string): string {
  return written === '' ? 'no' : `denied, ${written}`;
}
