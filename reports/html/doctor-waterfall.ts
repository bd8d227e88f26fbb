// The pull as a waterfall: a row a request, its parts drawn from the begin of that pull to its end.

import { type HopPart, hopParts, isFailed, outcomeOf, pullsOf, spanOf } from '../doctor-words.ts';
import { bytes, count, duration, plural } from '../figures.ts';
import type { DoctorHop, DoctorResult } from '../results.ts';
import { bar, dataTable } from './bits.ts';
import { type Content, type Html, html } from './markup.ts';

const hopsMax = 300;
const parts = [
  ['dns', 'DNS'],
  ['connect', 'connect'],
  ['tls', 'TLS'],
  ['wait', 'wait for the first byte'],
  ['content', 'body'],
] as const;

export function waterfallHtml(doctor: DoctorResult): Html | false {
  const { hops } = doctor;
  if (hops.length === 0) return false;
  const [pull, ...repeats] = pullsOf({ ...doctor, hops: hops.slice(0, hopsMax) });
  const more = hops.length - hopsMax;
  const keys = parts.map(
    ([part, words]) => html`<li><span class="key ${part}"></span>${words}</li>`,
  );
  return html`
<h3>The pull, hop by hop</h3>
<ul class="keys">${keys}</ul>
${pull !== undefined && pullTable('The pull, hop by hop', pull[1])}
${repeats.map(([number, ofPull]) => {
  const title = `Repeat ${number - 1}, ${plural(ofPull.length, 'request')}`;
  return html`<details class="fold"><summary>${title}</summary>${pullTable(title, ofPull)}</details>`;
})}
${more > 0 && html`<p class="muted">and ${count(more)} more requests in results.json</p>`}`;
}

const columns = [
  { title: 'Request' },
  { title: 'Came' },
  { title: '' },
  ...['DNS', 'Connect', 'TLS', 'First byte', 'Whole', 'Data'].map((title) => ({
    title,
    numeric: true,
  })),
];

/** Each pull has its own scale, so that a slow repeat does not flatten the rest. */
function pullTable(title: string, hops: readonly DoctorHop[]): Html {
  const span = spanOf(hops);
  return dataTable(
    title,
    columns,
    hops.map((hop) => rowOf(hop, span)),
  );
}

interface Span {
  readonly fromMs: number;
  readonly ms: number;
}

function rowOf(hop: DoctorHop, span: Span): Content[] {
  const { method, phase, hop: role, authorization } = hop;
  const failed = isFailed(hop);
  const shown = authorization === '' ? '' : `, with ${authorization}`;
  const cell = (ms: number) => (ms === 0 ? '–' : duration(ms));
  const came = hop.failure === undefined ? String(hop.status) : outcomeOf(hop);
  return [
    html`${method} ${phase}<small>${role}${shown}</small><small class="wrap asked"><code>${shortUrl(hop.url)}</code></small>`,
    failed ? html`<b class="bad-text wrap came">${came}</b>` : came,
    html`<div class="flow">${barOf(hop, span, failed)}</div>`,
    ...[hop.dnsMs, hop.connectMs, hop.tlsMs, hop.ttfbMs, hop.totalMs].map(cell),
    html`${bytes(hop.bytes)}${hop.cache !== 'unknown' && html`<small>cache ${hop.cache}</small>`}`,
  ];
}

/** `body` is a style of checks. */
function classOf(part: HopPart): string {
  return part === 'body' ? 'content' : part;
}

/** A digest is known by its beginning; results.json has it whole. */
function shortUrl(url: string): string {
  return url.replace(/([0-9a-f]{12})[0-9a-f]{52,}/g, '$1…');
}

function barOf(hop: DoctorHop, span: Span, failed: boolean): Html {
  let clock = hop.startMs - span.fromMs;
  const segments = hopParts(hop).map(([part, ms]) => {
    const segment = {
      from: clock / span.ms,
      length: ms / span.ms,
      className: failed ? 'bad' : classOf(part),
    };
    clock += ms;
    return segment;
  });
  return bar(segments);
}
