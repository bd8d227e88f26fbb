// Redirects of the registry that lead to a refusal, nowhere, or in a circle.
import type { Cause } from './cause.ts';
import { filterIn, isBlockedEarly, isRedirectStatus, storeCode } from './kit/replies.ts';
import { spoken } from './kit/says.ts';
import {
  answerOfRegistry,
  exchangeLine,
  isKind,
  metLine,
  ofTroubles,
  type Trouble,
} from './kit/troubles.ts';

const refused = spoken({
  podman: '<…>parsing image configuration: fetching blob: StatusCode: 403, "<text>"',
  docker:
    'error pulling image configuration: download failed after attempts=<n>: error parsing HTTP 403 response body: <…>',
  containerd:
    'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to <url>: 403 Forbidden',
});

function sentBy(trouble: Trouble): string[] {
  const answer = answerOfRegistry(trouble);
  return answer === undefined ? [] : [exchangeLine(answer)];
}

const redirectExpired: Cause = {
  id: 'redirect-expired',
  title: 'The signed address had run out when it was used',
  explanation:
    'The registry redirects to an address that is signed for a short time, and that time was over: the clocks of registry and CDN differ, a cache keeps the redirect, or the lifetime is shorter than a queue.',
  says: refused,
  decidedBy:
    'The end in the signed address against the `Date` of the host that refuses it, or its own words.',
  remedy: [
    'Look at the clock of the registry, at the lifetime of its signatures, and at caches that keep redirects.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble) => {
    if (!isKind(trouble.failure, 'redirect-expired')) return undefined;
    const { failure } = trouble;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [...sentBy(trouble), metLine(failure)],
    };
  }),
};

/** Of what a firewall for addresses says, and a check of signatures does not. */
const blockWords =
  /\bblock(?:ed|s)?\b|your country|geo(?:graphic|block)|your (?:ip|network)|access control|not available in your|security check|captcha/i;

/** Undefined: its reply does not say whether the address or the signature is refused. */
function isOfAddress({ failure }: Trouble): boolean | undefined {
  if (failure.status === 451) return true;
  if (storeCode(failure) !== undefined) return false;
  return blockWords.test(failure.evidence.body) ? true : undefined;
}

const otherNetwork =
  'the same pull from another network: if it works there, this address is refused';

const redirectDenied: Cause = {
  id: 'redirect-denied',
  title: 'The host of the blobs refuses the signed address',
  explanation:
    'The registry signs an address for the blob, and the CDN or storage does not take the signature: keys were changed on one side, the time is off, or something on the way rewrote the query.',
  says: refused,
  decidedBy:
    '403 with the error of a store (`<Code>…`) at the target of the redirect. Without one, the provider may refuse this address (address-blocked).',
  remedy: [
    'Look at the keys with which the registry signs, and at what rewrites addresses on the way.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble) => {
    const { failure } = trouble;
    if (!isKind(failure, 'redirect-denied') || filterIn(failure) !== undefined) return undefined;
    const isAddress = isOfAddress(trouble);
    if (isAddress === true) return undefined;
    const at = failure.host;
    const evidence = [...sentBy(trouble), metLine(failure)];
    return isAddress === false
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: otherNetwork };
  }),
};

const addressBlocked: Cause = {
  id: 'address-blocked',
  title: 'The provider refuses the address from which is asked',
  explanation:
    'The registry or its CDN turns away requests from this address or country, whatever is asked for: a sanctioned region, a range with a bad name, a rule of the provider.',
  says: spoken({
    podman: '<…>StatusCode: 403, "<page>"',
    docker: '<…>error parsing HTTP 403 response body: <…>',
    containerd: '<…>unexpected status from <GET|HEAD> request to <url>: 403 Forbidden',
  }),
  decidedBy:
    '403 (or 451) in a text of the provider, before anybody was asked to sign in; or at the CDN, in words about the address and not about the signature.',
  remedy: [
    'Ask the provider with the address that it sees (often in its page), or go out by another one.',
    'Use a mirror that may be reached.',
  ],
  who: 'registry',
  seenIn: [
    'kubernetes/registry.k8s.io#174',
    'docker/hub-feedback#2231',
    'docker-library/official-images#4309',
  ],
  find: ofTroubles((trouble) => {
    const { failure } = trouble;
    const isEarly = isBlockedEarly(trouble) || failure.status === 451;
    const isAtEdge = isKind(failure, 'redirect-denied');
    if (filterIn(failure) !== undefined || (!isEarly && !isAtEdge)) return undefined;
    const isAddress = isEarly || isOfAddress(trouble);
    if (isAddress === false) return undefined;
    const at = failure.host;
    const evidence = [metLine(failure), ...serverLines(trouble)];
    return isAddress === true
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: otherNetwork };
  }),
};

