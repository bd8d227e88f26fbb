// What the client would print at the end of a pull that fails as the traced one did: its own words for the failure,
// with what is known besides of names, addresses and certificates, and what it says of each try.

import { byDefault } from '../../access/written.ts';
import type { Facts, HostFacts } from '../../doctor/facts.ts';
import { endpointOf, placeOf } from '../../doctor/places.ts';
import type { Dial, Handshake, Lookup } from '../../doctor/wire.ts';
import { wordsOf } from '../../profiles/words/index.ts';
import type { PullFailure } from '../../protocol/failure.ts';
import { originOf } from '../../protocol/grammar/uri.ts';
import { retryAllPause } from '../../protocol/retry.ts';

/** Undefined where it would succeed, or its words are not known. Several lines where it tries again. */
export function clientSays(facts: Facts): string | undefined {
  const [pull] = facts.pulls;
  const failure = pull?.failure;
  const endpoint =
    failure && (endpointOf(failure.evidence.url, endpointsOf(facts)) ?? lastEndpoint(facts));
  if (failure === undefined) return refusalWords(facts);
  if (pull === undefined || endpoint === undefined) return undefined;
  const { registry, url: registryUrl, repository, reference } = endpoint;
  const { resolvesTo } = pull;
  const image = { registry, registryUrl, repository, reference, resolvesTo };
  const words = wordsOf(facts.client.name, image, asGoSays(failure, facts.hosts));
  if (words === undefined) return undefined;
  const { name } = facts.client;
  const separator = reference.includes(':') ? '@' : ':';
  const source = `docker://${registry}/${repository}${separator}${reference}`;
  const tries = name.startsWith('podman') ? retryLines(facts, failure, words) : [];
  // Docker says at once what it met on the way to the manifest, and the rest in its progress.
  const isProgress = failure.phase === 'config' || failure.phase === 'layer';
  const last = isProgress && name.startsWith('docker') ? words : lastLine(name, source, words);
  return [...tries, last].join('\n');
}

/** Clients of containers/image, which know short names, blocked registries and policies. */
const ofContainers = /^(?:podman|skopeo|cri-o)/;

/** What is not asked for, or not taken, though nothing went wrong on the way. */
function refusalWords({ route, client: { name }, settings, pulls }: Facts): string | undefined {
  if (!ofContainers.test(name)) return undefined;
  const [candidate] = route.candidates;
  const shortName = shortNameWords(route);
  // Before anything is copied.
  if (shortName !== undefined) return name.startsWith('podman') ? `Error: ${shortName}` : shortName;
  const { policy } = settings;
  const source = `docker://${candidate?.name}`;
  if (candidate === undefined || policy?.kind !== 'reject') return undefined;
  const list =
    pulls[0]?.resolvesTo === 'manifest' ? '' : 'copying system image from manifest list: ';
  const words = `${list}Source image rejected: Running image ${source} is rejected by policy.`;
  return lastLine(name, source, words);
}

/** pkg/shortnames of containers/image. */
function shortNameWords({ ambiguous, problems, text }: Facts['route']): string | undefined {
  if (ambiguous?.refused === true) {
    return 'short-name resolution enforced but cannot prompt without a TTY';
  }
  const unresolved = problems.find(({ id }) => id === 'short-name-unresolved');
  if (unresolved === undefined) return undefined;
  const { written } = unresolved;
  const none =
    written === byDefault
      ? 'no containers-registries.conf(5) was found'
      : `no unqualified-search registries are defined in ${JSON.stringify(written.in)}`;
  return `short-name ${JSON.stringify(text)} did not resolve to an alias and ${none}`;
}

function endpointsOf({ pulls: [pull] }: Facts) {
  return (pull?.exchanges ?? []).map(({ endpoint }) => endpoint);
}

function lastEndpoint({ pulls: [pull] }: Facts) {
  return pull?.exchanges.at(-1)?.endpoint;
}

/** pkg/retry of containers/common; the delay is printed without its jitter. */
function retryLines({ client }: Facts, failure: PullFailure, words: string): string[] {
  const rule = client.retry?.pull;
  if (rule === undefined || retryAllPause(rule, failure, 1, 0) === undefined) return [];
  const times = rule.triesMax - 1;
  return Array.from({ length: times }, (_, at) => {
    return `Failed, retrying in ${rule.firstMs / 1000}s ... (${at + 1}/${times}). Error: ${words}`;
  });
}

/** Versions before 5 say no more than what happened (libimage/copier.go). */
const plainPodman = new Set(['podman@4.3']);

function lastLine(client: string, source: string, words: string): string {
  if (client.startsWith('podman')) {
    const copying = plainPodman.has(client) ? '' : `unable to copy from source ${source}: `;
    return `Error: ${copying}${words}`;
  }
  return client.startsWith('docker') ? `Error response from daemon: ${words}` : words;
}

