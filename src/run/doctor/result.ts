// The facts of an examination and the causes that they show, as a results document has them.
import type {
  DoctorCause,
  DoctorHop,
  DoctorHost,
  DoctorResult,
  DoctorTls,
} from '../../../reports/results.ts';
import type { SpokenBy } from '../../doctor/causes/cause.ts';
import { causes, type FoundCause } from '../../doctor/causes/index.ts';
import type { Facts, HostFacts, TracedExchange } from '../../doctor/facts.ts';
import { routeForResults } from '../../doctor/route-results.ts';
import type { Handshake } from '../../doctor/wire.ts';
import { dateOf } from '../../protocol/grammar/http-date.ts';
import { formatPlatform } from '../../protocol/grammar/platform.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { clientSays } from './client-says.ts';

const hopsMax = 2000;
const textMax = 500;
const platformsMax = 200;

/** All but the lists of hosts, which know more than one run. */
export function doctorResult(
  facts: Facts,
  found: readonly FoundCause[],
): Omit<DoctorResult, 'hostList' | 'allowList' | 'lookedFrom'> {
  const { route, client, platform, pulls, hosts, probes } = facts;
  const [pull] = pulls;
  const isPullable = worked(facts, found);
  const isStopped = pull?.failure?.class === 'interrupted';
  const says = isPullable || isStopped ? undefined : clientSays(facts);
  const hops = pulls.flatMap(({ exchanges }, at) => exchanges.map((one) => hopOf(one, at + 1)));
  return {
    image: route.text,
    name: nameOf(facts),
    client: client.name,
    platform: formatPlatform(platform),
    pullable: isPullable,
    ...(says !== undefined && { clientSays: says.slice(0, saysMax) }),
    // Of half a run nobody can say that nothing explains it.
    causes: (isStopped ? found.filter(isDeclared) : found).map((one) => causeOf(one, client.name)),
    hops: hops.slice(0, hopsMax),
    hosts: hosts.map((host) => hostOf(host, facts)),
    probes: probes.map(({ id, host, asked, answer, held, ms }) => {
      return { id, host, asked, answer: answer.slice(0, textMax), held, ms: round(ms) };
    }),
    route: routeForResults(route),
    ...(pull?.platforms !== undefined && {
      platforms: pull.platforms.slice(0, platformsMax).map(formatPlatform),
    }),
    bytes: bytesOf(facts),
  };
}

const saysMax = 8000;

function isDeclared({ cause }: FoundCause): boolean {
  return causes.includes(cause);
}

/** The pull went well, and nothing is certain that would end it all the same: a policy, what only a client sees. */
function worked({ pulls: [pull] }: Facts, found: readonly FoundCause[]): boolean {
  if (pull === undefined || pull.failure !== undefined) return false;
  return !found.some(
    ({ found: { isHarmless, certainty } }) => !isHarmless && certainty === 'certain',
  );
}

/** The candidate that was pulled, or tried last. */
function nameOf({ route, pulls: [pull] }: Facts): string {
  const endpoint = pull?.served ?? pull?.exchanges.at(-1)?.endpoint;
  const candidates = route.candidates.filter(
    ({ endpoints }) => endpoint === undefined || endpoints.includes(endpoint),
  );
  return candidates[0]?.name ?? '';
}

/** Whose words of a cause are this client's. */
function speakerOf(client: string): SpokenBy {
  if (client.startsWith('kubelet')) return 'kubelet';
  if (client === 'docker-containerd' || client.startsWith('docker')) return 'docker';
  return /^(?:containerd|lazy|soci|apple)/.test(client) ? 'containerd' : 'podman';
}

function causeOf({ cause, found }: FoundCause, client: string): DoctorCause {
  const { id, title, explanation, remedy, who, says } = cause;
  const { at, certainty, evidence, wouldTell, isHarmless } = found;
  const words = says[speakerOf(client)];
  return {
    id,
    title,
    explanation,
    at,
    certainty,
    harmless: isHarmless === true,
    evidence: evidence.map((text) => text.slice(0, textMax)),
    ...(wouldTell !== undefined && { wouldTell }),
    remedy: [...(found.remedy ?? remedy)],
    who,
    ...(words !== undefined && { clientSays: words }),
  };
}

