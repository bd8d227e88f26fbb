// Comma-separated values (RFC 4180) for spreadsheets and data frames: one tidy table for every verb, a figure or a
// verdict a row, so that files of several runs can be put below each other; of doctor the hosts, as --expect-host
// reads them. Lines end in a line feed, as in every format; texts stay on one line.

import { renderAllowList } from './allow-list.ts';
import { csvOfLoad } from './csv-load.ts';
import { csvText } from './csv-text.ts';
import { messageAlone } from './referred-by.ts';
import type { CheckResult, DocumentResult, Results } from './results.ts';

/** One row; what does not apply to it is left out, and is an empty field. */
export interface CsvRow {
  /** What the row is about: `run`, `check`, `finding`, `pull`, `hop`, `error` … */
  readonly part: string;
  /** Which one: id of a check or rule, name of a hop or host, class of a failure. */
  readonly name?: string;
  /** Of what, where a part has parts: the hop of a phase. */
  readonly of?: string;
  /** Where: `file:line:column`, a section of the spec, `host hop phase status`. */
  readonly place?: string;
  readonly metric?: string;
  readonly value?: number | null;
  readonly unit?: string;
  readonly verdict?: string;
  readonly message?: string;
}

const columns = [
  ...(['part', 'name', 'of', 'place', 'metric', 'value', 'unit', 'verdict', 'message'] as const),
];

const textCharsMax = 4_000;

/** A header and a row for each figure and verdict. */
export function renderCsv(results: Results): string {
  if (results.verb === 'doctor' && results.doctor) return renderAllowList('csv', results);
  const { startedAt, verb, target, durationMs, exitCode, verdict, interrupted = '' } = results;
  const run = { part: 'run', verdict, message: interrupted };
  const rows: CsvRow[] = [
    { ...run, metric: 'duration', value: durationMs, unit: 'ms' },
    { ...run, metric: 'exit code', value: exitCode },
    ...(results.documents ?? []).flatMap(documentRows),
    ...(results.unread ?? []).map(({ code, message }) => ({
      ...{ part: 'unread', name: code, verdict: 'error', message },
    })),
    ...(results.checks ?? []).map(checkRow),
    ...(results.load ? csvOfLoad(results.load) : []),
  ];
  const whose = [startedAt, verb, target].map(field);
  const lines = rows.map((row) => [...whose, ...columns.map((name) => field(row[name]))].join());
  const header = ['startedAt', 'verb', 'target', ...columns].join();
  return `${[header, ...lines].join('\n')}\n`;
}

/** A figure as it is; a text as csv-text.ts makes it. */
function field(value: string | number | null | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return csvText(value, textCharsMax);
}

/** A document without findings has a row of its own: it was judged. */
function documentRows(judged: DocumentResult): CsvRow[] {
  const { path, kind, valid, findings } = judged;
  const document = { part: 'document', name: kind, place: path, verdict: valid ? 'pass' : 'fail' };
  return [
    { ...document, metric: 'findings', value: findings.length },
    ...findings.map((finding) => ({
      part: 'finding',
      name: finding.ruleId,
      of: kind,
      place: `${path}:${finding.line}:${finding.column}`,
      verdict: finding.accepted === true ? `accepted ${finding.level}` : finding.level,
      message: messageAlone(judged, finding),
    })),
  ];
}

function checkRow(check: CheckResult): CsvRow {
  const { id, level, section, verdict, expected, actual, durationMs, expectedFailure } = check;
  const holds = verdict === 'pass';
  return {
    part: 'check',
    name: id,
    of: level,
    place: section,
    metric: 'duration',
    value: durationMs,
    unit: 'ms',
    verdict: expectedFailure === undefined ? verdict : `expected ${verdict}`,
    ...(!holds && { message: `expected ${expected}; got ${actual}` }),
  };
}
