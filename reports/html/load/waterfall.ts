// Whole pulls as waterfalls: a row a request, its parts from the begin of the pull to its end, and the same in figures.

import { bytes, duration, plural } from '../../figures.ts';
import { inPullOrder } from '../../load-words.ts';
import type { LoadResult, PullSample, SampledRequest } from '../../results.ts';
import { bar, cell, dataTable, pill, type TableCell } from '../bits.ts';
import { glossaryLink } from '../glossary.ts';
import { type Html, html } from '../markup.ts';
import { itemKeys } from './errors.ts';
import { chainsOf, isRedirect } from './redirects.ts';

const samplesMax = 9;
/** Rows of a diagram; the table has all. */
const rowsMax = 60;

const parts = [
  ['dns', 'DNS'],
  ['connect', 'connect'],
  ['tls', 'TLS'],
  ['wait', 'waiting for the first byte'],
  ['content', 'receiving'],
] as const;

const kindWords: Record<PullSample['kind'], string> = {
  typical: 'Typical',
  slow: 'Slow',
  failed: 'Failed',
};

const kindTones = { typical: 'good', slow: 'warn', failed: 'bad' } as const;

export function waterfallsHtml({ pullSamples = [] }: LoadResult): Html | false {
  if (pullSamples.length === 0) return false;
  const keys = parts.map(
    ([part, words]) => html`<li><span class="key ${part}"></span>${words}</li>`,
  );
  const kinds = (['typical', 'slow', 'failed'] as const).flatMap((kind) =>
    pullSamples
      .filter((sample) => sample.kind === kind)
      .map((sample, index) => ({ sample, first: index === 0 })),
  );
  return html`
<h3>Single pulls, request by request</h3>
<p class="muted">One that is typical (near the median), slow (near the p99) and failed, where there are such. Each has a scale of its own; ↳ follows a redirect.</p>
<ul class="keys">${keys}</ul>
${kinds.slice(0, samplesMax).map(({ sample, first }) => pullHtml(sample, first))}`;
}

function pullHtml(sample: PullSample, open: boolean): Html {
  const { kind, atSeconds, durationMs, client, image, failure, requests, more = 0 } = sample;
  const rows = chainsOf(requests);
  const span = spanOf(sample);
  const title = `${kindWords[kind]} pull`;
  return html`
<details class="pull ${kind}"${itemKeys({ class: failure })} data-key-pull="${kind}"${open && html` open`}>
<summary>${pill(kindTones[kind], kindWords[kind])} <b>${duration(durationMs)}</b> <span class="muted">at ${duration(atSeconds * 1000)}, as ${client}, ${plural(requests.length + more, 'request')}${failure !== undefined && html`, ended by ${glossaryLink('failure', failure)}`}</span></summary>
<p class="muted"><code>${image}</code></p>
<ol class="flow-rows" aria-hidden="true">
<li class="flow-axis"><span></span>${axis(span)}<span></span></li>
${rows.slice(0, rowsMax).map(({ request, follows }) => flowRow(request, follows, span))}
</ol>
${rows.length > rowsMax && html`<p class="muted">and ${plural(rows.length - rowsMax, 'more request')} in the table</p>`}
${more > 0 && html`<p class="muted">and ${plural(more, 'request')} that was not kept</p>`}
<details class="fold"><summary>In figures</summary>${table(title, rows)}</details>
</details>`;
}

/** The longest of what is known: a request may end after its pull was given up. */
function spanOf({ durationMs, requests }: PullSample): number {
  return requests.reduce(
    (most, { startMs, totalMs }) => Math.max(most, startMs + totalMs),
    Math.max(durationMs, 1e-3),
  );
}

/** Ticks at even times, four to eight of them. */
function ticksOf(span: number): number[] {
  const raw = span / 6;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= raw) ?? 10);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, tick) => tick * step);
}

function percent(part: number, whole: number): string {
  return `${Math.round(Math.min(1, Math.max(0, part / whole)) * 1e4) / 100}%`;
}

function axis(span: number): Html {
  const ticks = ticksOf(span).filter((tick) => tick < span * 0.94);
  return html`<svg class="flow-line">${ticks.map((tick) => html`<text x="${percent(tick, span)}" y="11">${duration(tick)}</text>`)}</svg>`;
}

function flowRow(request: SampledRequest, follows: boolean, span: number): Html {
  const { phase, hop, host, status, failure, totalMs, cache = '' } = request;
  const failed = isFailed(request);
  const came = failure !== undefined && status < 400 ? failure : String(status);
  const grid = ticksOf(span).map(
    (tick) =>
      html`<line x1="${percent(tick, span)}" x2="${percent(tick, span)}" y1="0" y2="100%"/>`,
  );
  return html`
<li class="${failed ? 'bad' : ''}"><span class="flow-name${follows && html` follows`}"><b>${follows && '↳ '}${phase}</b> <small>${hop} ${host}</small></span><svg class="flow-line">${grid}${segments(request, span)}</svg><span class="flow-came"><b>${came}</b> <i>${cache !== 'unknown' && cache}</i> <i>${bytes(request.bytes)}</i> <i>${duration(totalMs)}</i></span></li>`;
}

