// What every part of the Markdown report is made of: escaped text, code, tables, folds.
import { count, plural } from './figures.ts';
import type { Tone } from './summary.ts';
import { oneLine } from './untrusted.ts';

/** Several tables have room in a comment, whatever the texts. */
const rowsMax = 200;
const tableBytesMax = 20 * 1024;
/** What GitHub takes of a comment, less some room for what is put around it; a step's summary may have 1 MiB. */
const documentCharsMax = 65_536 - 1_536;
const cellCharsMax = 1_000;

/** What stands for a tone. */
export const symbols: Record<Tone, string> = { good: '✅', bad: '❌', warn: '⚠️', idle: '➖' };

/**
 * Text from outside, on one line. Everything that Markdown, its tables, HTML, mentions or automatic
 * links act upon becomes a character reference, which is never read as structure. What acts only at
 * the beginning of a line (lists, headings) is harmless: such text never stands there.
 */
export function escapeMarkdown(value: string): string {
  return escapeCut(value, cellCharsMax);
}

/** The same of a text that is to be shorter. */
export function escapeCut(value: string, charsMax: number): string {
  return oneLine(value, charsMax)
    .replace(/[^\p{L}\p{N}\p{M}\p{S}\p{P}\p{Zs}]|[\\`*_{}[\]()#!|~<>&"'@:$]/gu, reference)
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

function reference(char: string): string {
  return `&#${char.codePointAt(0)};`;
}

/** Code spans show character references as they are; the HTML element does not. */
export function code(value: string): string {
  return `<code>${escapeMarkdown(value)}</code>`;
}

interface TableOptions {
  /** All columns but the first are figures. */
  readonly isOfFigures?: boolean;
  readonly bytesMax?: number;
}

/** Cells are escaped; as many rows as a table has room for, and how many are left out. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { isOfFigures = false, bytesMax = tableBytesMax }: TableOptions = {},
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const shown: string[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, rowsMax).map(line)) {
    bytes += Buffer.byteLength(row);
    if (bytes > bytesMax) break;
    shown.push(row);
  }
  const rule = head.map((_, at) => (isOfFigures && at > 0 ? '---:' : '---'));
  const lines = [line(head), line(rule), ...shown];
  const more = rows.length - shown.length;
  if (more > 0) lines.push('', `and ${count(more)} more: ${wholeWords}`);
  return lines.join('\n');
}

/** Where to find what a report leaves out. */
const wholeWords = '`--format json` has them all';

export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

/** Blocks with an empty line between them, as many as fit into a comment; the last is always there. */
export function joinBlocks(blocks: readonly string[]): string {
  const last = blocks.at(-1) ?? '';
  const shown: string[] = [];
  let chars = last.length;
  for (const block of blocks.slice(0, -1)) {
    chars += block.length + 2;
    if (chars > documentCharsMax) break;
    shown.push(block);
  }
  const more = blocks.length - 1 - shown.length;
  if (more > 0) shown.push(`and ${plural(more, 'more part')} of this report: ${wholeWords}`);
  return `${[...shown, last].join('\n\n')}\n`;
}
