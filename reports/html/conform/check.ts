// One check on the page: a line that says what is demanded and what came, unfolded to all there is to say.

import { decidingExchange } from '../../deciding.ts';
import { count } from '../../figures.ts';
import type { CheckResult, Verdict } from '../../results.ts';
import { specUrl } from '../../spec-url.ts';
import { isFailing, isWarning, verdictNames } from '../../summary.ts';
import { pill } from '../bits.ts';
import { glossaryLink, wordAnchor } from '../glossary.ts';
import { type Html, html } from '../markup.ts';
import { decidingHtml, type EvidenceStore, evidenceHtml, evidenceLine } from './evidence.ts';

/** What the words of a verdict, as one searches for it, are. */
const verdictKeys: Record<Verdict, string> = {
  pass: 'pass|holds|holding',
  fail: 'fail|fails|failing',
  warn: 'warn|warning|warnings',
  unsupported: 'unsupported',
  void: 'void',
  'harness-error': 'harness-error|pullproof error',
};

/** The group that a check is shown in, which is also what a filter button says. */
export type Filter = 'failing' | 'warning' | 'expected' | 'unsupported' | 'void' | 'holding';

export function filterOf(check: CheckResult): Filter {
  if (isFailing(check)) return 'failing';
  if (isWarning(check)) return 'warning';
  if (check.expectedFailure !== undefined && check.verdict !== 'pass') return 'expected';
  const { verdict } = check;
  return verdict === 'void' || verdict === 'unsupported' ? verdict : 'holding';
}

/** What all checks of a chapter are shown with. */
export interface CheckPlace {
  /** In front of ids, where another run on the page has the same checks. */
  prefix: string;
  store: EvidenceStore;
}

const textCharsMax = 4_000;

function told(text: string): string {
  return text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax)}…`;
}

/** What the search knows of the check: names of one key are parted by `|`. */
function keys(check: CheckResult): Html {
  const { id, level, section, room = '' } = check;
  const filter = filterOf(check);
  const anchor = section.slice(section.indexOf('#') + 1);
  const verdict = filter === 'expected' ? 'expected' : `${verdictKeys[check.verdict]}|${filter}`;
  const sections = [section, anchor, ...(isRfc(section) ? ['rfc'] : [])].join('|');
  return html` data-item data-key-id="${id}" data-key-level="${level}" data-key-verdict="${verdict}" data-key-section="${sections}" data-key-room="${room}"`;
}

export function isRfc(section: string): boolean {
  return /^rfc\s?\d/i.test(section);
}

/** Unfolded, with what decides: of failures nothing should have to be clicked. */
export function failureHtml(check: CheckResult, place: CheckPlace): Html {
  const { tone, word } = verdictNames[check.verdict];
  const exchange = decidingExchange(check);
  return html`
<li class="failure ${tone}" id="${place.prefix}${wordAnchor('check', check.id)}"${keys(check)}>
<div class="failure-head" data-text>${pill(tone, word)}<span class="level">${check.level}</span><code>${check.id}</code><p class="demand">${told(check.requirement)}</p></div>
${versus(check)}
${exchange === undefined ? html`<p class="muted">No request was made for this check.</p>` : decidingHtml(exchange)}
<p class="why"><b>Why it matters:</b> ${check.why}</p>
${source(check, place)}
${check.evidence.length > 0 && evidenceHtml(check, place.store)}
</li>`;
}

/** Folded to a line. `decides`: what decides stands in it, so that paper and readers without script have it. */
export function checkHtml(check: CheckResult, place: CheckPlace, decides = false): Html {
  const { tone, word } = verdictNames[check.verdict];
  const exchange = decides ? decidingExchange(check) : undefined;
  return html`
<li id="${place.prefix}${wordAnchor('check', check.id)}"${keys(check)}>
<details class="check ${tone}">
<summary data-text>
${pill(tone, word)}
<span class="what">${told(check.requirement)}<span class="got">Got ${told(check.actual)}</span></span>
<span class="which"><code>${check.id}</code><span class="level">${check.level}</span></span>
</summary>
<div class="body">
${versus(check)}
${exchange && decidingHtml(exchange)}
<p class="why"><b>Why it matters:</b> ${check.why}</p>
${check.expectedFailure !== undefined && html`<p class="why"><b>Expected by the baseline:</b> ${check.expectedFailure}</p>`}
${source(check, place)}
${evidenceHtml(check, place.store)}
</div>
</details>
</li>`;
}

/** The many that hold: the same in few elements, of which a page of a thousand checks has to be built. */
export function holdingHtml(check: CheckResult, place: CheckPlace): Html {
  const { id, level, requirement, expected, actual, why, file } = check;
  return html`
<li id="${place.prefix}${wordAnchor('check', id)}"${keys(check)}><details class="check good"><summary data-text>${told(requirement)} <code>${id}</code> ${level}</summary>
<p data-text><b>Expected</b> ${told(expected)} <b>Actual</b> ${told(actual)}</p>
<p>${why}</p>
<p class="muted">${isRfc(check.section) && `${check.section}. `}${file !== undefined && `Written in ${file}. `}pullproof explain ${id} says more.</p>
${evidenceLine(check, place.store)}</details></li>`;
}

function versus(check: CheckResult): Html {
  const { tone } = verdictNames[check.verdict];
  return html`<div class="versus" data-text>
<div><h4 class="small">Expected</h4><p>${told(check.expected)}</p></div>
<div class="${tone === 'good' ? 'plain' : tone}"><h4 class="small">Actual</h4><p>${told(check.actual)}</p></div>
</div>`;
}

function anchorLink({ id }: CheckResult, { prefix }: CheckPlace): Html {
  return html`<a class="anchor" href="#${prefix}${wordAnchor('check', id)}" aria-label="Link to ${id}">#</a>`;
}

function source(check: CheckResult, place: CheckPlace): Html {
  const url = specUrl(check.section);
  const { word } = verdictNames[check.verdict];
  return html`<p class="muted">${anchorLink(check, place)}${glossaryLink('level', check.level, { shown: check.level })}, ${glossaryLink('verdict', word, { shown: word })}; section ${url ? html`<a href="${url}" rel="noreferrer">${check.section}</a>` : check.section}${check.file !== undefined && html`; written in <code>${check.file}</code>, room ${check.room ?? ''}`}. <code>pullproof explain ${check.id}</code> says more.</p>`;
}

/** Ids of checks as links to where they stand; those that are not of this run as they are. */
export function checkLinks(
  ids: readonly string[],
  known: ReadonlySet<string>,
  prefix: string,
  max = 20,
): Html {
  const shown = ids.slice(0, max).map((id, at) => {
    const link = glossaryLink('check', id, { isKnown: known.has(id), prefix });
    return html`${at > 0 && ', '}${link}`;
  });
  return html`${shown}${ids.length > max && ` and ${count(ids.length - max)} more`}`;
}
