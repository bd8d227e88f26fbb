// Text that somebody else wrote (a registry, a document, a host): made harmless before any renderer
// shows it. Not an escaper for a format: HTML, XML, Markdown each do that on top of this.

/**
 * What a terminal, a browser or an XML parser acts upon instead of showing it: control characters,
 * invisible format characters (bidirectional overrides among them), line separators that are not
 * line feeds, lone surrogates, and the two non-characters that XML forbids.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE\uFFFF]/gu;

function escapeOne(char: string): string {
  if (char === '\n' || char === '\t') return char;
  const hex = char.codePointAt(0)!.toString(16);
  return hex.length <= 2 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`;
}

/**
 * The same text with every unsafe character spelt out (`\x1b`). Line feeds and tabs are kept, CR LF
 * becomes a line feed.
 */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, escapeOne);
}

/**
 * What the logs of CI systems act upon: `::` at the beginning of a line, which GitHub also takes after blanks,
 * and anywhere `##[name]` (GitHub, Azure), `##vso[` and `##teamcity[`.
 */
const commandMark = /^[^\S\n]*:(?=:)|#(?=#(?:vso|teamcity)?\[[a-z])/gim;

/** Lines for a log, none of which is a command to it: the first character of its mark is spelt out. */
export function withoutCommands(text: string, spell: (char: string) => string = escapeOne): string {
  return text.replace(commandMark, (mark) => mark.slice(0, -1) + spell(mark.slice(-1)));
}

/** `visible`, on one line, cut to `charsMax` code units with an ellipsis. */
export function oneLine(text: string, charsMax = 400): string {
  // Cut before looking at each character: the text can be megabytes.
  const cut = text.length > charsMax ? text.slice(0, charsMax) : text;
  const shown = visible(cut)
    .replace(/[\n\t]+/g, ' ')
    .trim();
  return cut === text ? shown : `${shown}…`;
}