function isFailed({ status, failure }: SampledRequest): boolean {
  // The 401 that asks for a token belongs to a pull.
  return failure !== undefined || status === 0 || (status >= 400 && status !== 401);
}

function segments(request: SampledRequest, span: number): Html {
  const { startMs, totalMs } = request;
  const end = startMs + totalMs;
  let clock = startMs;
  const rects = partsOf(request).flatMap(([part, ms]) => {
    const from = Math.min(clock, end);
    clock += ms;
    const width = Math.min(clock, end) - from;
    return width <= 0
      ? []
      : [
          html`<rect class="${part}" x="${percent(from, span)}" width="${percent(width, span)}" y="6" height="12"/>`,
        ];
  });
  const mark =
    isFailed(request) &&
    html`<rect class="ended" x="${percent(end, span)}" width="3" y="3" height="18"/>`;
  // However short, something is to be seen.
  return html`<rect class="least" x="${percent(startMs, span)}" width="1.5" y="6" height="12"/>${rects}${mark}`;
}

function partsOf(request: SampledRequest): [part: (typeof parts)[number][0], ms: number][] {
  const { dnsMs, connectMs, tlsMs, ttfbMs, totalMs } = request;
  const receiving = Math.max(0, totalMs - dnsMs - connectMs - tlsMs - ttfbMs);
  return [
    ['dns', dnsMs],
    ['connect', connectMs],
    ['tls', tlsMs],
    ['wait', ttfbMs],
    ['content', receiving],
  ];
}

const columns = [
  ...['Request', 'Hop', 'Came'].map((title) => ({ title })),
  ...['Begins', 'DNS', 'Connect', 'TLS', 'First byte', 'Receiving', 'Whole', 'Data'].map(
    (title) => ({ title, numeric: true }),
  ),
];

function table(title: string, rows: ReturnType<typeof chainsOf>): Html {
  const part = (ms: number) => cell(ms, ms === 0 ? '–' : duration(ms));
  return dataTable(
    title,
    columns,
    rows.map(({ request, follows }): TableCell[] => {
      const { phase, hop, host, status, failure, startMs, totalMs, cache } = request;
      const came =
        failure === undefined ? String(status) : `${status === 0 ? '' : status} ${failure}`;
      return [
        follows ? `↳ ${phase}` : phase,
        html`${hop}<small>${host}</small>`,
        html`${isFailed(request) ? html`<b class="bad-text">${came}</b>` : came}${isRedirect(request) && html`<small>redirect</small>`}`,
        cell(startMs, duration(startMs)),
        ...partsOf(request).map(([, ms]) => part(ms)),
        cell(totalMs, duration(totalMs)),
        cell(
          request.bytes,
          html`${bytes(request.bytes)}${cache !== undefined && html`<small>cache ${cache}</small>`}`,
        ),
      ];
    }),
  );
}

/** Phases of a pull in their order; those after `config` run side by side with it. */
const phasesInOrder = ['ping', 'token', 'index', 'manifest', 'config', 'layer'] as const;

/** Where no pull was kept: medians laid end to end, as one pull goes through them; the pale part reaches to the p95. */
export function medianWaterfall({ phases }: LoadResult): Html | false {
  const present = inPullOrder(phases).filter(([name]) =>
    phasesInOrder.some((phase) => phase === name),
  );
  if (present.length === 0) return false;
  let clock = 0;
  const laid = present.map(([name, one]) => {
    const from = clock;
    if (name !== 'config' && name !== 'layer') clock += one.p50;
    return { name, one, from };
  });
  const end = Math.max(...laid.map(({ from, one }) => from + one.p95));
  const rows = laid.map(({ name, one, from }) => {
    const drawn = [
      { from: from / end, length: one.p95 / end, className: 'pale' },
      { from: from / end, length: one.p50 / end, className: 'strong' },
    ];
    const label = name === 'layer' ? 'each layer' : name;
    return html`<li><span>${label}</span>${bar(drawn)}<span class="tally">${duration(one.p50)}</span></li>`;
  });
  return html`
<h3>Where a pull spends its time</h3>
<p class="muted">The median of each phase, one after the other; the pale part reaches to the p95. Config and layers are drawn from one start; some clients read the config first.</p>
<ul class="totals waterfall">${rows}</ul>`;
}
