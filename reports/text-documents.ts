// What `validate` found, for a terminal: each finding as a compiler tells it, place first, and nothing of
// documents without findings unless all are asked for.

import { count } from './figures.ts';
import { filePlace } from './place.ts';
import { referrer } from './referred-by.ts';
import type { BaselineOutcome, DocumentResult, Excerpt, Finding, SkippedFiles } from './results.ts';
import { specUrl } from './spec-url.ts';
import { findingTones, toneSymbols } from './summary.ts';
import { cellsOf, cutToCells, type Terminal, wrap } from './text-layout.ts';
import { oneLine } from './untrusted.ts';

/** Far more than our own messages and paths have; what a document may put into them is bounded. */
const messageCharsMax = 4_000;
const pathCharsMax = 32_767;
const pointerCharsMax = 1_000;

export function documentLines(
  documents: readonly DocumentResult[],
  terminal: Terminal,
  verbose = false,
): string[] {
  const lines: string[] = [];
  for (const document of documents) {
    const path = oneLine(document.path, pathCharsMax);
    if (verbose) lines.push(headLine(path, document, terminal));
    for (const finding of document.findings) {
      for (const line of findingLines(path, document, finding, terminal)) lines.push(line);
    }
  }
  return lines;
}

function headLine(path: string, { valid, kind }: DocumentResult, { paint }: Terminal): string {
  const tone = valid ? 'good' : 'bad';
  return `${paint(tone, toneSymbols[tone])} ${paint('strong', path)} ${paint('dim', oneLine(kind, 60))}`;
}

function findingLines(
  shownPath: string,
  document: DocumentResult,
  finding: Finding,
  terminal: Terminal,
): string[] {
  const { paint, width, link } = terminal;
  const place = `${shownPath}:${finding.line}:${finding.column}`;
  const accepted = finding.accepted === true;
  const level = accepted
    ? paint('idle', `accepted ${finding.level}`)
    : paint(findingTones[finding.level], finding.level);
  const linked = link({ file: filePlace(document.path)?.file }, paint('strong', place));
  const head = `${linked} ${level} ${oneLine(finding.ruleId, 120)}`;
  // Known already: where it is, and no more.
  if (accepted) return [head];
  const spec = oneLine(finding.spec, 200);
  const by = referrer(document);
  const told = by === undefined ? [] : wrap(`referred to by ${oneLine(by)}`, width - 2);
  const at = finding.pointer === '' ? '' : ` at ${oneLine(finding.pointer, pointerCharsMax)}`;
  return [
    head,
    ...(finding.excerpt ? excerptLines(finding.excerpt, finding.line, terminal) : []),
    ...wrap(`→ ${oneLine(finding.message, messageCharsMax)}`, width - 2).map((line) => `  ${line}`),
    `  ${link({ url: specUrl(finding.spec) }, paint('dim', spec))}${paint('dim', at)}`,
    ...told.map((line) => paint('dim', `  ${line}`)),
  ];
}

/** The line of the source behind its number, and a row of carets below what is meant. */
function excerptLines(excerpt: Excerpt, line: number, { paint, width }: Terminal): string[] {
  const gutter = `  ${line} | `;
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

/** What was not judged, and why. */
export function skippedLines(skipped: readonly SkippedFiles[], { paint }: Terminal): string[] {
  return skipped.flatMap(({ reason, count: files, paths }) => {
    const more = files - paths.length;
    return [
      paint('dim', `${count(files)} skipped, ${oneLine(reason)}:`),
      ...paths.map((path) => `  ${oneLine(path, pathCharsMax)}`),
      ...(more > 0 ? [paint('dim', `  and ${count(more)} more`)] : []),
    ];
  });
}

/** Entries of the baseline that can be taken out. */
export function goneLines({ gone, elsewhere }: BaselineOutcome, { paint }: Terminal): string[] {
  const lines = gone.length > 0 ? ['In the baseline, but not found any more:'] : [];
  for (const { path, ruleId, pointer } of gone) {
    const at = pointer === '' ? '' : ` at ${oneLine(pointer, pointerCharsMax)}`;
    lines.push(`  ${oneLine(path, pathCharsMax)} ${oneLine(ruleId, 120)}${at}`);
  }
  if (elsewhere > 0) {
    lines.push(
      paint(
        'dim',
        `(${count(elsewhere)} of the baseline ${elsewhere === 1 ? 'is' : 'are'} about documents not looked at)`,
      ),
    );
  }
  return lines;
}
