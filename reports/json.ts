// The results document itself, for machines; safe to print on a terminal as well.

import type { Results } from './results.ts';

/** Characters that JSON leaves as they are although a terminal may act upon them. */
const raw = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeUnits(char: string): string {
  let escaped = '';
  for (let index = 0; index < char.length; index += 1) {
    escaped += `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

/** Indented JSON that parses to the same document, with a line feed at its end. */
export function renderJson(results: Results): string {
  return `${JSON.stringify(results, null, 2).replace(raw, escapeUnits)}\n`;
}
