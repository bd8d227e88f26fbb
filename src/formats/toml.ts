// TOML, as the specification has it, read by one parser: for the rules of `validate`, and for the configuration
// of clients. Callers bound the bytes.

import { createRequire } from 'node:module';
import { configDepthMax } from './config-limits.ts';

const require = createRequire(import.meta.url);
/** The parser, loaded when there is a text for it. */
const toml = (): typeof import('smol-toml') => require('smol-toml');

export interface TomlText {
  /** Plain JSON values; null for dates. */
  readonly value: unknown;
  /** The first thing that TOML 1.1 has and 1.0 has not. */
  readonly newer?: { readonly offset: number; readonly detail: string };
}

/** Why a text is no TOML. */
export class TomlFault extends Error {
  /** UTF-16 units from the start of the text. */
  readonly offset: number;

  /** `message`: the parser's own, its first line. */
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** @throws TomlFault; what nests by dotted keys may be deeper than `configDepthMax` */
export function parseToml(text: string): TomlText {
  try {
    const value = withoutDates(toml().parse(text, { maxDepth: configDepthMax }));
    const newer = newSyntax(text);
    return newer === undefined ? { value } : { value, newer };
  } catch (error) {
    if (!(error instanceof toml().TomlError)) throw error;
    const [line = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n', 1);
    throw new TomlFault(line, offsetOf(text, error.line, error.column));
  }
}

/** Comments, texts of all four kinds, and what tables of one line are made of. */
const token =
  /#[^\n]*|"""(?:\\[\s\S]|[^\\])*?"""+|'''[\s\S]*?'''+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[[\]{}\n]/g;

function newSyntax(text: string): TomlText['newer'] {
  const open: string[] = [];
  for (const { 0: found, index: offset } of text.matchAll(token)) {
    const told = (detail: string) => ({ offset, detail });
    if (found === '{' || found === '[') open.push(found);
    if (found === '\n' && open.at(-1) === '{') {
      return told('this table in braces goes over the end of the line, as in TOML 1.1');
    }
    if (found === '}' && text.slice(0, offset).trimEnd().endsWith(',')) {
      return told('a comma stands before this brace, as in TOML 1.1');
    }
    if (found === '}' || found === ']') open.pop();
    if (found.startsWith('"') && /^(?:[^\\]|\\[^ex])*\\[ex]/.test(found)) {
      return told('this text has \\e or \\x in it, as in TOML 1.1');
    }
  }
  return undefined;
}

/**
 * Dates are objects of the parser, which would pass for tables; null is no type of TOML's. What is nested deeper than
 * anybody judges stays as it is: dotted keys go down as far as they like.
 */
function withoutDates(value: unknown, levels = configDepthMax): unknown {
  if (typeof value !== 'object' || value === null || levels < 0) {
    return value;
  }
  if (value instanceof Date) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((it) => withoutDates(it, levels - 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, it]) => [key, withoutDates(it, levels - 1)]),
  );
}

/** Both count from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    start = text.indexOf('\n', start) + 1;
  }
  return Math.min(start + column - 1, text.length);
}
