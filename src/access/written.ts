// Where a setting is written: in words, and what is written nowhere.
import type { Written } from './route.ts';

/** What the client does by itself, where nothing is written. */
export const byDefault: Written = { in: 'default', line: 0 };

/** `file:line`, or the whole of it: a path, a variable, a flag, `default`. */
export function writtenText({ in: place, line }: Written): string {
  return line > 0 ? `${place}:${line}` : place;
}
