// Annotations for GitHub Actions: one workflow command a line, read by the runner from stdout.

import { evidenceNotes, loadNotes, type Note } from './load-notes.ts';
import { kindOf, placeOf } from './load-words.ts';
import { filePlace } from './place.ts';
import { messageAlone } from './referred-by.ts';
import type { CheckResult, DocumentResult, Finding, LoadResult, Results } from './results.ts';
import { attention, isFailing, sentence, verdictNames } from './summary.ts';
import { visible } from './untrusted.ts';

type Kind = 'error' | 'warning' | 'notice';

interface Annotation {
  kind: Kind;
  title: string;
  message: string;
  place?: { file: string; at?: { line: number; column: number } };
}

/** The runner shows only ten of each kind; far more would only bury the log. */
const annotationsMax = 100;

const rank: Record<Kind, number> = { error: 0, warning: 1, notice: 2 };
const kinds: Record<Finding['level'], Kind> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
};

/** The gravest first, and a notice with the summary at the end. */
export function renderGithub(results: Results): string {
  const found = [
    ...(results.documents ?? []).flatMap((document) =>
      document.findings
        .filter(({ accepted }) => accepted !== true)
        .map((finding) => findingAnnotation(document, finding)),
    ),
    ...attention(results.checks ?? []).map(checkAnnotation),
    ...(results.load ? loadAnnotations(results.load, results.verdict) : []),
  ].sort((a, b) => rank[a.kind] - rank[b.kind]);
  const summary: Annotation = {
    kind: results.verdict === 'error' ? 'error' : 'notice',
    title: `pullproof ${results.verb}: ${results.verdict}`,
    message: `${sentence(results)}.`,
  };
  const lines = [...found.slice(0, annotationsMax), summary].map(commandLine);
  return `${lines.join('\n')}\n`;
}

/** What the runner decodes: `%`, carriage return and line feed. A tab is no more than a space to it. */
function escapeData(text: string): string {
  return visible(text).replaceAll('\t', ' ').replaceAll('%', '%25').replaceAll('\n', '%0A');
}

/** In a property, the separators as well. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function commandLine({ kind, title, message, place }: Annotation): string {
  const properties = place
    ? [
        `file=${escapeProperty(place.file)}`,
        ...(place.at ? [`line=${place.at.line}`, `col=${place.at.column}`] : []),
      ]
    : [];
  properties.push(`title=${escapeProperty(title)}`);
  return `::${kind} ${properties.join(',')}::${escapeData(message)}`;
}

function findingAnnotation(document: DocumentResult, finding: Finding): Annotation {
  const { path } = document;
  const { line, column } = finding;
  const at = finding.pointer === '' ? '' : ` at ${finding.pointer}`;
  const place = filePlace(path);
  const isFile = place !== undefined && place.inside === undefined;
  return {
    kind: kinds[finding.level],
    title: finding.ruleId,
    // What is no file of the checkout has to be named.
    message: `${isFile ? '' : `${path}: `}${messageAlone(document, finding)}\n${finding.spec}${at}`,
    ...(place && { place: { file: place.file, ...(isFile && { at: { line, column } }) } }),
  };
}

function checkAnnotation(check: CheckResult): Annotation {
  const { word } = verdictNames[check.verdict];
  return {
    kind: isFailing(check) ? 'error' : 'warning',
    title: `${check.id}: ${check.level} ${word}`,
    message: [
      check.requirement,
      `expected: ${check.expected}`,
      `actual: ${check.actual}`,
      `why: ${check.why}`,
      check.section,
    ].join('\n'),
  };
}

function loadAnnotations(load: LoadResult, verdict: Results['verdict']): Annotation[] {
  const missed = load.slo
    .filter((slo) => !slo.held)
    .map(
      ({ expression, observed }): Annotation => ({
        kind: 'error',
        title: 'objective missed',
        message: `${expression}\nobserved: ${observed}`,
      }),
    );
  const errors = [...load.errors, ...(load.pushes?.errors ?? [])].map(
    (error): Annotation => ({
      kind: verdict === 'pass' ? 'warning' : 'error',
      title: `${error.count} × ${kindOf(error)}${placeOf(error)}`,
      message: [error.example, ...evidenceNotes(error).map(labelled), error.hint].join('\n'),
    }),
  );
  const notes = loadNotes(load).map(
    ([label, text]): Annotation => ({ kind: 'warning', title: `load: ${label}`, message: text }),
  );
  return [...missed, ...errors, ...notes];
}

function labelled([label, text]: Note): string {
  return `${label}: ${text}`;
}
