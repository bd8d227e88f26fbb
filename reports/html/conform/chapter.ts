// Conformance on the page: what happened and what to do, failures with what decides them, warnings, then all the rest.

import { capabilityWord, conformNotes } from '../../conform-notes.ts';
import { count, plural } from '../../figures.ts';
import { disagreementCells } from '../../official-words.ts';
import type { CheckResult, ConformSummary, Results } from '../../results.ts';
import { specUrl } from '../../spec-url.ts';
import {
  attention,
  byGravity,
  byLevel,
  countVerdicts,
  groupBy,
  isFailing,
  isWarning,
  tally,
  tallyWords,
  unjudgedLegend,
} from '../../summary.ts';
import { dataTable, facts, type LeadPart, lead, pill } from '../bits.ts';
import { wordAnchor } from '../glossary.ts';
import { later } from '../later.ts';
import { type Html, html } from '../markup.ts';
import {
  type CheckPlace,
  checkHtml,
  checkLinks,
  type Filter,
  failureHtml,
  filterOf,
  holdingHtml,
} from './check.ts';
import { EvidenceStore } from './evidence.ts';
import { levelTiles, type SectionGroup, sectionGrid, sectionGroups } from './sections.ts';

/** Failures that are unfolded, and warnings that bring what decides them; those beyond are folded like all others. */
const unfoldedMax = 100;

/** `id` prefixes the ids of the part, and `prefix` those of checks, so that several runs fit on one page. */
export function conformHtml(results: Results, id: string, prefix: string): Html {
  const checks = results.checks ?? [];
  const place: CheckPlace = { prefix, store: new EvidenceStore(id) };
  const urgent = attention(checks);
  const failures = urgent.filter(isFailing);
  const warnings = urgent.filter(isWarning);
  const rest = checks.filter((check) => !isFailing(check) && !isWarning(check));
  const groups = sectionGroups(checks);
  const known = new Set(checks.map((check) => check.id));
  return html`
${lead(leadParts(results, checks, place))}
<div id="${id}-checks" class="results" data-list="checks">
${filterBar(checks, id)}
${failureList(failures, id, place)}
${warningList(warnings, id, place)}
<div data-rest>
<h3 id="${id}-sections">By level and section</h3>
${levelTiles(byLevel(checks))}
${sectionGrid(groups)}
${legendHtml(checks)}
</div>
<h3 id="${id}-rest" data-rest>${rest.length === checks.length ? 'Every check' : 'Every other check'}</h3>
${sectionGroups(rest).map((group) => groupHtml(group, place))}
</div>
${results.conform && summaryHtml(results.conform, known, prefix)}
${place.store.html()}`;
}

function leadParts(
  { conform, target, environment }: Results,
  checks: readonly CheckResult[],
  place: CheckPlace,
): LeadPart[] {
  const counts = countVerdicts(checks);
  const failing = checks.filter(isFailing).length;
  const warned = checks.filter(isWarning).length;
  const must = byLevel(checks).find(([level]) => level === 'MUST')?.[1] ?? [];
  const [gravest] = attention(checks);
  const happened = [
    failing > 0 && `${count(failing)} ${failing === 1 ? 'fails' : 'fail'}`,
    warned > 0 && plural(warned, 'warning'),
    counts.void > 0 && `${count(counts.void)} void`,
    counts.unsupported > 0 && `${count(counts.unsupported)} unsupported`,
  ].filter((one) => one !== false);
  const stumbles = (conform?.stumbles ?? []).reduce((sum, one) => sum + one.count, 0);
  return [
    {
      title: 'What happened',
      tone: failing > 0 ? 'bad' : warned > 0 ? 'warn' : 'good',
      content: html`
<p class="big">${tallyWords(tally(must))} <small>MUST hold</small></p>
<p>${happened.length > 0 ? `Of ${plural(checks.length, 'check')}: ${happened.join(', ')}.` : `${plural(checks.length, 'check')}, and all hold.`}${stumbles > 0 && ` ${plural(stumbles, 'request')} went wrong in passing.`}</p>`,
    },
    {
      title: failing > 0 ? 'What is gravest' : 'What to look at',
      content:
        gravest === undefined ? html`<p>Nothing is broken.</p>` : gravestHtml(gravest, place),
    },
    {
      title: 'What to do',
      content: todoHtml(gravest, rerun(target, environment.command), failing),
    },
  ];
}

function gravestHtml(check: CheckResult, { prefix }: CheckPlace): Html {
  return html`
<p><a href="#${prefix}${wordAnchor('check', check.id)}"><code>${check.id}</code></a></p>
<p>${check.requirement}</p>
<p class="got">Expected ${check.expected}; got ${check.actual}</p>`;
}

const commandCharsMax = 160;

