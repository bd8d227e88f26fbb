// A diagnosis on the page: what is wrong and what to do, the pull as a waterfall, its hosts layer by layer and by who
// names them, allow lists to copy, probes, and the way that the configuration leads.

import { allowListFormats } from '../allow-list.ts';
import {
  clockWords,
  type DoctorFinding,
  doctorFindings,
  hostColumns,
  hostName,
  isFailed,
  isStopped,
  pullsOf,
  saysLines,
  spanOf,
} from '../doctor-words.ts';
import { bytes, count, duration, plural } from '../figures.ts';
import type { DoctorResult, HostRow, Results } from '../results.ts';
import type { Tone } from '../summary.ts';
import { cell, dataTable, figures, type LeadPart, lead, pill } from './bits.ts';
import { hostsHtml } from './doctor-hosts.ts';
import { routeHtml } from './doctor-route.ts';
import { waterfallHtml } from './doctor-waterfall.ts';
import { glossaryLink } from './glossary.ts';
import { type Html, html } from './markup.ts';

const findingsMax = 50;
const rowsMax = 300;

/** `results` are those that the diagnosis is part of. */
export function doctorHtml(doctor: DoctorResult, results: Results): Html {
  const findings = doctorFindings(doctor);
  return html`
<div data-rest>
${lead(leadParts(doctor, findings))}
${findings.length > 0 && findingsHtml(findings, doctor)}
${clientHtml(doctor, findings)}
${figureCards(doctor)}
<p class="lede">${doctor.lookedFrom}</p>
${waterfallHtml(doctor)}
</div>
${hostsHtml(doctor, results.startedAt)}
<div data-rest>
${columnsHtml(doctor)}
${doctor.allowList.length > 0 && listsHtml(doctor, results)}
${probesHtml(doctor)}
${routeHtml(doctor.route)}
</div>`;
}

function leadParts(doctor: DoctorResult, findings: readonly DoctorFinding[]): LeadPart[] {
  const { pullable, client, allowList } = doctor;
  const [gravest] = findings;
  const stopped = isStopped(doctor);
  const outcome = pullable ? 'The pull works' : stopped ? 'Stopped' : 'The pull fails';
  const asks = html`<li>Let through ${plural(allowList.length, 'name')}: see the list below.</li>`;
  return [
    {
      title: 'What happened',
      tone: pullable ? 'good' : stopped ? 'warn' : 'bad',
      content: html`<p class="big">${outcome} <small>as ${client}</small></p><p>${sentenceOf(doctor)}</p>`,
    },
    {
      title: pullable ? 'What to look at' : 'Why it fails',
      content:
        gravest === undefined
          ? html`<p>${pullable ? 'Nothing stands out.' : 'No cause that is known fits.'}</p>`
          : html`<p>${gravest.title}</p><p class="got">at <code>${gravest.at}</code></p>`,
    },
    {
      title: 'What to do',
      content: html`<ol class="steps">${(gravest?.remedy ?? []).slice(0, stepsMax).map((step) => html`<li>${step}</li>`)}${gravest === undefined && (allowList.length > 0 ? asks : html`<li>Nothing.</li>`)}</ol>${gravest !== undefined && gravest.who !== '' && html`<p class="muted">Who can: ${gravest.who}</p>`}`,
    },
  ];
}

const stepsMax = 3;

function sentenceOf({ hosts, hops, bytes: read }: DoctorResult): string {
  const silent = hosts.filter(({ error }) => error !== '').length;
  const trouble = silent > 0 ? `, ${count(silent)} with trouble` : '';
  return `${plural(hosts.length, 'host')} touched${trouble}; ${plural(hops.length, 'request')}; ${bytes(read.read)} of blobs read.`;
}

function figureCards(doctor: DoctorResult): Html {
  const { pullable, client, hosts, hops, bytes: read, platform, saved } = doctor;
  const silent = hosts.filter(({ error }) => error !== '').length;
  const failed = hops.filter(isFailed).length;
  const platforms = doctor.platforms ?? [];
  const stopped = isStopped(doctor);
  return figures([
    {
      value: pullable ? 'works' : stopped ? 'stopped' : 'fails',
      label: `pull by ${client}`,
      note:
        platforms.length > 1 ? `${platform}, of ${count(platforms.length)} platforms` : platform,
      tone: pullable ? 'good' : stopped ? 'warn' : 'bad',
    },
    {
      value: count(hosts.length),
      label: 'hosts touched',
      note: silent > 0 ? `${count(silent)} with trouble` : 'all went well',
      tone: silent > 0 ? 'bad' : 'good',
    },
    {
      value: count(hops.length),
      label: 'requests',
      note: failed > 0 ? `${count(failed)} failed` : plural(pullsOf(doctor).length, 'pull'),
      tone: failed > 0 && !pullable ? 'bad' : undefined,
    },
    {
      value: bytes(read.read),
      label: 'of blobs read',
      note: saved === undefined ? `${bytes(read.verified)} by digest` : `saved to ${saved}`,
    },
    { value: duration(spanOf(doctor.hops).ms), label: 'from first to last request' },
  ]);
}

