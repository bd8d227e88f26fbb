// Validated documents on the page: the invalid ones first, each finding with its place and its rule.

import { count, plural } from '../figures.ts';
import { referrer } from '../referred-by.ts';
import type { BaselineOutcome, DocumentResult, Excerpt, Finding, RuleSource } from '../results.ts';
import { specUrl } from '../spec-url.ts';
import { countFindings, findingTones } from '../summary.ts';
import { type LeadPart, lead, pill } from './bits.ts';
import { glossaryLink } from './glossary.ts';
import { type Html, html } from './markup.ts';

const documentsMax = 1000;
const findingsMax = 200;

export function documentsHtml(
  documents: readonly DocumentResult[],
  baseline?: BaselineOutcome,
  rules: readonly RuleSource[] = [],
): Html {
  const sources = new Map(rules.map((rule) => [rule.id, rule]));
  const invalid = documents.filter((document) => !document.valid);
  const noted = documents.filter(({ valid, findings }) => valid && findings.length > 0);
  const clean = documents.filter(({ valid, findings }) => valid && findings.length === 0);
  const shown = [...invalid, ...noted].slice(0, documentsMax);
  return html`
${lead(leadParts(documents, invalid.length))}
${shown.map((document) => documentHtml(document, sources))}
${hidden(invalid.length + noted.length - shown.length)}
${baseline !== undefined && goneHtml(baseline)}
${clean.length > 0 && cleanHtml(clean)}`;
}

/** Where finding and document are told together. */
interface Found {
  document: DocumentResult;
  finding: Finding;
}

const levelRank: Record<Finding['level'], number> = { error: 0, warning: 1, note: 2 };

function gravestOf(documents: readonly DocumentResult[]): Found | undefined {
  return documents
    .flatMap((document) => document.findings.map((finding) => ({ document, finding })))
    .filter(({ finding }) => finding.accepted !== true)
    .reduce<Found | undefined>((best, one) => {
      if (best === undefined) return one;
      return levelRank[one.finding.level] < levelRank[best.finding.level] ? one : best;
    }, undefined);
}

function leadParts(documents: readonly DocumentResult[], invalid: number): LeadPart[] {
  const counts = countFindings(documents);
  const gravest = gravestOf(documents);
  const fixable = documents
    .flatMap(({ findings }) => findings)
    .filter(({ edits, accepted }) => edits !== undefined && accepted !== true).length;
  const valid = documents.length - invalid;
  return [
    {
      title: 'What happened',
      tone: invalid > 0 ? 'bad' : counts.warning > 0 ? 'warn' : 'good',
      content: html`
<p class="big">${count(valid)} of ${count(documents.length)} <small>${documents.length === 1 ? 'document is' : 'documents are'} valid</small></p>
<p>${plural(counts.error, 'error')}, ${plural(counts.warning, 'warning')}, ${plural(counts.note, 'note')}.</p>`,
    },
    {
      title: 'What is gravest',
      content:
        gravest === undefined
          ? html`<p>Nothing was found.</p>`
          : html`<p>${gravest.finding.message}</p><p class="got"><code>${gravest.document.path}:${gravest.finding.line}:${gravest.finding.column}</code></p>`,
    },
    {
      title: 'What to do',
      content: html`<ol class="steps">${gravest === undefined ? html`<li>Keep it so: run this in CI.</li>` : html`<li>Mend it where the line says; <code>pullproof explain ${gravest.finding.ruleId}</code> shows a good example.</li>`}${fixable > 0 && html`<li><code>--fix</code> mends ${count(fixable)} by itself.</li>`}${gravest !== undefined && html`<li>What has to stay: <code>--write-baseline FILE</code>.</li>`}</ol>`,
    },
  ];
}

type Sources = ReadonlyMap<string, RuleSource>;

function documentHtml(document: DocumentResult, sources: Sources): Html {
  const findings = document.findings.slice(0, findingsMax);
  const by = referrer(document);
  return html`
<section class="document group">
<div class="document-head">${pill(document.valid ? 'good' : 'bad', document.valid ? 'valid' : 'invalid')}<h3>${document.path}</h3><p class="muted">${document.kind}${by && html`, referred to by ${by}`}</p></div>
<ul class="findings">${findings.map((finding) => findingHtml(document, finding, sources.get(finding.ruleId)))}</ul>
${hidden(document.findings.length - findings.length)}
</section>`;
}

function findingHtml({ path, kind }: DocumentResult, finding: Finding, source?: RuleSource): Html {
  const url = specUrl(finding.spec);
  const place = `line ${finding.line}, column ${finding.column}`;
  return html`
<li data-item data-key-rule="${finding.ruleId}" data-key-level="${finding.level}" data-key-path="${path}" data-key-kind="${kind}" data-key-verdict="${finding.accepted === true ? 'accepted' : finding.level === 'error' ? 'error|failing' : finding.level}">
<p>${finding.accepted === true && html`${pill('idle', 'accepted')} `}${pill(findingTones[finding.level], finding.level)} ${finding.message}</p>
${finding.excerpt && excerptHtml(finding.excerpt, finding.line)}
<p class="muted">${place}${finding.pointer !== '' && html` at <code>${finding.pointer}</code>`}, rule ${glossaryLink('rule', finding.ruleId, { isKnown: source !== undefined })}${source && html` (written in <code>${source.file}</code>, room ${source.room})`}, decided by ${url ? html`<a href="${url}" rel="noreferrer">${finding.spec}</a>` : finding.spec}</p>
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
