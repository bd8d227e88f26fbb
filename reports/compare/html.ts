// The page of a comparison: what came of it, what became worse, and every line with its interval.

import type { ComparedRun, Comparison, ComparisonRemark } from '../comparison.ts';
import { moment, plural } from '../figures.ts';
import { facts, icon } from '../html/bits.ts';
import { framed } from '../html/frame.ts';
import { type Content, type Html, html } from '../html/markup.ts';
import { oneLine } from '../untrusted.ts';
import { conformHtml, validateHtml } from './html-lists.ts';
import { loadHtml } from './html-load.ts';
import { comparisonStyle } from './style.ts';
import { comparisonSentence, verdictTones, verdictWords } from './words.ts';

const titleCharsMax = 240;
const remarksMax = 50;
const runsShownMax = 12;

/** A whole HTML document. */
export function renderComparisonHtml(comparison: Comparison): string {
  const title = oneLine(comparisonSentence(comparison), titleCharsMax);
  const tone = verdictTones[comparison.verdict];
  const { incomparable, warnings, load, conform, validate } = comparison;
  return framed({
    title,
    tone,
    charts: false,
    style: comparisonStyle,
    content: html`${masthead(comparison, title)}
<main id="main"><section class="chapter" aria-label="What differs">
${remarks('Why these runs cannot be compared', incomparable, false)}
${remarks('What may explain a difference', warnings, true)}
${load && loadHtml(load)}
${conform && conformHtml(conform)}
${validate && validateHtml(validate)}
</section></main>
${footer(comparison)}`,
  });
}

function masthead(comparison: Comparison, title: string): Html {
  const tone = verdictTones[comparison.verdict];
  return html`
<header class="masthead ${tone}">
<p class="brand"><b>pullproof</b> compare, ${comparison.of}</p>
<div class="verdict">${icon(tone)}<div><p class="word">${verdictWords[comparison.verdict]}</p><h1>${title}</h1></div></div>
<dl class="compared">${side('Base', comparison.base)}${side('With', comparison.with)}</dl>
</header>`;
}

function side(name: string, runs: readonly ComparedRun[]): Content {
  const shown = runs.slice(0, runsShownMax).map(({ path, startedAt }) => {
    return html`<code>${oneLine(path, 160)}</code><small>${moment(startedAt)}</small> `;
  });
  const more = runs.length - shown.length;
  return html`<dt>${name}</dt><dd>${shown}${more > 0 && `and ${more} more`}</dd>`;
}

function remarks(title: string, list: readonly ComparisonRemark[], plain: boolean): Content {
  if (list.length === 0) return undefined;
  const items = list
    .slice(0, remarksMax)
    .map(({ message }) => html`<li>${oneLine(message, 800)}</li>`);
  return html`<div class="remarks ${plain ? 'plain' : ''}"><p><b>${title}</b></p><ul>${items}</ul></div>`;
}

function footer(comparison: Comparison): Html {
  const { base, with: others, exitCode, tool, madeAt } = comparison;
  const versions = [...new Set([...base, ...others].map(({ version }) => version))].join(', ');
  const targets = [...new Set([...base, ...others].map(({ target }) => oneLine(target, 200)))];
  return html`<footer><h2>About</h2>${facts([
    ['Compared', moment(madeAt)],
    ['Runs', `${plural(base.length, 'run')} and ${plural(others.length, 'run')}`],
    ['Of', html`<code>${targets.join(', ')}</code>`],
    ['Exit code', exitCode],
    ['pullproof', tool.version],
    ['That of the runs', versions],
  ])}</footer>`;
}
