// Where the values of a TOML text stand. Reads only texts that the parser has accepted, so it needs to
// know where tokens end and not whether they are right.

import { childPointer, type Place, type Span } from './places.ts';

/** A part of a dotted key. */
interface Key {
  readonly text: string;
  readonly span: Span;
}

/** Places of all values by JSON pointer; a table with a header begins there, and is named in it. */
export function placesInToml(text: string): Map<string, Place> {
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
  readonly places = new Map<string, Place>([['', { value: 0, name: undefined }]]);
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
    let pointer = '';
    for (const [at, key] of keys.entries()) {
      pointer = childPointer(pointer, key.text);
      this.#place(pointer, start, key.span);
      const isNew = isArray && at === keys.length - 1;
      pointer = this.#intoArray(pointer, start, isNew);
    }
    return pointer;
  }

  /** The pointer, or when it names an array of tables that of its last table, or of a new one. */
  #intoArray(pointer: string, start: number, isNew: boolean): string {
    const last = this.#lastIndex.get(pointer);
    if (last === undefined && !isNew) return pointer;
    const index = isNew ? (last ?? -1) + 1 : last;
    this.#lastIndex.set(pointer, index as number);
    const inside = childPointer(pointer, index as number);
    this.#place(inside, start, undefined);
    return inside;
  }

  /** `a.b = value` */
  #member(table: string): void {
    const start = this.#at;
    const keys = this.#keys();
    this.#at++; // =
    this.#skip(blanks);
    let pointer = table;
    let name: Span | undefined;
    for (const key of keys) {
      pointer = childPointer(pointer, key.text);
      name = key.span;
      this.#place(pointer, start, name);
    }
    this.#value(pointer, name);
  }

  #value(pointer: string, name: Span | undefined): void {
    const value = this.#at;
    this.places.set(pointer, { value, name });
    const first = this.#text[this.#at];
    if (first === '"' || first === "'") {
      this.#string();
    } else if (first === '[') {
      this.#items(']', (index) => this.#value(childPointer(pointer, index), undefined));
    } else if (first === '{') {
      this.#items('}', () => this.#member(pointer));
    } else {
      this.#skip(scalar);
    }
    const end = value + this.#text.slice(value, this.#at).trimEnd().length;
    this.places.set(pointer, { value, end, name });
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

  #keys(): Key[] {
    const keys: Key[] = [];
    for (;;) {
      this.#skip(blanks);
      const start = this.#at;
      const quote = this.#text[start];
      if (quote === '"' || quote === "'") {
        this.#string();
      } else {
        this.#skip(bareKey);
      }
      const token = this.#text.slice(start, this.#at);
      keys.push({ text: keyOf(token), span: { start, end: this.#at } });
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

  #place(pointer: string, value: number, name: Span | undefined): void {
    if (!this.places.has(pointer)) {
      this.places.set(pointer, { value, name });
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

/** The key that a token stands for, quoted or not. */
function keyOf(token: string): string {
  const inner = token.slice(1, -1);
  if (token.startsWith("'")) return inner;
  return token.startsWith('"')
    ? inner.replace(
        /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))/g,
        (_, short: string, long: string, byte: string, char: string) =>
          char === undefined
            ? String.fromCodePoint(Number.parseInt(short ?? long ?? byte, 16))
            : (shortEscapes[char] ?? char),
      )
    : token;
}
