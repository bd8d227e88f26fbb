// HTML as a value: a tagged template that escapes everything that is not HTML already.

import { visible } from '../untrusted.ts';

/** A piece of HTML that may be put into a page as it is. Made by `html` and `trusted` only. */
export class Html {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Content = Html | string | number | false | undefined | readonly Content[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Fit for text and for quoted attributes; control characters are spelt out. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (char) => entities[char]!);
}

function toSource(content: Content): string {
  if (content instanceof Html) return content.source;
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  if (content === false || content === undefined) return '';
  // Added up, not joined: a page of megabytes is then put together once, not at every level.
  let source = '';
  for (const one of content) source += toSource(one);
  return source;
}

/** Strings and numbers are escaped, lists are joined, `false` and `undefined` are left out. */
export function html(strings: TemplateStringsArray, ...contents: Content[]): Html {
  let source = strings[0]!;
  contents.forEach((content, index) => {
    source += toSource(content) + strings[index + 1]!;
  });
  return new Html(source);
}

/** Marks our own text as HTML. Never for anything that a results document holds. */
export function trusted(source: string): Html {
  return new Html(source);
}
