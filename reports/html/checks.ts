// Conformance on the page: figures, totals by level and section, and every check with its evidence.

import { count, duration, plural } from '../figures.ts';
import type { CheckResult, ConformSummary, Verdict } from '../results.ts';
import { specUrl } from '../spec-url.ts';
import {
  attention,
  byGravity,
  capabilityWord,
  conformNotes,
  countVerdicts,
  groupBy,
  isFailing,
  sectionTitle,
  unjudgedLegend,
  verdictNames,
} from '../summary.ts';
import { bar, dataTable, facts, figures, pill } from './bits.ts';
import { exchangeHtml } from './exchange.ts';
import { type Html, html } from './markup.ts';

/** What a filter button shows. */
type Filter = 'holding' | 'failing' | 'warning' | 'unsupported' | 'void';

const filterOf: Record<Verdict, Filter> = {
  pass: 'holding',
  fail: 'failing',
  'harness-error': 'failing',
  warn: 'warning',
  unsupported: 'unsupported',
  void: 'void',
};

const filterNames: Record<Filter, string> = {
  failing: 'Failing',
  warning: 'Warnings',
  unsupported: 'Unsupported',
  void: 'Void',
  holding: 'Holding',
};

const exchangesMax = 50;

/** `id` prefixes the ids of the part, so that several runs fit on one page. */
export function checksHtml(
  checks: readonly CheckResult[],
  id: string,
  summary?: ConformSummary,
): Html {
  const sections = [...groupBy(checks, (check) => check.section)];
  const legend = unjudgedLegend(checks);
  return html`
${figureCards(checks)}
<div class="columns">
<div><h3>By level</h3>${levelTotals(checks)}</div>
<div><h3>By section</h3>${sectionTotals(sections)}</div>
</div>
${legend !== '' && html`<p class="muted">${legend}</p>`}
${summary && summaryHtml(summary)}
<h3>Every check</h3>
${filterBar(checks, id)}
<div id="${id}-checks">${sections.map(([section, members]) => sectionHtml(section, members))}</div>`;
}

function summaryHtml(summary: ConformSummary): Html {
  const rows = summary.capabilities.map((one) => {
    const { word, tone } = capabilityWord(one);
    return [one.name, pill(tone, word), one.by.join(', ')];
  });
  const columns = [{ title: 'Capability' }, { title: 'Offered' }, { title: 'Seen by' }];
  return html`
<h3>How it was run</h3>
${facts(conformNotes(summary))}
${rows.length > 0 && html`<h3>What the registry offers</h3>${dataTable('Capabilities', columns, rows)}`}`;
}

function figureCards(checks: readonly CheckResult[]): Html {
  const counts = countVerdicts(checks);
  const failing = checks.filter(isFailing).length;
  const requests = checks.reduce((sum, check) => sum + check.evidence.length, 0);
  const must = checks.filter((check) => check.level === 'MUST');
  const kept = must.filter((check) => check.verdict === 'pass').length;
  return figures([
    { value: count(counts.pass), label: 'checks hold', tone: counts.pass > 0 ? 'good' : undefined },
    { value: count(failing), label: 'fail', tone: failing > 0 ? 'bad' : undefined },
    { value: count(counts.warn), label: 'warnings', tone: counts.warn > 0 ? 'warn' : undefined },
    { value: count(counts.unsupported), label: 'unsupported' },
    { value: `${count(kept)} / ${count(must.length)}`, label: 'of MUST hold' },
    { value: count(requests), label: 'requests made' },
  ]);
}

function totalRow(name: Html, members: readonly CheckResult[]): Html {
  const total = members.length;
  const of = (filter: Filter) =>
    members.filter((check) => filterOf[check.verdict] === filter).length / total;
  const order: readonly (readonly [Filter, string])[] = [
    ['holding', 'good'],
    ['failing', 'bad'],
    ['warning', 'warn'],
    ['void', 'idle'],
    ['unsupported', 'idle'],
  ];
  let from = 0;
  const segments = order.map(([filter, className]) => {
    const segment = { from, length: of(filter), className };
    from += segment.length;
    return segment;
  });
  const counts = countVerdicts(members);
  const judged = `${count(counts.pass)} of ${count(total - counts.unsupported)}`;
  return html`<li>${name}${bar(segments)}<span class="tally">${judged}</span></li>`;
}

