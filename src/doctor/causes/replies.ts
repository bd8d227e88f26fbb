// Servers that answer with something that is no part of the protocol, or with an error of their own.
import { writtenText } from '../../access/written.ts';
import type { Facts } from '../facts.ts';
import type { Cause } from './cause.ts';
import { held, probeLines, probesOf } from './kit/hosts.ts';
import { isUnchallenged, lastChallenge, openPing } from './kit/refusals.ts';
import {
  bodyOf,
  filterIn,
  isPage,
  isRedirectStatus,
  isWrongPath,
  wantsCertificate,
} from './kit/replies.ts';
import { atFirst, spoken } from './kit/says.ts';
import { exchangeLine, isKind, metLine, ofTroubles, type Trouble } from './kit/troubles.ts';

/** TLS was spoken to a port of plain HTTP; not to one that has no answer to that either. */
function isPlainPort({ failure }: Trouble, facts: Facts): boolean {
  const asked = probesOf(facts, 'plain-http', failure.host);
  const isOther = asked.some(({ reply }) => reply?.failure === 'bad-http');
  return isKind(failure, 'bad-http http-to-https-client') && !isOther;
}

/** Plain HTTP was spoken to a port of TLS; servers in Go, nginx and Apache say so in a reply. */
function isTlsPort({ failure }: Trouble, facts: Facts): boolean {
  const isTold =
    failure.status === 400 &&
    /HTTP request (?:was sent )?to (?:an? )?HTTPS (?:server|port)|speaking plain HTTP to an SSL/i.test(
      bodyOf(failure, facts),
    );
  return isKind(failure, 'bad-http https-to-http-client') || isTold;
}

/** Said by whoever asks, and in no file. */
const givenHttp: ReadonlySet<string> = new Set(['http://', '--plain-http']);

const httpForHttps: Cause = {
  id: 'http-for-https',
  title: 'One side speaks HTTP and the other HTTPS',
  explanation:
    'The client speaks TLS to a port of plain HTTP, or the reverse. Clients speak plain HTTP only to registries that are named insecure where that client reads it; Docker 29 with the containerd store does not apply its list to everything.',
  says: atFirst('http: server gave HTTP response to HTTPS client'),
  decidedBy:
    'What the port answers to TLS and to plain HTTP, and which entry says insecure, or that none does.',
  remedy: [
    'Best, give the registry TLS. Else name it insecure: `insecure = true` in registries.conf, `insecure-registries` in daemon.json, `server = "http://…"` in hosts.toml.',
    'Or take such an entry out, if the port speaks TLS.',
    'Whether all goes well then, `pullproof doctor http://<image>` tells beforehand.',
  ],
  who: 'host administrator',
  seenIn: [
    'docker/for-mac#7443',
    'docker/docs#25811',
    'containerd/containerd#4938',
    'containerd/containerd#3631',
  ],
  find: ofTroubles((trouble, facts) => {
    const { failure, endpoint } = trouble;
    const isHidden = isKind(failure, 'tls cut') && held(facts, 'plain-http', failure.host) === true;
    if (!isPlainPort(trouble, facts) && !isTlsPort(trouble, facts) && !isHidden) return undefined;
    const insecure = endpoint?.insecure;
    const isGiven = insecure !== undefined && givenHttp.has(insecure.in);
    return {
      ...(isGiven && { remedy: [`The port speaks TLS: leave out ${insecure.in}.`] }),
      at: failure.host,
      certainty: 'certain',
      probes: ['plain-http', 'tls'],
      evidence: [
        metLine(failure),
        insecure === undefined
          ? 'no entry names it insecure'
          : `named insecure by ${writtenText(insecure)}`,
        ...probeLines(facts, 'plain-http', failure.host),
        ...probeLines(facts, 'tls', failure.host),
      ],
    };
  }),
};

