// The fenced blocks of a page in Markdown: what language each is in, what its info string says, and the commands in it.
import { norunReasons } from './reasons.ts';

export interface Block {
  readonly page: string;
  /** Of the fence that opens it, from 1. */
  readonly line: number;
  /** The first word of the info string; empty where there is none. */
  readonly language: string;
  /** The words after it that have the form `key=value`. */
  readonly info: Readonly<Record<string, string>>;
  /** What is between the fences, each line with its line feed. */
  readonly text: string;
}

export interface Command {
  readonly line: number;
  /** As the shell gets it: continued lines are joined. */
  readonly text: string;
  /** The lines that stand below it, up to the next command: what it prints. */
  readonly output: string;
}

/** What the info string of a block may say (CONTRIBUTING.md, "Docs"). */
const infoKeys: ReadonlySet<string> = new Set(['exit', 'norun', 'file', 'schema', 'from']);

/** @throws Error for a fence that is never closed, and for an info string that nobody reads */
export function blocksOf(page: string, text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let open: { line: number; fence: string; words: string[] } | undefined;
  for (const [index, line] of lines.entries()) {
    const [, indent = '', fence = '', rest = ''] = /^( *)(`{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined && fence !== '') {
      open = { line: index + 1, fence: indent + fence, words: rest.trim().split(/\s+/) };
    } else if (open !== undefined && line === open.fence) {
      blocks.push(blockOf(page, open, lines.slice(open.line, index)));
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block is never closed`);
  return blocks;
}

function blockOf(
  page: string,
  { line, fence, words }: { line: number; fence: string; words: readonly string[] },
  lines: readonly string[],
): Block {
  const [language = '', ...pairs] = words;
  const info = Object.fromEntries(pairs.map((pair) => pairOf(pair, `${page}:${line}`)));
  const indent = fence.search(/`/);
  const text = lines.map((one) => `${one.slice(indent)}\n`).join('');
  return { page, line, language, info, text };
}

function pairOf(pair: string, at: string): [string, string] {
  const [, key = '', value = ''] = /^([a-z]+)=(\S+)$/.exec(pair) ?? [];
  if (!infoKeys.has(key)) {
    throw new Error(`${at}: the info string says ${pair}; it may say ${[...infoKeys].join(', ')}`);
  }
  if (key === 'norun' && !Object.hasOwn(norunReasons, value)) {
    const known = Object.keys(norunReasons).join(', ');
    throw new Error(`${at}: norun=${value} is no reason of test/lib/docs/reasons.ts (${known})`);
  }
  return [key, value];
}

/** Of a block of `console`: lines that begin with `$ `, the next too where one ends in a backslash or opens a here-document. */
export function commandsOf({ page, line, text }: Block): Command[] {
  const commands: { line: number; text: string; output: string }[] = [];
  let isContinued = false;
  let hereEnd: string | undefined;
  for (const [index, one] of text.split('\n').slice(0, -1).entries()) {
    const last = commands.at(-1);
    if (last !== undefined && (isContinued || hereEnd !== undefined)) {
      const words = one.replace(/^> /, '');
      last.text += `\n${words}`;
      if (words === hereEnd) hereEnd = undefined;
      isContinued = words.endsWith('\\');
    } else if (one.startsWith('$ ')) {
      commands.push({ line: line + index + 1, text: one.slice(2), output: '' });
      isContinued = one.endsWith('\\');
      hereEnd = /<<'?(\w+)'?/.exec(one)?.[1];
    } else if (last !== undefined) {
      last.output += `${one}\n`;
    } else if (one.trim() !== '') {
      throw new Error(`${page}:${line + index + 1}: no command stands above this output`);
    }
  }
  return commands;
}
