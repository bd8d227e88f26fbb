// YAML (or JSON, which is YAML) that a person wrote: values that know their place, read by one parser. What
// cannot be read is data; who asked makes findings (src/validate) or a UserError of it. Not for large texts:
// callers bound the bytes, the parser takes far more memory and time than JSON's.

import { createRequire } from 'node:module';
import type { Document, Node } from 'yaml';

const require = createRequire(import.meta.url);
/** The parser, loaded when there is a text for it: 70 files, that most runs do without. */
const yaml = (): typeof import('yaml') => {
  loaded ??= require('yaml') as typeof import('yaml');
  return loaded;
};
let loaded: typeof import('yaml') | undefined;

export interface YamlProblem {
  /**
   * `syntax`: it is not YAML, or more than one document. `depth`: the parser, which recurses, gave up.
   * `aliases`: they repeat more than was allowed, or what is not there. `repeated`: a key comes again.
   */
  readonly kind: 'syntax' | 'depth' | 'aliases' | 'repeated';
  /** UTF-16 units from the start of the text; undefined: it is about the whole. */
  readonly offset: number | undefined;
  /** The parser's own. */
  readonly message: string;
}

/** One key of a mapping. */
export interface YamlEntry {
  /** The key as text; undefined when it is no scalar. */
  readonly name: string | undefined;
  /** Where the key begins; undefined for one that is not there, as in `: 1`. */
  readonly offset: number | undefined;
  /** Where it ends, quotes included. */
  readonly end: number | undefined;
  /** The mapping has the name already. */
  readonly isRepeated: boolean;
  readonly value: YamlValue;
}

/** A value, and where it begins. */
export class YamlValue {
  /** Of the value, or of an alias of it; of an empty one, that of its key or of what it is in. */
  readonly offset: number;
  /** Where a scalar ends, quotes included; undefined for everything else. */
  readonly end: number | undefined;
  /** It stands elsewhere: what is below it has the places of that. */
  readonly isAlias: boolean;
  readonly #document: Document;
  readonly #own: Node | undefined;

  /** `offset`: of a value that has none. */
  constructor(document: Document, node: unknown, offset: number) {
    const own = yaml().isNode(node) ? node : undefined;
    this.#document = document;
    this.#own = own;
    this.isAlias = yaml().isAlias(own);
    this.offset = own?.range?.[0] ?? offset;
    this.end = yaml().isScalar(own) ? own.range?.[1] : undefined;
  }

  /** The parser looks through the whole document for what an alias names: only when it is asked for. */
  get #node(): Node | undefined {
    return yaml().isAlias(this.#own) ? this.#own.resolve(this.#document) : this.#own;
  }

  get isMap(): boolean {
    return yaml().isMap(this.#node);
  }

  get isList(): boolean {
    return yaml().isSeq(this.#node);
  }

  /** The value of a scalar, undefined for everything else. */
  get scalar(): unknown {
    const node = this.#node;
    return yaml().isScalar(node) ? node.value : undefined;
  }

  /** Of a mapping, in the order of the text; none for everything else. */
  *entries(): Generator<YamlEntry> {
    const node = this.#node;
    if (!yaml().isMap(node)) return;
    const names = new Set<string>();
    for (const { key, value } of node.items) {
      const name = yaml().isScalar(key) ? String(key.value) : undefined;
      const [offset, end] = (yaml().isNode(key) ? key.range : undefined) ?? [];
      const isRepeated = name !== undefined && names.has(name);
      if (name !== undefined) names.add(name);
      const placed = new YamlValue(this.#document, value, offset ?? this.offset);
      yield { name, offset, end, isRepeated, value: placed };
    }
  }

  /** Number of items of a list; 0 for everything else. */
  get length(): number {
    const node = this.#node;
    return yaml().isSeq(node) ? node.items.length : 0;
  }

  /** Of a list; none for everything else. */
  *items(): Generator<YamlValue> {
    const node = this.#node;
    if (!yaml().isSeq(node)) return;
    for (const item of node.items) yield new YamlValue(this.#document, item, this.offset);
  }
}

/** A text that is one YAML document. */
export class YamlText {
  readonly root: YamlValue;
  readonly #document: Document;
  readonly #hasStars: boolean;

  /** `hasStars`: the text has the sign that aliases begin with. */
  constructor(document: Document, hasStars: boolean) {
    this.#document = document;
    this.#hasStars = hasStars;
    this.root = new YamlValue(document, document.contents, 0);
  }

  /** As values of JSON's types, null for an empty text. `aliasesMax`: as in `readPlainYaml`. */
  plain(aliasesMax: number): { readonly value: unknown } | YamlProblem {
    try {
      if (this.#hasStars && this.#hasMoreAliases(aliasesMax)) {
        return { kind: 'aliases', offset: undefined, message: 'it has too many aliases' };
      }
      return { value: this.#document.toJS({ maxAliasCount: aliasesMax }) ?? null };
    } catch (error) {
      const { message } = error as Error;
      if (isStackError(error)) return { kind: 'depth', offset: undefined, message };
      if (error instanceof ReferenceError && /alias/i.test(message)) {
        return { kind: 'aliases', offset: undefined, message };
      }
      throw error;
    }
  }

  /** The parser counts what aliases repeat: those of empty lists not at all, and each costs it a search. */
  #hasMoreAliases(aliasesMax: number): boolean {
    // Then the parser refuses the first.
    if (aliasesMax === 0) return false;
    let count = 0;
    yaml().visit(this.#document, {
      Alias: () => (++count > aliasesMax ? yaml().visit.BREAK : undefined),
    });
    return count > aliasesMax;
  }
}

/** Reads a text of which nothing is refused but what is no YAML; keys that come twice are told by `YamlEntry.isRepeated`. */
export function readYamlText(text: string): YamlText | YamlProblem {
  try {
    const document = yaml().parseDocument(text, {
      prettyErrors: false,
      logLevel: 'error',
      // The parser compares every key with every other.
      uniqueKeys: false,
    });
    const [error] = document.errors;
    if (error === undefined) return new YamlText(document, text.includes('*'));
    const { message } = error;
    // It may also report its own limit as an error of the text.
    return { kind: isStackMessage(message) ? 'depth' : 'syntax', offset: error.pos[0], message };
  } catch (error) {
    if (!isStackError(error)) throw error;
    return { kind: 'depth', offset: undefined, message: error.message };
  }
}

/**
 * The plain value of a text whose keys come once each. `aliasesMax`: number of aliases, also of those that one
 * of them repeats, counted high by the parser; 0 forbids them.
 */
export function readPlainYaml(
  text: string,
  aliasesMax: number,
): { readonly value: unknown } | YamlProblem {
  const read = readYamlText(text);
  if (!(read instanceof YamlText)) return read;
  const open = [read.root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (value.isAlias) continue;
    for (const { isRepeated, offset, value: below } of value.entries()) {
      if (isRepeated) return { kind: 'repeated', offset, message: 'a key comes a second time' };
      open.push(below);
    }
    open.push(...value.items());
  }
  return read.plain(aliasesMax);
}

function isStackMessage(message: string): boolean {
  return message.includes('call stack');
}

function isStackError(error: unknown): error is RangeError {
  return error instanceof RangeError && isStackMessage(error.message);
}
