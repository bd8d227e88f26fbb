// Certificates that are not taken, and TLS that does not come about.
import { isIP } from 'node:net';
import type { PullFailure } from '../../protocol/failure.ts';
import type { Facts } from '../facts.ts';
import type { Certificate, Handshake } from '../wire.ts';
import type { Cause } from './cause.ts';
import { clockOffsetMs, dateSourcesOf } from './kit/clock.ts';
import {
  certificateLines,
  domainOf,
  hostOf,
  isPublic,
  isSameName,
  nameOf,
  probeLines,
  probesOf,
  rootIssuer,
} from './kit/hosts.ts';
import { trustProblems } from './kit/problems.ts';
import { wantsCertificate } from './kit/replies.ts';
import { atConfig, atFirst } from './kit/says.ts';
import {
  isAlert,
  isHandshakeRefused,
  isKind,
  metLine,
  ofTroubles,
  type Trouble,
  whoRefuses,
} from './kit/troubles.ts';

const noHandshake: Pick<Handshake, 'chain' | 'trustedBy'> = { chain: [], trustedBy: [] };

function handshakeOf(facts: Facts, { host }: Pick<PullFailure, 'host'>) {
  return hostOf(facts, host)?.handshake ?? noHandshake;
}

function shown(facts: Facts, failure: PullFailure): string[] {
  const handshake = hostOf(facts, failure.host)?.handshake;
  return [metLine(failure), ...(handshake === undefined ? [] : certificateLines(handshake))];
}

/** Products that open TLS, as they name themselves in the certificates that they issue. */
const interceptors =
  /zscaler|netskope|fortinet|fortigate|palo ?alto|blue ?coat|symantec web|umbrella|opendns|sophos|forcepoint|websense|mcafee web|skyhigh|check ?point|barracuda|watchguard|sonicwall|mitmproxy|squid|kaspersky|\beset\b|avast|bitdefender|cato networks|menlo|untangle|smoothwall|lightspeed|securly|contentkeeper|ssl[ -]?(?:inspection|interception|proxy|decrypt)|tls[ -]?(?:inspection|interception)/i;

/** Hosts of other owners whose certificates, trusted by nobody here, have the same issuer. */
function strangersWithIssuer(facts: Facts, host: string): string[] {
  const issuer = rootIssuer(handshakeOf(facts, { host }).chain);
  if (issuer === '') return [];
  return facts.hosts
    .filter(({ host: other, handshake }) => {
      if (handshake === undefined || domainOf(other) === domainOf(host)) return false;
      return isStranger(handshake) && rootIssuer(handshake.chain) === issuer;
    })
    .map((one) => one.host);
}

/** Not of a CA that browsers and Node know. */
const isStranger = ({ trustedBy, chain }: Pick<Handshake, 'trustedBy' | 'chain'>) =>
  chain.length > 0 && !trustedBy.includes('bundle');

/** Why it is taken for interception, and how sure that is; undefined where nothing speaks for it. */
function interceptionAt(
  { host }: PullFailure,
  facts: Facts,
): { readonly isSure: boolean; readonly why: string } | undefined {
  const { chain } = handshakeOf(facts, { host });
  if (chain.length === 0) return undefined;
  const product = chain.map(({ issuer }) => interceptors.exec(issuer)?.[0]).find(Boolean);
  if (product !== undefined) return { isSure: true, why: `the issuer names itself ${product}` };
  if (isPublic(host)) {
    return {
      isSure: true,
      why: `${nameOf(host)} is public, and its real certificate is of a CA that everybody trusts`,
    };
  }
  const strangers = strangersWithIssuer(facts, host);
  if (strangers.length === 0) return undefined;
  return { isSure: false, why: `${strangers.join(', ')} of another owner has the same issuer` };
}

