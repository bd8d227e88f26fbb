// Where the values of a TOML text stand. Reads only texts that the parser has accepted, so it needs to
// know where tokens end and not whether they are right.

import { childPointer } from './pointer.ts';

/** Offsets of all values by JSON pointer; of a table with a header, that of the header. */
export function placesInToml(text: string): Map<string, number> {
  const walker = new TomlWalker(text);
  walker.document();
  return walker.places;
}

const blanks = /[ \t]*/y;
/** Blanks, line ends and comments. */
const gap = /(?:[ \t\r\n]|#[^\n]*)*/y;
const bareKey = /[A-Za-z0-9_-]+/y;
const scalar = /[^,\]}#\r\n]*/y;

class TomlWalker {
  readonly places = new Map<string, number>([['', 0]]);
  readonly #text: string;
  #at = 0;
  /** Last index of each array of tables. */
  readonly #lastIndex = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    let table = '';
    for (;;) {
      this.#skip(gap);
      if (this.#at >= this.#text.length) {
        return;
      }
      if (this.#text[this.#at] === '[') {
        table = this.#header();
      } else {
        this.#member(table);
      }
    }
  }

  /** `[a.b]` or `[[a.b]]`; the pointer of the table that begins there. */
  #header(): string {
    const start = this.#at;
    const isArray = this.#text[start + 1] === '[';
    this.#at += isArray ? 2 : 1;
    const keys = this.#keys();
    this.#at += isArray ? 2 : 1;
    const last = keys.pop() ?? '';
    let pointer = '';
    for (const key of keys) {
      pointer = this.#intoArray(childPointer(pointer, key), start);
    }
    pointer = childPointer(pointer, last);
    this.#place(pointer, start);
    if (isArray) {
      const index = (this.#lastIndex.get(pointer) ?? -1) + 1;
      this.#lastIndex.set(pointer, index);
      pointer = childPointer(pointer, index);
      this.#place(pointer, start);
    }
    return pointer;
  }

  /** The pointer, or that of the last table when it names an array of tables. */
  #intoArray(pointer: string, start: number): string {
    const index = this.#lastIndex.get(pointer);
    const inside = index === undefined ? pointer : childPointer(pointer, index);
    this.#place(inside, start);
    return inside;
  }

  /** `a.b = value` */
  #member(table: string): void {
    const start = this.#at;
    const keys = this.#keys();
    this.#at++; // =
    this.#skip(blanks);
    let pointer = table;
    for (const key of keys) {
      pointer = childPointer(pointer, key);
      this.#place(pointer, start);
    }
    this.#value(pointer);
  }

  #value(pointer: string): void {
    this.places.set(pointer, this.#at);
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") {
      this.#string();
    } else if (first === '[') {
      this.#items(']', (index) => this.#value(childPointer(pointer, index)));
    } else if (first === '{') {
      this.#items('}', () => this.#member(pointer));
    } else {
      this.#skip(scalar);
    }
  }

  /** What stands between brackets, separated by commas. */
  #items(closing: string, readItem: (index: number) => void): void {
    this.#at++;
    for (let index = 0; ; index++) {
      this.#skip(gap);
      if (this.#text[this.#at] !== closing) {
        readItem(index);
        this.#skip(gap);
        if (this.#text[this.#at] === ',') {
          this.#at++;
          continue;
        }
      }
      this.#at++;
      return;
    }
  }

  #keys(): string[] {
    const keys: string[] = [];
    for (;;) {
      this.#skip(blanks);
      const start = this.#at;
      const quote = this.#text[start];
      if (quote === '"' || quote === "'") {
        this.#string();
        keys.push(keyOf(this.#text.slice(start, this.#at)));
      } else {
        this.#skip(bareKey);
        keys.push(this.#text.slice(start, this.#at));
      }
      this.#skip(blanks);
      if (this.#text[this.#at] !== '.') {
        return keys;
      }
      this.#at++;
    }
  }

  #string(): void {
    const quote = this.#text[this.#at] as string;
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at);
    const closing = isLong ? quote.repeat(3) : quote;
    let at = this.#at + closing.length;
    while (at < this.#text.length && !this.#text.startsWith(closing, at)) {
      at += quote === '"' && this.#text[at] === '\\' ? 2 : 1;
    }
    at += closing.length;
    // Up to two quotes may stand before the three that close a long string.
    while (isLong && this.#text[at] === quote) {
      at++;
    }
    this.#at = at;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    if (pattern.test(this.#text)) {
      this.#at = pattern.lastIndex;
    }
  }

  #place(pointer: string, offset: number): void {
    if (!this.places.has(pointer)) {
      this.places.set(pointer, offset);
    }
  }
}

const shortEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\u001b',
};

/** The key that a quoted one stands for. */
function keyOf(token: string): string {
  const inner = token.slice(1, -1);
  return token.startsWith("'")
    ? inner
    : inner.replace(
        /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/g,
        (_, short: string, long: string, byte: string, char: string) =>
          char === undefined
            ? String.fromCodePoint(Number.parseInt(short ?? long ?? byte, 16))
            : (shortEscapes[char] ?? char),
      );
}
