// JUnit XML, as Jenkins, GitLab and their kin read it: a test case for each check, document and
// objective, with real <failure>, <error> and <skipped> elements.

import { count, duration, plural } from './figures.ts';
import { doctorCases } from './junit-doctor.ts';
import { limitWords } from './load-hops.ts';
import { evidenceNotes, loadNotes } from './load-notes.ts';
import { kindOf, placeOf } from './load-words.ts';
import { referrer } from './referred-by.ts';
import type {
  CheckResult,
  DocumentResult,
  Finding,
  LoadError,
  LoadResult,
  Pushes,
  Results,
} from './results.ts';
import { groupBy, sentence, verdictNames } from './summary.ts';
import { oneLine, visible, withoutCommands } from './untrusted.ts';

export interface Case {
  /** Name of the test suite, which is the class name as well. */
  suite: string;
  name: string;
  seconds: number;
  outcome?: { element: 'failure' | 'error' | 'skipped'; type: string; message: string };
  details?: string;
}

/** No path is longer. */
const nameCharsMax = 32_767;
/** Above what a document with the most findings has to say. */
const detailsCharsMax = 2_000_000;

/** One `<testsuite>` for each section of the spec, for the documents, for the load test and the diagnosis. */
export function renderJunit(results: Results): string {
  const suites = groupBy(
    [
      ...(results.documents ?? []).map(documentCase),
      ...(results.checks ?? []).map(checkCase),
      ...(results.load ? loadCases(results.load, results.verdict) : []),
      ...(results.doctor ? doctorCases(results.doctor) : []),
      ...runCases(results),
    ],
    (one) => one.suite,
  );
  const all = [...suites.values()].flat();
  const total = `${tally(all)} time="${seconds(results.durationMs / 1000)}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pullproof ${escapeXml(results.verb)}" ${total}>`,
  ];
  for (const [name, cases] of suites) {
    const time = seconds(cases.reduce((sum, one) => sum + one.seconds, 0));
    const id = `name="${escapeXml(oneLine(name))}"`;
    lines.push(
      // Jenkins's schema knows `skipped` here, and not on <testsuites>; that of surefire no `timestamp`.
      `  <testsuite ${id} ${tally(cases)} skipped="${numberOf(cases, 'skipped')}" time="${time}">`,
      ...propertyLines(results),
      ...cases.flatMap(caseLines),
      '  </testsuite>',
    );
  }
  lines.push('</testsuites>', '');
  return withoutCommands(lines.join('\n'));
}

