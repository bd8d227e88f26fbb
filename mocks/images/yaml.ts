// Reading a YAML (or JSON) file that a person wrote: each value knows its place, so that what is wrong with
// it can be said with line and column. What the values mean is spec.ts.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { UserError } from '../../src/lib/user-error.ts';

interface Source {
  /** As the user named it. */
  readonly file: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** A value of the file. */
export class Place {
  readonly #source: Source;
  readonly #node: Node | null;
  /** Offset of what is shown as the place: the value, or the key of an empty one. */
  readonly #offset: number;
  readonly #path: string;

  constructor(source: Source, node: Node | null, offset: number, path: string) {
    this.#source = source;
    const resolved = isAlias(node) ? (node.resolve(source.document) ?? null) : node;
    this.#node = resolved;
    this.#offset = node?.range?.[0] ?? offset;
    this.#path = path;
  }

  /** @throws UserError `images-invalid` that says where and what to do */
  fail(problem: string, hint: string): never {
    const { file, lines } = this.#source;
    const { line, col } = lines.linePos(this.#offset);
    const what = this.#path === '' ? problem : `${this.#path}: ${problem}`;
    throw new UserError('images-invalid', `${file}:${line}:${col}: ${what}`, hint);
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  /** The value of a scalar, undefined for everything else. */
  get scalar(): unknown {
    return isScalar(this.#node) ? this.#node.value : undefined;
  }

  /** The values of a map by their keys, of which there are no others. */
  fields(known: readonly string[]): Readonly<Record<string, Place | undefined>> {
    const node = this.#node;
    if (!isMap(node)) return this.fail('is not a map', `Write keys: ${known.join(', ')}.`);
    const fields: Record<string, Place | undefined> = Object.create(null);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      const offset = (key as Node | null)?.range?.[0] ?? this.#offset;
      const path = this.#path === '' ? name : `${this.#path}.${name}`;
      const at = new Place(this.#source, null, offset, this.#path);
      if (!known.includes(name)) {
        at.fail(`there is no key ${JSON.stringify(name)} here`, `Known are: ${known.join(', ')}.`);
      }
      if (fields[name] !== undefined) at.fail(`${name} comes twice`, 'Leave one of them out.');
      fields[name] = new Place(this.#source, value as Node | null, offset, path);
    }
    return fields;
  }

  /** The entries of a list that has from 1 to `countMax`. */
  list(countMax: number): readonly Place[] {
    const node = this.#node;
    if (!isSeq(node)) return this.fail('is not a list', 'Write one entry a line, each after "- ".');
    const count = node.items.length;
    if (count < 1 || count > countMax) {
      this.fail(`has ${count} entries`, `Write from 1 to ${countMax} entries.`);
    }
    return node.items.map((item, index) => {
      return new Place(this.#source, item as Node | null, this.#offset, `${this.#path}[${index}]`);
    });
  }

  text(): string {
    const value = this.scalar;
    if (typeof value === 'string') return value;
    return this.fail('is not text', 'Write text; put quotes around what looks like a number.');
  }

  wholeNumber(min: number, max: number): number {
    const value = this.scalar;
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max) {
      return value as number;
    }
    return this.fail(
      `is not a whole number from ${min} to ${max}`,
      'Write the number without quotes.',
    );
  }

  number(min: number, max: number): number {
    const value = this.scalar;
    if (typeof value === 'number' && value >= min && value <= max) return value;
    return this.fail(`is not a number from ${min} to ${max}`, 'Write the number without quotes.');
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.scalar);
    return found ?? this.fail('is none of the known words', `Write one of: ${choices.join(', ')}.`);
  }
}

/** The root of a file's only document. @throws UserError `images-invalid` for what is no YAML */
export function parseYaml(text: string, file: string): Place {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    prettyErrors: false,
    // The library compares each key with all others; `fields` finds those that come twice.
    uniqueKeys: false,
  });
  const root = new Place({ file, document, lines }, document.contents, 0, '');
  const [error] = document.errors;
  if (error !== undefined) {
    const at = new Place({ file, document, lines }, null, error.pos[0], '');
    at.fail(error.message, 'Mend the YAML; indentation is blanks, never tabs.');
  }
  return root;
}
