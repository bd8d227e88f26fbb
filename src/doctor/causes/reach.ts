// The way to a host is closed: firewalls, hosts that are off, redirects to where only the registry itself can go.
import type { Facts } from '../facts.ts';
import type { Cause } from './cause.ts';
import {
  dialLines,
  hostOf,
  isHandshakeSilent,
  isInnerAddress,
  isInnerName,
  isIpv6Dead,
  isReachedOtherwise,
  nameOf,
} from './kit/hosts.ts';
import { atConfig, atFirst, atToken } from './kit/says.ts';
import {
  answerOfRegistry,
  exchangeLine,
  isElsewhere,
  isKind,
  isLeftByProxy,
  isUnnamed,
  isUnreachable,
  metLine,
  ofTroubles,
  type Trouble,
} from './kit/troubles.ts';

/** No way leads there that we know of, and nothing finer explains it. */
function isClosed(trouble: Trouble, facts: Facts): boolean {
  const { failure } = trouble;
  const { host } = failure;
  return (
    isUnreachable(failure) &&
    !isUnnamed(trouble, facts) &&
    !isReachedOtherwise(facts, host) &&
    !isIpv6Dead(facts, host) &&
    !isHandshakeSilent(facts, host)
  );
}

/** The proxy lets the registry through, and this host not. */
function isKeptByProxy(trouble: Trouble, facts: Facts): boolean {
  const { failure } = trouble;
  const isKept = isKind(failure, 'proxy proxy-refused') || isLeftByProxy(trouble, facts);
  return isKept && !isReachedOtherwise(facts, failure.host);
}

/** Where only the registry's own network leads: a name or address that is no public one. */
function isInner(host: string, facts: Facts): boolean {
  const addresses = (hostOf(facts, host)?.dials ?? []).map(({ address }) => address);
  const isPrivate =
    isInnerAddress(host) || (addresses.length > 0 && addresses.every(isInnerAddress));
  return isInnerName(host) || isPrivate;
}

/** A registry within the same network has its blobs there too. */
function isOutside({ endpoint }: Trouble, facts: Facts): boolean {
  return !isInner(endpoint?.url ?? '', facts);
}

const blobHostBlocked: Cause = {
  id: 'blob-host-blocked',
  title: 'Nothing gets through to the host that the blobs come from',
  explanation:
    'The registry answers manifests itself and sends clients to another host for the blobs, by a redirect. A firewall or a proxy with an allow list lets the registry through and not that host, so that the pull fails at its first blob, the config.',
  says: atConfig('dial tcp <address>: <i/o timeout|connect: connection refused>'),
  decidedBy:
    'The registry answered, and the host that it redirects to is refused, silent on every address, or refused by the proxy to which the registry is open. With a name that does not resolve it is dns-hides-cdn, with a private address blob-host-internal.',
  remedy: [
    'Have this host name allowed for HTTPS, beside the registry; a CDN has several, so allow every name of the list, by name and not by address.',
    'Run it again afterwards, with more --probes, to see whether further names turn up.',
  ],
  who: 'network team',
  seenIn: [
    'chainguard-dev/melange#2552',
    'chainguard-dev/apko#2250',
    'kubernetes/registry.k8s.io#256',
    'kubernetes/registry.k8s.io#291',
    'docker/hub-feedback#2231',
    'anthropics/claude-code#69174',
  ],
  find: ofTroubles((trouble, facts) => {
    const answer = answerOfRegistry(trouble);
    const { failure } = trouble;
    if (!isElsewhere(trouble) || answer === undefined) return undefined;
    if (!isClosed(trouble, facts) && !isKeptByProxy(trouble, facts)) return undefined;
    if (isInner(failure.host, facts) && isOutside(trouble, facts)) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [exchangeLine(answer), metLine(failure), ...dialLines(facts, failure.host)],
      probes: ['with-proxy', 'without-proxy'],
    };
  }),
};

const blobHostInternal: Cause = {
  id: 'blob-host-internal',
  title: 'The registry sends clients for blobs to a host of its own network',
  explanation:
    'A registry with object storage redirects to the address under which it reaches that storage itself: a container name, a service of a cluster, a private address. Whoever pulls from outside cannot go there.',
  says: atConfig('dial tcp: lookup <host>: no such host'),
  decidedBy:
    'The redirect names a single word, a name such as .local, .internal or .svc, or a private address, while the registry itself is reached under a public one.',
  remedy: [
    'Give the registry the public address of its storage (`regionendpoint` or its like), or',
    'turn redirects off, so that it serves blobs itself (`storage.redirect.disable: true` of distribution, `disableredirect` of Harbor).',
  ],
  who: 'registry',
  seenIn: ['distribution/distribution#3284'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const isLost = isKind(failure, 'dns') || isClosed(trouble, facts);
    if (!isElsewhere(trouble) || !isLost || !isOutside(trouble, facts)) return undefined;
    if (!isInner(failure.host, facts)) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        `${trouble.endpoint?.url ?? 'the registry'} redirects to ${failure.host}, which is no public host`,
        metLine(failure),
      ],
    };
  }),
};

