// A strict JSON reader that reports tokens with their offsets and builds no values, so memory does
// not grow with the document. Iterative: depth costs heap, never stack. JSON.parse is its oracle.

import { characterName } from './characters.ts';

export interface JsonVisitor {
  /** A member name, quotes included. Its value follows. */
  key?(start: number, end: number): void;
  /** A string, number, true, false or null. */
  scalar?(start: number, end: number): void;
  /** `{` or `[` at `start`. */
  open?(start: number, isObject: boolean): void;
  /** The matching `}` or `]`. */
  close?(): void;
}

export interface SyntaxProblem {
  /** Where the text stops being JSON, in UTF-16 units. */
  readonly offset: number;
  /** What was found there, or what is missing. */
  readonly message: string;
  /** The text up to `offset` is one whole JSON value; something follows it. */
  readonly trailing: boolean;
}

const quoteSign = 0x22;
const backslash = 0x5c;

/** What may come next. */
type Expect = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'end';

const numberPattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null/y;
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Reads the whole text and tells the visitor; returns the first problem, if there is one. */
export function walkJson(text: string, visitor: JsonVisitor = {}): SyntaxProblem | undefined {
  /** For each open container: is it an object? */
  const open: boolean[] = [];
  let expect: Expect = 'value';
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const char = text[at] as string;
    const start = at;
    if (expect === 'end') {
      return { offset: at, message: 'the JSON value ended before this', trailing: true };
    }
    if (expect === ':') {
      if (char !== ':') {
        return problem(text, at, 'a colon after the member name');
      }
      at++;
      expect = 'value';
    } else if (expect === ', or end') {
      const closing = open.at(-1) ? '}' : ']';
      if (char === ',') {
        at++;
        expect = open.at(-1) ? 'key' : 'value';
      } else if (char === closing) {
        at++;
        open.pop();
        visitor.close?.();
        expect = open.length === 0 ? 'end' : ', or end';
      } else {
        return problem(text, at, `a comma or ${closing}`);
      }
    } else if (
      (expect === 'value or ]' && char === ']') ||
      (expect === 'key or }' && char === '}')
    ) {
      at++;
      open.pop();
      visitor.close?.();
      expect = open.length === 0 ? 'end' : ', or end';
    } else if (expect === 'key' || expect === 'key or }') {
      if (char !== '"') {
        return problem(text, at, expect === 'key' ? 'a member name' : 'a member name or }');
      }
      at = stringEnd(text, at);
      if (at < 0) {
        return stringProblem(text, ~at);
      }
      visitor.key?.(start, at);
      expect = ':';
    } else if (char === '{' || char === '[') {
      at++;
      open.push(char === '{');
      visitor.open?.(start, char === '{');
      expect = char === '{' ? 'key or }' : 'value or ]';
    } else {
      at = scalarEnd(text, at);
      if (at < 0) {
        return char === '"' ? stringProblem(text, ~at) : problem(text, ~at, 'a value');
      }
      visitor.scalar?.(start, at);
      expect = open.length === 0 ? 'end' : ', or end';
    }
    at = skipBlanks(text, at);
  }
  return expect === 'end' ? undefined : problem(text, at, 'more');
}

/** Offset of what is no blank, from an offset on; the length of the text if there is nothing. */
export function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
      return at;
    }
    at++;
  }
}

/** End of the scalar at `at`; the problem's offset, bits inverted, when there is none. */
function scalarEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === quoteSign) {
    return stringEnd(text, at);
  }
  for (const token of [numberPattern, word]) {
    token.lastIndex = at;
    if (token.test(text)) {
      return token.lastIndex;
    }
  }
  return ~at;
}

/** End of the string that opens at `at`, past its quote; or `~offset` of what breaks it. */
function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; ) {
    const code = text.charCodeAt(next);
    if (code === quoteSign) {
      return next + 1;
    }
    if (code === backslash) {
      escapePattern.lastIndex = next;
      if (!escapePattern.test(text)) {
        return ~next;
      }
      next = escapePattern.lastIndex;
    } else if (code < 0x20) {
      return ~next;
    } else {
      next++;
    }
  }
  return ~text.length;
}

function problem(text: string, offset: number, wanted: string): SyntaxProblem {
  const found = text.codePointAt(offset);
  let message = `expected ${wanted}, found ${characterName(found ?? 0)}`;
  if (found === undefined) {
    message = text.trim() === '' ? 'there is no text' : 'the text ends too early';
  }
  return { offset, message, trailing: false };
}

function stringProblem(text: string, offset: number): SyntaxProblem {
  const found = text.charCodeAt(offset);
  let message = 'the string is never closed';
  if (found === backslash) {
    message = 'unknown escape in a string';
  } else if (found < 0x20) {
    message = `${characterName(found)} must be escaped in a string`;
  }
  return { offset, message, trailing: false };
}
