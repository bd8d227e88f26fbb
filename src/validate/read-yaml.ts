// From a YAML text to a value of JSON's types, with the place of everything in it.

import { isTooDeep } from '../formats/config-limits.ts';
import { childPointer, type Place, type Span } from '../formats/places.ts';
import { readYamlText, type YamlProblem, YamlText, type YamlValue } from '../formats/yaml.ts';
import {
  nearestPlaces,
  parserMessage,
  type Reading,
  type TextProblem,
  tooDeep,
  unreadable,
} from './reading.ts';
import type { Rule } from './rules/rule.ts';

export const yamlSyntax: Rule = {
  id: 'yaml-syntax',
  level: 'error',
  spec: 'yaml/1.2.2#introduction-to-yaml',
  summary: 'The text is one YAML document, each key told once.',
  fix: 'Correct the YAML here.',
};

/** Each alias repeats what it names: more of them than this are no configuration. */
const aliasesMax = 100;

export function readYaml(text: string): Reading {
  const read = readYamlText(text);
  if (!(read instanceof YamlText)) return unreadable(textProblem(read));
  const plain = read.plain(aliasesMax);
  if (!('value' in plain)) return unreadable(textProblem(plain));
  const { value } = plain;
  if (isTooDeep(value)) {
    return unreadable({ rule: yamlSyntax, offset: 0, detail: tooDeep });
  }
  const { places, repeated } = placesInYaml(read.root);
  return {
    value,
    problems: repeated.map((offset) => ({ rule: yamlSyntax, offset, detail: repeatedKey })),
    locate: (_text, pointers) => nearestPlaces(pointers, places),
  };
}

function textProblem({ kind, offset = 0, message }: YamlProblem): TextProblem {
  const details = {
    syntax: parserMessage(message),
    depth: tooDeep,
    aliases: `it repeats more than ${aliasesMax} parts by aliases, or one that is not there`,
    repeated: repeatedKey,
  };
  return { rule: yamlSyntax, offset, detail: details[kind] };
}

const repeatedKey = 'the key is in this mapping a second time';

interface Places {
  /** By JSON pointer; what an alias stands for begins at the alias. */
  readonly places: Map<string, Place>;
  /** Offsets of keys that their mapping has already. */
  readonly repeated: number[];
}

function placesInYaml(root: YamlValue): Places {
  const places = new Map<string, Place>();
  const repeated: number[] = [];
  function visit(value: YamlValue, pointer: string, named?: Span): void {
    places.set(pointer, { value: value.offset, end: value.end, name: named });
    if (value.isAlias) return;
    let index = 0;
    for (const item of value.items()) visit(item, childPointer(pointer, index++));
    for (const { name, offset, end, isRepeated, value: below } of value.entries()) {
      if (name === undefined) continue;
      if (isRepeated) repeated.push(offset ?? 0);
      const span = offset === undefined || end === undefined ? undefined : { start: offset, end };
      visit(below, childPointer(pointer, name), span);
    }
  }
  visit(root, '');
  return { places, repeated };
}
