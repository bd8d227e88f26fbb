// How the name resolves on a host: candidates, endpoints and what each is shown, with the file and line that say so.

import type { DoctorRoute } from '../results.ts';
import { dataTable } from './bits.ts';
import { type Html, html } from './markup.ts';

const rowsMax = 100;

export function routeHtml({ candidates, files }: DoctorRoute): Html | false {
  if (candidates.length === 0 && files.length === 0) return false;
  const names = candidates.slice(0, rowsMax).map(
    ({ name, how, written, blocked, endpoints }) => html`
<h4><code>${name}</code></h4>
<p class="muted">${how}: <code>${written}</code>${blocked !== undefined && html`; <b class="bad-text">blocked</b> by <code>${blocked}</code>`}</p>
${endpoints.length > 0 && endpointTable(name, endpoints)}`,
  );
  const read = files
    .slice(0, rowsMax)
    .map(({ path, state }) => [html`<code>${path}</code>`, state]);
  return html`
<h3>What the configuration says</h3>
<div class="route">${names}</div>
${
  read.length > 0 &&
  html`<details class="fold"><summary>Files in the order in which they are read</summary>${dataTable('Files', [{ title: 'File' }, { title: 'State' }], read)}</details>`
}`;
}

function endpointTable(
  name: string,
  endpoints: DoctorRoute['candidates'][number]['endpoints'],
): Html {
  const rows = endpoints
    .slice(0, rowsMax)
    .map(({ role, url, repository, written, credential, trust, proxy }) => [
      html`${role}<small><code>${url}</code></small><small class="wrap"><code>${repository}</code></small>`,
      ...[written, credential, trust, proxy].map((text) => html`<span class="wrap">${text}</span>`),
    ]);
  const titles = ['Asked', 'Written in', 'Credential', 'Trust', 'Proxy'].map((title) => ({
    title,
  }));
  return dataTable(`Endpoints of ${name}`, titles, rows);
}
