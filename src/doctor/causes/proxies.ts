// Proxies that are missing, dead, or in the way.

import type { FoundProxy } from '../../access/route.ts';
import { writtenText } from '../../access/written.ts';
import type { Facts } from '../facts.ts';
import type { Cause, Found } from './cause.ts';
import { held, isReachedOtherwise, isSameName, probeLines } from './kit/hosts.ts';
import { atFirst, spoken } from './kit/says.ts';
import {
  answerOfRegistry,
  isKind,
  isLeftByProxy,
  isUnreachable,
  metLine,
  ofTroubles,
  type Trouble,
} from './kit/troubles.ts';

/** By which proxy the request went that failed. */
function wayOf({ pull, failure, endpoint }: Trouble): FoundProxy {
  const last = pull.exchanges.findLast(({ host }) => isSameName(host, failure.host));
  return last?.proxy ?? endpoint?.proxy ?? {};
}

function proxyLine(trouble: Trouble): string[] {
  const { proxy, written, exempt } = wayOf(trouble);
  if (proxy !== undefined) {
    const by = written === undefined ? 'the configuration' : writtenText(written);
    return [`through ${proxy.scheme}://${proxy.host}:${proxy.port}, set in ${by}`];
  }
  return exempt === undefined
    ? ['without a proxy']
    : [`without a proxy, by ${JSON.stringify(exempt.entry)} of ${writtenText(exempt.written)}`];
}

function proxyName(trouble: Trouble): string {
  const { proxy } = wayOf(trouble);
  return proxy === undefined ? 'the proxy' : `${proxy.host}:${proxy.port}`;
}

function daemonLines({ settings }: Facts): string[] {
  return settings.daemonProxies.map(
    ({ daemon, variables, written }) =>
      `${daemon} has ${Object.keys(variables).join(', ') || 'no proxy'} (${writtenText(written)})`,
  );
}

const proxyNotForDaemon: Cause = {
  id: 'proxy-not-for-daemon',
  title: 'A proxy is set here, and not for whoever pulls',
  explanation:
    'This network is left through a proxy. The variables are set in one place, such as this shell, and the client does not read that place: a daemon (Docker, containerd, kubelet) has an environment of its own, and NO_PROXY may exempt the host.',
  says: atFirst(
    'dial tcp <address>: <i/o timeout|connect: connection refused|connect: no route to host>',
  ),
  decidedBy:
    'As the client goes, the host is not reached; through the proxy that another configuration of this machine names, it answers.',
  remedy: [
    'Set HTTP_PROXY, HTTPS_PROXY and NO_PROXY for the daemon: a systemd drop-in (`systemctl edit docker`, `containerd`, `kubelet`), or `"proxies"` in daemon.json.',
    'Then `systemctl daemon-reload` and restart it.',
  ],
  who: 'host administrator',
  seenIn: [
    'docker/for-linux#1444',
    'docker/docs#10558',
    'docker/for-win#4043',
    'kubernetes/website#33770',
  ],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const { host } = failure;
    if (held(facts, 'with-proxy', host) !== true) return undefined;
    if (!isUnreachable(failure) && !isKind(failure, 'dns', 'tls cut', 'stalled', 'reset')) {
      return undefined;
    }
    return {
      at: host,
      certainty: 'certain',
      probes: ['with-proxy'],
      evidence: [
        metLine(failure),
        ...proxyLine(trouble),
        ...probeLines(facts, 'with-proxy', host),
        ...daemonLines(facts),
      ],
    };
  }),
};

const proxyDead: Cause = {
  id: 'proxy-dead',
  title: 'The proxy itself is not reached',
  explanation:
    'The configuration names a proxy, and no connection to it comes about: it is down, its name or port is wrong, or it can be reached from another network alone.',
  says: atFirst('proxyconnect tcp: dial tcp <address>: connect: connection refused'),
  decidedBy:
    'The connection to the proxy fails, whatever the registry. Where it comes about, and the proxy is silent or hangs up when it is asked for the first host, proxy-refuses fits too.',
  remedy: [
    'Check host and port of the proxy where it is set.',
    'If it is not needed here, take it out there, or name the registry in NO_PROXY.',
  ],
  who: 'host administrator',
  seenIn: ['docker/for-win#9400', 'docker/for-linux#1039'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isKind(failure, 'proxy proxy-unreachable')) return undefined;
    const isLeft = isLeftByProxy(trouble, facts);
    if (isLeft && isOfOneHost(trouble)) return undefined;
    const at = proxyName(trouble);
    const evidence = [
      metLine(failure),
      ...proxyLine(trouble),
      ...probeLines(facts, 'without-proxy', failure.host),
    ];
    return isLeft
      ? { at, evidence, certainty: 'possible', wouldTell: byOtherHost }
      : { at, evidence, certainty: 'certain' };
  }),
};

const byOtherHost = 'another host through the same proxy: if that works, it keeps this one back';

