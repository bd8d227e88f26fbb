// The Link header (RFC 8288), by which tag lists and referrers are paged. Lenient: what cannot be
// read is left out. The URIs are relative to the request's; resolving them is uri.ts.

import {
  type Cursor,
  peek,
  readQuoted,
  readToken,
  readUntil,
  skipBlanks,
  skipChar,
} from './field-value.ts';

export interface Link {
  /** As sent: may be relative, may be no URI at all. */
  readonly uri: string;
  /** Names lower case; the first of a repeated name (RFC 8288 section 3). No prototype. */
  readonly params: Readonly<Record<string, string>>;
}

/** What lies beyond is not read; servers limit whole header sections to less. */
const linkCharsMax = 65_536;

/** All links of one field value, or of several lines joined by ", ". */
export function parseLink(value: string): Link[] {
  const cursor: Cursor = { text: value.slice(0, linkCharsMax), at: 0 };
  const links: Link[] = [];
  for (;;) {
    skipBlanks(cursor, ',');
    if (peek(cursor) === '') {
      return links;
    }
    if (!skipChar(cursor, '<')) {
      skipParams(cursor);
      continue;
    }
    const uri = readUntil(cursor, '>');
    if (!skipChar(cursor, '>')) {
      return links;
    }
    links.push({ uri, params: readParams(cursor) });
  }
}

/**
 * Target of the first link whose relation types include `next`; undefined without one. A link with an `anchor`
 * is one of something else (RFC 8288 3.2).
 */
export function nextLink(value: string): string | undefined {
  const links = parseLink(value).filter(({ params }) => params.anchor === undefined);
  return links.find((link) => relationTypes(link).includes('next'))?.uri;
}

function relationTypes(link: Link): string[] {
  return (link.params.rel ?? '').toLowerCase().split(/[ \t]+/);
}

function readParams(cursor: Cursor): Record<string, string> {
  const params: Record<string, string> = Object.create(null);
  for (;;) {
    skipBlanks(cursor, ';');
    const name = readToken(cursor).toLowerCase();
    if (name === '') {
      skipParams(cursor);
      return params;
    }
    skipBlanks(cursor);
    let value = '';
    if (skipChar(cursor, '=')) {
      skipBlanks(cursor);
      value = peek(cursor) === '"' ? readQuoted(cursor).value : readUntil(cursor, ';, \t');
    }
    params[name] ??= value;
  }
}

/** Moves to the next comma that is outside quotes. */
function skipParams(cursor: Cursor): void {
  for (;;) {
    readUntil(cursor, ',"');
    if (peek(cursor) !== '"') {
      return;
    }
    readQuoted(cursor);
  }
}