const notHttp: Cause = {
  id: 'not-http',
  title: 'What answers is not HTTP, or not well formed',
  explanation:
    'Something listens there and answers in another protocol; or the head is HTTP and the body is none: chunks without a size, or a packing (`Content-Encoding`) that it does not have.',
  says: atFirst('net/http: HTTP/1.x transport connection broken: malformed HTTP response "<text>"'),
  decidedBy: 'The first bytes of the answer, or, after a status, what of the body cannot be read.',
  remedy: [
    'Check host and port in the name of the image.',
    'If a status came, have the proxies and caches on the way looked at: one of them spoils the body.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isKind(failure, 'bad-http') || isPlainPort(trouble, facts) || isTlsPort(trouble, facts))
      return undefined;
    // What had a status was HTTP up to its body: the line alone does not say what is wrong.
    const words = failure.status > 0 ? [`its body: ${failure.evidence.words}`] : [];
    const evidence = [metLine(failure), ...words, ...probeLines(facts, 'plain-http', failure.host)];
    return { at: failure.host, certainty: 'certain', evidence };
  }),
};

/** Who says so knows what was asked for. */
const blockedByLaw = 451;

const notARegistry: Cause = {
  id: 'not-a-registry',
  title: 'What answers there is no registry',
  explanation:
    'The host answers HTTP, but not as a registry: its start page, a 404 of a web server, a console on another port, a registry behind a path that is not passed on.',
  says: spoken({
    podman:
      'initializing source docker://<image>: fetching manifest <tag> in <repository>: pinging container registry <host>: StatusCode: 404, "<page>"',
    docker: `error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: "<page>"`,
    containerd: 'failed to resolve reference "<image>": <image>: not found',
  }),
  decidedBy:
    'The answer to `/v2/`, or to a manifest, is a page or a status that no registry gives, without an error document.',
  remedy: [
    'Check host and port in the name of the image; a registry answers `/v2/` with 200 or 401.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure, endpoint } = trouble;
    const { class: kind, phase, hop } = failure;
    if (hop !== 'registry') return undefined;
    if (filterIn(failure) !== undefined || isTlsPort(trouble, facts)) return undefined;
    if (isRedirectStatus(failure) || wantsCertificate(failure, facts)) return undefined;
    const isOddPing =
      phase === 'ping' && kind === 'unexpected-status' && failure.status !== blockedByLaw;
    const isPageFor404 = failure.status === 404 && isPage(failure);
    if (!isOddPing && !isPageFor404) return undefined;
    const at = failure.host;
    const evidence = [metLine(failure), `Content-Type: ${failure.evidence.contentType || 'none'}`];
    if (endpoint?.role !== 'mirror') return { at, evidence, certainty: 'certain' };
    if (isWrongPath(endpoint, held(facts, 'catalog-path', at))) return undefined;
    return {
      at,
      evidence,
      certainty: 'possible',
      wouldTell: 'the path under which this mirror has its images',
    };
  }),
};

const parties = {
  registry: 'the registry',
  token: 'the token server',
  edge: 'the host of the blobs',
};

const serverError: Cause = {
  id: 'server-error',
  title: 'The server fails by itself (5xx)',
  explanation:
    'The registry, its token server, the host of the blobs, or a load balancer before it says that it cannot answer. Clients try some of these again and then give up.',
  says: spoken({
    podman: '<…>received unexpected HTTP status: <503 Service Unavailable>',
    docker: '<…>received unexpected HTTP status: <503 Service Unavailable>',
    containerd: '<…>unexpected status from <GET|HEAD> request to <url>: <503 Service Unavailable>',
  }),
  decidedBy: 'The status and text of the reply, and which of the servers gave it.',
  remedy: ['Look at the status page or the logs of this server; try again later.'],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure, endpoint }, facts) => {
    if (!isKind(failure, 'server-error') || filterIn(failure) !== undefined) return undefined;
    const isProxied = endpoint?.proxy.proxy !== undefined;
    if (isProxied && held(facts, 'without-proxy', failure.host) === true) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [metLine(failure), `it comes from ${parties[failure.hop]}`],
    };
  }),
};

