// From a TOML text to a value of JSON's types, with the place of everything in it.

import { characterName } from '../formats/characters.ts';
import { isTooDeep } from '../formats/config-limits.ts';
import { parseToml, TomlFault } from '../formats/toml.ts';
import { placesInToml } from '../formats/toml-walk.ts';
import { nearestPlaces, parserMessage, type Reading, tooDeep, unreadable } from './reading.ts';
import type { Rule } from './rules/rule.ts';

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
    const { value, newer } = parseToml(text);
    // Dotted keys nest without brackets.
    if (isTooDeep(value)) {
      return unreadable({ rule: tomlSyntax, offset: 0, detail: tooDeep });
    }
    return {
      value,
      problems: newer === undefined ? [] : [{ rule: tomlVersion, ...newer }],
      locate: (it, pointers) => nearestPlaces(pointers, placesInToml(it)),
    };
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error;
    const { message, offset } = error;
    const detail = `${parserMessage(message)}${foundAt(text, offset)}`;
    return unreadable({ rule: ruleAt(text, offset), offset, detail });
  }
}

/** A word where a value has to be lacks its quotes. */
function ruleAt(text: string, offset: number): Rule {
  const isWord = /=[ \t]*$/.test(text.slice(Math.max(0, offset - 80), offset));
  return isWord && /[A-Za-z]/.test(text[offset] ?? '')
    ? { ...tomlSyntax, fix: quotesFix }
    : tomlSyntax;
}

const quotesFix = 'Write texts in quotes: clients refuse the whole file.';

/** Names the character at a place that is not of ASCII: most often that is the fault. */
function foundAt(text: string, offset: number): string {
  const code = text.codePointAt(offset) ?? 0;
  return code > 0x7e ? `, found ${characterName(code)}` : '';
}
