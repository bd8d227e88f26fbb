// The field that searches the page; what it can be asked is read by reports/html/script/query.ts.

import type { Results } from '../results.ts';
import { type Html, html } from './markup.ts';

/** What can be searched of these runs: checks, findings, hosts, failures and pulls of a load, marked as `data-item`. */
function hasItems({ checks = [], documents = [], doctor, load }: Results): boolean {
  return (
    // The page of a load that begins has the field already.
    load !== undefined ||
    checks.length > 0 ||
    documents.some(({ findings }) => findings.length > 0) ||
    (doctor?.hosts ?? []).length > 0
  );
}

/** Seen where the script runs; false where there is nothing to search. */
export function searchHtml(runs: readonly Results[]): Html | false {
  if (!runs.some(hasItems)) return false;
  return html`
<form class="search" role="search" data-search>
<label class="unseen" for="query">Search this page</label>
<input id="query" type="search" autocomplete="off" spellcheck="false" maxlength="500" placeholder="Search, or press /" aria-describedby="query-help">
<p role="status"></p>
<button type="button" class="quiet" data-clear hidden>Show all</button>
<button type="button" class="quiet" data-share hidden>Copy link</button>
<details class="help"><summary aria-label="How to search">?</summary>
<div id="query-help"><p>Words that all must occur: <code>upload range</code>. Without one: <code>-range</code>. As it stands: <code>"status 400"</code>.</p>
<p>By key: <code>verdict:fail</code> <code>level:must</code> <code>section:tags</code> <code>room:upload</code> <code>id:mount</code>; of documents and hosts also <code>rule:</code> <code>path:</code> <code>host:</code> <code>role:</code>; of a load <code>class:</code> <code>status:</code> <code>phase:</code> <code>hop:</code> <code>host:</code> <code>pull:slow</code>. Two of one key: either. <code>-key:value</code> leaves out; <code>key:"value"</code> is the whole name.</p>
<p>The address of the page holds what was asked.</p></div>
</details>
</form>`;
}
