// Every view of a results document, by the name that `--format` takes.

import { renderGithub } from './github.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderMarkdown } from './markdown.ts';
import type { Results } from './results.ts';
import { renderSarif } from './sarif.ts';
import { renderText, type TextOptions } from './text.ts';

export { renderHtml } from './html/page.ts';

/** Text for a pipe, unless the caller knows the terminal. */
const plain: TextOptions = { color: false, width: 100 };

type Render = (results: Results, terminal?: TextOptions) => string;

/** Pure functions of the document; only `text` looks at the terminal. */
export const formats = {
  text: (results: Results, terminal: TextOptions = plain) => renderText(results, terminal),
  json: (results: Results) => renderJson(results),
  junit: (results: Results) => renderJunit(results),
  sarif: (results: Results) => renderSarif(results),
  github: (results: Results) => renderGithub(results),
  markdown: (results: Results) => renderMarkdown(results),
} satisfies Record<string, Render>;

export type Format = keyof typeof formats;
