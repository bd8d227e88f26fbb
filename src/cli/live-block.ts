// A few rows at the end of a terminal that are drawn again in place. What others say comes above them. Every
// write leaves the terminal as it was found (cursor, wrapping), so no ending needs to mend anything.

/** What is needed of a stream to a terminal. */
export interface Screenful {
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** Drawn at most so often: what moves faster cannot be read. */
const drawMsMin = 300;

// Terminals show what is between these at once (synchronized output), without a cursor that runs about; what they do
// not know they leave out.
const begin = '\u001b[?2026h\u001b[?25l';
const end = '\u001b[?25h\u001b[?2026l';
/** A row whose width the terminal reckons otherwise than we is cut, and stays one. */
const unwrapped = { begin: '\u001b[?7l', end: '\u001b[?7h' };
const eraseToEndOfLine = '\u001b[K';
const eraseBelow = '\u001b[J';

export class LiveBlock {
  readonly #screen: Screenful;
  /** Rows on the screen; the cursor stands behind the last. */
  #shown: readonly string[] = [];
  /** What is to be shown, for the size that the terminal has then. */
  #wanted: (() => readonly string[]) | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(screen: Screenful) {
    this.#screen = screen;
  }

  /** `rows` is asked when it is drawn: now, or a moment later, and anew when the terminal was resized. */
  show(rows: () => readonly string[]): void {
    if (this.#wanted === undefined) this.#screen.on('resize', this.#drawSoon);
    this.#wanted = rows;
    this.#drawSoon();
  }

  /** Writes whole lines that stay, above the rows. */
  above(lines: string): void {
    const rows = this.#wanted?.() ?? [];
    if (rows.length === 0 && this.#shown.length === 0) {
      this.#screen.write(lines);
      return;
    }
    this.#screen.write(`${begin}${this.#toFirstRow()}${eraseBelow}${lines}${drawn(rows)}${end}`);
    this.#shown = rows;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#screen.off('resize', this.#drawSoon);
    this.#wanted = undefined;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    if (this.#shown.length > 0)
      this.#screen.write(`${begin}${this.#toFirstRow()}${eraseBelow}${end}`);
    this.#shown = [];
  }

  readonly #drawSoon = (): void => {
    if (this.#timer !== undefined) return;
    const waitMs = this.#drawnAt + drawMsMin - Date.now();
    if (waitMs <= 0) {
      this.#draw();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, waitMs);
    this.#timer.unref();
  };

  #draw(): void {
    const rows = this.#wanted?.() ?? [];
    if (rows.join('\n') === this.#shown.join('\n')) return;
    this.#drawnAt = Date.now();
    const rest = rows.length < this.#shown.length ? eraseBelow : '';
    this.#screen.write(`${begin}${this.#toFirstRow()}${drawn(rows)}${rest}${end}`);
    this.#shown = rows;
  }

  /**
   * Never above it, whatever the terminal made of the rows when it was resized: what others wrote is not ours
   * to take away.
   */
  #toFirstRow(): string {
    const up = this.#shown.length - 1;
    return up > 0 ? `\r\u001b[${up}A` : '\r';
  }
}

function drawn(rows: readonly string[]): string {
  const all = rows.map((row) => `${row}${eraseToEndOfLine}`).join('\r\n');
  return rows.length === 0 ? '' : `${unwrapped.begin}${all}${unwrapped.end}`;
}
