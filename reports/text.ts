// The report for a terminal: what a person reads in ten seconds. The verdict comes first, then what
// needs attention, then the figures.

import { count, duration } from './figures.ts';
import { kindOf, placeOf } from './load-words.ts';
import { referrer } from './referred-by.ts';
import type {
  BaselineOutcome,
  CheckResult,
  DocumentResult,
  Excerpt,
  Finding,
  Results,
} from './results.ts';
import {
  attention,
  countVerdicts,
  groupBy,
  parts,
  runName,
  runTones,
  sectionTitle,
  sentence,
  type Tone,
  unjudgedLegend,
  verdictNames,
} from './summary.ts';
import { conformLines } from './text-conform.ts';
import {
  type Cell,
  type Column,
  cellsOf,
  cutToCells,
  labelled,
  painter,
  type Terminal,
  table,
  wrap,
} from './text-layout.ts';
import { loadLines } from './text-load.ts';
import { oneLine } from './untrusted.ts';

export interface TextOptions {
  /** Emit colours (ANSI SGR sequences). */
  color: boolean;
  /** Columns of the terminal; less than 40 is taken as 40. */
  width: number;
}

const symbols: Record<Tone, string> = { good: '✓', bad: '✗', warn: '!', idle: '·' };
const attentionMax = 50;
const documentsMax = 200;
const findingsMax = 200;
const shortListMax = 5;

/** Lines end with a line feed, the last one too. */
export function renderText(results: Results, options: TextOptions): string {
  const terminal: Terminal = {
    paint: painter(options.color),
    width: Math.max(40, options.width),
  };
  const found = parts(results);
  const lines = [...headLines(results, terminal)];
  if (found.length > 1) {
    lines.push(...shortLines(results, terminal));
  } else {
    if (results.documents) lines.push('', ...documentLines(results.documents, terminal));
    if (results.baseline) lines.push(...goneLines(results.baseline, terminal));
    if (results.checks) lines.push('', ...checkLines(results.checks, terminal));
    if (results.conform) lines.push('', ...conformLines(results.conform, terminal));
    if (results.load) lines.push('', ...loadLines(results.load, terminal));
  }
  return `${lines.join('\n')}\n`;
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
      ...wrap(`${part.title.padEnd(13)}${part.sentence}`, width - 4).map((line, index) =>
        index === 0
          ? `  ${paint(part.tone, symbols[part.tone])} ${line}`
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
  ];
  if (named.length > 0) lines.push('');
  for (const name of named.slice(0, shortListMax)) lines.push(`    ${name}`);
  if (named.length > shortListMax) {
    lines.push(paint('dim', `    and ${count(named.length - shortListMax)} more`));
  }
  return lines;
}

const findingTones: Record<Finding['level'], Tone> = {
  error: 'bad',
  warning: 'warn',
  note: 'idle',
};

function documentLines(documents: readonly DocumentResult[], terminal: Terminal): string[] {
  const { paint } = terminal;
  // What is wrong comes last, where the eye is when the command returns.
  const ordered = [...documents].sort((a, b) => Number(b.valid) - Number(a.valid));
  const lines: string[] = [];
  const hidden = ordered.length - documentsMax;
  if (hidden > 0) lines.push(paint('dim', `(${count(hidden)} more documents are not listed)`));
  for (const document of ordered.slice(Math.max(0, hidden))) {
    const tone = document.valid ? 'good' : 'bad';
    const path = oneLine(document.path);
    lines.push(
      `${paint(tone, symbols[tone])} ${paint('strong', path)} ${paint('dim', oneLine(document.kind, 60))}`,
    );
    const by = referrer(document);
    if (by !== undefined) {
      const told = wrap(`referred to by ${oneLine(by)}`, terminal.width - 4);
      lines.push(...told.map((line) => paint('dim', `  ${line}`)));
    }
    for (const finding of document.findings.slice(0, findingsMax)) {
      lines.push(...findingLines(path, finding, terminal));
    }
    const more = document.findings.length - findingsMax;
    if (more > 0) lines.push(paint('dim', `  and ${count(more)} more findings`));
  }
  return lines;
}

