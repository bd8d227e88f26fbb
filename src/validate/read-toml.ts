// From a TOML text to a value of JSON's types, with the place of everything in it.

import { createRequire } from 'node:module';
import { characterName } from './characters.ts';
import {
  configDepthMax,
  isTooDeep,
  nearestPlaces,
  parserMessage,
  type Reading,
  tooDeep,
  unreadable,
} from './reading.ts';
import type { Rule } from './rules/rule.ts';
import { placesInToml } from './toml-walk.ts';

const require = createRequire(import.meta.url);
/** The parser, loaded when there is a text for it. */
const toml = (): typeof import('smol-toml') => require('smol-toml');

export const tomlSyntax: Rule = {
  id: 'toml-syntax',
  level: 'error',
  spec: 'toml/v1.0.0#spec',
  summary: 'The text is TOML, each key and table told once.',
  fix: 'Correct the TOML here: clients refuse the whole file.',
};

export const tomlBom: Rule = {
  id: 'toml-bom',
  level: 'warning',
  spec: 'toml/v1.0.0#spec',
  summary: 'No byte order mark stands before the TOML text.',
  fix: 'Remove the first three bytes, EF BB BF: podman 4.3, skopeo 1.9 and older ones refuse the whole file.',
};

export const tomlVersion: Rule = {
  id: 'toml-version',
  level: 'warning',
  spec: 'toml/v1.0.0#spec',
  summary: 'The text is TOML 1.0.',
  fix: 'Write it without: podman 4.3, skopeo 1.9 and whatever else knows no TOML 1.1 refuse the whole file.',
};

export function readToml(text: string): Reading {
  try {
    const parsed = toml().parse(text, { maxDepth: configDepthMax });
    // Dotted keys nest without brackets.
    if (isTooDeep(parsed)) {
      return unreadable({ rule: tomlSyntax, offset: 0, detail: tooDeep });
    }
    return {
      value: withoutDates(parsed),
      problems: newSyntax(text),
      locate: (it, pointers) => nearestPlaces(pointers, placesInToml(it)),
    };
  } catch (error) {
    if (!(error instanceof toml().TomlError)) {
      throw error;
    }
    const offset = offsetOf(text, error.line, error.column);
    const said = parserMessage(error.message.replace(/^Invalid TOML document: /, ''));
    const detail = `${said}${foundAt(text, offset)}`;
    return unreadable({ rule: ruleAt(text, offset), offset, detail });
  }
}

/** Comments, texts of all four kinds, and what tables of one line are made of. */
const token =
  /#[^\n]*|"""(?:\\[\s\S]|[^\\])*?"""+|'''[\s\S]*?'''+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[[\]{}\n]/g;

/** The first thing that TOML 1.1 has and 1.0 has not, of a text that the parser takes. */
function newSyntax(text: string): Reading['problems'] {
  const open: string[] = [];
  for (const { 0: found, index: offset } of text.matchAll(token)) {
    const told = (detail: string) => [{ rule: tomlVersion, offset, detail }];
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
  return [];
}

/** Dates are objects to the schema, which would pass for tables; null is no type of TOML's. */
function withoutDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (value instanceof Date) {
    return null;
  }
  if (Array.isArray(value)) {
    return value.map(withoutDates);
  }
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, withoutDates(it)]));
}

/** A word where a value has to be lacks its quotes. */
function ruleAt(text: string, offset: number): Rule {
  const isWord = /=[ \t]*$/.test(text.slice(Math.max(0, offset - 80), offset));
  return isWord && /[A-Za-z]/.test(text[offset] ?? '')
    ? { ...tomlSyntax, fix: quotesFix }
    : tomlSyntax;
}

const quotesFix = 'Write texts in quotes: clients refuse the whole file.';

/** Both count from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    start = text.indexOf('\n', start) + 1;
  }
  return Math.min(start + column - 1, text.length);
}

/** Names the character at a place that is not of ASCII: most often that is the fault. */
function foundAt(text: string, offset: number): string {
  const code = text.codePointAt(offset) ?? 0;
  return code > 0x7e ? `, found ${characterName(code)}` : '';
}