/** Control characters spelt out, so that what remains is legal in XML 1.0; then the five entities. */
function escapeXml(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

function seconds(value: number): string {
  return Number.isFinite(value) ? Math.max(0, value).toFixed(3) : '0.000';
}

function tally(cases: readonly Case[]): string {
  const [failures, errors] = [numberOf(cases, 'failure'), numberOf(cases, 'error')];
  return `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
}

function numberOf(cases: readonly Case[], element: string): number {
  return cases.filter(({ outcome }) => outcome?.element === element).length;
}

function propertyLines({ target, tool, environment, startedAt }: Results): string[] {
  const values = {
    target,
    started: startedAt,
    version: tool.version,
    command: environment.command,
    seed: String(environment.seed),
    node: environment.node,
    os: environment.os,
  };
  return [
    '    <properties>',
    ...Object.entries(values).map(
      ([name, value]) => `      <property name="${name}" value="${escapeXml(oneLine(value))}"/>`,
    ),
    '    </properties>',
  ];
}

function caseLines(one: Case): string[] {
  const attributes = [
    `classname="${escapeXml(oneLine(one.suite))}"`,
    `name="${escapeXml(oneLine(one.name, nameCharsMax))}"`,
    `time="${seconds(one.seconds)}"`,
  ].join(' ');
  const details = escapeXml(detailsOf(one));
  const { outcome } = one;
  if (!outcome && details === '') return [`    <testcase ${attributes}/>`];
  const lines = [`    <testcase ${attributes}>`];
  if (outcome) {
    const { element, type } = outcome;
    const message = escapeXml(oneLine(outcome.message));
    // Surefire's schema knows no type of what was skipped.
    const kind = element === 'skipped' ? '' : ` type="${escapeXml(oneLine(type))}"`;
    lines.push(`      <${element}${kind} message="${message}">${details}</${element}>`);
  } else {
    lines.push(`      <system-out>${details}</system-out>`);
  }
  return [...lines, '    </testcase>'];
}

function detailsOf({ details = '' }: Case): string {
  const more = details.length - detailsCharsMax;
  if (more <= 0) return details;
  return `${details.slice(0, detailsCharsMax)}\n… ${count(more)} more characters: --format json has them all`;
}

const outcomes: Record<CheckResult['verdict'], 'failure' | 'error' | 'skipped' | undefined> = {
  pass: undefined,
  fail: 'failure',
  // The run succeeds in spite of a warning, so a red test case would lie; a green one would hide it.
  warn: 'skipped',
  unsupported: 'skipped',
  void: 'skipped',
  'harness-error': 'error',
};

function checkCase(check: CheckResult): Case {
  const one = { suite: check.section, name: check.id, seconds: check.durationMs / 1000 };
  const known = check.expectedFailure;
  const element = known === undefined ? outcomes[check.verdict] : 'skipped';
  if (!element) return one;
  const { word } = verdictNames[check.verdict];
  const said = `${check.level} ${word}: expected ${check.expected}; got ${check.actual}`;
  const message = known === undefined ? said : `${said} (as expected: ${known})`;
  const repeat = check.evidence.map((exchange) => `  ${exchange.curl}`);
  const details = [
    check.requirement,
    `expected: ${check.expected}`,
    `actual:   ${check.actual}`,
    `why:      ${check.why}`,
    ...(repeat.length > 0 ? ['repeat with:', ...repeat] : []),
  ].join('\n');
  return { ...one, outcome: { element, type: check.verdict, message }, details };
}

function documentCase(document: DocumentResult): Case {
  const one = { suite: 'documents', name: document.path, seconds: 0 };
  const details = findingLines(document).join('\n');
  if (document.valid) return details === '' ? one : { ...one, details };
  const first = document.findings.find(
    (finding) => finding.level === 'error' && finding.accepted !== true,
  );
  const message = first ? `${first.ruleId}: ${first.message}` : 'The document is invalid.';
  const type = first?.ruleId ?? 'invalid';
  return { ...one, outcome: { element: 'failure', type, message }, details };
}

function findingLines(document: DocumentResult): string[] {
  const { path, findings } = document;
  const by = referrer(document);
  const line = (finding: Finding) =>
    `${path}:${finding.line}:${finding.column} ${finding.accepted === true ? 'accepted ' : ''}` +
    `${finding.level} ${finding.ruleId}: ` +
    `${finding.message} (${finding.spec})`;
  return [...(by === undefined ? [] : [`referred to by ${by}`]), ...findings.map(line)];
}

function loadCases(load: LoadResult, verdict: Results['verdict']): Case[] {
  const { ok, failed } = load.pulls;
  const pulls: Case = { suite: 'load', name: 'pulls succeed', seconds: load.seconds };
  const notes = loadNotes(load).map(([label, text]) => `${label}: ${text}`);
  const told = [...load.errors.map(errorLines), limitWords(load), ...notes];
  pulls.details = told.join('\n');
  if (failed > 0 && verdict !== 'pass') {
    const message = `${count(failed)} of ${count(ok + failed)} pulls failed`;
    pulls.outcome = { element: 'failure', type: 'failed-pulls', message };
  }
  const objectives = load.slo.map(({ expression, observed, held }): Case => {
    const one = { suite: 'load', name: expression, seconds: 0 };
    if (held) return { ...one, details: `observed: ${observed}` };
    const message = `missed: ${expression}, observed ${observed}`;
    return { ...one, outcome: { element: 'failure', type: 'slo', message } };
  });
  return [
    pulls,
    ...(load.pushes === undefined ? [] : [pushCase(load.pushes, verdict)]),
    ...objectives,
  ];
}

function errorLines(error: LoadError): string {
  const head = `${count(error.count)} × ${kindOf(error)}${placeOf(error)}: ${error.example}`;
  const notes = evidenceNotes(error).map(([label, text]) => `  ${label}: ${text}`);
  return [head, ...notes, `  → ${error.hint}`].join('\n');
}

function pushCase({ ok, failed, errors }: Pushes, verdict: Results['verdict']): Case {
  const pushes: Case = { suite: 'load', name: 'pushes succeed', seconds: 0 };
  const lines = errors.map(errorLines);
  if (lines.length > 0) pushes.details = lines.join('\n');
  if ((failed > 0 || ok === 0) && verdict !== 'pass') {
    const message = `${count(failed)} of ${plural(ok + failed, 'push', 'pushes')} failed`;
    pushes.outcome = { element: 'failure', type: 'failed-pushes', message };
  }
  return pushes;
}

/** A run that did not reach its end is an error of its own: nothing else would show it. */
function runCases(results: Results): Case[] {
  if (results.verdict !== 'error') return [];
  const message = `${sentence(results)} (exit code ${results.exitCode})`;
  return [
    {
      suite: 'run',
      name: 'runs to its end',
      seconds: results.durationMs / 1000,
      outcome: { element: 'error', type: 'error', message },
      details: [
        `after ${duration(results.durationMs)}`,
        ...(results.unread ?? []).map(({ message }) => message),
      ].join('\n'),
    },
  ];
}
