// What a run means, in plain words: counts, sentences and names that every renderer shares, so that
// the terminal, the page and the job summary never tell different stories.

import { doctorSentence, doctorTone } from './doctor-words.ts';
import { bytes, count, moment, plural } from './figures.ts';
import { loadSentence } from './load-words.ts';
import type {
  CheckLevel,
  CheckResult,
  ConformSummary,
  DocumentResult,
  Finding,
  Results,
  Stumble,
  Verdict,
} from './results.ts';

/** How a verdict is shown: its word, and the tone that decides colour and symbol. */
export type Tone = 'good' | 'bad' | 'warn' | 'idle';

/** What stands for a tone in plain text. */
export const toneSymbols: Record<Tone, string> = { good: '✓', bad: '✗', warn: '!', idle: '·' };

export const verdictNames: Record<Verdict, { word: string; tone: Tone }> = {
  pass: { word: 'holds', tone: 'good' },
  fail: { word: 'fails', tone: 'bad' },
  warn: { word: 'warning', tone: 'warn' },
  unsupported: { word: 'unsupported', tone: 'idle' },
  void: { word: 'void', tone: 'idle' },
  'harness-error': { word: 'pullproof error', tone: 'bad' },
};

export const findingTones: Record<Finding['level'], Tone> = {
  error: 'bad',
  warning: 'warn',
  note: 'idle',
};

/** What the verdicts that judge nothing say, for a line where they are counted; '' where none is. */
export function unjudgedLegend(checks: readonly CheckResult[]): string {
  const counts = countVerdicts(checks);
  const words = [
    counts.void > 0 && 'void: what the check depends on does not hold, so nothing shows',
    counts.unsupported > 0 && 'unsupported: the registry does not offer it, as it may',
  ];
  return words.filter((one) => one !== false).join('; ');
}

export const runTones: Record<Results['verdict'], Tone> = {
  pass: 'good',
  fail: 'bad',
  error: 'bad',
};

/** Order in which checks deserve attention. */
const verdictRank: Record<Verdict, number> = {
  fail: 0,
  'harness-error': 1,
  warn: 2,
  void: 3,
  unsupported: 4,
  pass: 5,
};

type VerdictCounts = Record<Verdict, number>;

export function countVerdicts(checks: readonly CheckResult[]): VerdictCounts {
  const counts: VerdictCounts = {
    pass: 0,
    fail: 0,
    warn: 0,
    unsupported: 0,
    void: 0,
    'harness-error': 0,
  };
  for (const check of checks) counts[check.verdict] += 1;
  return counts;
}

/** Of checks: how many hold, and of how many that is told. */
export interface Tally {
  kept: number;
  of: number;
}

/**
 * The one figure of how well a registry does: all checks but the unsupported ones, which it need not offer. A
 * void one counts among those that do not hold: nothing shows that it does.
 */
export function tally(checks: readonly CheckResult[]): Tally {
  const counts = countVerdicts(checks);
  return { kept: counts.pass, of: checks.length - counts.unsupported };
}

/** `325 of 332`. */
export function tallyWords({ kept, of }: Tally): string {
  return `${count(kept)} of ${count(of)}`;
}

const levels: readonly CheckLevel[] = ['MUST', 'SHOULD', 'MAY', 'COMPAT'];

/** Checks by level, the strictest first; levels without any are left out. */
export function byLevel(checks: readonly CheckResult[]): [CheckLevel, CheckResult[]][] {
  const groups = groupBy(checks, (check) => check.level);
  return levels.flatMap((level) => {
    const members = groups.get(level);
    return members === undefined ? [] : [[level, members]];
  });
}

/** Fails, or could not be judged for a reason that somebody has to mend; a baseline may expect it. */
export function isFailing(check: CheckResult): boolean {
  return verdictNames[check.verdict].tone === 'bad' && check.expectedFailure === undefined;
}

/** A SHOULD or COMPAT that does not hold, and that no baseline expects. */
export function isWarning(check: CheckResult): boolean {
  return check.verdict === 'warn' && check.expectedFailure === undefined;
}

/** Checks that somebody should look at, the gravest first. */
export function attention(checks: readonly CheckResult[]): CheckResult[] {
  return byGravity(checks.filter((check) => isFailing(check) || isWarning(check)));
}

