// What went wrong in the traced pulls, one entry for each endpoint that gave up, and how causes look at it.
import type { Endpoint } from '../../../access/route.ts';
import type { FailureClass, PullFailure } from '../../../protocol/failure.ts';
import type { FailureReason } from '../../../protocol/talk.ts';
import type { Facts, TracedExchange, TracedPull } from '../../facts.ts';
import type { Cause, Found } from '../cause.ts';
import { hostOf, isReachedOtherwise, isSameName, isSinkhole, nameOf } from './hosts.ts';

export interface Trouble {
  readonly failure: PullFailure;
  /** Where the pull was when it failed; absent where nothing says. */
  readonly endpoint: Endpoint | undefined;
  readonly pull: TracedPull;
  /** The next endpoint was asked instead, and had it: the pull works all the same. */
  readonly isHealed: boolean;
}

/** The last failures first, since those are what a client ends with. */
export function troublesOf(facts: Facts): Trouble[] {
  return facts.pulls.flatMap((pull) => {
    const isHealed = pull.served !== undefined;
    const before = pull.passedOver
      .filter((one) => !(isHealed && isSearchedOn(one)))
      .map((one) => ({ ...one, pull, isHealed }));
    if (pull.failure === undefined) return before;
    const endpoint = endpointOf(facts, pull);
    return [{ failure: pull.failure, endpoint, pull, isHealed: false }, ...before];
  });
}

/** A registry of a search list that does not have the image: the next one is asked, as it should be. */
function isSearchedOn({ endpoint, failure }: TracedPull['passedOver'][number]): boolean {
  return (
    endpoint.role === 'registry' && isKind(failure, 'manifest-unknown', 'unauthorized', 'denied')
  );
}

function endpointOf({ route }: Facts, pull: TracedPull): Endpoint | undefined {
  const last = pull.exchanges.at(-1)?.endpoint;
  return last ?? route.candidates.flatMap(({ endpoints }) => endpoints).at(-1);
}

type Look = (trouble: Trouble, facts: Facts) => Omit<Found, 'isHarmless'> | undefined;

/** A cause that is seen in what failed: one finding for each host or thing that it is about. */
export function ofTroubles(look: Look): Cause['find'] {
  return (facts) => {
    const found = new Map<string, Found>();
    for (const trouble of troublesOf(facts)) {
      const one = look(trouble, facts);
      if (one === undefined || found.get(one.at)?.isHarmless === false) continue;
      found.set(one.at, { ...one, isHarmless: trouble.isHealed });
    }
    return [...found.values()];
  };
}

/** `dns`, or with a reason `tls unknown-ca`; a class alone stands for all its reasons. */
export type Kind = FailureClass | `${FailureClass} ${FailureReason}`;

export function isKind({ class: kind, reason }: PullFailure, ...kinds: readonly Kind[]): boolean {
  return kinds.some((one) => one === kind || one === `${kind} ${reason}`);
}

/** Nothing answers at the other end, or something says that nobody may. */
export function isUnreachable(failure: PullFailure): boolean {
  return (
    isKind(failure, 'refused', 'dial-timeout') ||
    (isKind(failure, 'stalled') && failure.status === 0 && failure.evidence.address === '')
  );
}

/** Filters give an address that leads nowhere, so that the connection fails and not the name. */
function isSunk({ failure }: Trouble, facts: Facts): boolean {
  const name = nameOf(failure.host);
  const isLocal = name === 'localhost' || name.endsWith('.localhost') || isSinkhole(name);
  const addresses = (hostOf(facts, failure.host)?.lookups ?? []).flatMap((one) => one.addresses);
  const isFailing = isUnreachable(failure) || isKind(failure, 'tls');
  return isFailing && !isLocal && addresses.length > 0 && addresses.every(isSinkhole);
}

/** Whether the name is what fails, and no other way than by its address is there. */
export function isUnnamed(trouble: Trouble, facts: Facts): boolean {
  const isLost = isKind(trouble.failure, 'dns') || isSunk(trouble, facts);
  return isLost && !isReachedOtherwise(facts, trouble.failure.host);
}

/** Blobs, or what else a redirect leads to, on another host than the registry's. */
export function isElsewhere({ failure, endpoint }: Trouble): boolean {
  return failure.hop === 'edge' && !isSameName(failure.host, endpoint?.url ?? '');
}

/** A reply of the registry itself, the best of them: proof that the way there is open. */
export function answerOfRegistry({ pull, failure }: Trouble): TracedExchange | undefined {
  const own = pull.exchanges.filter(
    ({ hop, reply, host }) =>
      hop === 'registry' && reply.status > 0 && !isSameName(host, failure.host),
  );
  const rank = ({ phase, reply }: TracedExchange) =>
    (phase === 'index' || phase === 'manifest' ? 0 : 10) + (reply.status < 400 ? 0 : 1);
  return own.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** The server ended the handshake by an alert, before it showed a certificate; OpenSSL's words. */
export function isAlert({ evidence }: PullFailure): boolean {
  return /^(?:ssl\/tls|sslv3|tlsv1\d?) (?:alert |unrecognized name)/.test(evidence.words);
}

/** The proxy takes connections, and at this request hung up, fell silent, or spoke no HTTP. */
export function isLeftByProxy({ failure, pull }: Trouble, facts: Facts): boolean {
  if (!isKind(failure, 'proxy proxy-unreachable')) return false;
  const proxy = pull.exchanges.findLast(({ host }) => isSameName(host, failure.host))?.proxy.proxy;
  const dials = proxy && hostOf(facts, `${proxy.host}:${proxy.port}`)?.dials;
  return dials?.some((one) => one.failure === '') === true;
}

const textCharsMax = 160;

/** What was asked and what came, in one line. */
export function metLine({ evidence, status, message }: PullFailure): string {
  const { method, url, words, body } = evidence;
  const start = body.replaceAll(/\s+/g, ' ').trim().slice(0, textCharsMax);
  const came = status > 0 ? `HTTP ${status}` : words || message;
  const said = status > 0 && start !== '' ? `, ${JSON.stringify(start)}` : '';
  return `${method} ${url}: ${came}${said}`;
}

export function exchangeLine({ method, url, reply }: TracedExchange): string {
  return `${method} ${url}: ${reply.status > 0 ? `HTTP ${reply.status}` : reply.failureMessage}`;
}

/**
 * By the alert of TLS (handshake_failure) that says no more than that the server would not: for want of a version, of a
 * cipher, or of the name that was asked for.
 */
export function isHandshakeRefused(failure: PullFailure): boolean {
  return isKind(failure, 'tls protocol') && /handshake[ _]failure/i.test(failure.evidence.words);
}

/** What would tell them apart. */
export const whoRefuses =
  'the same host from another network, and the log of its server: an alert of this kind does not say why';
