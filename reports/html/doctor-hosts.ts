// The hosts of a pull, layer by layer: names, connections, certificates, replies.

import { endsWords } from '../doctor-words.ts';
import { count, duration, plural } from '../figures.ts';
import type { DoctorHost, DoctorResult, DoctorTls } from '../results.ts';
import { facts, pill } from './bits.ts';
import { type Content, type Html, html } from './markup.ts';

const hostsMax = 100;
const listMax = 12;

export function hostsHtml({ hosts }: DoctorResult, startedAt: string): Html | false {
  if (hosts.length === 0) return false;
  const more = hosts.length - hostsMax;
  return html`
<section class="group">
<h3>Hosts, layer by layer</h3>
<ul class="checks">${hosts.slice(0, hostsMax).map((host) => hostItem(host, startedAt))}</ul>
${more > 0 && html`<p class="muted">and ${plural(more, 'more host')} in results.json</p>`}
</section>`;
}

function hostItem(host: DoctorHost, startedAt: string): Html {
  const tone = host.error === '' ? 'good' : 'bad';
  return html`
<li data-item data-key-host="${host.host}" data-key-role="${host.role}" data-key-verdict="${tone === 'good' ? 'reached' : 'trouble|failing'}"><details class="check ${tone}"${tone === 'bad' && html` open`}>
<summary>${pill(tone, tone === 'good' ? 'reached' : 'trouble')}<span><code>${host.host}</code>
<span class="got">${host.error === '' ? layersLine(host) : host.error}</span></span><span class="which">${host.role}</span></summary>
<div class="body">${facts([
    ['Names (DNS)', lines(host.dns.map(dnsWords))],
    ['Connections (TCP)', lines(host.tcp.map(tcpWords))],
    ['TLS', host.tls === null ? undefined : tlsHead(host.tls)],
    ['Certificates', host.tls === null ? undefined : lines(chainWords(host.tls, startedAt))],
    ['HTTP', host.http === null ? undefined : httpWords(host.http)],
  ])}</div></details></li>`;
}

function layersLine({ dns, tcp, tls }: DoctorHost): string {
  const addresses = dns.reduce((sum, one) => sum + one.addresses.length, 0);
  const open = tcp.filter(({ failure }) => failure === '');
  return [
    addresses > 0 && plural(addresses, 'address', 'addresses'),
    open[0] !== undefined && `connected in ${duration(open[0].ms)}`,
    tls !== null && `${tls.version} in ${duration(tls.ms)}`,
  ]
    .filter((part) => part !== false)
    .join(', ');
}

function lines(words: readonly string[]): Content {
  if (words.length === 0) return undefined;
  const more = words.length - listMax;
  return html`<ul class="plain-list">${words.slice(0, listMax).map((line) => html`<li>${line}</li>`)}${more > 0 && html`<li>and ${count(more)} more</li>`}</ul>`;
}

function dnsWords({ family, resolver, addresses, cnames, failure, ms }: DoctorHost['dns'][number]) {
  const kind = family === 4 ? 'A' : 'AAAA';
  const shown = addresses.slice(0, listMax).join(', ');
  const by = resolver === '' ? '' : ` from ${resolver}`;
  const via = cnames.length === 0 ? '' : `, by way of ${cnames.slice(0, listMax).join(' → ')}`;
  return `${kind}${by}: ${failure === '' ? shown : failure} (${duration(ms)})${via}`;
}

function tcpWords({ address, failure, message, ms }: DoctorHost['tcp'][number]): string {
  const words = [failure, message].filter(Boolean).join(': ');
  return `${address}: ${words === '' ? 'connected' : words} (${duration(ms)})`;
}

function tlsHead({ version, alpn, trustedBy, problem, ms }: DoctorTls): Content {
  const trust = trustedBy.length === 0 ? 'nobody here' : trustedBy.join(', ');
  return lines([
    `${version || 'none came about'}${alpn === '' ? '' : `, ${alpn}`} (${duration(ms)})`,
    `trusted by ${trust}`,
    ...(problem === '' ? [] : [`the client refuses it: ${problem}`]),
  ]);
}

function chainWords({ chain }: DoctorTls, startedAt: string): string[] {
  return chain.map(({ subject, issuer, names, notAfter }, depth) => {
    const shown = names.slice(0, 6).join(', ');
    const more = names.length > 6 ? ', …' : '';
    const also = depth === 0 && shown !== '' ? `, for ${shown}${more}` : '';
    return `${subject}, by ${issuer}${also}; ${endsWords(notAfter, startedAt)}`;
  });
}

function httpWords({ requests, failed, status, server }: NonNullable<DoctorHost['http']>): string {
  const by = server === '' ? '' : `, by ${server}`;
  const told = failed > 0 ? `, ${count(failed)} failed` : '';
  return `${plural(requests, 'request')}${told}, the last ${status === 0 ? 'without reply' : status}${by}`;
}