function findingLines(path: string, finding: Finding, terminal: Terminal): string[] {
  const { paint, width } = terminal;
  const place = `${path}:${finding.line}:${finding.column}`;
  const accepted = finding.accepted === true;
  const level = accepted
    ? paint('idle', `accepted ${finding.level}`)
    : paint(findingTones[finding.level], finding.level);
  const head = `  ${place} ${level} ${oneLine(finding.ruleId, 120)}`;
  // Known already: where it is, and no more.
  if (accepted) return [head];
  const pointer = finding.pointer === '' ? '' : ` at ${oneLine(finding.pointer, 200)}`;
  return [
    head,
    ...(finding.excerpt ? excerptLines(finding.excerpt, finding.line, terminal) : []),
    ...wrap(`→ ${oneLine(finding.message)}`, width - 4).map((line) => `    ${line}`),
    ...wrap(`${oneLine(finding.spec, 200)}${pointer}`, width - 4).map((line) =>
      paint('dim', `    ${line}`),
    ),
  ];
}

/** The line of the source behind its number, and a row of carets below what is meant. */
function excerptLines(excerpt: Excerpt, line: number, { paint, width }: Terminal): string[] {
  const gutter = `    ${line} | `;
  const blank = `${' '.repeat(gutter.length - 2)}| `;
  const room = Math.max(20, width - gutter.length - 2);
  // A results document may say anything; made harmless, a character may become several.
  const text = excerpt.text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
  const at = Math.min(Math.max(0, excerpt.column - 1), text.length);
  const start = firstShown(text, at, room);
  const shown = cutToCells(text.slice(start), room);
  const before = excerpt.cut.before || start > 0 ? '…' : '';
  const after = excerpt.cut.after || start + shown.length < text.length ? '…' : '';
  const indent = ' '.repeat(before.length + cellsOf(text.slice(start, at)));
  const marked = shown.slice(at - start, at - start + excerpt.length);
  const carets = '^'.repeat(Math.max(1, cellsOf(marked)));
  return [
    `${paint('dim', gutter)}${before}${shown}${after}`,
    `${paint('dim', blank)}${indent}${paint('bad', carets)}`,
  ];
}

/** Cells before what is marked, where the line has to be cut. */
const beforeCellsMax = 20;

/** Where to begin so that the place is seen, and as much of the line as fits. */
function firstShown(text: string, at: number, room: number): number {
  const fits = (from: number) =>
    cellsOf(text.slice(from, at)) <= beforeCellsMax || cellsOf(text.slice(from)) <= room;
  let start = at;
  while (start > 0 && fits(start - 1)) start--;
  return /^[\udc00-\udfff]/.test(text.slice(start)) ? start + 1 : start;
}

/** Entries of the baseline that can be taken out. */
function goneLines({ gone, elsewhere }: BaselineOutcome, { paint }: Terminal): string[] {
  if (gone.length + elsewhere === 0) return [];
  const lines = ['', 'In the baseline, but not found any more:'].slice(gone.length > 0 ? 0 : 2);
  for (const { path, ruleId, pointer } of gone.slice(0, findingsMax)) {
    const at = pointer === '' ? '' : ` at ${oneLine(pointer, 200)}`;
    lines.push(`  ${oneLine(path)} ${oneLine(ruleId, 120)}${at}`);
  }
  const more = gone.length - findingsMax;
  if (more > 0) lines.push(paint('dim', `  and ${count(more)} more`));
  if (elsewhere > 0) {
    lines.push(
      paint('dim', `(${count(elsewhere)} of the baseline are about documents not looked at)`),
    );
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
      `${paint(tone, symbols[tone])} ${paint('strong', oneLine(check.id, 120))} ${paint(tone, `${check.level} ${word}`)}`,
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
  const levels = [...groupBy(checks, (check) => check.level)];
  const order = ['MUST', 'SHOULD', 'MAY', 'COMPAT'];
  levels.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
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
    ...table(totalColumns, [...levels.map(row), undefined, ...sections.map(row)], width, paint),
    ...(legend === '' ? [] : wrap(legend, width).map((line) => paint('dim', line))),
  ];
}
