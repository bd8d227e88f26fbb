// Validated documents on the page: the invalid ones first, each finding with its place and its rule.

import { count, plural } from '../figures.ts';
import { referrer } from '../referred-by.ts';
import type { BaselineOutcome, DocumentResult, Excerpt, Finding, RuleSource } from '../results.ts';
import { specUrl } from '../spec-url.ts';
import { countFindings, type Tone } from '../summary.ts';
import { figures, pill } from './bits.ts';
import { type Html, html } from './markup.ts';

const tones: Record<Finding['level'], Tone> = { error: 'bad', warning: 'warn', note: 'idle' };
const documentsMax = 1000;
const findingsMax = 200;

export function documentsHtml(
  documents: readonly DocumentResult[],
  baseline?: BaselineOutcome,
  rules: readonly RuleSource[] = [],
): Html {
  const sources = new Map(rules.map((rule) => [rule.id, rule]));
  const counts = countFindings(documents);
  const invalid = documents.filter((document) => !document.valid);
  const noted = documents.filter(({ valid, findings }) => valid && findings.length > 0);
  const clean = documents.filter(({ valid, findings }) => valid && findings.length === 0);
  const shown = [...invalid, ...noted].slice(0, documentsMax);
  return html`
${figures([
  { value: count(documents.length), label: 'documents' },
  { value: count(invalid.length), label: 'invalid', tone: invalid.length > 0 ? 'bad' : 'good' },
  { value: count(counts.error), label: 'errors', tone: counts.error > 0 ? 'bad' : undefined },
  {
    value: count(counts.warning),
    label: 'warnings',
    tone: counts.warning > 0 ? 'warn' : undefined,
  },
])}
${shown.map((document) => documentHtml(document, sources))}
${hidden(invalid.length + noted.length - shown.length)}
${baseline !== undefined && goneHtml(baseline)}
${clean.length > 0 && cleanHtml(clean)}`;
}

type Sources = ReadonlyMap<string, RuleSource>;

function documentHtml(document: DocumentResult, sources: Sources): Html {
  const findings = document.findings.slice(0, findingsMax);
  const by = referrer(document);
  return html`
<section class="document">
<div class="document-head">${pill(document.valid ? 'good' : 'bad', document.valid ? 'valid' : 'invalid')}<h3>${document.path}</h3><p class="muted">${document.kind}${by && html`, referred to by ${by}`}</p></div>
<ul class="findings">${findings.map((finding) => findingHtml(finding, sources.get(finding.ruleId)))}</ul>
${hidden(document.findings.length - findings.length)}
</section>`;
}

function findingHtml(finding: Finding, source?: RuleSource): Html {
  const url = specUrl(finding.spec);
  const place = `line ${finding.line}, column ${finding.column}`;
  return html`
<li>
<p>${finding.accepted === true && html`${pill('idle', 'accepted')} `}${pill(tones[finding.level], finding.level)} ${finding.message}</p>
${finding.excerpt && excerptHtml(finding.excerpt, finding.line)}
<p class="muted">${place}${finding.pointer !== '' && html` at <code>${finding.pointer}</code>`}, rule <code>${finding.ruleId}</code>${source && html` (written in <code>${source.file}</code>, room ${source.room})`}, decided by ${url ? html`<a href="${url}" rel="noreferrer">${finding.spec}</a>` : finding.spec}</p>
</li>`;
}

function excerptHtml({ text, column, length, cut }: Excerpt, line: number): Html {
  const at = column - 1;
  return html`<pre class="excerpt"><code><span class="muted">${line} | </span>${cut.before && '…'}${text.slice(0, at)}<mark>${text.slice(at, at + length)}</mark>${text.slice(at + length)}${cut.after && '…'}</code></pre>`;
}

function goneHtml({ gone }: BaselineOutcome): Html | false {
  return (
    gone.length > 0 &&
    html`
<details class="fold"><summary>${plural(gone.length, 'known finding')} not found any more</summary>
<ul class="plain-list">${gone.slice(0, documentsMax).map(({ path, ruleId, pointer }) => html`<li><code>${path}</code> <span class="muted">${ruleId} ${pointer}</span></li>`)}</ul>
${hidden(gone.length - documentsMax)}
</details>`
  );
}

function cleanHtml(clean: readonly DocumentResult[]): Html {
  const shown = clean.slice(0, documentsMax);
  return html`
<details class="fold"><summary>${plural(clean.length, 'document')} without any finding</summary>
<ul class="plain-list">${shown.map(({ path, kind }) => html`<li><code>${path}</code> <span class="muted">${kind}</span></li>`)}</ul>
${hidden(clean.length - shown.length)}
</details>`;
}

function hidden(more: number): Html | false {
  return more > 0 && html`<p class="muted">and ${count(more)} more in results.json</p>`;
}
