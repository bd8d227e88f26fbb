// Splits a text into words as a POSIX shell would, and does nothing else of what a shell does: no variables, no
// commands, no patterns. What would be dangerous there is plain text here.
import { UserError } from '../src/lib/user-error.ts';

const charsMax = 64 * 1024;
/** Quoted by a backslash within double quotes; before anything else there it stands for itself. */
const escapable = new Set(['"', '\\', '$', '`']);

/** Blanks and line ends separate; quotes and backslashes join. @throws UserError `args-quotes`, `args-size` (exit 2) */
export function splitWords(text: string): string[] {
  if (text.length > charsMax) {
    throw new UserError(
      'args-size',
      `args has ${text.length} characters, and ${charsMax} is the most`,
      'Name files by a glob in quotes, or by --files-from FILE.',
    );
  }
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (/[ \t\r\n]/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === "'" || char === '"') {
      const { content, end } = quoted(text, at);
      word = (word ?? '') + content;
      at = end;
    } else if (char === '\\') {
      const { length, content } = escaped(text, at);
      if (content !== '') word = (word ?? '') + content;
      at += length - 1;
    } else {
      word = (word ?? '') + char;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** What a backslash stands for together with what follows: a line end is continued. */
function escaped(text: string, at: number): { length: number; content: string } {
  const line = /^\r?\n/.exec(text.slice(at + 1, at + 3))?.[0];
  if (line !== undefined) return { length: 1 + line.length, content: '' };
  if (at + 1 === text.length) throw unended('a backslash');
  return { length: 2, content: text[at + 1] as string };
}

/** The content of the quotes that begin here, and where they end. */
function quoted(text: string, start: number): { content: string; end: number } {
  const quote = text[start] as string;
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] as string;
    if (char === quote) return { content, end: at };
    const next = text[at + 1];
    if (quote === '"' && char === '\\' && next !== undefined && escapable.has(next)) {
      content += next;
      at++;
    } else if (quote === '"' && char === '\\' && next === '\n') {
      at++;
    } else {
      content += char;
    }
  }
  throw unended(quote === '"' ? 'a double quote' : 'a single quote');
}

function unended(what: string): UserError {
  return new UserError(
    'args-quotes',
    `in args, ${what} has no end`,
    'Quote as in a shell: \'one word\', "one word", or one\\ word.',
  );
}
