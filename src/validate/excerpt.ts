// The line of the source that a finding points at, fit to be shown: cut around the place, nothing that a
// terminal acts upon or that nobody sees, and no user or password of a URL.

import type { Excerpt } from '../../reports/results.ts';
import { withoutHidden } from '../formats/characters.ts';

/** UTF-16 units of a line that are shown. */
const excerptCharsMax = 100;
/** Of these, what stands before the place when the line has to be cut. */
const beforeCharsMax = 40;
/** Looked at on either side of what is shown, for secrets that the cut would split. */
const marginChars = 1_000;

/**
 * What stands before an @ that is not that of a digest: perhaps user and password. At the start of the
 * text it may be the rest of something longer.
 */
const userinfo = /(?<=^|[\s"'/=,])[^\s"'/@]{1,4096}@(?!sha(?:256|512):)/g;

/**
 * Undefined where there is nothing to show. `offset` is where the finding is, `tokenEnd` the end of what it
 * marks, if that is known.
 */
export function excerptOf(text: string, offset: number, tokenEnd?: number): Excerpt | undefined {
  const { from, to } = lineAround(text, offset);
  const latest = Math.max(from, to - excerptCharsMax);
  const fits = to - from <= excerptCharsMax;
  const first = fits ? from : Math.min(Math.max(from, offset - beforeCharsMax), latest);
  const start = isInPair(text, first) ? first + 1 : first;
  const last = Math.min(to, first + excerptCharsMax);
  const end = isInPair(text, last) ? last - 1 : last;
  const shown = harmless(withoutUserinfo(text, from, to, start, end));
  if (shown.trim() === '') return undefined;
  const at = Math.max(0, Math.min(offset, end) - start);
  const length = tokenEnd === undefined ? tokenLength(text, offset, to) : tokenEnd - offset;
  const marked = Math.min(length, end - start - at);
  return {
    text: shown.trimEnd(),
    column: at + 1,
    length: Math.max(1, marked),
    cut: { before: start > from, after: end < to },
  };
}

/** Whether a place is between the halves of a surrogate pair. */
function isInPair(text: string, at: number): boolean {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** The line of the offset, as far as it can matter: lines of megabytes are not walked to their ends. */
function lineAround(text: string, offset: number): { from: number; to: number } {
  const reach = excerptCharsMax + marginChars;
  const earliest = Math.max(0, offset - reach);
  const latest = Math.min(text.length, offset + reach);
  const newline = text.slice(offset, latest).indexOf('\n');
  return {
    from: earliest + text.slice(earliest, offset).lastIndexOf('\n') + 1,
    to: newline < 0 ? latest : offset + newline,
  };
}

/** The text from `start` to `end`, of the same length, userinfo starred out. */
function withoutUserinfo(
  text: string,
  lineStart: number,
  lineEnd: number,
  start: number,
  end: number,
): string {
  const from = Math.max(lineStart, start - marginChars);
  const wide = text.slice(from, Math.min(lineEnd, end + marginChars));
  if (!wide.includes('@')) return text.slice(start, end);
  const masked = wide.replace(userinfo, (found) => `${'*'.repeat(found.length - 1)}@`);
  return masked.slice(start - from, end - from);
}

/** What can be seen of a line, of the same length: tabs are blanks, what nobody sees is a dot. */
function harmless(line: string): string {
  const shown = withoutHidden(line.replace(/[\t\r]/g, ' '));
  // A text of its own: a slice would keep the whole document in memory.
  return Buffer.from(shown, 'utf16le').toString('utf16le');
}

/** Length of the token that begins at the offset, as far as it is on the line. */
function tokenLength(text: string, offset: number, lineEnd: number): number {
  const limit = Math.min(lineEnd, offset + excerptCharsMax);
  const first = text[offset];
  let at = offset + 1;
  if (first === '"') {
    while (at < limit && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    return Math.min(at + 1, limit) - offset;
  }
  if (first === undefined || !/[\w.+-]/.test(first)) return 1;
  while (at < limit && /[\w.+-]/.test(text.charAt(at))) at++;
  return at - offset;
}