const tlsIntercepted: Cause = {
  id: 'tls-intercepted',
  title: 'Something on the way opens TLS and shows certificates of its own',
  explanation:
    'A proxy or firewall ends the encrypted connection, looks into it and signs for the host with a CA of its own. Browsers of the company trust that CA; the client, its daemon or its machine (a VM, a node) does not. A login may work and blobs fail, since some hosts are often exempt.',
  says: atFirst('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
  decidedBy:
    'The issuer names a product that does so, or a public registry shows a certificate of no public CA. The same unknown issuer at hosts of different owners speaks for it as well; a private CA that signs for both (ca-untrusted) looks the same.',
  remedy: [
    'Ask the network team for the CA of the interception, and put it where the client looks: the trust store of the system, or certs.d of each host.',
    'Or have the hosts of the list exempted from interception. Restart the daemon afterwards.',
  ],
  who: 'network team',
  seenIn: [
    'aws/eks-anywhere-packages#926',
    'abiosoft/colima#256',
    'abiosoft/colima#624',
    'moby/moby#20912',
    'docker/for-win#23',
    'nita#39',
  ],
  find: ofTroubles(({ failure }, facts) => {
    if (!isUnknownCa(failure)) return undefined;
    if (isIssuerFound(facts, failure) || isOldStore(facts, failure)) return undefined;
    const found = interceptionAt(failure, facts);
    if (found === undefined) return undefined;
    const evidence = [...shown(facts, failure), found.why];
    const at = failure.host;
    return found.isSure
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: byFingerprint(at) };
  }),
};

const byFingerprint = (host: string) =>
  `the certificate of ${nameOf(host)} as another network sees it: another issuer there means interception here`;

function isUnknownCa(failure: PullFailure): boolean {
  return isKind(failure, 'tls unknown-ca');
}

/** Whether the chain is trusted with the issuer that it names; undefined where that could not be had. */
function isWholeWithIssuer(facts: Facts, { host }: PullFailure): boolean | undefined {
  const probes = probesOf(facts, 'issuer', host);
  if (probes.some((one) => one.held)) return true;
  return probes.some(({ handshake }) => handshake !== undefined) ? false : undefined;
}

function isIssuerFound(facts: Facts, failure: PullFailure): boolean {
  return isWholeWithIssuer(facts, failure) === true;
}

function isOldStore(facts: Facts, failure: PullFailure): boolean {
  return handshakeOf(facts, failure).trustedBy.includes('bundle');
}

/** Certificates for this host that are there and count for nothing (src/access/certs-d.ts). */
const ofFolder = /^certs-d-(?:name|ending|no-pem|unreadable|folder)/;

function misplaced(trouble: Trouble): string[] {
  const { endpoint, failure } = trouble;
  if (endpoint === undefined || !isSameName(endpoint.url, failure.host)) return [];
  return trustProblems(trouble, ofFolder).map(({ message }) => message);
}

const caWrongFolder: Cause = {
  id: 'ca-wrong-folder',
  title: 'The CA of the registry lies where this client does not look',
  explanation:
    'There is a certificate for this registry on this machine, but in a folder of another name (`host:443` where the image says `host`), under another ending, or in the folder of another client. What is not read helps nobody.',
  says: atFirst('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
  decidedBy:
    'The folders that the client tries, in order, hit or miss; and beside them one for the same host under another name, a file with another ending, or one that cannot be read.',
  remedy: [
    'Name the folder exactly as the image names the registry, with the port if the image has one, and the file `ca.crt` (`*.crt`; for containerd what hosts.toml says).',
    'The user that pulls must be able to read it.',
  ],
  who: 'host administrator',
  seenIn: ['containers/podman#26567', 'containers/podman#13823', 'k3s-io/k3s#99'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const lost = isUnknownCa(failure) ? misplaced(trouble) : [];
    if (lost.length === 0 || isOldStore(facts, failure)) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        ...shown(facts, failure),
        ...lost,
        ...(trouble.endpoint?.trust.looked ?? []).map(({ path, state }) => `${path}: ${state}`),
      ],
    };
  }),
};

