// The way to a host is open, and what is sent on it gets lost: a dead address family, packets that are too large,
// connections that are cut or fall silent.
import type { PullFailure } from '../../protocol/failure.ts';
import type { Facts } from '../facts.ts';
import type { Cause, Found } from './cause.ts';
import {
  dialLines,
  held,
  isHandshakeSilent,
  isIpv6Dead,
  isReachedOtherwise,
  isSameName,
  probeLines,
  probesOf,
} from './kit/hosts.ts';
import { atConfig, atFirst, spoken } from './kit/says.ts';
import {
  isAlert,
  isHandshakeRefused,
  isKind,
  isUnreachable,
  metLine,
  ofTroubles,
  troublesOf,
  whoRefuses,
} from './kit/troubles.ts';

const ipv6BlackHole: Cause = {
  id: 'ipv6-black-hole',
  title: 'IPv6 packets to this host vanish',
  explanation:
    'The host has IPv6 addresses and this machine an IPv6 route, but nothing comes back over it. Clients try IPv6 first: those that fall back to IPv4 are slow at each connection, others fail or hang, at times only for the host of the blobs.',
  says: atConfig('net/http: TLS handshake timeout'),
  decidedBy:
    'Each family is dialled and greeted apart: no answer over IPv6, an answer over IPv4. A machine without IPv6 hears at once that there is no route, and is healthy.',
  remedy: [
    'Have the IPv6 route of this network mended, or',
    'turn IPv6 off on this machine, or prefer IPv4 (`precedence ::ffff:0:0/96 100` in /etc/gai.conf helps programs that use the system resolver).',
  ],
  who: 'network team',
  seenIn: [
    'spantaleev/matrix-docker-ansible-deploy#2860',
    'docker/hub-feedback#2349',
    'docker/hub-feedback#2165',
    'docker/for-win#1434',
    'containerd/containerd#9846',
  ],
  find: (facts) =>
    facts.hosts
      .filter(({ host }) => isIpv6Dead(facts, host))
      .map(({ host }): Found => {
        const trouble = troublesOf(facts).find(
          ({ failure, isHealed }) =>
            !isHealed &&
            isSameName(failure.host, host) &&
            (isUnreachable(failure) || isKind(failure, 'stalled', 'reset', 'tls cut')),
        );
        return {
          at: host,
          certainty: 'certain',
          isHarmless: trouble === undefined,
          probes: ['ipv4', 'ipv6'],
          evidence: [
            ...(trouble === undefined ? [] : [metLine(trouble.failure)]),
            ...dialLines(facts, host),
            ...probeLines(facts, 'ipv6', host),
            ...probeLines(facts, 'ipv4', host),
          ],
        };
      }),
};

/** What may come although full packets get lost: the small ones before and between. */
const lostBytesMax = 4096;

/** Small replies arrive and large ones do not; undefined where that was not tried, or nothing arrives at all. */
function losesLarge(facts: Facts, host: string): boolean | undefined {
  const small = held(facts, 'small-reply', host);
  // A single byte gets through whatever the MTU, once there is a connection.
  if (small === false && !isHandshakeSilent(facts, host)) return false;
  if (small !== true) return undefined;
  const large = probesOf(facts, 'large-reply', host);
  if (large.length === 0) return undefined;
  return large.every((one) => !one.held && (one.reply?.bytes ?? 0) <= lostBytesMax);
}

function mtuLines({ settings }: Facts): string[] {
  const odd = settings.interfaces.filter(({ name }) => name !== 'lo');
  return odd.length === 0
    ? []
    : [`MTU: ${odd.map(({ name, mtu }) => `${name} ${mtu}`).join(', ')}`];
}

