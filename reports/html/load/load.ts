// A load test on the page: key figures, what limited, objectives, failures, time by phase, hops and hosts.

import { bytes, count, duration, plural, rate } from '../../figures.ts';
import { loadNotes, serverNotes } from '../../load-notes.ts';
import { loadOutcome, pushSentences } from '../../load-outcome.ts';
import {
  byteRate,
  engineWords,
  inPullOrder,
  limitSentence,
  verifyWords,
} from '../../load-words.ts';
import type { LoadResult, Pushes, Results } from '../../results.ts';
import { bar, facts, figures, pill } from '../bits.ts';
import { type Html, html } from '../markup.ts';
import { errorList } from './errors.ts';
import { timelineHtml } from './over-time.ts';
import {
  dialTable,
  hopTable,
  hostTable,
  latencyTable,
  partTable,
  phaseRows,
  serverTable,
  statusTable,
  stepTable,
} from './tables.ts';

export function loadHtml(_: Results, load: LoadResult, id: string): Html {
  const { slo, errors, retried = [], knee } = load;
  return html`
${figureCards(load)}
<p class="lede">${limitSentence(load)}</p>
${notes(load)}
${slo.length > 0 && objectives(load)}
${errors.length > 0 && errorList('What went wrong', errors, load.client)}
${retried.length > 0 && errorList('What was tried again', retried, load.client, 'warn')}
${knee !== undefined && stepTable(knee)}
${load.timeline.length > 1 && timelineHtml(load.timeline, id)}
${waterfall(load)}
${partTable('By client', 'Client', load.byClient)}
${partTable('By image', 'Image', load.byImage)}
<h3>Latency by phase</h3>
${latencyTable('Latency by phase', phaseRows(load))}
<h3>By hop</h3>
${hopTable('By hop', 'Hop', inPullOrder(load.hops), load.seconds, (hop) => hop)}
<h3>By host</h3>
${hostTable(load)}
${dialTable(load)}
${serverTable(load)}
${statusTable(load)}
${load.pushes !== undefined && pushesHtml(load.pushes)}
<h3>How it was measured</h3>
${method(load)}`;
}

/** What somebody should look at: the gravest first. */
function notes(load: LoadResult): Html | false {
  const told = loadNotes(load);
  if (told.length === 0) return false;
  const rows = told.map(
    ([label, text]) => html`
<li>${pill('warn', label)}<span>${text}</span></li>`,
  );
  return html`<h3>What to look at</h3><ul class="objectives notes">${rows}</ul>`;
}

function figureCards({ pulls, requests, bytes: data, pullMs, knee }: LoadResult): Html {
  const { ok, failed, dropped, retried = 0 } = pulls;
  const share = ok + failed === 0 ? 0 : (failed / (ok + failed)) * 100;
  // Of steps at many rates neither the mean rate nor the percentiles say anything.
  const atKnee = knee && {
    value: rate(knee.perSecond),
    label: 'pulls per second held',
    note: knee.brokeAt === null ? 'no rate broke' : `${rate(knee.brokeAt)} broke`,
  };
  return figures([
    atKnee ?? {
      value: rate(pulls.perSecond),
      label: 'pulls per second',
      note: `${count(ok)} in all`,
    },
    {
      value: duration(pullMs.p95),
      label: knee === undefined ? 'p95 of a pull' : 'p95 of a pull, all steps',
      note: `median ${duration(pullMs.p50)}`,
    },
    { value: byteRate(data.perSecond), label: 'data', note: `${bytes(data.verified)} verified` },
    {
      value: count(failed),
      label: 'failed pulls',
      note: [
        failed > 0 ? `${rate(share)} % of all` : 'none at all',
        ...(dropped > 0 ? [`${count(dropped)} due never began`] : []),
      ].join(', '),
      tone: failed > 0 || dropped > 0 ? 'bad' : 'good',
    },
    ...(retried > 0
      ? [
          {
            value: count(retried),
            label: 'pulls needed retries',
            note: `of ${count(ok + failed)}`,
            tone: 'warn' as const,
          },
        ]
      : []),
    {
      value: rate(requests.perSecond),
      label: 'requests per second',
      note: `${count(requests.failed)} failed`,
    },
  ]);
}

function objectives({ slo }: LoadResult): Html {
  const rows = slo.map(
    ({ expression, observed, held }) => html`
<li>${pill(held ? 'good' : 'bad', held ? 'held' : 'missed')}<code>${expression}</code><span>observed <b>${observed}</b></span></li>`,
  );
  return html`<h3>Objectives</h3><ul class="objectives">${rows}</ul>`;
}

/** Pushes have a part of their own, as they are measured apart. */
function pushesHtml(pushes: Pushes): Html {
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
${pushes.errors.length > 0 && errorList('What went wrong with pushes', pushes.errors, 'the client')}
${latencyTable('Latency of pushes', [['whole push', pushMs], ...inPullOrder(phases)])}`;
}

/** Phases of a pull in their order; those after `config` run side by side with it. */
const phasesInOrder = ['ping', 'token', 'index', 'manifest', 'config', 'layer'] as const;

/** Medians laid end to end, as one pull goes through them; the pale part reaches to the p95. */
function waterfall({ phases }: LoadResult): Html | false {
  const present = phasesInOrder.flatMap((name) => {
    const one = phases[name];
    return one ? [{ name, one }] : [];
  });
  if (present.length === 0) return false;
  let clock = 0;
  const laid = present.map(({ name, one }) => {
    const from = clock;
    if (name !== 'config' && name !== 'layer') clock += one.p50;
    return { name, one, from };
  });
  const end = Math.max(...laid.map(({ from, one }) => from + one.p95));
  const rows = laid.map(({ name, one, from }) => {
    const segments = [
      { from: from / end, length: one.p95 / end, className: 'pale' },
      { from: from / end, length: one.p50 / end, className: 'strong' },
    ];
    const label = name === 'layer' ? 'each layer' : name;
    return html`<li><span>${label}</span>${bar(segments)}<span class="tally">${duration(one.p50)}</span></li>`;
  });
  return html`
<h3>Where a pull spends its time</h3>
<p class="muted">The median of each phase, one after the other; the pale part reaches to the p95. Config and layers are drawn from one start; some clients read the config first.</p>
<ul class="totals waterfall">${rows}</ul>`;
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
  return facts([
    ['Client', load.client],
    ['Shape', `${shapeWords[load.shape]}, ${plural(load.vus, 'virtual user')}`],
    ...loadOutcome(load).map((line): [string, string] => ['Outcome', line]),
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