/** Where this run was written to: another one there would write over this page. */
const writes = / --(?:out|write-baseline)(?:=| +)(?:'(?:[^']|'\\'')*'|[^\s']+)+/g;

/** The same run again, as far as its words are known and few. */
function rerun(target: string, command: string): string {
  const isWhole =
    /^pullproof conform \S/.test(command) && !/ --(?:only|skip|room|section)\b/.test(command);
  const again = command.replace(writes, '');
  return isWhole && again.length <= commandCharsMax ? again : `pullproof conform ${target}`;
}

function todoHtml(gravest: CheckResult | undefined, again: string, failing: number): Html {
  if (gravest === undefined) {
    return html`<ol class="steps"><li>Keep it so: run this in CI.</li><li><code>badge.svg</code> beside the results shows it.</li></ol>`;
  }
  const first =
    failing > 0
      ? `Look at the exchange of each failure below, and repeat it by its curl line.`
      : 'Nothing fails. Look at the warnings: clients count on these.';
  return html`
<ol class="steps"><li>${first}</li>
<li>After a change, run it alone: <code>${again} --only ${gravest.id}</code></li>
<li>What has to stay: <code>--write-baseline FILE</code>, and <code>--baseline FILE</code> from then on.</li></ol>`;
}

const filterNames: Record<Filter, string> = {
  failing: 'Failing',
  warning: 'Warnings',
  expected: 'Expected failures',
  unsupported: 'Unsupported',
  void: 'Void',
  holding: 'Holding',
};

function filterBar(checks: readonly CheckResult[], id: string): Html {
  const groups = groupBy(checks, filterOf);
  const button = (filter: string, name: string, size: number) =>
    html`<button type="button" data-filter="${filter}" aria-pressed="${filter === '' ? 'true' : 'false'}">${name} <span>${count(size)}</span></button>`;
  const filters = (Object.keys(filterNames) as Filter[])
    // The first two always stand there, to say that there are none.
    .filter((filter, index) => index < 2 || groups.has(filter))
    .map((filter) => button(filter, filterNames[filter], groups.get(filter)?.length ?? 0));
  return html`
<div class="toolbar">
<div role="group" aria-label="Show checks" data-filters="verdict">${button('', 'All', checks.length)}${filters}</div>
<button type="button" class="quiet" data-toggle="${id}-checks">Open all</button>
</div>`;
}

function failureList(failures: readonly CheckResult[], id: string, place: CheckPlace) {
  if (failures.length === 0) return false;
  const [unfolded, folded] = [failures.slice(0, unfoldedMax), failures.slice(unfoldedMax)];
  return html`
<section class="group" aria-labelledby="${id}-failures">
<h3 id="${id}-failures">${plural(failures.length, 'failure')}</h3>
<ul class="failures">${unfolded.map((check) => failureHtml(check, place))}</ul>
${folded.length > 0 && html`<ul class="checks">${folded.map((check) => checkHtml(check, place))}</ul>`}
</section>`;
}

function warningList(warnings: readonly CheckResult[], id: string, place: CheckPlace) {
  if (warnings.length === 0) return false;
  const rows = warnings.map((check, at) => checkHtml(check, place, at < unfoldedMax));
  return html`
<section class="group" aria-labelledby="${id}-warnings">
<h3 id="${id}-warnings">${plural(warnings.length, 'warning')}</h3>
<ul class="checks">${rows}</ul>
</section>`;
}

/** A section, folded: most of its checks hold, and nobody reads them. */
function groupHtml({ title, source, members }: SectionGroup, place: CheckPlace): Html {
  const counts = countVerdicts(members);
  const told = [
    counts.pass > 0 && `${count(counts.pass)} ${counts.pass === 1 ? 'holds' : 'hold'}`,
    counts.void > 0 && `${count(counts.void)} void`,
    counts.unsupported > 0 && `${count(counts.unsupported)} unsupported`,
    counts.pass + counts.void + counts.unsupported < members.length && 'some expected to fail',
  ].filter((one) => one !== false);
  const url = specUrl(source);
  return html`
<details class="group section">
<summary><h4>${title}</h4><span class="muted">${told.join(', ')}</span></summary>
${later(html`${source !== '' && html`<p class="source">${url ? html`<a href="${url}" rel="noreferrer">${source}</a>` : source}</p>`}
<ul class="checks">${byGravity(members).map((check) =>
  check.verdict === 'pass' ? holdingHtml(check, place) : checkHtml(check, place),
)}</ul>`)}
</details>`;
}

function legendHtml(checks: readonly CheckResult[]): Html | false {
  const legend = unjudgedLegend(checks);
  return (
    legend !== '' &&
    html`<p class="muted legend">Counted are all but unsupported ones. ${legend}</p>`
  );
}

function officialHtml(
  { official }: ConformSummary,
  known: ReadonlySet<string>,
  prefix: string,
): Html | undefined {
  const apart = official?.disagreements ?? [];
  if (apart.length === 0) return undefined;
  const rows = apart.map((one) => {
    const { about, official: said, ours, cases } = disagreementCells(one);
    const by = html`<span class="wrap long">${checkLinks(one.checks, known, prefix)}</span>`;
    return [about, said, ours, html`<span class="wrap long">${cases}</span>`, by];
  });
  const titles = ['About', 'Official suite', 'Here', 'Its failing cases', 'Our failing checks'];
  const columns = titles.map((title) => ({ title }));
  return html`<h3>Where the official suite disagrees</h3>${dataTable('Disagreements', columns, rows)}`;
}

function summaryHtml(summary: ConformSummary, known: ReadonlySet<string>, prefix: string): Html {
  const rows = summary.capabilities.map((one) => {
    const { word, tone } = capabilityWord(one);
    return [
      one.name,
      pill(tone, word),
      html`<span class="wrap long">${checkLinks(one.by, known, prefix)}</span>`,
    ];
  });
  const columns = [{ title: 'Capability' }, { title: 'Offered' }, { title: 'Seen by' }];
  return html`
<div data-rest>
<h3>How it was run</h3>
${facts(conformNotes(summary))}
${officialHtml(summary, known, prefix)}
${rows.length > 0 && html`<h3>What the registry offers</h3>${dataTable('Capabilities', columns, rows)}`}
</div>`;
}