const mtu: Cause = {
  id: 'mtu',
  title: 'Large packets get lost on the way (MTU)',
  explanation:
    'A tunnel, VPN or overlay on the way takes smaller packets than this interface sends, and the message that says so is filtered. Connections come about and small replies arrive, but the certificate or the blob stalls after its first bytes.',
  says: atConfig('net/http: <TLS handshake timeout|timeout awaiting response headers>'),
  decidedBy:
    'One byte of the blob arrives and a few kilobytes of it do not, at the same host. If TCP connects and TLS stalls at once, a filter by name (which drops what it does not know) looks the same.',
  remedy: [
    'Try a smaller MTU on this interface, or on the bridge of the containers (`"mtu": 1400` in daemon.json): `ip link set dev <interface> mtu 1400`.',
    'Have ICMP "fragmentation needed" let through, or the MSS clamped on the router.',
  ],
  who: 'network team',
  seenIn: ['overlock#463', 'hashicorp/setup-packer#49', 'moby/moby#20628', 'docker/for-win#79'],
  find: ofTroubles(({ failure }, facts) => {
    const at = failure.host;
    const isSilent = isHandshakeSilent(facts, at);
    const isStalled = isKind(failure, 'stalled no-progress');
    if (!isSilent && !isStalled) return undefined;
    const loses = losesLarge(facts, at);
    if (loses === false || isReachedOtherwise(facts, at)) return undefined;
    const evidence = [
      metLine(failure),
      ...(failure.evidence.bytes > 0 ? [`${failure.evidence.bytes} bytes of the body came`] : []),
      ...(isSilent ? dialLines(facts, at) : []),
      ...probeLines(facts, 'small-reply', at),
      ...probeLines(facts, 'large-reply', at),
      ...mtuLines(facts),
    ];
    return loses === true
      ? { at, evidence, certainty: 'certain', probes: ['small-reply', 'large-reply'] }
      : {
          at,
          evidence,
          certainty: 'possible',
          wouldTell: `ping with large packets that may not be cut (\`ping -M do -s 1472 ${at.replace(/:\d+$/, '')}\`), and a try with a smaller MTU`,
          probes: ['small-reply', 'large-reply'],
        };
  }),
};

const serverSilent: Cause = {
  id: 'server-silent',
  title: 'The server takes the connection, and the answer does not come, or not to its end',
  explanation:
    'TCP connects, and then no answer comes, or the body stops in the middle, or comes byte by byte. The server is overloaded or hangs, or a filter in between lets connections through and drops what they carry.',
  says: spoken({
    podman: '<…>parsing image configuration: context deadline exceeded',
    docker:
      'error pulling image configuration: download failed after attempts=<n>: context deadline exceeded',
    containerd: 'failed to copy: context deadline exceeded',
  }),
  decidedBy:
    'No byte within the time limit on a connection that came about, or so few that no client would see the end. Where small replies arrive and large ones do not, it is mtu.',
  remedy: [
    'Look at the load and the logs of this server at this time.',
    'Try from another network: if it works there, look for what filters in between.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }, facts) => {
    const at = failure.host;
    const isSilent = isHandshakeSilent(facts, at);
    const isStalled = isKind(failure, 'stalled') && failure.evidence.address !== '';
    const isLate = isKind(failure, 'stalled no-head') && !isUnreachable(failure);
    if (!isSilent && !isStalled && !isLate) return undefined;
    const moves = isStalled && failure.status > 0 && failure.reason === undefined;
    const loses = moves ? undefined : losesLarge(facts, at);
    const isOther = loses === true || isIpv6Dead(facts, at) || isReachedOtherwise(facts, at);
    if (isOther) return undefined;
    const evidence = [
      metLine(failure),
      ...(moves ? [`The body trickles: ${failure.evidence.words}`] : []),
      ...(isSilent ? dialLines(facts, at) : []),
    ];
    const isSure = !isSilent && (moves || loses === false || isKind(failure, 'stalled no-head'));
    return isSure
      ? { at, evidence, certainty: 'certain' }
      : {
          at,
          evidence,
          certainty: 'possible',
          wouldTell: 'a look at the same host from another network, and a try with a smaller MTU',
        };
  }),
};