function levelTotals(checks: readonly CheckResult[]): Html {
  const levels = (['MUST', 'SHOULD', 'MAY', 'COMPAT'] as const)
    .map((level) => [level, checks.filter((check) => check.level === level)] as const)
    .filter(([, members]) => members.length > 0);
  const rows = levels.map(([level, members]) => totalRow(html`<span>${level}</span>`, members));
  return html`<ul class="totals">${rows}</ul>`;
}

function sectionTotals(sections: readonly (readonly [string, readonly CheckResult[]])[]): Html {
  const rows = sections.map(([section, members]) =>
    totalRow(html`<span>${sectionTitle(section)}</span>`, members),
  );
  return html`<ul class="totals">${rows}</ul>`;
}

function filterBar(checks: readonly CheckResult[], id: string): Html {
  const groups = groupBy(checks, (check) => filterOf[check.verdict]);
  const button = (filter: string, name: string, size: number, pressed: boolean) =>
    html`<button type="button" data-filter="${filter}" aria-pressed="${pressed ? 'true' : 'false'}">${name} <span>${count(size)}</span></button>`;
  const filters = (Object.keys(filterNames) as Filter[])
    // The first three always stand there, to say that there are none.
    .filter((filter, index) => index < 3 || groups.has(filter))
    .map((filter) => button(filter, filterNames[filter], groups.get(filter)?.length ?? 0, false));
  return html`
<div class="toolbar" data-filters="${id}-checks">
<div role="group" aria-label="Show checks">${button('all', 'All', checks.length, true)}${filters}</div>
<button type="button" class="quiet" data-toggle>Open all</button>
<p role="status" class="unseen"></p>
</div>`;
}

function sectionHtml(section: string, members: readonly CheckResult[]): Html {
  const urgent = attention(members).length;
  const url = specUrl(section);
  const anchor = url
    ? html`<a href="${url}" rel="noreferrer">${section}</a>`
    : html`<span>${section}</span>`;
  const note =
    urgent > 0
      ? `${count(urgent)} of ${count(members.length)} need attention`
      : plural(members.length, 'check');
  return html`
<section class="group">
<div class="group-head"><h4>${sectionTitle(section)}</h4><p>${note}</p><p class="source">${anchor}</p></div>
<ul class="checks">${byGravity(members).map(checkHtml)}</ul>
</section>`;
}

function checkHtml(check: CheckResult): Html {
  const { tone, word } = verdictNames[check.verdict];
  const urgent = attention([check]).length > 0;
  return html`
<li data-group="${filterOf[check.verdict]}">
<details class="check ${tone}">
<summary>
${pill(tone, word)}
<span class="what">${check.requirement}${urgent && html`<span class="got">Got ${check.actual}</span>`}</span>
<span class="which"><code>${check.id}</code><span class="level">${check.level}</span></span>
</summary>
<div class="body">
<div class="versus">
<div><h5>Expected</h5><p>${check.expected}</p></div>
<div class="${tone}"><h5>Actual</h5><p>${check.actual}</p></div>
</div>
<h5>Why it matters</h5><p>${check.why}</p>
${check.expectedFailure !== undefined && html`<h5>Expected by the baseline</h5><p>${check.expectedFailure}</p>`}
${check.file !== undefined && html`<p class="muted">Written in <code>${check.file}</code>, room ${check.room ?? ''}; <code>pullproof explain ${check.id}</code> says more.</p>`}
${evidence(check)}
</div>
</details>
</li>`;
}

function evidence(check: CheckResult): Html {
  const shown = check.evidence.slice(0, exchangesMax);
  const more = check.evidence.length - shown.length;
  if (shown.length === 0) return html`<p class="muted">No request was made for this check.</p>`;
  return html`
<h5>Evidence <span class="muted">${plural(check.evidence.length, 'request')}, ${duration(check.durationMs)}</span></h5>
<ol class="exchanges">${shown.map((exchange) => html`<li>${exchangeHtml(exchange)}</li>`)}</ol>
${more > 0 && html`<p class="muted">and ${plural(more, 'more request')} in results.json</p>`}`;
}
