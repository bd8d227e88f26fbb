// Lays out what a run shows of itself (src/run/view.ts) as rows of a terminal, each narrower than it.
import { cellsOf, cutToCells, type Paint } from '../../reports/text-layout.ts';
import type { View, ViewRow } from '../run/view.ts';

/** What a terminal can show, and how large it is, in cells. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** It shows more than ASCII. */
  readonly unicode: boolean;
  readonly paint: Paint;
}

/** Wider rows would not be read any faster. */
const columnsMax = 120;
const barCellsMax = 32;
const barCellsMin = 8;
const graphCellsMin = 6;
const labelCells = 8;
/** So that graphs stay where they are when figures grow. */
const textCellsMin = 30;
/** Kept free at the right: for the cursor, and for `^C`, which the terminal itself writes there. */
const marginCells = 3;

const levels = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-=+*#@' };
const eighths = ' ▏▎▍▌▋▊▉█';

/** `harmless` takes out what steers a terminal. Returns one row at least, and no more than the screen has. */
export function rowsOf(view: View, screen: Screen, harmless: (text: string) => string): string[] {
  const width = Math.max(1, Math.min(screen.columns, columnsMax) - marginCells);
  const shown = (text: string) => {
    const line = harmless(text).replace(/\s+/g, ' ');
    return screen.unicode ? line : ascii(line);
  };
  const title = cut(shown(view.title), width, screen);
  const all = [view.rows.length > 0 ? screen.paint('strong', title) : title];
  if (view.place !== undefined) {
    const words = shown(view.place.words);
    all.push(placeRow({ ...view.place, words }, width, screen));
  }
  const rows = view.rows.map((row) => ({ ...row, text: shown(row.text) }));
  const graphed = rows.filter(({ values }) => values !== undefined);
  const textCells = Math.max(textCellsMin, ...graphed.map(({ text }) => cellsOf(text)));
  for (const row of rows) all.push(figureRow(row, textCells, width, screen));
  return all.slice(0, Math.max(1, screen.rows - 1));
}

function placeRow(
  { share, words }: NonNullable<View['place']>,
  width: number,
  screen: Screen,
): string {
  const free = Math.min(barCellsMax, width - cellsOf(words) - 2);
  if (share === undefined || free < barCellsMin) return cut(words, width, screen);
  return `${bar(share, free, screen)}  ${words}`;
}

function figureRow(
  { label, text, tone, values = [] }: ViewRow,
  textCells: number,
  width: number,
  screen: Screen,
): string {
  const free = width - labelCells - 1;
  if (free < 1) return cut(`${label} ${text}`, width, screen);
  const head = screen.paint('dim', cut(label.padEnd(labelCells), labelCells, screen));
  const fitting = cut(text, free, screen);
  const told = tone === undefined ? fitting : screen.paint(tone, fitting);
  const graphCells = free - textCells - 2;
  if (values.length === 0 || graphCells < graphCellsMin) return `${head} ${told}`;
  const gap = ' '.repeat(Math.max(0, textCells - cellsOf(text)) + 2);
  return `${head} ${told}${gap}${screen.paint('idle', graph(values, graphCells, screen))}`;
}

function bar(share: number, cells: number, { unicode, paint }: Screen): string {
  const filled = Math.min(1, Math.max(0, share)) * cells;
  const whole = Math.floor(filled);
  if (!unicode) return `[${'#'.repeat(Math.min(whole, cells - 2)).padEnd(cells - 2, '.')}]`;
  const part = whole < cells ? (eighths[Math.floor((filled - whole) * 8)] ?? ' ') : '';
  const rest = Math.max(0, cells - whole - 1);
  return `${paint('idle', '█'.repeat(whole) + part.trim())}${paint('dim', `${part === ' ' ? '░' : ''}${'░'.repeat(rest)}`)}`;
}

/** The latest values that fit, from 0 to the highest of them. */
function graph(values: readonly number[], cells: number, { unicode }: Screen): string {
  const shown = values.slice(-cells);
  const highest = Math.max(...shown);
  const steps = unicode ? levels.unicode : levels.ascii;
  const level = (value: number) =>
    highest > 0 ? Math.round((Math.max(0, value) / highest) * (steps.length - 1)) : 0;
  return shown.map((value) => steps[level(value)]).join('');
}

function cut(text: string, cells: number, { unicode }: Screen): string {
  if (cellsOf(text) <= cells) return text;
  return cells < 2
    ? cutToCells(text, cells)
    : `${cutToCells(text, cells - 1)}${unicode ? '…' : '~'}`;
}

function ascii(text: string): string {
  return text
    .replace(/…/g, '...')
    .replace(/[–—]/g, '-')
    .replace(/[^\x20-\x7e]/gu, '?');
}
