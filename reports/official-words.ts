// What the official suite came to beside our checks, in words that every view shares.
import { count, duration } from './figures.ts';
import type { OfficialDisagreement, OfficialSummary } from './results.ts';

/** What a person should know of its run and of what is to be handed in, a line each, names first. */
export function officialNotes(official: OfficialSummary): [label: string, text: string][] {
  const { suite, specVersion, cases, problem, log, durationMs, submission, agreed } = official;
  if (problem !== undefined) return [['official', `no results: ${problem} (${log})`]];
  const { passed = 0, failed = 0, skipped = 0 } = cases ?? {};
  const counts = `${count(passed)} cases passed, ${count(failed)} failed, ${count(skipped)} skipped`;
  const lines: [string, string][] = [
    ['official', `suite ${suite}, spec ${specVersion}: ${counts} in ${duration(durationMs)}`],
    ['both say', `${count(agreed ?? 0)} alike, ${count(official.disagreements?.length ?? 0)} not`],
  ];
  if (submission === undefined) return lines;
  const { folder, fit, findings } = submission;
  lines.push([
    'submission',
    `${folder}: ${fit ? 'fit to be handed in' : 'not fit to be handed in; mend what follows, then look again by pullproof report submission'}`,
  ]);
  for (const finding of findings.slice(0, findingsShownMax)) {
    lines.push([finding.level, findingWords(finding)]);
  }
  const rest = findings.length - findingsShownMax;
  if (rest > 0) lines.push(['', `and ${count(rest)} more`]);
  return lines;
}

const findingsShownMax = 20;

/** `file:line: what`. */
export function findingWords({
  file,
  line,
  message,
}: {
  readonly file: string;
  readonly line?: number;
  readonly message: string;
}): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${message}`;
}

const namesShownMax = 4;

function listed(names: readonly string[], all: number): string {
  const shown = names.slice(0, namesShownMax).join(', ');
  return all > namesShownMax ? `${shown}, … (${count(all)})` : shown;
}

/** One disagreement as cells: what it is about, both sides, and by what each says so. */
export function disagreementCells(one: OfficialDisagreement) {
  return {
    about: `${one.kind === 'api' ? 'API' : 'Data'}: ${one.name}`,
    official: one.official,
    ours: one.ours,
    cases: listed(one.cases, one.caseCount),
    checks: listed(one.checks, one.checkCount),
  };
}
