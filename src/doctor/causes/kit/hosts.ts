// What is known of hosts: by their name, how each address answered, and who issued their certificates.
import { isIP } from 'node:net';
import type { Facts, HostFacts, ProbeFacts, ProbeId } from '../../facts.ts';
import type { Certificate, Dial, Family, Handshake } from '../../wire.ts';

/** Lower case, without port, brackets, scheme and path: of `host:port`, a URL or a name. */
export function nameOf(host: string): string {
  const bare = host.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/s, '');
  const inner = /^\[([^\]]*)\]/.exec(bare)?.[1];
  const isAddress = isIP(bare) === 6;
  return (inner ?? (isAddress ? bare : bare.replace(/:\d*$/, ''))).toLowerCase();
}

export function isSameName(a: string, b: string): boolean {
  return nameOf(a) === nameOf(b);
}

/** Facts of a host, with the port that is its scheme's own or without. */
export function hostOf({ hosts }: Facts, host: string): HostFacts | undefined {
  const bare = (text: string) => text.replace(/:(?:443|80)$/, '');
  return (
    hosts.find((one) => bare(one.host) === bare(host)) ??
    hosts.find((one) => isSameName(one.host, host))
  );
}

export function probesOf({ probes }: Facts, id: ProbeId, host?: string): ProbeFacts[] {
  return probes.filter(
    (one) => one.id === id && (host === undefined || isSameName(one.host, host)),
  );
}

/** Whether a probe was made there and held; undefined where it was not made. */
export function held(facts: Facts, id: ProbeId, host: string): boolean | undefined {
  const made = probesOf(facts, id, host);
  return made.length === 0 ? undefined : made.some((one) => one.held);
}

export function probeLines(facts: Facts, id: ProbeId, host?: string): string[] {
  return probesOf(facts, id, host).map(({ asked, answer }) => `${asked}: ${answer}`);
}

/** By another way than the pull's, with a proxy or without, the host is reached. */
export function isReachedOtherwise(facts: Facts, host: string): boolean {
  return held(facts, 'with-proxy', host) === true || held(facts, 'without-proxy', host) === true;
}

export function dialLines(facts: Facts, host: string): string[] {
  return (hostOf(facts, host)?.dials ?? []).map(dialLine);
}

function dialLine({ address, port, failure, words, ms }: Dial): string {
  const to = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  return failure === ''
    ? `TCP to ${to}: connected after ${Math.round(ms)} ms`
    : `TCP to ${to}: ${words || failure}`;
}

/** Packets that way vanish: no answer at all, which is not the answer of a host without that family. */
const isSilent = ({ failure }: Pick<Dial | Handshake, 'failure'>): boolean =>
  failure === 'dial-timeout' || failure === 'stalled';

/** IPv6 packets to this host vanish, and IPv4 gets through: by dials, handshakes or probes. */
export function isIpv6Dead(facts: Facts, host: string): boolean {
  const { dials = [], handshakes = [] } = hostOf(facts, host) ?? {};
  const of = (family: Family) => dials.filter((one) => one.family === family);
  const isDeadByDial = of(6).length > 0 && of(6).every(isSilent);
  const isAliveByDial = of(4).some(({ failure }) => failure === '');
  if (isDeadByDial) return isAliveByDial;
  const greeting = (family: Family) => handshakes.find((one) => one.family === family)?.handshake;
  const [six, four] = [greeting(6), greeting(4)];
  if (six !== undefined && four !== undefined) return isSilent(six) && four.failure === '';
  return (
    held(facts, 'ipv6', host) === false &&
    held(facts, 'ipv4', host) === true &&
    isSilentProbe(facts, host)
  );
}

function isSilentProbe(facts: Facts, host: string): boolean {
  return probesOf(facts, 'ipv6', host).some(
    ({ dial, reply, handshake }) =>
      (dial !== undefined && isSilent(dial)) ||
      (handshake !== undefined && isSilent(handshake)) ||
      reply?.failure === 'dial-timeout' ||
      reply?.failure === 'stalled',
  );
}

/** TCP connects, and nothing comes back of the TLS handshake. */
export function isHandshakeSilent(facts: Facts, host: string): boolean {
  const { dials = [], handshake } = hostOf(facts, host) ?? {};
  const isConnected = dials.some(({ failure }) => failure === '');
  const isSilent = handshake?.failure === 'stalled' || handshake?.failure === 'dial-timeout';
  return isConnected && isSilent && !isIpv6Dead(facts, host);
}

/** Names that exist within one network alone (RFC 6762, RFC 8375, usage), and single words. */
const innerName =
  /^[^.]+$|\.(?:local|localdomain|internal|intranet|lan|corp|home|svc|cluster\.local|home\.arpa|localhost)$/;

export function isInnerName(host: string): boolean {
  const name = nameOf(host);
  return isIP(name) === 0 && innerName.test(name);
}

/** Addresses of no public network (RFC 1918, 4193, 6598, loopback and link-local). */
export function isInnerAddress(host: string): boolean {
  const name = nameOf(host);
  if (isIP(name) === 4) {
    return /^(?:10|127|0|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(
      name,
    );
  }
  return isIP(name) === 6 && /^(?:::1?$|f[cd]|fe[89ab])/.test(name);
}

/** What filters of names answer with in place of the address. */
export function isSinkhole(address: string): boolean {
  return /^(?:0\.0\.0\.0|::|127\.\d+\.\d+\.\d+|::1)$/.test(address);
}

/** The part of a name that somebody registered, roughly: its last two labels, three below `co.uk` and the like. */
export function domainOf(host: string): string {
  const labels = nameOf(host).split('.');
  const isShort = (labels.at(-2)?.length ?? 0) <= 3 && (labels.at(-1)?.length ?? 0) === 2;
  return labels.slice(isShort ? -3 : -2).join('.');
}

/** Public registries and the hosts of their blobs, whose certificates everybody trusts. */
const publicDomains =
  /(?:^|\.)(?:docker\.(?:io|com)|quay\.io|ghcr\.io|github\.com|githubusercontent\.com|gcr\.io|pkg\.dev|googleapis\.com|k8s\.io|redhat\.(?:io|com)|amazonaws\.com|ecr\.aws|cloudfront\.net|azurecr\.io|windows\.net|microsoft\.com|cloudflarestorage\.com|cloudflare\.com|gitlab\.com|fastly\.net|nvcr\.io|jfrog\.io)$/;

export function isPublic(host: string): boolean {
  return publicDomains.test(nameOf(host));
}

/** By whom the chain is signed, as far as it was served. */
export function rootIssuer(chain: readonly Certificate[]): string {
  return chain.at(-1)?.issuer ?? '';
}

export function certificateLines({ chain, trustedBy }: Handshake): string[] {
  const leaf = chain[0];
  if (leaf === undefined) return [];
  return [
    `certificate ${leaf.subject || leaf.commonName}, issued by ${leaf.issuer}, ${chain.length} in the chain`,
    `trusted by ${trustedBy.length === 0 ? 'nobody here' : trustedBy.join(', ')}`,
  ];
}
