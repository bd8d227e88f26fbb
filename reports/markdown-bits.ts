// What every part of the Markdown report is made of: escaped text, code, tables, folds.
import { count } from './figures.ts';
import type { Tone } from './summary.ts';
import { oneLine } from './untrusted.ts';

/** Keep a summary far below the 1 MiB that GitHub takes of a step, whatever the texts. */
const rowsMax = 200;
const tableBytesMax = 256 * 1024;
const cellCharsMax = 1_000;

/** What stands for a tone. */
export const symbols: Record<Tone, string> = { good: '✅', bad: '❌', warn: '⚠️', idle: '➖' };

/**
 * Text from outside, on one line. Everything that Markdown, its tables, HTML, mentions or automatic
 * links act upon becomes a character reference, which is never read as structure. What acts only at
 * the beginning of a line (lists, headings) is harmless: such text never stands there.
 */
export function escapeMarkdown(value: string): string {
  return oneLine(value, cellCharsMax)
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

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const shown: string[] = [];
  let bytes = 0;
  for (const row of rows.slice(0, rowsMax).map(line)) {
    bytes += Buffer.byteLength(row);
    if (bytes > tableBytesMax) break;
    shown.push(row);
  }
  const lines = [line(head), line(head.map(() => '---')), ...shown];
  const more = rows.length - shown.length;
  if (more > 0) lines.push('', `and ${count(more)} more: ${wholeWords}`);
  return lines.join('\n');
}

/** Where to find what a report leaves out. */
const wholeWords = '`--format json` has them all';

export function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}
