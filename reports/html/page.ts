// The page: one HTML file that carries everything it needs, for one run or for several together.

import { doctorHeadline } from '../doctor-words.ts';
import { count, duration, moment } from '../figures.ts';
import { loadHeadline } from '../load-words.ts';
import type { Results } from '../results.ts';
import {
  isFailing,
  isWarning,
  type Part,
  parts,
  runName,
  runTones,
  sentence,
  type Tone,
} from '../summary.ts';
import { oneLine } from '../untrusted.ts';
import type { LiveAssets } from './assets.ts';
import { facts, icon } from './bits.ts';
import { conformHtml } from './conform/chapter.ts';
import { doctorHtml } from './doctor.ts';
import { documentsHtml } from './documents.ts';
import { framed } from './frame.ts';
import { glossaryHtml } from './glossary.ts';
import { hasCharts } from './load/course.ts';
import { loadHtml, loadJumps } from './load/load.ts';
import { type Content, type Html, html } from './markup.ts';
import { searchHtml } from './search.ts';

const titleCharsMax = 240;

/** A part of a run on its way into the page. `part` is undefined for a run that found nothing. */
interface Chapter {
  id: string;
  /** In front of ids that another run on the page may have as well; '' for the first. */
  prefix: string;
  results: Results;
  part: Part | undefined;
  /** The first of its run: what befell the run is told there. */
  first: boolean;
  /** Unlike that of any other chapter. */
  title: string;
}

function titleOf(results: Results, part: Part | undefined, severalRuns: boolean): string {
  const title = part?.title ?? results.verb;
  return severalRuns ? oneLine(`${title}: ${runName(results)}`, titleCharsMax) : title;
}

export interface PageOptions {
  /** The page is of a run under way, and served on loopback: it may ask its server for what is new. */
  readonly live?: LiveAssets;
}

/** A whole HTML document. The order of the runs is kept; no run gives a page that says so. */
export function renderHtml(runs: readonly Results[], { live }: PageOptions = {}): string {
  const chapters = runs.flatMap((results, run): Chapter[] => {
    const found = parts(results);
    const prefix = run === 0 ? '' : `run-${run + 1}-`;
    if (found.length === 0)
      return [
        {
          id: `run-${run + 1}`,
          prefix,
          results,
          part: undefined,
          first: true,
          title: titleOf(results, undefined, runs.length > 1),
        },
      ];
    return found.map((part, index) => ({
      id: `run-${run + 1}-${part.kind}`,
      prefix,
      results,
      part,
      first: index === 0,
      title: titleOf(results, part, runs.length > 1),
    }));
  });
  const title = oneLine(headline(runs), titleCharsMax);
  const isBad = runs.some((run) => run.verdict !== 'pass');
  const tone: Tone = live !== undefined ? 'idle' : isBad ? 'bad' : 'good';
  return framed({
    title,
    tone,
    live,
    charts: runs.some(hasCharts),
    content: html`${masthead(runs, title, tone, live !== undefined)}
${toolbar(chapters, runs)}
${chapters.length > 1 && contents(chapters)}
<main id="main">${chapters.map((chapter) => chapterHtml(chapter, chapters.length > 1))}
${glossaryHtml(runs)}</main>
${footer(runs)}`,
  });
}

function headline(runs: readonly Results[]): string {
  const [only] = runs;
  if (only === undefined) return 'There is no run to show';
  if (runs.length === 1 && parts(only).length < 2) return oneHeadline(only);
  const chapters = runs.flatMap((run) => {
    const found = parts(run);
    return found.length > 0 ? found.map(({ tone }) => tone) : [runTones[run.verdict]];
  });
  const broken = runs.filter((run) => run.verdict === 'error');
  if (broken[0])
    return broken[0].interrupted?.replace(/\.$/, '') ?? 'A run could not be carried out';
  const bad = chapters.filter((tone) => tone === 'bad').length;
  if (bad === 0) return 'Everything holds';
  return `${bad} of ${chapters.length} parts ${bad === 1 ? 'needs' : 'need'} attention`;
}

/** Why a pull fails is enough to begin with; of a load the rest is in its answers. */
function oneHeadline(run: Results): string {
  if (run.load !== undefined) {
    const told = loadHeadline(run.load);
    return run.interrupted === undefined ? told : `${run.interrupted.replace(/\.$/, '')}. ${told}`;
  }
  if (run.doctor?.pullable !== false || run.interrupted !== undefined) return sentence(run);
  return doctorHeadline(run.doctor);
}

const verdictWords: Record<Results['verdict'], string> = {
  pass: 'Passed',
  fail: 'Failed',
  error: 'Not carried out to its end',
};