type Met = Pick<PullFailure, 'class' | 'reason' | 'phase' | 'hop' | 'host' | 'status' | 'evidence'>;

/** What Go would have known where our driver does not: which resolver, which address, what of the certificate. */
function asGoSays(failure: PullFailure, hosts: readonly HostFacts[]): Met {
  const { reason, phase, hop, host, status, evidence } = failure;
  const at = originOf(evidence.url).replace(/^https?:\/\//, '');
  const its = hosts.find((one) => one.host === at);
  const met: Met = { class: failure.class, reason, phase, hop, host, status, evidence };
  if (reason === 'proxy-unreachable') {
    const words = proxyWords(failure, hosts);
    return words === undefined ? met : { ...met, evidence: { ...evidence, words } };
  }
  if (its === undefined) return met;
  const words = wordsInGo(failure, its, placeOf(evidence.url)?.host ?? host);
  if (words !== undefined) return { ...met, evidence: { ...evidence, words } };
  const address = evidence.address === '' ? firstAddress(its) : evidence.address;
  return { ...met, evidence: { ...evidence, address } };
}

/** What our driver says of a proxy that takes the connection and does not answer, and what net/http does. */
const leftWords = [
  ['it closed the connection', 'unexpected EOF'],
  ['the handshake did not end', 'context deadline exceeded'],
  ['it speaks no HTTP', 'malformed HTTP response "<text>"'],
] as const;

/** Why the proxy itself was not reached, or did not answer. */
function proxyWords({ evidence }: PullFailure, hosts: readonly HostFacts[]): string | undefined {
  const left = leftWords.find(([words]) => evidence.words.includes(words));
  if (left !== undefined) return left[1];
  const proxy = hosts.find(({ role }) => role === 'proxy');
  if (proxy === undefined) return undefined;
  const dial = proxy.dials.find(({ family }) => family === 4) ?? proxy.dials[0];
  if (dial === undefined) {
    const name = proxy.host.replace(/:\d+$/, '');
    const words = lookupWords(proxy.lookups, name, proxy.lookups[0]?.failure as undefined);
    return words && `proxyconnect tcp: ${words}`;
  }
  const why = /ECONNREFUSED/.test(evidence.words)
    ? 'connect: connection refused'
    : /EHOSTUNREACH/.test(evidence.words)
      ? 'connect: no route to host'
      : 'i/o timeout';
  return `proxyconnect tcp: dial tcp ${addressOf(dial)}: ${why}`;
}

/** The last that was tried: IPv4 where there is such. */
function firstAddress({ dials }: HostFacts): string {
  const dial = dials.find(({ family }) => family === 4) ?? dials[0];
  return dial === undefined ? '' : addressOf(dial);
}

function addressOf({ address, port }: Dial): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function wordsInGo(
  { class: kind, reason, evidence }: PullFailure,
  { lookups, dials, handshake }: HostFacts,
  host: string,
): string | undefined {
  if (kind === 'refused' && /\bENETUNREACH\b/.test(evidence.words)) {
    const [dial] = dials;
    return dial && `dial tcp ${addressOf(dial)}: connect: network is unreachable`;
  }
  if (kind === 'dns') return lookupWords(lookups, host, reason);
  if (kind === 'stalled' && /handshake did not end/.test(evidence.words)) {
    return 'net/http: TLS handshake timeout';
  }
  const isOfCertificate = kind === 'tls' && handshake !== undefined && handshake.problem !== '';
  return isOfCertificate ? certificateWords(handshake, host) : undefined;
}

function lookupWords(
  lookups: readonly Lookup[],
  host: string,
  reason: PullFailure['reason'],
): string | undefined {
  const resolver = lookups.find(({ resolver: one }) => one.includes('.') || one.includes(':'));
  if (resolver === undefined) return undefined;
  const server = withPort(resolver.resolver);
  const why = {
    servfail: 'server misbehaving',
    'no-answer': `read udp <address>->${server}: i/o timeout`,
  };
  const words = why[reason as keyof typeof why] ?? 'no such host';
  return `dial tcp: lookup ${host} on ${server}: ${words}`;
}

function withPort(resolver: string): string {
  if (/^\d+(?:\.\d+){3}$/.test(resolver)) return `${resolver}:53`;
  return /^[0-9a-f:]+$/i.test(resolver) ? `[${resolver}]:53` : resolver;
}

const namesShownMax = 20;

function certificateWords({ chain: [leaf], problem }: Handshake, host: string): string | undefined {
  const start = 'tls: failed to verify certificate: x509: ';
  if (leaf === undefined || problem !== 'wrong-name') return undefined;
  if (leaf.names.length === 0) {
    return `${start}certificate relies on legacy Common Name field, use SANs instead`;
  }
  return `${start}certificate is valid for ${leaf.names.slice(0, namesShownMax).join(', ')}, not ${host}`;
}
