// The report for a terminal: what a person reads in ten seconds. Of measurements the verdict comes first,
// then what needs attention, then the figures; of documents the findings, then the sum.

import { doctorFindings } from './doctor-words.ts';
import { count, duration } from './figures.ts';
import { kindOf, placeOf } from './load-words.ts';
import type { TextOptions } from './options.ts';
import type { CheckResult, DocumentResult, Results } from './results.ts';
import {
  attention,
  byLevel,
  countVerdicts,
  groupBy,
  parts,
  runName,
  runTones,
  sectionTitle,
  sentence,
  type Tone,
  toneSymbols,
  unjudgedLegend,
  verdictNames,
} from './summary.ts';
import { conformLines } from './text-conform.ts';
import { doctorLines } from './text-doctor.ts';
import { documentLines, goneLines, skippedLines } from './text-documents.ts';
import {
  type Cell,
  type Column,
  labelled,
  linker,
  painter,
  type Terminal,
  table,
  wrap,
} from './text-layout.ts';
import { loadLines } from './text-load.ts';
import { oneLine, withoutCommands } from './untrusted.ts';

const attentionMax = 50;
const shortListMax = 5;

/** Lines end with a line feed, the last one too. */
export function renderText(results: Results, options: TextOptions): string {
  const { color, verbose, fileUrl } = options;
  const terminal: Terminal = {
    paint: painter(color),
    width: Math.max(40, options.width),
    link: linker(fileUrl),
  };
  return `${withoutCommands(linesOf(results, terminal, verbose).join('\n'))}\n`;
}

function linesOf(results: Results, terminal: Terminal, verbose?: boolean): string[] {
  const { documents, checks, conform, load, doctor } = results;
  const found = parts(results);
  const head = headLines(results, terminal);
  if (found.length > 1) return [...head, ...shortLines(results, terminal)];
  if (documents) return validateLines(results, documents, terminal, verbose);
  if (checks) head.push('', ...checkLines(checks, terminal));
  if (conform) head.push('', ...conformLines(conform, terminal));
  if (load) head.push('', ...loadLines(load, terminal));
  if (doctor) head.push(...doctorLines(doctor, results.startedAt, terminal));
  return head;
}

/** As linters do: what was found, and the sum of it in the last line, where the eye is. */
function validateLines(
  results: Results,
  documents: readonly DocumentResult[],
  terminal: Terminal,
  verbose?: boolean,
): string[] {
  const { baseline, verdict, skipped = [] } = results;
  const left = verbose ? skippedLines(skipped, terminal) : [];
  const gone = baseline ? goneLines(baseline, terminal) : [];
  // Nothing was wrong where nothing was looked at, and nothing was proven.
  const tone = documents.length === 0 && verdict === 'pass' ? 'warn' : runTones[verdict];
  const { paint } = terminal;
  const sum = `${paint(tone, toneSymbols[tone])} ${paint('strong', oneLine(sentence(results), 2_000))}`;
  return [...documentLines(documents, terminal, verbose), ...left, ...gone, sum];
}

function headLines(results: Results, { paint, width }: Terminal): string[] {
  const word = results.verdict.toUpperCase();
  const told = wrap(oneLine(sentence(results)), width - word.length - 2);
  const tone = runTones[results.verdict];
  const head = told.map((line, index) =>
    index === 0
      ? `${paint(tone, word)}  ${paint('strong', line)}`
      : `${' '.repeat(word.length + 2)}${paint('strong', line)}`,
  );
  const about = `${results.verb} ${oneLine(runName(results))}, took ${duration(results.durationMs)}`;
  return [...head, ...wrap(about, width).map((line) => paint('dim', line))];
}

/** Several parts in one run: a line for each, and what needs attention by name only. */
function shortLines(results: Results, { paint, width }: Terminal): string[] {
  const lines: string[] = [''];
  for (const part of parts(results)) {
    lines.push(
      ...wrap(`${part.title.padEnd(13)}${oneLine(part.sentence, 2_000)}`, width - 4).map(
        (line, index) =>
          index === 0
            ? `  ${paint(part.tone, toneSymbols[part.tone])} ${line}`
            : `${' '.repeat(17)}${line}`,
      ),
    );
  }
  const invalid = (results.documents ?? []).filter((document) => !document.valid);
  const named = [
    ...invalid.map((document) => `${oneLine(document.path, 120)} is invalid`),
    ...attention(results.checks ?? []).map(
      (check) => `${oneLine(check.id, 120)} ${verdictNames[check.verdict].word}`,
    ),
    ...(results.load?.errors ?? []).map((error) =>
      oneLine(`${count(error.count)} × ${kindOf(error)}${placeOf(error)}`, 240),
    ),
    ...(results.doctor ? doctorFindings(results.doctor) : []).map(({ id, at }) =>
      oneLine(`${id} at ${at}`, 240),
    ),
  ];
  if (named.length > 0) lines.push('');
  for (const name of named.slice(0, shortListMax)) lines.push(`    ${name}`);
  if (named.length > shortListMax) {
    lines.push(paint('dim', `    and ${count(named.length - shortListMax)} more`));
  }
  return lines;
}

function checkLines(checks: readonly CheckResult[], terminal: Terminal): string[] {
  const { paint } = terminal;
  const urgent = attention(checks);
  const lines = totalLines(checks, terminal);
  for (const check of urgent.slice(0, attentionMax)) {
    const { word, tone } = verdictNames[check.verdict];
    const at = { indent: 4, labelWidth: 10, width: terminal.width, paint };
    lines.push(
      '',
      `${paint(tone, toneSymbols[tone])} ${paint('strong', oneLine(check.id, 120))} ${paint(tone, `${check.level} ${word}`)}`,
      ...wrap(oneLine(check.requirement), terminal.width - 4).map((line) => `    ${line}`),
      ...labelled('expected', oneLine(check.expected), at),
      ...labelled('actual', oneLine(check.actual), at),
      ...labelled('why', oneLine(check.why), at),
      ...labelled('section', oneLine(check.section, 200), at),
    );
  }
  const more = urgent.length - attentionMax;
  if (more > 0) lines.push('', paint('dim', `and ${count(more)} more that need attention`));
  return lines;
}

const totalColumns: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'hold', align: 'right' },
  { title: 'fail', align: 'right' },
  { title: 'warning', align: 'right' },
  { title: 'pullproof error', align: 'right', optional: true },
  { title: 'void', align: 'right', optional: true },
  { title: 'unsupported', align: 'right', optional: true },
];

/** Totals by level, then by section. */
function totalLines(checks: readonly CheckResult[], { paint, width }: Terminal): string[] {
  const sections = [...groupBy(checks, (check) => check.section)].map(
    ([section, members]) => [oneLine(sectionTitle(section), 48), members] as const,
  );
  const row = ([name, members]: readonly [string, readonly CheckResult[]]): Cell[] => {
    const counts = countVerdicts(members);
    const cell = (value: number, ink: Tone): Cell =>
      value === 0 ? { text: '' } : { text: count(value), ink };
    return [
      { text: name },
      cell(counts.pass, 'good'),
      cell(counts.fail, 'bad'),
      cell(counts.warn, 'warn'),
      cell(counts['harness-error'], 'bad'),
      cell(counts.void, 'idle'),
      cell(counts.unsupported, 'idle'),
    ];
  };
  const legend = unjudgedLegend(checks);
  return [
    ...table(
      totalColumns,
      [...byLevel(checks).map(row), undefined, ...sections.map(row)],
      width,
      paint,
    ),
    ...(legend === '' ? [] : wrap(legend, width).map((line) => paint('dim', line))),
  ];
}
