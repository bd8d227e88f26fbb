// The pull as a waterfall: a row a request, its parts drawn from the begin of the run to its end.

import { type HopPart, hopParts, isFailed, outcomeOf, waterfallMs } from '../doctor-words.ts';
import { bytes, count, duration } from '../figures.ts';
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
  const scale = waterfallMs(doctor);
  const shown = hops.slice(0, hopsMax);
  const keys = parts.map(
    ([part, words]) => html`<li><span class="key ${part}"></span>${words}</li>`,
  );
  const columns = [
    { title: 'Request' },
    { title: 'Came' },
    { title: '' },
    ...['DNS', 'Connect', 'TLS', 'First byte', 'Whole', 'Data'].map((title) => ({
      title,
      numeric: true,
    })),
  ];
  const more = hops.length - shown.length;
  return html`
<h3>The pull, hop by hop</h3>
<ul class="keys">${keys}</ul>
${dataTable(
  'The pull, hop by hop',
  columns,
  shown.map((hop) => rowOf(hop, scale)),
)}
${more > 0 && html`<p class="muted">and ${count(more)} more requests in results.json</p>`}`;
}

function rowOf(hop: DoctorHop, scale: number): Content[] {
  const { method, phase, hop: role, pull, authorization } = hop;
  const failed = isFailed(hop);
  const shown = authorization === '' ? '' : `, with ${authorization}`;
  const turn = pull > 1 ? `repeat ${pull - 1}: ` : '';
  const cell = (ms: number) => (ms === 0 ? '–' : duration(ms));
  const came = hop.failure === undefined ? String(hop.status) : outcomeOf(hop);
  return [
    html`${turn}${method} ${phase}<small>${role}${shown}</small><small class="wrap asked"><code>${shortUrl(hop.url)}</code></small>`,
    failed ? html`<b class="bad-text wrap came">${came}</b>` : came,
    html`<div class="flow">${barOf(hop, scale, failed)}</div>`,
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

function barOf(hop: DoctorHop, scale: number, failed: boolean): Html {
  let clock = hop.startMs;
  const segments = hopParts(hop).map(([part, ms]) => {
    const segment = {
      from: clock / scale,
      length: ms / scale,
      className: failed ? 'bad' : classOf(part),
    };
    clock += ms;
    return segment;
  });
  return bar(segments);
}