/** The host's own certificate is all that was served, and it says where its issuer can be had. */
function isCutShort({ chain }: Pick<Handshake, 'chain'>): boolean {
  const last = chain.at(-1);
  return last !== undefined && !last.isCa && !last.isSelfSigned && last.issuerUrl !== undefined;
}

const intermediateMissing: Cause = {
  id: 'intermediate-missing',
  title: 'The server leaves out an intermediate certificate',
  explanation:
    'The server sends its own certificate without the one that links it to a known CA. Browsers fetch the missing one by themselves, so that the site looks well there; container clients do not.',
  says: atFirst('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
  decidedBy:
    'The served chain ends in a certificate that is not self-signed and says where its issuer is (AIA). With that issuer the chain is trusted; where it was not fetched, a private CA (ca-untrusted) fits too.',
  remedy: [
    'Serve the full chain: the file of the certificate followed by the intermediate (`fullchain.pem`).',
    'Check with `openssl s_client -showcerts -connect <host>:443`.',
  ],
  who: 'registry',
  seenIn: ['grafana/k6#6137'],
  find: ofTroubles(({ failure }, facts) => {
    const handshake = handshakeOf(facts, failure);
    if (!isUnknownCa(failure) || !isCutShort(handshake)) return undefined;
    if (isOldStore(facts, failure)) return undefined;
    const isFound = isWholeWithIssuer(facts, failure);
    const isOther = interceptionAt(failure, facts)?.isSure === true;
    if (isFound === false || (isFound === undefined && isOther)) return undefined;
    const url = handshake.chain.at(-1)?.issuerUrl ?? '';
    const evidence = [
      ...shown(facts, failure),
      `the issuer can be had at ${url}`,
      ...probeLines(facts, 'issuer', failure.host),
    ];
    const at = failure.host;
    return isFound === true
      ? { at, evidence, certainty: 'certain', probes: ['issuer'] }
      : {
          at,
          evidence,
          certainty: 'possible',
          wouldTell: `whether the chain is trusted with the certificate of ${url}`,
          probes: ['issuer'],
        };
  }),
};

const caStoreOld: Cause = {
  id: 'ca-store-old',
  title: 'The trust store of this system lacks a public CA',
  explanation:
    'The certificate is of a CA that the world trusts, and the store of this system does not have it: an old or stripped system, or one without `ca-certificates`.',
  says: atFirst('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
  decidedBy:
    'The chain is valid by the bundle of public CAs that comes with Node, and not by the store of the system.',
  remedy: [
    'Install or update `ca-certificates` on the machine that pulls, and restart the daemon.',
  ],
  who: 'host administrator',
  seenIn: ['docker/docs#25122'],
  find: ofTroubles(({ failure }, facts) => {
    if (!isUnknownCa(failure) || !isOldStore(facts, failure)) return undefined;
    return { at: failure.host, certainty: 'certain', evidence: shown(facts, failure) };
  }),
};

/** With the folder that this client reads for the registry, where it reads one for all users. */
function putInto({ failure, endpoint }: Trouble): string[] {
  if (failure.hop !== 'registry' || endpoint === undefined) return [];
  const folders = endpoint.trust.looked.map(({ path }) => path);
  const folder = folders.find((path) => /^\/etc\/.*\/certs\.d\/[^/]+$/.test(path));
  if (folder === undefined) return [];
  return [
    `Get the CA from whoever runs this host, and put it into \`${folder}/ca.crt\`, or into the trust store of the system.`,
    'Whether that is the right one, `--ca FILE` tells beforehand.',
  ];
}

const caUntrusted: Cause = {
  id: 'ca-untrusted',
  title: 'The certificate is of a CA that nobody here knows',
  explanation:
    'The host shows a certificate of a private CA, or one that it signed itself, and nothing on this machine says that it is to be trusted.',
  says: atFirst('tls: failed to verify certificate: x509: certificate signed by unknown authority'),
  decidedBy:
    'No store has the issuer, and nothing for this host lies in a folder beside the right one (ca-wrong-folder), nothing speaks for interception (tls-intercepted) or for a missing link (intermediate-missing).',
  remedy: [
    'Get the CA from whoever runs this host, and put it into `certs.d/<host[:port]>/ca.crt` of the client, or into the trust store of the system.',
  ],
  who: 'host administrator',
  seenIn: ['mgoltzsche/podman-static#7', 'redhat-openshift-ecosystem/openshift-preflight#318'],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isUnknownCa(failure) || isOldStore(facts, failure) || isIssuerFound(facts, failure)) {
      return undefined;
    }
    const interception = interceptionAt(failure, facts);
    if (interception?.isSure === true || misplaced(trouble).length > 0) return undefined;
    const mayBeCut =
      isCutShort(handshakeOf(facts, failure)) && isWholeWithIssuer(facts, failure) === undefined;
    const at = failure.host;
    const evidence = shown(facts, failure);
    const remedy = putInto(trouble);
    if (interception === undefined && !mayBeCut) {
      return { at, evidence, certainty: 'certain', ...(remedy.length > 0 && { remedy }) };
    }
    return { at, evidence, certainty: 'possible', wouldTell: byFingerprint(at) };
  }),
};

