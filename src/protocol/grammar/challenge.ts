// WWW-Authenticate (RFC 9110 section 11.6.1). Lenient by design: real registries send sloppy
// values, and a pull goes on with whatever can be read. Never throws.

import { type Cursor, peek, readQuoted, readToken, readUntil, skipBlanks } from './field-value.ts';

export interface Challenge {
  /** Lower case: `bearer`, `basic`, `negotiate` … */
  readonly scheme: string;
  /** The one value of schemes such as Negotiate, which have it instead of parameters. */
  readonly token68?: string;
  /** Names lower case; of a repeated name the last, as Go's clients read it. No prototype. */
  readonly params: Readonly<Record<string, string>>;
}

/** What lies beyond is not read; servers limit whole header sections to less. */
const challengeCharsMax = 65_536;

const token68Pattern = /^[A-Za-z0-9._~+/-]+=*$/;

/** All challenges of one field value (or of several lines joined by ", "), in order. */
export function parseChallenges(value: string): Challenge[] {
  const cursor: Cursor = { text: value.slice(0, challengeCharsMax), at: 0 };
  const challenges: Challenge[] = [];
  let params: Record<string, string> | undefined;
  for (;;) {
    skipBlanks(cursor, ',');
    if (peek(cursor) === '') {
      return challenges;
    }
    const name = readToken(cursor).toLowerCase();
    if (name === '') {
      skipElement(cursor);
      continue;
    }
    const afterName = cursor.at;
    skipBlanks(cursor);
    if (params !== undefined && peek(cursor) === '=') {
      cursor.at++;
      params[name] = readParamValue(cursor);
      continue;
    }
    if (afterName === cursor.at && peek(cursor) !== ',' && peek(cursor) !== '') {
      // Neither a scheme (a blank must follow) nor a parameter of one.
      skipElement(cursor);
      continue;
    }
    params = Object.create(null) as Record<string, string>;
    const token68 = readToken68(cursor);
    challenges.push({ scheme: name, params, ...(token68 === '' ? {} : { token68 }) });
  }
}

/** A quoted string, or (as some servers forget the quotes) everything up to a comma or blank. */
function readParamValue(cursor: Cursor): string {
  skipBlanks(cursor);
  return peek(cursor) === '"' ? readQuoted(cursor).value : readUntil(cursor, ', \t');
}

/** Reads a token68 when that is all there is before the next comma; else leaves the cursor. */
function readToken68(cursor: Cursor): string {
  const start = cursor.at;
  const text = readUntil(cursor, ', \t');
  skipBlanks(cursor);
  if (token68Pattern.test(text) && (peek(cursor) === ',' || peek(cursor) === '')) {
    return text;
  }
  cursor.at = start;
  return '';
}

/** Moves past a list element that makes no sense, minding commas inside quotes. */
function skipElement(cursor: Cursor): void {
  for (;;) {
    readUntil(cursor, ',"');
    if (peek(cursor) !== '"') {
      return;
    }
    readQuoted(cursor);
  }
}
