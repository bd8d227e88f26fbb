// The small grammar that HTTP field values share (RFC 9110 section 5.6): tokens, quoted strings,
// blanks. Used by challenge, link and media-type; every reader moves a cursor forward, never back.

export interface Cursor {
  readonly text: string;
  at: number;
}

const tokenSymbols = "!#$%&'*+-.^_`|~";

const isTokenCode: readonly boolean[] = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return /[A-Za-z0-9]/.test(char) || tokenSymbols.includes(char);
});

/** The char at the cursor, '' at the end. */
export function peek(cursor: Cursor): string {
  return cursor.text.charAt(cursor.at);
}

/** Moves past `char` when it comes next, and tells whether it did. */
export function skipChar(cursor: Cursor, char: string): boolean {
  if (peek(cursor) !== char) {
    return false;
  }
  cursor.at++;
  return true;
}

/** Moves past spaces and tabs, and past any char of `others`. */
export function skipBlanks(cursor: Cursor, others = ''): void {
  for (let char = peek(cursor); char !== ''; char = peek(cursor)) {
    if (char !== ' ' && char !== '\t' && !others.includes(char)) {
      return;
    }
    cursor.at++;
  }
}

/** Reads a token (RFC 9110 5.6.2); '' when none starts here. */
export function readToken(cursor: Cursor): string {
  const start = cursor.at;
  while (isTokenCode[cursor.text.charCodeAt(cursor.at)] === true) {
    cursor.at++;
  }
  return cursor.text.slice(start, cursor.at);
}

/** Reads up to the first char of `stops` or the end. */
export function readUntil(cursor: Cursor, stops: string): string {
  const start = cursor.at;
  while (cursor.at < cursor.text.length && !stops.includes(peek(cursor))) {
    cursor.at++;
  }
  return cursor.text.slice(start, cursor.at);
}

/**
 * Reads a quoted string (RFC 9110 5.6.4) that starts here; its value has no quotes and escapes.
 * `closed` is false when the text ended before the closing quote; then `value` is all the rest.
 */
export function readQuoted(cursor: Cursor): { value: string; closed: boolean } {
  const { text } = cursor;
  const start = cursor.at + 1;
  const quote = text.indexOf('"', start);
  const plain = text.slice(start, quote < 0 ? text.length : quote);
  if (!plain.includes('\\')) {
    cursor.at = quote < 0 ? text.length : quote + 1;
    return { value: plain, closed: quote >= 0 };
  }
  let value = '';
  for (let at = start; at < text.length; at++) {
    let char = text.charAt(at);
    if (char === '"') {
      cursor.at = at + 1;
      return { value, closed: true };
    }
    if (char === '\\') {
      at++;
      char = text.charAt(at);
    }
    value += char;
  }
  cursor.at = text.length;
  return { value, closed: false };
}