/** The leaf, where the peer showed one. */
function leafOf(facts: Facts, failure: PullFailure): Certificate | undefined {
  return handshakeOf(facts, failure).chain[0];
}

const certificateWithoutSan: Cause = {
  id: 'certificate-without-san',
  title: 'The certificate names its host only in the old way (CN)',
  explanation:
    'The certificate has no subject alternative names. Clients in Go since 1.15, so all of these, do not look at the common name, and refuse it.',
  says: atFirst(
    'tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
  ),
  decidedBy: 'The list of names (SAN) of the certificate is empty.',
  remedy: [
    'Issue it again with the host as a subject alternative name (`-addext subjectAltName=DNS:<host>` of openssl).',
  ],
  who: 'registry',
  seenIn: ['goharbor/harbor#16971', 'portainer/portainer#5580', 'singularity#5774'],
  find: ofTroubles(({ failure }, facts) => {
    const leaf = leafOf(facts, failure);
    if (!isKind(failure, 'tls') || leaf === undefined || leaf.names.length > 0) return undefined;
    if (isKind(failure, 'tls cut', 'tls client-certificate', 'tls protocol')) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        ...shown(facts, failure),
        `no names but the CN ${JSON.stringify(leaf.commonName)}`,
      ],
    };
  }),
};

const certificateForOtherName: Cause = {
  id: 'certificate-for-other-name',
  title: 'The certificate is for other names',
  explanation:
    'The host shows a certificate that does not have the name under which it was asked: a wrong alias, an address in place of a name, or another server that answers.',
  says: atFirst(
    'tls: failed to verify certificate: x509: certificate is valid for <other names>, not <host>',
  ),
  decidedBy: 'The names of the certificate (SAN), none of which fits the host.',
  remedy: [
    'Pull under a name that the certificate has, or issue it again with this one.',
    'If the names are of somebody else, look at what the name of the registry resolves to here.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }, facts) => {
    const leaf = leafOf(facts, failure);
    if (!isKind(failure, 'tls wrong-name') || leaf?.names.length === 0) return undefined;
    if (isAlert(failure)) return undefined;
    const names = leaf?.names.slice(0, namesMax).join(', ');
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        ...shown(facts, failure),
        ...(names === undefined ? [] : [`it is for ${names}`]),
        ...(isIP(nameOf(failure.host)) === 0 ? [] : ['the registry is named by its address']),
      ],
    };
  }),
};

const namesMax = 10;