/** By its end, or by an alert that is about neither versions nor our certificate. */
function isCutInHandshake(failure: PullFailure): boolean {
  if (isKind(failure, 'tls cut')) return true;
  const isOther = isKind(failure, 'tls protocol', 'tls client-certificate');
  return isKind(failure, 'tls') && isAlert(failure) && !isOther;
}

const handshakeCut: Cause = {
  id: 'handshake-cut',
  title: 'The connection is cut in the TLS handshake',
  explanation:
    'TCP connects, and the connection ends as soon as the client has said which name it wants. A firewall that filters by name (SNI) does that to names that it does not allow; a broken server does too, and one that has no certificate for the name.',
  says: atFirst('<EOF|read tcp … connection reset by peer|remote error: tls: unrecognized name>'),
  decidedBy:
    'The connection comes about and is closed, reset, or ended by an alert (`unrecognized_name`, `internal_error`, `access_denied`; `handshake_failure` may be about versions, too) between the first message of TLS and the certificate.',
  remedy: [
    'Try the same host from another network: if it works there, have the name allowed in the firewall (SNI).',
    'If it does not, look at the TLS settings and logs of the server.',
  ],
  who: 'network team',
  seenIn: ['nokia/srlinux-container-image#4'],
  find: ofTroubles(({ failure }, facts) => {
    const isPlain = held(facts, 'plain-http', failure.host) === true;
    const isRefused = isHandshakeRefused(failure);
    const isMet = isRefused || isCutInHandshake(failure);
    if (!isMet || isPlain || isIpv6Dead(facts, failure.host)) return undefined;
    if (isReachedOtherwise(facts, failure.host)) return undefined;
    const evidence = [metLine(failure), ...dialLines(facts, failure.host)];
    if (!isRefused) return { at: failure.host, certainty: 'certain', evidence };
    return { at: failure.host, certainty: 'possible', wouldTell: whoRefuses, evidence };
  }),
};

const connectionBroken: Cause = {
  id: 'connection-broken',
  title: 'The connection breaks before the reply is complete',
  explanation:
    'The server, a load balancer or a proxy ends the connection while the request is under way: by a reset, by closing it, or by an error of HTTP/2.',
  says: atConfig('<EOF|read tcp … connection reset by peer>'),
  decidedBy:
    'The connection came about, the request went out, and the connection ended before the reply was complete.',
  remedy: [
    'Look at time limits, restarts and logs of the server and of load balancers before it.',
    'Try from another network, or without the proxy, to see who ends it.',
  ],
  who: 'registry',
  seenIn: ['docker/docs#10309'],
  find: ofTroubles(({ failure }, facts) => {
    if (!isKind(failure, 'reset', 'http2') || isIpv6Dead(facts, failure.host)) return undefined;
    if (isReachedOtherwise(facts, failure.host)) return undefined;
    return { at: failure.host, certainty: 'certain', evidence: [metLine(failure)] };
  }),
};

const clientLimit: Cause = {
  id: 'client-limit',
  title: 'This machine has no more sockets, ports or open files',
  explanation:
    'The connection fails before a packet leaves: the process may open no more files, or all local ports are taken.',
  says: atFirst('dial tcp <address>: socket: too many open files'),
  decidedBy: 'The system refuses to make a socket, whatever the host.',
  remedy: ['Raise `ulimit -n` (`LimitNOFILE` of the daemon), and look at what holds so many.'],
  who: 'host administrator',
  seenIn: [],
  find: ofTroubles(({ failure }) => {
    if (!isKind(failure, 'client-limit')) return undefined;
    return { at: 'this machine', certainty: 'certain', evidence: [metLine(failure)] };
  }),
};

export const paths = [
  ipv6BlackHole,
  mtu,
  serverSilent,
  handshakeCut,
  connectionBroken,
  clientLimit,
];