const tokenHostBlocked: Cause = {
  id: 'token-host-blocked',
  title: 'Nothing gets through to the server that issues the tokens',
  explanation:
    'The registry answers, and sends clients to a token server on another host (`realm`). That host does not resolve, is refused or is silent, so that not even a public image can be pulled.',
  says: atToken('dial tcp <address>: <i/o timeout|connect: connection refused>'),
  decidedBy:
    'The registry answered 401 with a realm, and the host of that realm does not resolve, or is refused or silent on every address, or refused by the proxy.',
  remedy: ['Have the host of the token server allowed for HTTPS, beside the registry.'],
  who: 'network team',
  seenIn: ['ketches/registry-proxy#3', 'ciiiii/cloudflare-docker-proxy#79', 'vmware/vic#2015'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const answer = answerOfRegistry(trouble);
    if (failure.hop !== 'token' || answer === undefined) return undefined;
    const isLost =
      (isKind(failure, 'dns') && !isReachedOtherwise(facts, failure.host)) ||
      isClosed(trouble, facts) ||
      isKeptByProxy(trouble, facts);
    if (!isLost) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [exchangeLine(answer), metLine(failure), ...dialLines(facts, failure.host)],
    };
  }),
};

/** Of the registry, a mirror or a token server on its host. */
function isRegistry(trouble: Trouble): boolean {
  const { failure } = trouble;
  if (failure.hop === 'token') return answerOfRegistry(trouble) === undefined;
  return !isElsewhere(trouble);
}

/** Answered by a machine, with a reset: it may be the host itself or a firewall in its name. */
function isReset({ failure }: Trouble): boolean {
  return isKind(failure, 'refused') && failure.reason !== 'unreachable';
}

const registryHostBlocked: Cause = {
  id: 'registry-host-blocked',
  title: 'Nothing gets through to the registry',
  explanation:
    'No connection to the registry (or mirror) comes about: packets get no answer, or a router or firewall says that nobody may go there. Nothing of the pull has begun.',
  says: atFirst(
    'dial tcp <address>: <i/o timeout|connect: no route to host|connect: connection refused>',
  ),
  decidedBy:
    'The name resolves, and every address is silent or unreachable. A refusal (reset) may come from the host as well: then nothing-listens fits too, and only a look from another network tells.',
  remedy: [
    'Try the same from another network: if it works there, have host and port allowed.',
    'If it does not, the host is down, or its address or port is another one.',
  ],
  who: 'network team',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isRegistry(trouble) || !isClosed(trouble, facts) || isOwn(failure.host)) return undefined;
    const evidence = [metLine(failure), ...dialLines(facts, failure.host)];
    const at = failure.host;
    return isReset(trouble)
      ? { at, evidence, certainty: 'possible', wouldTell: fromElsewhere }
      : { at, evidence, certainty: 'certain' };
  }),
};

const fromElsewhere =
  'the same pull from another network: if it works there, a firewall refuses it here';

/** A firewall between this machine and itself is none that anybody meets. */
function isOwn(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/.test(nameOf(host));
}

const nothingListens: Cause = {
  id: 'nothing-listens',
  title: 'Nothing listens on the port of the registry',
  explanation:
    'The host is there and refuses the connection: the registry does not run, listens on another port, or on another address alone.',
  says: atFirst('dial tcp <address>: connect: connection refused'),
  decidedBy:
    'The connection is refused at once. On this machine that is certain; elsewhere a firewall may refuse in the name of the host (registry-host-blocked).',
  remedy: [
    'Check the port in the name of the image (none means 443), and whether the registry runs and listens there.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isRegistry(trouble) || !isClosed(trouble, facts) || !isReset(trouble)) return undefined;
    const at = failure.host;
    const evidence = [metLine(failure), ...dialLines(facts, at)];
    return isOwn(at)
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: fromElsewhere };
  }),
};

export const reach = [
  blobHostBlocked,
  blobHostInternal,
  tokenHostBlocked,
  registryHostBlocked,
  nothingListens,
];
