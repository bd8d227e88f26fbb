// How text is laid out on a terminal: colours, wrapping, tables. Knows nothing of results.

import { hyperlink } from './hyperlink.ts';
import type { Tone } from './summary.ts';

type Ink = Tone | 'strong' | 'dim';

/** Puts a colour on text that is already laid out (and already harmless). */
export type Paint = (ink: Ink, text: string) => string;

/** Where and how lines are written. */
export interface Terminal {
  paint: Paint;
  /** Columns. */
  width: number;
  link: Link;
}

/** Makes text that is laid out a link to a file or an address, where the terminal shows links. */
export type Link = (
  to: { file?: string | undefined; url?: string | undefined },
  text: string,
) => string;

/** Without `fileUrl` the text is returned as it is. */
export function linker(fileUrl?: (file: string) => string | undefined): Link {
  if (fileUrl === undefined) return (_, text) => text;
  return ({ file, url }, text) => hyperlink(url ?? (file && fileUrl(file)), text);
}

const sgr: Record<Ink, string> = {
  good: '32',
  bad: '31',
  warn: '33',
  idle: '36',
  strong: '1',
  dim: '2',
};

/** With `color` false the text is returned as it is. */
export function painter(color: boolean): Paint {
  return (ink, text) => (color && text !== '' ? `\x1b[${sgr[ink]}m${text}\x1b[0m` : text);
}

/** East Asian wide and full-width characters, and emoji: two cells of a terminal (UAX #11). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const combining = /[\p{Mn}\p{Me}]/u;

/** Cells of a terminal that a text takes; nothing in it is a control character. */
export function cellsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let cells = 0;
  for (const char of text) cells += combining.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return cells;
}

/** The beginning of a text that fits into so many cells. */
export function cutToCells(text: string, cells: number): string {
  let left = cells;
  let length = 0;
  for (const char of text) {
    left -= cellsOf(char);
    if (left < 0) break;
    length += char.length;
  }
  return text.slice(0, length);
}

/** Lines of at most `width` columns; a single word that is longer keeps its line (it may be a URL). */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

/** A label and its text, the text wrapped beside the label: two columns, no border. */
export function labelled(
  label: string,
  text: string,
  at: { indent: number; labelWidth: number; width: number; paint: Paint },
): string[] {
  const left = ' '.repeat(at.indent);
  const room = Math.max(20, at.width - at.indent - at.labelWidth);
  return wrap(text, room).map((line, index) => {
    const head = (index === 0 ? label : '').padEnd(at.labelWidth);
    return `${left}${at.paint('dim', head)}${line}`;
  });
}

export interface Column {
  title: string;
  align: 'left' | 'right';
  /** May be left out, the rightmost first, when the table does not fit. */
  optional?: boolean;
}

export interface Cell {
  text: string;
  ink?: Ink;
}

/** Cells by row, as many as there are columns; `undefined` is an empty line. */
export type Row = readonly Cell[] | undefined;

const gap = 2;

/** Lines of a table with a dim head line. Columns without any text are left out. */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  width: number,
  paint: Paint,
): string[] {
  const widths = columns.map((column, index) => {
    const cells = rows.map((row) => row?.[index]?.text.length ?? 0);
    // The first column names the rows, so it may be as empty as it likes.
    if (index > 0 && cells.every((length) => length === 0)) return 0;
    return Math.max(column.title.length, ...cells);
  });
  dropUntilFit(columns, widths, width);
  const lay = (cell: Cell, index: number) => {
    const text = columns[index]?.align === 'right' ? 'padStart' : 'padEnd';
    const padded = cell.text[text](widths[index] ?? 0);
    return cell.ink ? paint(cell.ink, padded) : padded;
  };
  const line = (cells: readonly Cell[]) =>
    cells
      .map(lay)
      .filter((_, index) => (widths[index] ?? 0) > 0)
      .join(' '.repeat(gap))
      .trimEnd();
  const head = line(columns.map(({ title }) => ({ text: title, ink: 'dim' })));
  return [head, ...rows.map((row) => (row ? line(row) : ''))];
}

function dropUntilFit(columns: readonly Column[], widths: number[], width: number): void {
  const total = () => widths.reduce((sum, one) => sum + (one > 0 ? one + gap : 0), -gap);
  for (let index = columns.length - 1; index > 0 && total() > width; index -= 1) {
    if (columns[index]?.optional) widths[index] = 0;
  }
}
