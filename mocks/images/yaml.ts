// The values of a description of images with their places, so that what is wrong with one can be said with
// line and column. What the values mean is spec.ts.
import { readYamlText, YamlText, type YamlValue } from '../../src/formats/yaml.ts';
import { placeText } from '../../src/lib/line-columns.ts';
import { UserError } from '../../src/lib/user-error.ts';

interface Source {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
}

/** A value of the file. */
export class Place {
  readonly #source: Source;
  readonly #value: YamlValue;
  readonly #path: string;

  /** `path`: of the value in the file, for messages; '' for the whole. */
  constructor(source: Source, value: YamlValue, path: string) {
    this.#source = source;
    this.#value = value;
    this.#path = path;
  }

  /** @throws UserError `images-invalid` that says where and what to do */
  fail(problem: string, hint: string): never {
    return this.#failAt(this.#value.offset, problem, hint);
  }

  #failAt(offset: number, problem: string, hint: string): never {
    const what = this.#path === '' ? problem : `${this.#path}: ${problem}`;
    throw invalid(this.#source, offset, what, hint);
  }

  get isMap(): boolean {
    return this.#value.isMap;
  }

  get isList(): boolean {
    return this.#value.isList;
  }

  /** The value of a scalar, undefined for everything else. */
  get scalar(): unknown {
    return this.#value.scalar;
  }

  /** The values of a map by their keys, of which there are no others. */
  fields(known: readonly string[]): Readonly<Record<string, Place | undefined>> {
    if (!this.isMap) this.fail('is not a map', `Write keys: ${known.join(', ')}.`);
    const fields: Record<string, Place | undefined> = Object.create(null);
    for (const { name = '', offset, isRepeated, value } of this.#value.entries()) {
      const at = offset ?? this.#value.offset;
      if (!known.includes(name)) {
        const problem = `there is no key ${JSON.stringify(name)} here`;
        this.#failAt(at, problem, `Known are: ${known.join(', ')}.`);
      }
      if (isRepeated) this.#failAt(at, `${name} comes twice`, 'Leave one of them out.');
      const path = this.#path === '' ? name : `${this.#path}.${name}`;
      fields[name] = new Place(this.#source, value, path);
    }
    return fields;
  }

  /** The entries of a list that has from 1 to `countMax`. */
  list(countMax: number): readonly Place[] {
    if (!this.isList) this.fail('is not a list', 'Write one entry a line, each after "- ".');
    const count = this.#value.length;
    if (count < 1 || count > countMax) {
      this.fail(`has ${count} entries`, `Write from 1 to ${countMax} entries.`);
    }
    return [...this.#value.items()].map(
      (item, index) => new Place(this.#source, item, `${this.#path}[${index}]`),
    );
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
  const source = { file, text };
  const read = readYamlText(text);
  if (read instanceof YamlText) return new Place(source, read.root, '');
  const hint = 'Mend the YAML; indentation is blanks, never tabs.';
  throw invalid(source, read.offset ?? 0, read.message, hint);
}

function invalid({ file, text }: Source, offset: number, problem: string, hint: string): UserError {
  return new UserError('images-invalid', `${file}:${placeText(text, offset)}: ${problem}`, hint);
}
