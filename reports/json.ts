// JSON for machines, the results document above all; safe to print on a terminal and in a log as well.
import { withoutCommands } from './untrusted.ts';

/** Characters that JSON leaves as they are although a terminal may act upon them. */
const raw = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeUnits(char: string): string {
  let escaped = '';
  for (let index = 0; index < char.length; index += 1) {
    escaped += `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

/** JSON that parses to the same value, and may be shown on a terminal. */
export function harmlessJson(text: string): string {
  return withoutCommands(text.replace(raw, escapeUnits), escapeUnits);
}

/** Indented, with a line feed at its end. */
export function renderJson(value: unknown): string {
  return `${harmlessJson(JSON.stringify(value, null, 2))}\n`;
}