const proxyWantsLogin: Cause = {
  id: 'proxy-wants-login',
  title: 'The proxy wants a login',
  explanation:
    'The proxy answers 407: it lets nobody through who does not name a user and password, or not these. No client of these speaks NTLM or Kerberos with a proxy.',
  says: atFirst('Proxy Authentication Required'),
  decidedBy:
    'Status 407 from the proxy, or, where none is configured, from what answers in place of the host.',
  remedy: [
    'Put user and password into the URL of the proxy (`http://user:password@proxy:3128`, special characters percent-encoded), in a file that only the daemon reads.',
    'Where none is configured, find what answers: a proxy that takes connections unasked, or a name that leads to one. No client signs in to such a one: have the host let through.',
    'Where the proxy takes NTLM or Kerberos alone, a local proxy that speaks it (cntlm, px) helps.',
  ],
  who: 'network team',
  seenIn: ['docker/for-win#9400', 'docker-library/docker#140'],
  find: ofTroubles((trouble) => {
    const { failure } = trouble;
    if (!isKind(failure, 'proxy proxy-auth')) return undefined;
    const isDirect = wayOf(trouble).proxy === undefined;
    return {
      at: isDirect ? failure.host : proxyName(trouble),
      certainty: 'certain',
      evidence: [
        metLine(failure),
        ...(isDirect
          ? [`no proxy was asked: what answers as ${failure.host} is one, or lies on the way there`]
          : proxyLine(trouble)),
      ],
    };
  }),
};

const proxyRefuses: Cause = {
  id: 'proxy-refuses',
  title: 'The proxy does not let this host through',
  explanation:
    'The proxy answers, and refuses to connect to the registry (403), or cannot (502, 503, 504): its allow list does not have the host or port, or it does not find it itself.',
  says: atFirst('<Forbidden|Bad Gateway|Service Unavailable>'),
  decidedBy:
    'The reply of the proxy to CONNECT for the registry. If only the host of the blobs is refused, it is blob-host-blocked; if the host answers without the proxy, no-proxy-misses.',
  remedy: [
    'Have the registry and all hosts of the list allowed in the proxy, with their ports.',
    'Ports other than 443 are often closed to CONNECT altogether.',
  ],
  who: 'network team',
  seenIn: ['docker/for-linux#1039', 'distribution/distribution#3077'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const isLeft = isLeftByProxy(trouble, facts);
    const isOfItself = isKind(failure, 'proxy proxy-unreachable', 'proxy proxy-auth');
    if (!isKind(failure, 'proxy') || (isOfItself && !isLeft)) return undefined;
    if (isOfOneHost(trouble) || isReachedOtherwise(facts, failure.host)) return undefined;
    const at = failure.host;
    const evidence = [metLine(failure), ...proxyLine(trouble)];
    return isLeft
      ? { at, evidence, certainty: 'possible', wouldTell: byOtherHost }
      : { at, evidence, certainty: 'certain' };
  }),
};

/** The registry is let through, so that this host is what is missing from the list. */
function isOfOneHost(trouble: Trouble): boolean {
  return trouble.failure.hop !== 'registry' && answerOfRegistry(trouble) !== undefined;
}

const noProxyMisses: Cause = {
  id: 'no-proxy-misses',
  title: 'NO_PROXY lacks this host, which the proxy does not reach',
  explanation:
    'The host is to be had directly, and the configuration sends requests for it to the proxy, which does not let them through. Registries within a company are the usual case.',
  says: atFirst('<Forbidden|Bad Gateway|Service Unavailable>'),
  decidedBy:
    'Through the proxy the request is refused or fails; the same host answers without it. Which entries of NO_PROXY there are, and that none fits.',
  remedy: [
    'Add the host to NO_PROXY where the proxy is set: `registry.example.com` also stands for its subdomains; `*.example.com` and `.example.com` are for subdomains alone, and a list has commas.',
  ],
  who: 'host administrator',
  seenIn: ['docker/for-linux#1039', 'distribution/distribution#3077', 'docker-library/docker#140'],
  find: ofTroubles((trouble, facts): Found | undefined => {
    const { failure } = trouble;
    const isProxied = wayOf(trouble).proxy !== undefined || isKind(failure, 'proxy');
    const isLost =
      isKind(failure, 'proxy', 'reset', 'stalled', 'dial-timeout') || failure.status >= 502;
    if (!isProxied || !isLost || held(facts, 'without-proxy', failure.host) !== true)
      return undefined;
    // These are about the proxy itself, whatever the host.
    if (isKind(failure, 'proxy proxy-unreachable', 'proxy proxy-auth')) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      probes: ['without-proxy'],
      evidence: [
        metLine(failure),
        ...proxyLine(trouble),
        ...probeLines(facts, 'without-proxy', failure.host),
      ],
    };
  }),
};

const acceptLost: Cause = {
  id: 'accept-lost',
  title: 'One of several Accept lines is all that counts on the way',
  explanation:
    'podman, skopeo, CRI-O and docker send a line of Accept for each type of manifest. A proxy that keeps one of them, as tinyproxy does with plain HTTP, or a registry that reads the first alone, is left with a type that the manifest is not of, and says that there is none. Clients that write all types into one line (containerd) are served.',
  says: spoken({
    podman:
      'initializing source docker://<image>: reading manifest <tag> in <repository>: manifest unknown<…>',
    docker: 'manifest for <image> not found: manifest unknown: <…>',
  }),
  decidedBy: 'The same request with all types in one line of Accept, which brings the manifest.',
  remedy: [
    'Have the registry asked by HTTPS, into which the proxy does not look, or past it (NO_PROXY).',
    'Or have what keeps one line (proxy, gateway, WAF) pass all of them on. Where nothing is between, the registry has to read them all (RFC 9110, 5.3).',
  ],
  who: 'network team',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (held(facts, 'one-accept', failure.host) !== true) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      probes: ['one-accept'],
      evidence: [
        metLine(failure),
        ...proxyLine(trouble),
        ...probeLines(facts, 'one-accept', failure.host),
      ],
    };
  }),
};

export const proxies = [
  proxyNotForDaemon,
  proxyDead,
  proxyWantsLogin,
  proxyRefuses,
  noProxyMisses,
  acceptLost,
];
