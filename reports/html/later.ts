// What is folded and long, as text that the page's script builds in time (script/later.ts), and readers without script
// have at once.

import { type Content, type Html, html } from './markup.ts';

/** Inside of `details`, behind its summary. Not within another such. */
export function later(content: Content): Html {
  return html`<noscript data-later>${content}</noscript>`;
}
