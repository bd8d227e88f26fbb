// What to write instead, where that is plain: from a rule's words (`Fix`) to replacements in the text, in the
// spelling of its format. Nothing else of the text is touched.

import type { Edit } from '../../reports/results.ts';
import type { Place, Span } from '../formats/places.ts';
import { lineColumns } from '../lib/line-columns.ts';
import type { Format } from './other-kinds.ts';
import type { Fix } from './rules/rule.ts';
import { maskedText } from './secrets.ts';

interface Replacement extends Span {
  readonly text: string;
}

/** Undefined where the text does not let it be done safely. */
export function editsOf(
  text: string,
  place: Place | undefined,
  fix: Fix,
  format: Format,
): Edit[] | undefined {
  const replacements = replacementsOf(text, place, fix, format) ?? [];
  // What is written is shown, in every format: no user and password of a URL is moved.
  const hasSecret = replacements.some(({ text: it }) => maskedText(it, '') !== it);
  if (hasSecret || replacements.length === 0) return undefined;
  return replacements.map(({ start, end, text: written }) => {
    const [from, to] = lineColumns(text, [start, end]);
    return {
      line: from?.line ?? 1,
      column: from?.column ?? 1,
      endLine: to?.line ?? 1,
      endColumn: to?.column ?? 1,
      text: written,
    };
  });
}

function replacementsOf(
  text: string,
  place: Place | undefined,
  fix: Fix,
  format: Format,
): Replacement[] | undefined {
  const { name, value, end } = place ?? {};
  if ('name' in fix) {
    return (
      name && [{ ...name, text: spelling(fix.name, text.slice(name.start, name.end), format) }]
    );
  }
  if (value === undefined || end === undefined) return undefined;
  if ('value' in fix) {
    const written = text.slice(value, end);
    return [{ start: value, end, text: spelling(fix.value, written, format) }];
  }
  return format === 'toml' && name !== undefined ? toTop(text, name, end) : undefined;
}

const bareKey = /^[A-Za-z0-9_-]+$/;
const plainWord = /^[A-Za-z][A-Za-z0-9._-]*$/;

/** A name or value as the format writes it, in the quotes of what stood there. */
function spelling(it: string | boolean, old: string, format: Format): string {
  if (typeof it === 'boolean') return String(it);
  if (format === 'json') return JSON.stringify(it);
  const isQuoted = /^["']/.test(old);
  if (!isQuoted && (format === 'toml' ? bareKey : plainWord).test(it)) return it;
  return old.startsWith("'") && !/['\\\p{Cc}]/u.test(it) ? `'${it}'` : JSON.stringify(it);
}

const header = /^[ \t]*\[{1,2}[ \t]*["'A-Za-z0-9_-]/;

/** Moves the line or lines of a member above the first table, and above the comment that belongs to it. */
function toTop(text: string, name: Span, end: number): Replacement[] | undefined {
  const start = text.lastIndexOf('\n', name.start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const lineEnd = newline < 0 ? text.length : newline + 1;
  const isAlone =
    text.slice(start, name.start).trim() === '' &&
    /^\s*(?:#.*)?\s*$/.test(text.slice(end, lineEnd));
  const top = isAlone ? firstTable(text, start) : undefined;
  if (top === undefined) return undefined;
  const line = text.slice(start, lineEnd).trimStart();
  const ending = text.includes('\r\n') ? '\r\n' : '\n';
  const moved = line.endsWith('\n') ? line : line + ending;
  return [
    { start: top, end: top, text: moved + ending },
    { start, end: lineEnd, text: '' },
  ];
}

/** Where the first table begins, its comment included unless that begins the file; before an offset. */
function firstTable(text: string, before: number): number | undefined {
  let comment: number | undefined;
  for (let at = 0; at < before; ) {
    const newline = text.indexOf('\n', at);
    const line = text.slice(at, newline < 0 ? text.length : newline);
    if (header.test(line)) return comment === undefined || comment === 0 ? at : comment;
    if (line.trimStart().startsWith('#')) comment ??= at;
    else comment = undefined;
    if (newline < 0) break;
    at = newline + 1;
  }
  return undefined;
}
