// Checks and findings on the page of a comparison: what is new first, what is gone folded.

import type {
  CheckChange,
  ConformComparison,
  DocumentFinding,
  ValidateComparison,
} from '../comparison.ts';
import { count, plural } from '../figures.ts';
import { dataTable, figures, pill } from '../html/bits.ts';
import { type Content, type Html, html } from '../html/markup.ts';
import { findingTones, verdictNames } from '../summary.ts';
import { oneLine } from '../untrusted.ts';

const rowsMax = 500;
const cellCharsMax = 600;

export function conformHtml(conform: ConformComparison): Html {
  const { newlyFailing, newlyPassing, changedVerdicts, changedWords, appeared, gone, same } =
    conform;
  const counted = newlyFailing.filter(({ regression }) => regression).length;
  return html`
${figures([
  {
    value: count(newlyFailing.length),
    label: 'newly failing',
    note: `${count(counted)} counting`,
    tone: counted > 0 ? 'bad' : 'good',
  },
  {
    value: count(newlyPassing.length),
    label: 'newly passing',
    tone: newlyPassing.length > 0 ? 'good' : undefined,
  },
  { value: count(changedVerdicts.length), label: 'with another verdict' },
  { value: count(changedWords.length), label: 'with other words' },
  { value: count(appeared.length + gone.length), label: 'appeared or gone' },
  { value: count(same), label: 'as before' },
])}
${checks('Newly failing', newlyFailing, true)}
${checks('Newly passing', newlyPassing, true)}
${checks('With another verdict', changedVerdicts, true)}
${checks('With other words', changedWords, true)}
${checks('New checks', appeared, false)}
${checks('Gone', gone, false)}`;
}

function checks(title: string, changes: readonly CheckChange[], open: boolean): Content {
  if (changes.length === 0) return undefined;
  const rows = changes
    .slice(0, rowsMax)
    .map((change) => [
      html`<code>${oneLine(change.id, 200)}</code><small>${oneLine(change.requirement, 300)}</small>`,
      change.level,
      html`${verdictPill(change.base)} → ${verdictPill(change.with)}`,
      oneLine(change.base?.actual ?? '–', cellCharsMax),
      oneLine(change.with?.actual ?? '–', cellCharsMax),
    ]);
  const head = [
    { title: 'Check' },
    { title: 'Level' },
    { title: 'Verdict' },
    { title: 'Was' },
    { title: 'Is' },
  ];
  return section(
    title,
    changes.length,
    html`<div class="said">${dataTable(title, head, rows)}</div>`,
    open,
  );
}

function verdictPill(side: CheckChange['base']): Html {
  if (side === undefined) return pill('idle', 'not there');
  const { tone, word } = verdictNames[side.verdict];
  return pill(tone, word);
}

export function validateHtml({ appeared, gone, same }: ValidateComparison): Html {
  const counted = appeared.filter(({ regression }) => regression).length;
  return html`
${figures([
  {
    value: count(appeared.length),
    label: 'new',
    note: `${count(counted)} counting`,
    tone: counted > 0 ? 'bad' : 'good',
  },
  { value: count(gone.length), label: 'gone', tone: gone.length > 0 ? 'good' : undefined },
  { value: count(same), label: 'as before' },
])}
${findings('New findings', appeared, true)}
${findings('Gone', gone, false)}`;
}

function findings(title: string, list: readonly DocumentFinding[], open: boolean): Content {
  if (list.length === 0) return undefined;
  const rows = list
    .slice(0, rowsMax)
    .map(({ path, line, column, level, ruleId, pointer, message, accepted }) => [
      html`<code>${oneLine(path, 300)}:${line}:${column}</code><small>${oneLine(pointer, 200)}</small>`,
      pill(
        accepted === true ? 'idle' : findingTones[level],
        accepted === true ? `accepted ${level}` : level,
      ),
      html`<code>${oneLine(ruleId, 100)}</code>`,
      oneLine(message, cellCharsMax),
    ]);
  const head = [{ title: 'Place' }, { title: 'Level' }, { title: 'Rule' }, { title: 'What to do' }];
  return section(
    title,
    list.length,
    html`<div class="said">${dataTable(title, head, rows)}</div>`,
    open,
  );
}

function section(title: string, total: number, content: Html, open: boolean): Html {
  const more =
    total > rowsMax &&
    html`<p class="muted">${count(total - rowsMax)} more are in comparison.json.</p>`;
  if (open) return html`<h2>${title}</h2>${content}${more}`;
  return html`<details class="fold"><summary>${title}: ${plural(total, 'entry', 'entries')}</summary>${content}${more}</details>`;
}
