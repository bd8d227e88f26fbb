// The grammar of systemd's unit files as far as variables need it: sections, assignments, words in quotes, and the files
// that EnvironmentFile= names (systemd.syntax(7), systemd.exec(5)).

export interface Assignment {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  /** From 1: where it begins. */
  readonly line: number;
}

/** Assignments in order. A line that ends in a backslash goes on in the next, comments between them left out. */
export function readUnit(text: string): Assignment[] {
  const assignments: Assignment[] = [];
  let section = '';
  let begun: { parts: string[]; line: number } | undefined;
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (/^[#;]/.test(line) || (line === '' && begun === undefined)) continue;
    const { parts, line: first }: NonNullable<typeof begun> = begun ?? { parts: [], line: at + 1 };
    if (line.endsWith('\\')) {
      parts.push(line.slice(0, -1));
      begun = { parts, line: first };
      continue;
    }
    begun = undefined;
    const whole = { text: [...parts, line].join(' '), line: first };
    const [, name] = /^\[(.*)\]$/.exec(whole.text) ?? [];
    if (name !== undefined) {
      section = name;
      continue;
    }
    const equals = whole.text.indexOf('=');
    if (equals < 0) continue;
    const key = whole.text.slice(0, equals).trim();
    assignments.push({
      section,
      key,
      value: whole.text.slice(equals + 1).trim(),
      line: whole.line,
    });
  }
  return assignments;
}

const escapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  s: ' ',
  '\\': '\\',
  '"': '"',
  "'": "'",
};
const escaped = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]))/y;

/**
 * Words between blanks; quotes may begin and end within a word. What is wrong, such as a quote that does not end, ends
 * the reading: systemd passes over the rest of the line.
 */
export function readWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '\\') {
      escaped.lastIndex = at;
      const match = escaped.exec(text);
      const meant = match === null ? undefined : unescaped(match);
      if (match === null || meant === undefined) return words;
      word = (word ?? '') + meant;
      at = escaped.lastIndex - 1;
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/[ \t\n\r]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== '') return words;
  return word === undefined ? words : [...words, word];
}

function unescaped([, hex, short, long, octal, letter]: RegExpExecArray): string | undefined {
  if (letter !== undefined) return escapes[letter];
  const code =
    octal === undefined
      ? Number.parseInt(hex ?? short ?? long ?? '', 16)
      : Number.parseInt(octal, 8);
  return code === 0 || code > 0x10ffff ? undefined : String.fromCodePoint(code);
}

/** A word of Environment= as name and value; undefined for what is no assignment. */
export function readVariable(word: string): readonly [name: string, value: string] | undefined {
  const [, name, value = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(word) ?? [];
  return name === undefined ? undefined : [name, value];
}

/** A file of variables: `NAME=value` a line, quotes as in a shell, nothing expanded. */
export function readEnvironmentFile(text: string): { name: string; value: string; line: number }[] {
  const found: { name: string; value: string; line: number }[] = [];
  const start = /[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/y;
  for (let at = 0, line = 1; at < text.length; ) {
    start.lastIndex = at;
    const match = start.exec(text);
    const from = match === null ? at : start.lastIndex;
    const read = match === null ? undefined : shellValue(text, from);
    const end = read === undefined ? endOfLine(text, from) : read.end;
    if (match !== null && read !== undefined) {
      found.push({ name: match[1] as string, value: read.value, line });
    }
    line += text.slice(at, end + 1).split('\n').length - 1;
    at = end + 1;
  }
  return found;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** Up to the end of the line that no quote or backslash hides; blanks at the end do not count. */
function shellValue(text: string, from: number): { value: string; end: number } {
  let value = '';
  /** Of `value`: what was in quotes or escaped keeps its blanks. */
  let kept = 0;
  let quote = '';
  let at = from;
  for (; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '\n' && quote === '') break;
    if (char === '\\' && quote !== "'") {
      const next = text[++at] ?? '';
      if (next === '\n') continue;
      value += quote === '"' && !/["\\`$]/.test(next) ? `\\${next}` : next;
      kept = value.length;
    } else if (quote !== '' && char === quote) {
      quote = '';
      kept = value.length;
    } else if (quote === '' && (char === '"' || char === "'")) {
      quote = char;
    } else {
      value += char;
      if (quote !== '') kept = value.length;
    }
  }
  return { value: value.slice(0, kept) + value.slice(kept).trimEnd(), end: at };
}