/** By what servers name themselves in the refusal. */
function serverLines({ pull, failure }: Trouble): string[] {
  const last = pull.exchanges.findLast(({ reply }) => reply.status === failure.status);
  return ['Server', 'Via', 'X-Cache', 'CF-Ray', 'X-Amz-Cf-Pop'].flatMap((name) => {
    const value = last?.reply.header(name);
    return value === undefined ? [] : [`${name}: ${value.slice(0, 100)}`];
  });
}

const redirectCredentials: Cause = {
  id: 'redirect-credentials',
  title: 'The host of the blobs wants, or minds, credentials',
  explanation:
    'A signed address must do without a login. This host asks for one, or refuses a request that shows the token of the registry beside the signature, as clients do within one host and its subdomains.',
  says: spoken({
    podman: '<…>parsing image configuration: fetching blob: authentication required',
    docker:
      'error pulling image configuration: download failed after attempts=<n>: unauthorized: authentication required',
    containerd:
      'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to <url>: 401 Unauthorized',
  }),
  decidedBy:
    '400 or 401 at the target of the redirect, and whether the client sent its token along.',
  remedy: [
    'Have the registry redirect to an address that needs no login, in another domain than its own.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble) => {
    const { failure } = trouble;
    if (!isKind(failure, 'redirect-credentials') || filterIn(failure) !== undefined)
      return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        ...sentBy(trouble),
        metLine(failure),
        failure.evidence.authorization === undefined
          ? 'no credential was sent along'
          : `${failure.evidence.authorization} was sent along`,
      ],
    };
  }),
};

const redirectInvalid: Cause = {
  id: 'redirect-invalid',
  title: 'The redirect leads nowhere that a client may go',
  explanation:
    'The Location of the redirect is missing, malformed, of another scheme than HTTP, falls from HTTPS to HTTP, or names an address that is for machines of a cloud alone.',
  says: spoken({
    podman: '<…>unsupported protocol scheme "<scheme>"',
    docker: '<…>unsupported protocol scheme "<scheme>"',
    containerd: '<…>unsupported protocol scheme "<scheme>"',
  }),
  decidedBy: 'The Location as it came.',
  remedy: [
    'Mend the address of the storage in the settings of the registry, or of the proxy before it.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }) => {
    const isLost = isKind(failure, 'unexpected-status') && isRedirectStatus(failure);
    if (!isKind(failure, 'redirect-invalid') && !isLost) return undefined;
    const { location = 'none' } = failure.evidence;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [metLine(failure), `Location: ${location}`],
    };
  }),
};

const redirectLoop: Cause = {
  id: 'redirect-loop',
  title: 'The redirects never end',
  explanation: 'Each address redirects to a further one, and the client gives up after ten.',
  says: spoken({
    podman: '<…>stopped after 10 redirects',
    docker: '<…>stopped after 10 redirects',
    containerd: '<…>stopped after 10 redirects',
  }),
  decidedBy: 'More redirects for one request than any client follows.',
  remedy: [
    'Look at the Location of each: a proxy that turns HTTP and HTTPS into one another is the usual case.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }) => {
    if (!isKind(failure, 'redirect-loop')) return undefined;
    return { at: failure.host, certainty: 'certain', evidence: [failure.message] };
  }),
};

export const redirects = [
  redirectExpired,
  redirectDenied,
  addressBlocked,
  redirectCredentials,
  redirectInvalid,
  redirectLoop,
];
