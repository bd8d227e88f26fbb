// A terminal for tests: what stands on its screen after all that was written to it. It knows what our live view uses,
// shows the wildest wrapping that real ones have, and complains of what it does not know.
import { cellsOf } from '../../reports/text-layout.ts';

const sequence = new RegExp(String.raw`^${'\u001b'}\[(\??)([\d;]*)([A-Za-z])`);
/** One whose end is yet to be read. */
const unfinished = new RegExp(String.raw`^${'\u001b'}(?:\[\??[\d;]*)?$`);
const tabCells = 8;

export class TestScreen {
  columns: number;
  /** Lines that are on it or have scrolled away; each an array of cells, `''` the second half of a wide one. */
  readonly #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #wraps = true;
  #unfinished = '';
  isCursorVisible = true;
  /** Sequences that it does not know. */
  readonly unknown: string[] = [];

  constructor(columns: number) {
    this.columns = columns;
  }

  /** Text as it is read: a sequence may come in two pieces. */
  write(text: string): void {
    let rest = this.#unfinished + text;
    this.#unfinished = '';
    while (rest !== '') {
      if (unfinished.test(rest)) {
        this.#unfinished = rest;
        return;
      }
      const match = sequence.exec(rest);
      if (match !== null) {
        this.#act(match[0], match[1] ?? '', match[2] ?? '', match[3] ?? '');
        rest = rest.slice(match[0].length);
        continue;
      }
      const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      this.#put(char);
      rest = rest.slice(char.length);
    }
  }

  /** Lines without blanks at their ends; none for what is below the cursor and empty. */
  lines(): string[] {
    const lines = this.#lines.map((cells) =>
      cells
        .map((cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.length > 1 && lines.at(-1) === '') lines.pop();
    return lines;
  }

  #act(whole: string, mark: string, numbers: string, letter: string): void {
    const count = Number(numbers || 1);
    if (mark === '?' && (letter === 'h' || letter === 'l'))
      this.#mode(Number(numbers), letter === 'h');
    else if (letter === 'A') this.#row = Math.max(0, this.#row - count);
    else if (letter === 'K' && numbers === '')
      this.#line().length = Math.min(this.#line().length, this.#column);
    else if (letter === 'J' && numbers === '') {
      this.#line().length = Math.min(this.#line().length, this.#column);
      this.#lines.length = this.#row + 1;
    } else if (letter !== 'm') this.unknown.push(whole);
  }

  #mode(number: number, isOn: boolean): void {
    if (number === 25) this.isCursorVisible = isOn;
    else if (number === 7) this.#wraps = isOn;
    else if (number !== 2026) this.unknown.push(`mode ${number}`);
  }

  #line(): string[] {
    this.#lines[this.#row] ??= [];
    return this.#lines[this.#row] as string[];
  }

  #put(char: string): void {
    if (char === '\r') this.#column = 0;
    else if (char === '\n') this.#down();
    else if (char === '\t') this.#column += tabCells - (this.#column % tabCells);
    else if (/\p{Cc}/u.test(char)) this.unknown.push(JSON.stringify(char));
    else this.#show(char);
  }

  /** To its first column, as the driver of a terminal makes it. */
  #down(): void {
    this.#row++;
    this.#column = 0;
    this.#line();
  }

  #show(char: string): void {
    const cells = cellsOf(char);
    if (this.#column + cells > this.columns) {
      if (this.#wraps) this.#down();
      else this.#column = Math.max(0, this.columns - cells);
    }
    const line = this.#line();
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = char;
    if (cells === 2) line[this.#column + 1] = '';
    this.#column += cells;
  }
}