function hopOf(exchange: TracedExchange, pull: number): DoctorHop {
  const { method, url, host, hop, phase, authorization, startedMs, reply } = exchange;
  const { timings, status, bytes, remoteAddress, failure, reason, failureMessage } = reply;
  return {
    pull,
    method,
    url,
    host,
    hop,
    phase,
    authorization,
    startMs: round(startedMs),
    dnsMs: round(timings.dnsMs),
    connectMs: round(timings.connectMs),
    tlsMs: round(timings.tlsMs),
    ttfbMs: round(timings.ttfbMs),
    totalMs: round(timings.totalMs),
    status,
    bytes,
    address: remoteAddress,
    cache: cacheOf(reply),
    clockSeconds: clockOf(exchange),
    ...(failure !== '' && { failure, message: failureMessage.slice(0, textMax) }),
    ...(reason !== undefined && { reason }),
  };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** How caches say whether they had it. */
const cacheLines = ['X-Cache', 'CF-Cache-Status', 'X-Cache-Status', 'Cache-Status', 'X-Cache-Hits'];

function cacheOf(reply: HttpReply): DoctorHop['cache'] {
  const told = cacheLines.map((name) => reply.header(name) ?? '').join(' ');
  if (/\bhit\b/i.test(told) || Number(reply.header('Age') ?? 0) > 0) return 'hit';
  return /\b(?:miss|expired|bypass|dynamic)\b/i.test(told) ? 'miss' : 'unknown';
}

/** By when the head came. */
function clockOf({ endedAtMs, reply }: TracedExchange): number | null {
  const date = dateOf(reply);
  if (date === undefined) return null;
  const { totalMs, ttfbMs, dnsMs, connectMs, tlsMs } = reply.timings;
  const bodyMs = Math.max(0, totalMs - ttfbMs - Math.max(connectMs, dnsMs) - tlsMs);
  return Math.round((date - (endedAtMs - bodyMs)) / 1000);
}

function hostOf(facts: HostFacts, { pulls }: Facts): DoctorHost {
  const { host, role, lookups, dials, handshake } = facts;
  const asked = pulls.flatMap(({ exchanges }) => exchanges.filter((one) => one.host === host));
  const last = asked.at(-1)?.reply;
  const failed = asked.filter(({ reply }) => reply.failure !== '' || reply.status >= 400);
  return {
    host,
    role,
    dns: lookups.map(({ family, resolver, addresses, cnames, failure, ms }) => {
      return {
        family,
        resolver,
        addresses: [...addresses],
        cnames: [...cnames],
        failure,
        ms: round(ms),
      };
    }),
    tcp: dials.map(({ address, family, ms, failure, words }) => {
      return { address, family, ms: round(ms), failure, message: words.slice(0, textMax) };
    }),
    tls: handshake === undefined || handshake.chain.length === 0 ? null : tlsOf(handshake),
    http:
      last === undefined
        ? null
        : {
            requests: asked.length,
            failed: failed.length,
            status: last.status,
            server: (last.header('Server') ?? '').slice(0, 100),
          },
    error: troubleOf(facts, asked),
  };
}

function tlsOf({ version, alpn, chain, trustedBy, problem, ms }: Handshake): DoctorTls {
  return {
    version,
    alpn,
    chain: chain.map(({ subject, issuer, names, notBeforeMs, notAfterMs, fingerprint }) => ({
      subject,
      issuer,
      names: [...names],
      notBefore: dateText(notBeforeMs),
      notAfter: dateText(notAfterMs),
      fingerprint,
    })),
    trustedBy: [...trustedBy],
    problem,
    ms: round(ms),
  };
}

/** '' for what is no date. */
function dateText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}

/** The first step that failed altogether. */
function troubleOf(facts: HostFacts, asked: readonly TracedExchange[]): string {
  const { lookups, dials, handshake } = facts;
  const unresolved = lookups.length > 0 && lookups.every(({ failure }) => failure !== '');
  if (unresolved) return `the name does not resolve: ${lookups[0]?.failure}`;
  const closed = dials.length > 0 && dials.every(({ failure }) => failure !== '');
  if (closed) return `no connection: ${dials[0]?.words || dials[0]?.failure}`.slice(0, textMax);
  if (handshake !== undefined && handshake.failure !== '') {
    return `no TLS: ${handshake.words || handshake.failure}`.slice(0, textMax);
  }
  if (handshake !== undefined && handshake.problem !== '') {
    return `the certificate would not be taken: ${handshake.problem}`;
  }
  const broken = asked.findLast(({ reply }) => reply.failure !== '');
  const words = broken?.reply.failureMessage || broken?.reply.failure;
  return broken === undefined ? '' : `${broken.phase}: ${words}`.slice(0, textMax);
}

/** Of the pull itself. */
function bytesOf({ pulls: [pull] }: Facts): DoctorResult['bytes'] {
  const blobs = (pull?.exchanges ?? []).filter(
    ({ blob, reply, method }) => blob !== undefined && reply.status === 200 && method === 'GET',
  );
  const sum = (all: readonly TracedExchange[]) =>
    all.reduce((total, { reply }) => total + reply.bytes, 0);
  const verified = blobs.filter(
    ({ blob, reply }) => reply.digest !== '' && reply.digest === blob?.digest,
  );
  return { read: sum(blobs), verified: sum(verified) };
}
