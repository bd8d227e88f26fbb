// Annotations for GitHub Actions: one workflow command a line, read by the runner from stdout.

import { type DoctorFinding, doctorFindings, findingText } from './doctor-words.ts';
import { plural } from './figures.ts';
import { evidenceNotes, loadNotes, type Note } from './load-notes.ts';
import { kindOf, placeOf } from './load-words.ts';
import type { Checkout, RenderOptions } from './options.ts';
import { filePlace, nameInCheckout } from './place.ts';
import { messageAlone } from './referred-by.ts';
import type {
  CheckResult,
  DocumentResult,
  Finding,
  LoadResult,
  Results,
  UnreadInput,
} from './results.ts';
import { attention, isFailing, sentence, verdictNames } from './summary.ts';
import { visible } from './untrusted.ts';

type Kind = 'error' | 'warning' | 'notice';

interface Annotation {
  kind: Kind;
  title: string;
  message: string;
  place?: { file: string; at?: { line: number; column: number; endColumn?: number } };
}

/** What GitHub shows of each kind as annotations of a step; the log has every one of them. */
const shownMax = 10;

const rank: Record<Kind, number> = { error: 0, warning: 1, notice: 2 };
const kinds: Record<Finding['level'], Kind> = {
  error: 'error',
  warning: 'warning',
  note: 'notice',
};

/** The gravest first, and the summary at the end; in front where GitHub would leave out the last of its kind. */
export function renderGithub(
  results: Results,
  { checkout }: Pick<RenderOptions, 'checkout'>,
): string {
  const found = [
    ...(results.documents ?? []).flatMap((document) =>
      document.findings
        .filter(({ accepted }) => accepted !== true)
        .map((finding) => findingAnnotation(document, finding, checkout)),
    ),
    ...(results.unread ?? []).map(unreadAnnotation),
    ...attention(results.checks ?? []).map(checkAnnotation),
    ...(results.load ? loadAnnotations(results.load, results.verdict) : []),
    ...(results.doctor ? doctorFindings(results.doctor) : []).map(doctorAnnotation),
  ].sort((a, b) => rank[a.kind] - rank[b.kind]);
  const kind = results.verdict === 'error' ? 'error' : 'notice';
  const summary: Annotation = {
    kind,
    title: `pullproof ${results.verb}: ${results.verdict}`,
    message: `${sentence(results)}.${hiddenWords([...found.map((one) => one.kind), kind])}`,
  };
  const isShown = found.filter(({ kind }) => kind === summary.kind).length < shownMax;
  const all = isShown ? [...found, summary] : [summary, ...found];
  return all.map((one) => `${commandLine(one)}\n`).join('');
}

/** GitHub says nothing of the annotations that it leaves out. */
function hiddenWords(all: readonly Kind[]): string {
  const hidden = Object.keys(rank)
    .map((kind) => all.filter((one) => one === kind).length - shownMax)
    .reduce((sum, more) => sum + Math.max(0, more), 0);
  if (hidden === 0) return '';
  return (
    `\nGitHub shows ${shownMax} annotations of a kind; ${plural(hidden, 'more', 'more')} ` +
    `${hidden === 1 ? 'is' : 'are'} in the log of this step.`
  );
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
    ? [`file=${escapeProperty(place.file)}`, ...(place.at ? positionOf(place.at) : [])]
    : [];
  properties.push(`title=${escapeProperty(title)}`);
  return `::${kind} ${properties.join(',')}::${escapeData(message)}`;
}

/** The end is behind the last column, as in SARIF; GitHub takes columns where both lines are the same. */
function positionOf({
  line,
  column,
  endColumn,
}: {
  line: number;
  column: number;
  endColumn?: number;
}) {
  const start = [`line=${line}`, `col=${column}`];
  return endColumn === undefined ? start : [...start, `endLine=${line}`, `endColumn=${endColumn}`];
}

function findingAnnotation(
  document: DocumentResult,
  finding: Finding,
  checkout: Checkout,
): Annotation {
  const { path } = document;
  const { line, column, excerpt } = finding;
  const pointer = finding.pointer === '' ? '' : ` at ${finding.pointer}`;
  const place = filePlace(path);
  const isFile = place !== undefined && place.inside === undefined;
  const file = place === undefined ? '' : nameInCheckout(place.file, checkout);
  const at = { line, column, ...(excerpt && { endColumn: column + excerpt.length }) };
  return {
    kind: kinds[finding.level],
    title: finding.ruleId,
    // What is no file of the checkout has to be named.
    message: `${isFile ? '' : `${path}: `}${messageAlone(document, finding)}\n${finding.spec}${pointer}`,
    ...(place && { place: { file, ...(isFile && { at }) } }),
  };
}

function unreadAnnotation({ code, message, hint }: UnreadInput): Annotation {
  return { kind: 'error', title: code, message: `${message}\n${hint}` };
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

function doctorAnnotation(finding: DoctorFinding): Annotation {
  const { id, level, title, at } = finding;
  return {
    kind: level,
    title: `${id} at ${at}`,
    message: [title, findingText(finding)].filter(Boolean).join('\n'),
  };
}

function labelled([label, text]: Note): string {
  return `${label}: ${text}`;
}
