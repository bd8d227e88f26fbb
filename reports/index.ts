// Every view of a results document, by the name that `--format` takes.

import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { Results } from './results.ts';
import { renderSarif } from './sarif.ts';
import { renderText, type TextOptions } from './text.ts';

export { renderHtml } from './html/page.ts';

export type Format = 'text' | 'json' | 'junit' | 'sarif' | 'github' | 'markdown';

/** Text for a pipe, unless the caller knows the terminal. */
const plain: TextOptions = { color: false, width: 100 };

/** Pure functions of the document; only `text` looks at the terminal. */
export const formats: Record<Format, (results: Results, terminal?: TextOptions) => string> = {
  text: (results, terminal = plain) => renderText(results, terminal),
  json: (results) => renderJson(results),
  junit: (results) => renderJunit(results),
  sarif: (results) => renderSarif(results),
  github: (results) => renderGithub(results),
  markdown: (results) => renderMarkdown(results),
};
