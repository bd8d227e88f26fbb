// From a YAML text to a value of JSON's types, with the place of everything in it.

import { type Document, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { childPointer } from './pointer.ts';
import {
  isTooDeep,
  nearestOffsets,
  parserMessage,
  type Reading,
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
  try {
    // The parser compares every key with every other: told apart below, in one pass.
    const options = { prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
    const document = parseDocument(text, options);
    const [error] = document.errors;
    if (error !== undefined) {
      // The parser recurses, and reports its own limit as an error of the text.
      const detail = isStackMessage(error.message) ? tooDeep : parserMessage(error.message);
      return unreadable({ rule: yamlSyntax, offset: error.pos[0], detail });
    }
    const value: unknown = document.toJS({ maxAliasCount: aliasesMax }) ?? null;
    if (isTooDeep(value)) {
      return unreadable({ rule: yamlSyntax, offset: 0, detail: tooDeep });
    }
    const { places, repeated } = placesInYaml(document);
    return {
      value,
      problems: repeated.map((offset) => ({ rule: yamlSyntax, offset, detail: repeatedKey })),
      locate: (_text, pointers) => nearestOffsets(pointers, places),
    };
  } catch (error) {
    if (error instanceof RangeError && isStackMessage(error.message)) {
      return unreadable({ rule: yamlSyntax, offset: 0, detail: tooDeep });
    }
    if (error instanceof ReferenceError && error.message.includes('alias')) {
      const detail = `it repeats more than ${aliasesMax} parts by aliases, or one that is not there`;
      return unreadable({ rule: yamlSyntax, offset: 0, detail });
    }
    throw error;
  }
}

function isStackMessage(message: string): boolean {
  return message.includes('call stack');
}

const repeatedKey = 'the key is in this mapping a second time';

interface Places {
  /** Offsets of all values by JSON pointer; what an alias stands for begins at the alias. */
  readonly places: Map<string, number>;
  /** Offsets of keys that their mapping has already. */
  readonly repeated: number[];
}

function placesInYaml(document: Document): Places {
  const places = new Map<string, number>();
  const repeated: number[] = [];
  function visit(node: unknown, pointer: string): void {
    if (isNode(node)) {
      places.set(pointer, node.range?.[0] ?? 0);
    }
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        visit(item, childPointer(pointer, index));
      }
    } else if (isMap(node)) {
      const keys = new Set<string>();
      for (const { key, value } of node.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (keys.has(name)) repeated.push(key.range?.[0] ?? 0);
        keys.add(name);
        visit(value ?? key, childPointer(pointer, name));
      }
    }
  }
  visit(document.contents, '');
  return { places, repeated };
}
