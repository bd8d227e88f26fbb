// A load test on the page: key figures, what limited, objectives, failures, time by phase, hops and hosts.

import { bytes, count, duration, plural, rate } from '../../figures.ts';
import { loadNotes, serverNotes } from '../../load-notes.ts';
import { loadOutcome, pushSentences } from '../../load-outcome.ts';
import { byteRate, engineWords, inPullOrder, verifyWords } from '../../load-words.ts';
import type { LoadResult, Pushes, Results } from '../../results.ts';
import { facts, figures, pill } from '../bits.ts';
import { type Content, type Html, html } from '../markup.ts';
import { answersHtml, figureCards } from './answers.ts';
import { stepsOf } from './course.ts';
import { errorList } from './errors.ts';
import { hopsHtml } from './hops.ts';
import { objectivesHtml } from './objectives.ts';
import { overTimeHtml } from './over-time.ts';
import { repeatHtml } from './repeat.ts';
import {
  dialTable,
  hostTable,
  latencyTable,
  partTable,
  phaseRows,
  serverTable,
  statusTable,
  stepTable,
} from './tables.ts';
import { medianWaterfall, waterfallsHtml } from './waterfall.ts';

/** `id` is that of the chapter: what is in it begins with it, so that parts can be linked and replaced. */
export function loadHtml(results: Results, load: LoadResult, id: string): Html {
  const { errors, retried = [], knee, pushes, pullSamples = [] } = load;
  const parts: [name: string, content: Content][] = [
    ['answers', html`${answersHtml(load)}${figureCards(load)}`],
    ['objectives', objectivesHtml(load, id)],
    ['knee', knee !== undefined && stepTable(knee)],
    [
      'errors',
      errors.length > 0 && errorList('What went wrong', errors, load.client, `${id}-error`),
    ],
    [
      'retried',
      retried.length > 0 &&
        errorList('What was tried again', retried, load.client, `${id}-retried`, 'warn'),
    ],
    ['notes', notes(load)],
    ['time', overTimeHtml(load, id)],
    ['pulls', pullSamples.length > 0 ? waterfallsHtml(load) : medianWaterfall(load)],
    ['hops', hopsHtml(load, id)],
    ['pushes', pushes !== undefined && pushesHtml(pushes, id)],
    ['figures', tables(load)],
    ['repeat', repeatHtml(results, load)],
    ['method', html`<h3>How it was measured</h3>${method(load)}`],
  ];
  return html`${parts.map(
    ([name, content]) =>
      content !== false &&
      html`<div class="part${isSearched(name, load) && ' group'}" id="${id}-${name}"${!isSearched(name, load) && html` data-rest`}>${content}</div>`,
  )}`;
}

/** Places of the chapter, for who does not want to scroll there. */
export function loadJumps(load: LoadResult, id: string): [title: string, anchor: string][] {
  const { errors, retried = [], slo, pullSamples = [] } = load;
  const jumps: [title: string, part: string, isThere: boolean][] = [
    ['Objectives', 'objectives', slo.length > 0],
    ['Steps', 'knee', load.knee !== undefined],
    ['Failures', 'errors', errors.length > 0],
    ['Retries', 'retried', retried.length > 0],
    ['Over time', 'time', stepsOf(load) !== undefined],
    ['Pulls', 'pulls', pullSamples.length > 0],
    ['Hops', 'hops', Object.keys(load.hops).length > 0],
    ['Figures', 'figures', true],
    ['Repeat', 'repeat', true],
  ];
  return jumps.filter(([, , isThere]) => isThere).map(([title, part]) => [title, `${id}-${part}`]);
}

/** Whether there is something in this part that the search of the page finds; without, a search hides it. */
function isSearched(part: string, { pushes, pullSamples = [], statuses = [] }: LoadResult) {
  if (part === 'errors' || part === 'retried') return true;
  if (part === 'pulls') return pullSamples.length > 0;
  if (part === 'pushes') return (pushes?.errors.length ?? 0) > 0;
  return part === 'figures' && statuses.length > 0;
}

function tables(load: LoadResult): Html {
  return html`
<div data-rest>
${partTable('By client', 'Client', load.byClient)}
${partTable('By image', 'Image', load.byImage)}
<h3>Latency by phase</h3>
${latencyTable('Latency by phase', phaseRows(load))}
<h3>By host</h3>
${hostTable(load)}
${dialTable(load)}
${serverTable(load)}
</div>
${statusTable(load)}`;
}

/** What somebody should look at, the gravest first; what was tried again has a list of its own. */
function notes(load: LoadResult): Html | false {
  const told = loadNotes(load).filter(([label]) => label !== 'healed' && label !== 'retried');
  if (told.length === 0) return false;
  const rows = told.map(
    ([label, text]) => html`
<li>${pill('warn', label)}<span>${text}</span></li>`,
  );
  return html`<h3>What to look at</h3><ul class="objectives notes">${rows}</ul>`;
}

/** Pushes have a part of their own, as they are measured apart. */
function pushesHtml(pushes: Pushes, id: string): Html {
  const { ok, failed, perSecond, bytes: data, pushMs, phases } = pushes;
  return html`
<h3>Pushes beside the pulls</h3>
${figures([
  { value: rate(perSecond), label: 'pushes per second', note: `${count(ok)} in all` },
  { value: duration(pushMs.p95), label: 'p95 of a push', note: `median ${duration(pushMs.p50)}` },
  { value: byteRate(data.perSecond), label: 'data sent', note: bytes(data.sent) },
  { value: count(failed), label: 'failed pushes', tone: failed > 0 ? 'bad' : 'good' },
])}
<p class="muted">${pushSentences(pushes).join(' ')}</p>
${pushes.errors.length > 0 && errorList('What went wrong with pushes', pushes.errors, 'the client', `${id}-push-error`)}
${latencyTable('Latency of pushes', [['whole push', pushMs], ...inPullOrder(phases)])}`;
}

const shapeWords: Record<LoadResult['shape'], string> = {
  vus: 'a constant number of users',
  rate: 'a constant rate of pulls',
  iterations: 'a fixed number of pulls',
  smoke: 'each image once',
  herd: 'every user at the same moment',
  ramp: 'load that rises',
  spike: 'load that jumps and falls back',
  soak: 'constant load for long',
  breakpoint: 'rates that rise until an objective breaks',
  replay: 'the requests of a recorded trace',
};

function method(load: LoadResult): Html {
  const { hit, miss, unknown } = load.cache;
  const silent = unknown > 0 ? `, ${count(unknown)} replies did not say` : '';
  const outcome = loadOutcome(load);
  return facts([
    ['Client', load.client],
    ['Shape', `${shapeWords[load.shape]}, ${plural(load.vus, 'virtual user')}`],
    [
      'Outcome',
      outcome.length === 0
        ? undefined
        : html`<ul class="plain-list">${outcome.map((line) => html`<li>${line}</li>`)}</ul>`,
    ],
    ['Measured for', duration(load.seconds * 1000)],
    ['Verification', verifyWords[load.verify]],
    ['Engine', engineWords[load.engine]],
    ...(hit + miss === 0 ? [['Edge cache', `never told${silent}`] as const] : []),
    ...serverNotes(load).map(
      ([label, text]) => [`${label.charAt(0).toUpperCase()}${label.slice(1)}`, text] as const,
    ),
    [
      'Images',
      html`<ul class="plain-list">${load.images.map((image) => html`<li><code>${image}</code></li>`)}</ul>`,
    ],
  ]);
}