const oddStatus: Cause = {
  id: 'odd-status',
  title: 'The server answers with a status that no pull has',
  explanation: 'The reply is neither the content nor one of the refusals of the protocol.',
  says: spoken({
    podman: '<…>StatusCode: <status>, "<text>"',
    docker: '<…>error parsing HTTP <status> response body: <…>',
    containerd: '<…>unexpected status from <GET|HEAD> request to <url>: <status>',
  }),
  decidedBy: 'The status and text of the reply, and which of the servers gave it.',
  remedy: [
    'Look at what answers there: a gateway or firewall for applications (WAF), or the registry itself.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isKind(failure, 'unexpected-status') || failure.reason === 'range-ignored')
      return undefined;
    if (isTlsPort(trouble, facts) || isUnchallenged(trouble)) return undefined;
    if (held(facts, 'one-accept', failure.host) === true) return undefined;
    if (failure.phase === 'ping' && failure.hop === 'registry') return undefined;
    if (failure.status === 451 || isRedirectStatus(failure)) return undefined;
    if (wantsCertificate(failure, facts)) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [metLine(failure), `it comes from ${parties[failure.hop]}`],
    };
  }),
};

const challengeBroken: Cause = {
  id: 'challenge-broken',
  title: 'The registry refuses, and does not say how to sign in',
  explanation:
    'A 401 without a usable WWW-Authenticate, or with a realm to which no client may go, or without the service that the token server wants. A proxy that drops or rewrites headers does that, and a registry behind one that does not know its own address. Or `/v2/` is open and images are not: Docker, podman and crane sign in by what `/v2/` asks for, and never do.',
  says: spoken({
    podman: '<…>authentication required',
    docker: 'unauthorized: authentication required',
    containerd:
      'failed to resolve reference "<image>": unexpected status from HEAD request to <url>: 401 Unauthorized',
  }),
  decidedBy:
    'The challenge of the 401, as it came, what the token server misses, and whether `/v2/` itself asked for a login.',
  remedy: [
    'Have the registry send `WWW-Authenticate: Bearer realm="https://…",service="…"`, and its proxy pass it on (X-Forwarded-Proto and Host, too).',
    'Have `/v2/` answer 401 with the same challenge, where images want a login.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isUnchallenged(trouble)) return undefined;
    const challenge = lastChallenge(trouble)?.slice(0, 200);
    const ping = openPing(trouble);
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        metLine(failure),
        challenge === undefined ? 'no WWW-Authenticate' : `WWW-Authenticate: ${challenge}`,
        ...(ping === undefined ? [] : [`${exchangeLine(ping)}, and asks for no login`]),
        ...probeLines(facts, 'with-credential', failure.host),
        failure.message,
      ],
    };
  }),
};

const tokenReplyBroken: Cause = {
  id: 'token-reply-broken',
  title: 'The token server answers with something else than a token',
  explanation: 'The reply is a success, and has no token in it, or is no JSON.',
  says: spoken({
    podman:
      'initializing source docker://<image>: fetching manifest <tag> in <repository>: decoding bearer token (last URL "<url>", body start "<text>"): <…>',
    docker:
      '<authorization server did not include a token in the response|unable to decode token response: …>',
    containerd:
      'failed to resolve reference "<image>": failed to authorize: failed to fetch anonymous token: <authorization server did not include a token in the response|unable to decode token response: …>',
  }),
  decidedBy:
    'Status and media type of the reply; its text is not shown, since it may hold a token.',
  remedy: ['Look at the token server, and at what is between: the realm may lead to a login page.'],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }) => {
    if (!isKind(failure, 'bad-token') || isPage(failure)) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [failure.message, `Content-Type: ${failure.evidence.contentType || 'none'}`],
    };
  }),
};

export const replies = [
  httpForHttps,
  notHttp,
  notARegistry,
  serverError,
  oddStatus,
  challengeBroken,
  tokenReplyBroken,
];
