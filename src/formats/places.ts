// Where something stands in a text, and JSON pointers (RFC 6901), by which values of every format are named.

/** One more step below a pointer. */
export function childPointer(parent: string, name: string | number): string {
  return `${parent}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The steps of a pointer, unescaped; none for the whole document. */
export function pointerSteps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where what a pointer leads to stands in a text. */
export interface Place {
  /** Where the value begins. */
  readonly value: number;
  /** Where a value that is no container ends; undefined for one that is, in JSON. */
  readonly end?: number | undefined;
  /** The name of the member, quotes included; undefined for items and the whole. */
  readonly name: Span | undefined;
}
