// Whether bytes are JSON that is broken, or something else altogether. Loads with the validator, and runs
// only where JSON.parse has failed.

import { lookOfBytes, lookOfHead } from './bytes.ts';
import { type Look, looksLike } from './look.ts';
import { lookOfText } from './text.ts';

/** A brace, or a bracket: not those of templates, nor the header of a table in TOML or an INI file. */
const jsonStart =
  /^[\s\ufeff]*(?:\{(?![{%])|\[(?!\[?[A-Za-z_][\w. "'-]*\]\]?[ \t]*(?:[#;\r\n]|$)))/;
/** Comments before it, which JSON does not have; those with # may be of any other text. */
const commentedStart =
  /^\s*(?:(?:\/\/[^\n]*\n\s*|\/\*[^*]*\*\/\s*)+[{[]|(?:#[^\n]*\n\s*)+\{(?![{%]))/;

/** What bytes are that are no JSON; undefined where they are JSON with a mistake in it. */
export function lookOfStranger(bytes: Uint8Array, text: string): Look | undefined {
  const certain = lookOfBytes(bytes);
  if (certain !== undefined) return certain;
  const head = text.slice(0, 4096);
  if (jsonStart.test(head) || commentedStart.test(head)) return undefined;
  return lookOfHead(bytes) ?? lookOfText(text);
}

/** What a text is that should be TOML or YAML; undefined where it may be meant so. */
export function lookOfForeign(bytes: Uint8Array, text: string): Look | undefined {
  const certain = lookOfBytes(bytes) ?? lookOfHead(bytes);
  if (certain !== undefined) return certain;
  if (/^\s*(?:<|-----BEGIN |HTTP\/)/.test(text)) return lookOfText(text);
  const isJson = /^\s*\{\s*(?:"[^"\n]*"\s*:|\})/.test(text);
  return isJson
    ? looksLike('JSON', 'Write it in the format of this file; or correct its name.')
    : undefined;
}