/** A stable order: gravest first, else as given. */
export function byGravity(checks: readonly CheckResult[]): CheckResult[] {
  return [...checks].sort((a, b) => verdictRank[a.verdict] - verdictRank[b.verdict]);
}

/** Values by key, keys in the order of their first appearance. */
export function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const name = key(value);
    const group = groups.get(name);
    if (group) group.push(value);
    else groups.set(name, [value]);
  }
  return groups;
}

/** `distribution-spec/spec.md#pulling-blobs` → `Pulling blobs`. */
export function sectionTitle(section: string): string {
  const hash = section.indexOf('#');
  const file = section.slice(section.lastIndexOf('/') + 1).replace(/\.md$/, '');
  const words = (hash < 0 ? file : section.slice(hash + 1)).replaceAll('-', ' ').trim();
  if (words === 'api') return 'API';
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Findings that count; accepted ones do not. */
export function countFindings(
  documents: readonly DocumentResult[],
): Record<Finding['level'], number> {
  const counts = { error: 0, warning: 0, note: 0 };
  for (const { findings } of documents) {
    for (const { level, accepted } of findings) if (accepted !== true) counts[level] += 1;
  }
  return counts;
}

function documentsSentence(documents: readonly DocumentResult[]): string {
  const invalid = documents.filter((document) => !document.valid).length;
  const findings = countFindings(documents);
  const levels = ['error', 'warning', 'note'] as const;
  const found = levels.filter((level) => findings[level] > 0);
  if (documents.length === 0) return 'No document was validated';
  if (found.length === 0) {
    const isKnown = documents.some((document) => document.findings.length > 0);
    return `${plural(documents.length, 'document')}, no ${isKnown ? 'new ' : ''}findings`;
  }
  const rest = `: ${found.map((level) => plural(findings[level], level)).join(', ')}`;
  if (invalid > 0 && documents.length === 1) return `The document is invalid${rest}`;
  if (invalid > 0) {
    const verb = invalid === 1 ? 'is' : 'are';
    return `${count(invalid)} of ${plural(documents.length, 'document')} ${verb} invalid${rest}`;
  }
  const all =
    documents.length === 1 ? 'The document is' : `All ${count(documents.length)} documents are`;
  return `${all} valid${rest}`;
}

function verifiedWords(verified: Results['verified']): string {
  if (verified === undefined) return '';
  const verb = verified.blobs === 1 ? 'hashes' : 'hash';
  return `; ${plural(verified.blobs, 'blob')} (${bytes(verified.bytes)}) ${verb} to the right digest`;
}

/** What `validate --fix` would write; nothing of it is in documents that a digest names, nor on standard input. */
function fixableWords(documents: readonly DocumentResult[]): string {
  const fixable = documents
    .flatMap(({ path, findings }) => (path === '-' ? [] : findings))
    .filter(({ edits, accepted }) => edits !== undefined && accepted !== true).length;
  return fixable === 0 ? '' : `; --fix mends ${count(fixable)}`;
}

function skippedWords(skipped: Results['skipped'] = []): string {
  const files = skipped.reduce((sum, one) => sum + one.count, 0);
  return files === 0 ? '' : `; ${plural(files, 'file')} skipped`;
}

function baselineWords(baseline: Results['baseline']): string {
  if (baseline === undefined) return '';
  const gone = baseline.gone.length;
  const accepted = `; ${plural(baseline.accepted, 'known finding')} accepted`;
  return gone === 0 ? accepted : `${accepted}, ${count(gone)} gone`;
}

/** Verdicts that need attention, of one check and of several. */
const neededWords = [
  ['fail', 'fails', 'fail'],
  ['warn', 'warns', 'warn'],
  ['harness-error', 'met a defect of pullproof', 'met a defect of pullproof'],
] as const;

function checksSentence(checks: readonly CheckResult[]): string {
  const counts = countVerdicts(checks);
  const told = tally(checks);
  if (checks.length === 0) return 'No check was run';
  const needing = attention(checks);
  const parts = [
    `${count(told.kept)} of ${plural(told.of, 'check')} ${told.of === 1 ? 'holds' : 'hold'}`,
  ];
  for (const [verdict, one, many] of neededWords) {
    const those = needing.filter((check) => check.verdict === verdict).length;
    if (those > 0) parts.push(`${count(those)} ${those === 1 ? one : many}`);
  }
  const expected = checks.filter((check) => check.expectedFailure !== undefined).length;
  if (expected > 0)
    parts.push(`${count(expected)} ${expected === 1 ? 'fails' : 'fail'} as expected`);
  if (counts.void > 0) parts.push(`${count(counts.void)} void`);
  if (counts.unsupported > 0) parts.push(`${count(counts.unsupported)} unsupported`);
  return parts.join('; ');
}

/** Failures in passing, which checks that were done anew do not show. */
function passingWords({ stumbles = [], limits }: Partial<ConformSummary> = {}): string {
  const times = (kind: Stumble['kind']) =>
    stumbles.reduce((sum, one) => sum + (one.kind === kind ? one.count : 0), 0);
  const [errors, breaks, refusals] = [times('server-error'), times('connection'), times('set-up')];
  const parts = [
    errors > 0 && `${plural(errors, 'request')} ${errorWords(stumbles)} in passing`,
    breaks > 0 && `${plural(breaks, 'request')} without a whole answer in passing`,
    refusals > 0 && `${plural(refusals, 'set-up')} not done`,
    limits !== undefined && `${plural(limits.count, 'request')} put off by a limit (429)`,
  ];
  return parts.map((part) => (part === false ? '' : `; ${part}`)).join('');
}

/** Nearly all are 5xx; a token server that fails now and then says other things as well. */
function errorWords(stumbles: readonly Stumble[]): string {
  const errors = stumbles.filter(({ kind }) => kind === 'server-error');
  const isAll = errors.every(({ answer }) => /^status 5/.test(answer));
  return isAll ? 'answered 5xx' : 'failed by a server';
}

/** One half of a run that can stand alone on a page. */
export interface Part {
  kind: 'documents' | 'checks' | 'load' | 'doctor';
  title: string;
  sentence: string;
  tone: Tone;
}

/** The parts that a results document holds, each with its own verdict in words. */
export function parts(results: Results): Part[] {
  const found: Part[] = [];
  const { documents, checks, load, doctor } = results;
  if (documents) {
    found.push({
      kind: 'documents',
      title: 'Documents',
      sentence:
        documentsSentence(documents) +
        fixableWords(documents) +
        baselineWords(results.baseline) +
        skippedWords(results.skipped) +
        verifiedWords(results.verified),
      tone: documentsTone(documents),
    });
  }
  if (checks) {
    found.push({
      kind: 'checks',
      title: 'Conformance',
      sentence: checksSentence(checks) + passingWords(results.conform),
      tone: checksTone(checks),
    });
  }
  if (load) {
    const failed = load.pulls.failed + (load.pushes?.failed ?? 0);
    const bad = failed > 0 || load.slo.some((slo) => !slo.held);
    found.push({
      kind: 'load',
      title: 'Load',
      sentence: loadSentence(load),
      tone: bad && results.verdict !== 'pass' ? 'bad' : bad ? 'warn' : 'good',
    });
  }
  if (doctor) {
    found.push({
      kind: 'doctor',
      title: 'Diagnosis',
      sentence: doctorSentence(doctor),
      tone: doctorTone(doctor),
    });
  }
  return found;
}

function documentsTone(documents: readonly DocumentResult[]): Tone {
  if (documents.some((document) => !document.valid)) return 'bad';
  const { error, warning } = countFindings(documents);
  return error + warning > 0 ? 'warn' : 'good';
}

function checksTone(checks: readonly CheckResult[]): Tone {
  if (checks.some(isFailing)) return 'bad';
  return checks.some(isWarning) ? 'warn' : 'good';
}

/** The run in one sentence, without a full stop at its end. */
export function sentence(results: Results): string {
  const told = parts(results).map((part) => part.sentence);
  if (results.interrupted !== undefined) told.unshift(results.interrupted.replace(/\.$/, ''));
  if (told.length > 0) return told.join('. ');
  return results.verdict === 'pass' ? 'Everything held' : 'The run could not be carried out';
}

/** What tells this run from another: target, client and time. */
export function runName({ target, load, doctor, startedAt }: Results): string {
  const client = load?.client ?? doctor?.client;
  const as = client === undefined ? '' : ` as ${client}`;
  return `${target}${as}, ${moment(startedAt)}`;
}