function masthead(runs: readonly Results[], title: string, tone: Tone, isRunning: boolean): Html {
  const [first] = runs;
  const verbs = [...new Set(runs.map((run) => run.verb))].join(', ');
  const targets = [...new Set(runs.map((run) => run.target))];
  const took = runs.reduce((sum, run) => sum + run.durationMs, 0);
  const worst =
    runs.find((run) => run.verdict === 'error') ??
    runs.find((run) => run.verdict === 'fail') ??
    first;
  const ended = worst ? verdictWords[worst.verdict] : 'Nothing to show';
  const word = isRunning ? 'Under way' : ended;
  return html`
<header class="masthead ${tone}">
<p class="brand"><b>pullproof</b> ${verbs}</p>
<div class="verdict">${icon(tone)}<div><p class="word">${word}</p><h1>${title}</h1></div></div>
<p class="targets">${targets.map((target) => html`<code>${target}</code> `)}${first && html`<span class="when">${moment(first.startedAt)}, ${isRunning ? 'under way for' : 'took'} ${duration(took)}</span>`}</p>
</header>`;
}

const jumpsMax = 12;

/** Stays in sight: where to go, and the search. */
function toolbar(chapters: readonly Chapter[], runs: readonly Results[]): Html {
  const [only] = chapters;
  const jumps =
    chapters.length === 1 && only?.part?.kind === 'checks'
      ? checkJumps(only)
      : chapters.length === 1 && only?.part?.kind === 'load' && only.results.load
        ? loadJumps(only.results.load, only.id)
        : chapters.map(({ id, title }) => [title, id] as const);
  const links = [...jumps.slice(0, jumpsMax), ['Environment', 'environment'] as const].map(
    ([title, id]) => html`<li><a href="#${id}">${title}</a></li>`,
  );
  return html`
<div class="bar-top">
<nav aria-label="On this page"><ul>${links}</ul></nav>
${searchHtml(runs)}
</div>`;
}

function checkJumps({ id, results: { checks = [] } }: Chapter): (readonly [string, string])[] {
  const failing = checks.filter(isFailing).length;
  const warned = checks.filter(isWarning).length;
  return [
    ...(failing > 0 ? [[`Failures ${count(failing)}`, `${id}-failures`] as const] : []),
    ...(warned > 0 ? [[`Warnings ${count(warned)}`, `${id}-warnings`] as const] : []),
    ['Sections', `${id}-sections`],
    ['Every check', `${id}-rest`],
    ...(checks.length > 0 ? [['Words', 'words'] as const] : []),
  ];
}

function contents(chapters: readonly Chapter[]): Html {
  const links = chapters.map(({ id, results, part, title }) => {
    const tone = part?.tone ?? runTones[results.verdict];
    return html`<li><a class="${tone}" href="#${id}">${icon(tone)}<b>${title}</b><span>${part?.sentence ?? sentence(results)}</span></a></li>`;
  });
  return html`<nav class="contents" data-rest aria-label="Parts of this report"><ul>${links}</ul></nav>`;
}

function chapterHtml(chapter: Chapter, several: boolean): Html {
  const { id, results, part, first, title } = chapter;
  const tone = part?.tone ?? runTones[results.verdict];
  const told = several ? (part?.sentence ?? sentence(results)) : undefined;
  return html`
<section class="chapter" aria-labelledby="${id}">
<div class="chapter-head${!several && ' unseen'}"><h2 id="${id}"><span class="dot ${tone}"></span>${title}</h2>
${told && html`<p class="lede">${told}.</p>`}</div>
${several && first && results.interrupted !== undefined && html`<p class="notice">${results.interrupted}</p>`}
${chapterContent(chapter)}
</section>`;
}

function chapterContent({ results, part, id, prefix }: Chapter): Content {
  if (part?.kind === 'documents') {
    return documentsHtml(results.documents ?? [], results.baseline, results.rules);
  }
  if (part?.kind === 'checks') return conformHtml(results, id, prefix);
  if (part?.kind === 'load' && results.load) return loadHtml(results, results.load, id);
  if (part?.kind === 'doctor' && results.doctor) return doctorHtml(results.doctor, results);
  return html`<p>${sentence(results)}.</p>`;
}

function footer(runs: readonly Results[]): Html {
  const blocks = runs.map((run) => {
    const { environment: where } = run;
    return facts([
      ['Run', html`${run.verb}, ${moment(run.startedAt)}`],
      ['Took', duration(run.durationMs)],
      ['Exit code', run.exitCode],
      ['Command', html`<code>${where.command}</code>`],
      ['pullproof', run.tool.version],
      ['Node', where.node],
      ['System', `${where.os}, ${where.cpus} processors`],
      ['Seed', where.seed],
    ]);
  });
  return html`<footer id="environment"><h2>Environment</h2>${blocks}</footer>`;
}
