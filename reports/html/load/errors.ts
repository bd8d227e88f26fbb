// Failures of a load test on the page, and what was tried again: what, where, what to do, and what there is to
// show for it.
import { count } from '../../figures.ts';
import { evidenceNotes } from '../../load-notes.ts';
import { kindOf, placeOf } from '../../load-words.ts';
import type { LoadError, LoadResult } from '../../results.ts';
import { facts } from '../bits.ts';
import { glossaryLink } from '../glossary.ts';
import { type Html, html, trusted } from '../markup.ts';

const errorsMax = 50;

/** The id of the first entry of a class: of what failed, or else of what was tried again. */
export function errorAnchor(
  { errors, retried = [] }: LoadResult,
  id: string,
  part: 'error' | 'retried',
  name: string,
): string | undefined {
  const list = part === 'error' ? errors : retried;
  const index = list.slice(0, errorsMax).findIndex((error) => error.class === name);
  return index < 0 ? undefined : `${id}-${part}-${index + 1}`;
}

export function errorList(
  title: string,
  errors: readonly LoadError[],
  client: string,
  /** What the ids of its entries begin with. */
  anchor: string,
  tone: 'bad' | 'warn' = 'bad',
): Html {
  const rows = errors
    .slice(0, errorsMax)
    .map((error, index) => errorItem(error, client, `${anchor}-${index + 1}`));
  const more = errors.length - errorsMax;
  return html`
<h3>${title}</h3>
<ul class="errors ${tone}">${rows}</ul>
${more > 0 && html`<p class="muted">and ${count(more)} more kinds in results.json</p>`}`;
}

/** What the search of the page can ask for. */
export function itemKeys(one: {
  class?: string | undefined;
  status?: number | undefined;
  hop?: string | undefined;
  host?: string | undefined;
  phase?: string | undefined;
}): Html {
  const { class: name, status, hop, host, phase } = one;
  const keys = { class: name, status, hop, host, phase };
  const told = Object.entries(keys).filter(([, value]) => value !== undefined && value !== '');
  return html` data-item${told.map(([key, value]) => html` data-key-${trusted(key)}="${value}"`)}`;
}

function errorItem(error: LoadError, client: string, anchor: string): Html {
  const { clientSays, evidence } = error;
  const notes = evidenceNotes(error).filter(([label]) => label !== 'body');
  const body = evidence?.body.trim() ?? '';
  return html`
<li id="${anchor}"${itemKeys(error)}><p class="error-head"><b>${count(error.count)} ×</b> ${glossaryLink('failure', error.class, { shown: html`<code>${kindOf(error)}</code>` })}${placeOf(error)}</p>
<p>${error.hint}</p><p class="muted"><code>${error.example}</code></p>
${notes.length > 0 && facts(notes.map(([label, text]) => [label, html`<code>${text}</code>`]))}
${body !== '' && html`<details class="fold"><summary>Beginning of the body</summary><pre class="excerpt">${body}</pre></details>`}
${clientSays !== undefined && html`<p class="muted">${client} says: <code>${clientSays}</code></p>`}</li>`;
}