const certificateExpired: Cause = {
  id: 'certificate-expired',
  title: 'The certificate of the host is out of its time',
  explanation:
    'The certificate, or one of its chain, has expired or begins later, by a clock that is right.',
  says: atConfig(
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time <time> is <after|before> <time>',
  ),
  decidedBy:
    'Its dates against our clock and against the `Date` of other hosts, or of its own when nobody looks at the certificate. Where none told the time, clock-wrong fits too.',
  remedy: ['Renew the certificate, and have the server load it.'],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }, facts) => {
    if (!isKind(failure, 'tls expired', 'tls not-yet-valid')) return undefined;
    const offsetMs = clockOffsetMs(facts);
    const at = failure.host;
    const dates = handshakeOf(facts, failure).chain.map(datesLine);
    const evidence = [...shown(facts, failure), ...dates, ...dateSourcesOf(facts)];
    if (offsetMs === undefined) {
      const wouldTell = 'this clock against one that is known to be right';
      return { at, evidence, certainty: 'possible', wouldTell };
    }
    const nowMs = facts.startedAtMs + offsetMs;
    const { chain } = handshakeOf(facts, failure);
    const isInTime = chain.every(
      ({ notBeforeMs, notAfterMs }) => notBeforeMs <= nowMs && nowMs <= notAfterMs,
    );
    return chain.length > 0 && isInTime ? undefined : { at, evidence, certainty: 'certain' };
  }),
};

export function datesLine({ subject, commonName, notBeforeMs, notAfterMs }: Certificate): string {
  const day = (ms: number) => new Date(ms).toISOString();
  return `${subject || commonName} is valid from ${day(notBeforeMs)} to ${day(notAfterMs)}`;
}

const clientCertificateWanted: Cause = {
  id: 'client-certificate-wanted',
  title: 'The server wants a client certificate',
  explanation:
    'The server lets in only who shows a certificate of its own (mutual TLS), and the client found none for this host, or one that the server does not take.',
  says: atFirst('remote error: tls: certificate required'),
  decidedBy:
    'The alert of the server, or a 400 that says so, and the pair of `.cert` and `.key` that was found for this host or not.',
  remedy: [
    'Put the pair `client.cert` and `client.key` into `certs.d/<host[:port]>/` of the client (both, with one name).',
  ],
  who: 'host administrator',
  seenIn: [],
  find: ofTroubles(({ failure, endpoint }, facts) => {
    const isAsked = wantsCertificate(failure, facts);
    if (!isKind(failure, 'tls client-certificate') && !isAsked) return undefined;
    const shownPair = endpoint?.trust.client?.written;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        metLine(failure),
        shownPair === undefined
          ? 'no client certificate was found for it'
          : `that of ${shownPair.in} was shown`,
        ...(endpoint?.trust.problems.map(({ message }) => message) ?? []),
      ],
    };
  }),
};

const tlsVersion: Cause = {
  id: 'tls-version',
  title: 'Client and server have no TLS version or cipher in common',
  explanation:
    'The server, or a device before it, speaks only versions or ciphers that clients of today refuse (TLS 1.0 and 1.1), or the reverse.',
  says: atFirst('remote error: tls: <protocol version not supported|handshake failure>'),
  decidedBy: 'The alert of the handshake; no certificate was looked at.',
  remedy: ['Have TLS 1.2 or 1.3 turned on at the server or the device before it.'],
  who: 'registry',
  seenIn: ['docker/for-linux#894'],
  find: ofTroubles(({ failure }, facts) => {
    if (!isKind(failure, 'tls protocol')) return undefined;
    const evidence = shown(facts, failure);
    if (!isHandshakeRefused(failure)) return { at: failure.host, certainty: 'certain', evidence };
    return { at: failure.host, certainty: 'possible', wouldTell: whoRefuses, evidence };
  }),
};

export const tls = [
  tlsIntercepted,
  caWrongFolder,
  certificateWithoutSan,
  intermediateMissing,
  caStoreOld,
  caUntrusted,
  certificateForOtherName,
  certificateExpired,
  clientCertificateWanted,
  tlsVersion,
];
