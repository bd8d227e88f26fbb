// A TOML file as the Go programs decode it: members by name in whatever case, a value of another type refused,
// members that nobody asks for ignored. Each value knows its line.
import { configDepthMax, isTooDeep } from '../../formats/config-limits.ts';
import { childPointer, type Place } from '../../formats/places.ts';
import { parseToml, TomlFault } from '../../formats/toml.ts';
import { placesInToml } from '../../formats/toml-walk.ts';
import { asArray, asObject, type JsonObject, nameIn } from '../../lib/json.ts';
import { lineFinder } from '../../lib/line-columns.ts';
import type { Written } from '../route.ts';
import { ConfFault, shown } from './conf-fault.ts';
import type { ContainersRules } from './rules.ts';

/** Where the values of one file stand. */
class Source {
  readonly path: string;
  readonly #text: string;
  readonly #lineOf: (offset: number) => number;
  #places: ReadonlyMap<string, Place> | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.#text = text;
    this.#lineOf = lineFinder(text);
  }

  /** By the name of a member, else where the value begins. */
  at(pointer: string): Written {
    this.#places ??= placesInToml(this.#text);
    const place = this.#places.get(pointer);
    return this.line(place?.name?.start ?? place?.value ?? 0);
  }

  line(offset: number): Written {
    return { in: this.path, line: this.#lineOf(offset) };
  }
}

/** Lists of texts: where each stands. */
export interface TextItem {
  readonly text: string;
  readonly written: Written;
}

export class ConfTable {
  readonly #source: Source;
  readonly #pointer: string;
  readonly #value: JsonObject;

  constructor(source: Source, pointer: string, value: JsonObject) {
    this.#source = source;
    this.#pointer = pointer;
    this.#value = value;
  }

  get written(): Written {
    return this.#source.at(this.#pointer);
  }

  /** Of a member, or of the table where it has none. */
  writtenOf(name: string): Written {
    return this.has(name) ? this.#source.at(this.#pointerOf(name)) : this.written;
  }

  has(name: string): boolean {
    return this.#member(name) !== undefined;
  }

  /** It is not there, or holds nothing. */
  isEmpty(name: string): boolean {
    const value = this.#member(name) ?? '';
    return value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  }

  /** @throws ConfFault for a value of another type, as all that follow */
  text(name: string): string {
    return this.#typed(name, 'a text', '', (it) => (typeof it === 'string' ? it : undefined));
  }

  flag(name: string): boolean {
    return this.#typed(name, 'true or false', false, (it) =>
      typeof it === 'boolean' ? it : undefined,
    );
  }

  /** Undefined where there is none; an empty list says something too. */
  texts(name: string): readonly TextItem[] | undefined {
    const list = this.#typed(name, 'a list of texts', undefined, (it) =>
      asArray(it)?.every((item) => typeof item === 'string') ? (it as string[]) : undefined,
    );
    const pointer = this.#pointerOf(name);
    return list?.map((text, at) => ({ text, written: this.#source.at(childPointer(pointer, at)) }));
  }

  table(name: string): ConfTable | undefined {
    const value = this.#typed(name, 'a table', undefined, asObject);
    return value && new ConfTable(this.#source, this.#pointerOf(name), value);
  }

  tables(name: string): readonly ConfTable[] {
    const list = this.#typed(name, 'a list of tables, [[…]]', [], (it) =>
      asArray(it)?.every((item) => asObject(item)) ? (it as JsonObject[]) : undefined,
    );
    const pointer = this.#pointerOf(name);
    return list.map((item, at) => new ConfTable(this.#source, childPointer(pointer, at), item));
  }

  names(): readonly string[] {
    return Object.keys(this.#value);
  }

  #member(name: string): unknown {
    const written = nameIn(this.#value, name);
    return Object.hasOwn(this.#value, written) ? this.#value[written] : undefined;
  }

  #pointerOf(name: string): string {
    return childPointer(this.#pointer, nameIn(this.#value, name));
  }

  #typed<T>(name: string, wanted: string, absent: T, read: (it: unknown) => T | undefined): T {
    const value = this.#member(name);
    if (value === undefined) return absent;
    const found = read(value);
    if (found !== undefined) return found;
    const written = this.writtenOf(name);
    const message = `${shown(name)} is not ${wanted}`;
    throw new ConfFault('registries-conf-type', written, message, `Write ${wanted} there.`);
  }
}

/** @throws ConfFault for what is no TOML to the client */
export function readConfTable(
  path: string,
  text: string,
  rules: Pick<ContainersRules, 'toml11' | 'byteOrderMark'>,
): ConfTable {
  const source = new Source(path, text);
  const refuse = (offset: number, message: string, hint = 'Correct the TOML here.') =>
    new ConfFault('registries-conf-syntax', source.line(offset), message, hint);
  if (text.startsWith('\ufeff') && !rules.byteOrderMark) {
    const hint = 'Remove the first three bytes, EF BB BF.';
    throw refuse(0, 'a byte order mark stands before the text', hint);
  }
  try {
    const { value, newer } = parseToml(text.replace(/^\ufeff/, ' '));
    if (newer !== undefined && !rules.toml11) {
      throw refuse(newer.offset, newer.detail, 'Write it as TOML 1.0.');
    }
    if (isTooDeep(value)) throw refuse(0, `it is nested deeper than ${configDepthMax} levels`);
    return new ConfTable(source, '', asObject(value) ?? {});
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error;
    // Printable: the parser repeats what stands there.
    throw refuse(error.offset, error.message.replace(/[^\x20-\x7e]/g, '?').slice(0, 200));
  }
}
