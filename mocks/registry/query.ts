// Fields of a query or a form, as clients repeat and forget them.
import { parseQuery } from '../../src/protocol/grammar/uri.ts';

export class Fields {
  readonly #pairs: readonly (readonly [string, string])[];

  /** @param text a query without `?`, or a form */
  constructor(text: string) {
    this.#pairs = text === '' ? [] : parseQuery(text);
  }

  /** Of a name that must be single the first counts. */
  one(name: string): string | undefined {
    return this.#pairs.find(([key]) => key === name)?.[1];
  }

  all(name: string): string[] {
    return this.#pairs.filter(([key]) => key === name).map(([, value]) => value);
  }
}
