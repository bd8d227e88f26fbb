// Failures of a load test on the page, and what was tried again: what, where, what to do, and what there is to
// show for it.
import { count } from '../../figures.ts';
import { evidenceNotes } from '../../load-notes.ts';
import { kindOf, placeOf } from '../../load-words.ts';
import type { LoadError } from '../../results.ts';
import { facts } from '../bits.ts';
import { type Html, html } from '../markup.ts';

const errorsMax = 50;

export function errorList(
  title: string,
  errors: readonly LoadError[],
  client: string,
  tone: 'bad' | 'warn' = 'bad',
): Html {
  const rows = errors.slice(0, errorsMax).map((error) => errorItem(error, client));
  const more = errors.length - errorsMax;
  return html`
<h3>${title}</h3>
<ul class="errors ${tone}">${rows}</ul>
${more > 0 && html`<p class="muted">and ${count(more)} more kinds in results.json</p>`}`;
}

function errorItem(error: LoadError, client: string): Html {
  const { clientSays, evidence } = error;
  const notes = evidenceNotes(error).filter(([label]) => label !== 'body');
  const body = evidence?.body.trim() ?? '';
  return html`
<li><p class="error-head"><b>${count(error.count)} ×</b> <code>${kindOf(error)}</code>${placeOf(error)}</p>
<p>${error.hint}</p><p class="muted"><code>${error.example}</code></p>
${notes.length > 0 && facts(notes.map(([label, text]) => [label, html`<code>${text}</code>`]))}
${body !== '' && html`<details class="fold"><summary>Beginning of the body</summary><pre class="excerpt">${body}</pre></details>`}
${clientSays !== undefined && html`<p class="muted">${client} says: <code>${clientSays}</code></p>`}</li>`;
}