function findingsHtml(
  findings: readonly DoctorFinding[],
  { client, pullable, causes }: DoctorResult,
): Html {
  const known = new Set(causes.map(({ id }) => id));
  const more = findings.length - findingsMax;
  const rows = findings
    .slice(0, findingsMax)
    .map((one) => findingItem(one, client, known.has(one.id)));
  return html`
<h3>${pullable ? 'What to look at' : 'Why it fails'}</h3>
<ul class="errors causes">${rows}</ul>
${more > 0 && html`<p class="muted">and ${count(more)} more in results.json</p>`}`;
}

function findingItem(finding: DoctorFinding, client: string, isCause: boolean): Html {
  const { id, level, title, at, evidence, remedy, who, clientSays } = finding;
  const tone = level === 'error' ? 'bad' : 'warn';
  const steps = remedy.map((step) => html`<li>${step}</li>`);
  return html`
<li class="${tone}"><p class="error-head">${pill(tone, level === 'error' ? 'fails' : 'warning')} ${title}</p>
<p class="muted">${glossaryLink('cause', id, { isKnown: isCause })} at <code>${at}</code></p>
<div class="versus">
${evidence.length > 0 && html`<div><h4 class="small">Evidence</h4><ul class="plain-list">${evidence.map((line) => html`<li>${line}</li>`)}</ul></div>`}
${steps.length > 0 && html`<div><h4 class="small">What to do${who !== '' && html` <span class="muted">(${who})</span>`}</h4><ol class="steps">${steps}</ol></div>`}
</div>
${clientSays !== undefined && html`<p class="muted">${client} says: ${saysHtml(clientSays)}</p>`}</li>`;
}

/** The client's last words, where no finding has them. */
function clientHtml({ clientSays, client }: DoctorResult, findings: readonly DoctorFinding[]) {
  if (clientSays === undefined) return false;
  if (findings.some((one) => one.clientSays === clientSays)) return false;
  return html`<p class="says"><b>${client}</b> would say: ${saysHtml(clientSays)}</p>`;
}

function saysHtml(clientSays: string): Html[] {
  return saysLines(clientSays).map((line, at) => html`${at > 0 && html`<br>`}<code>${line}</code>`);
}

function columnsHtml({ hostList, hops }: DoctorResult): Html | false {
  if (hostList.length === 0) return false;
  const rows = hostList.slice(0, rowsMax).map((row) => {
    const { observed, documented, expected } = hostColumns(row);
    return [
      html`<code>${hostName(row)}</code><small>${row.reason}</small>`,
      pill(toneOf(row), observed),
      row.documented === null
        ? documented
        : html`${documented}<small>${row.documented.source}</small>`,
      expectedCell(row, expected),
    ];
  });
  const columns = ['Host', 'Observed here', 'Documented', 'Expected by you'];
  const titles = columns.map((title) => ({ title }));
  const clocks = [...new Set(hops.map((hop) => clockWords(hop)).filter(Boolean))].slice(0, 5);
  const more = hostList.length - rows.length;
  return html`
<h3>Hosts by who names them</h3>
${dataTable('Hosts by who names them', titles, rows)}
${more > 0 && html`<p class="muted">and ${plural(more, 'more host')} in results.json</p>`}
${clocks.map((words) => html`<p class="muted">By its Date, ${words}.</p>`)}`;
}

function toneOf({ observed, reachable }: HostRow): Tone {
  if (reachable === false) return 'bad';
  return observed || reachable === true ? 'good' : 'idle';
}

function expectedCell({ trouble }: HostRow, words: string) {
  if (trouble === 'unexpected') return pill('bad', 'not expected');
  if (trouble === 'unreachable')
    return html`${pill('bad', 'not reachable')}<small>${words}</small>`;
  return words === '' ? '–' : words;
}

/** Each form folded, so that the page stays short. */
function listsHtml(doctor: DoctorResult, results: Results): Html {
  const names = doctor.allowList.slice(0, rowsMax).join('\n');
  const lists = Object.entries(allowListFormats).map(
    ([name, render]) => html`
<details class="fold"><summary>${name}</summary>
<div class="curl"><pre>${render(results, doctor)}</pre><button type="button" class="quiet" data-copy>Copy</button></div>
</details>`,
  );
  return html`
<h3>Names to let through</h3>
<div class="curl"><pre>${names}</pre><button type="button" class="quiet" data-copy>Copy</button></div>
${lists}`;
}

function probesHtml({ probes }: DoctorResult): Html | false {
  if (probes.length === 0) return false;
  const rows = probes
    .slice(0, rowsMax)
    .map(({ id, host, asked, answer, held, ms }) => [
      html`<code>${id}</code>`,
      html`<code>${host}</code>`,
      html`<span class="wrap long">${asked}</span>`,
      html`${pill(held ? 'good' : 'bad', held ? 'as it should' : 'not as it should')}<small class="wrap">${answer}</small>`,
      cell(ms, duration(ms)),
    ]);
  const columns = ['Probe', 'Host', 'Asked', 'Came'].map((title) => ({ title }));
  return html`
<h3>Probes</h3>
${dataTable('Probes', [...columns, { title: 'Took', numeric: true }], rows)}`;
}
