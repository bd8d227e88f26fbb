// Requests that the registry or its token server refused for what was shown, and what was found to show.

import type { FoundCredentials } from '../../../access/route.ts';
import { writtenText } from '../../../access/written.ts';
import { parseChallenges } from '../../../protocol/grammar/challenge.ts';
import type { Facts, TracedExchange } from '../../facts.ts';
import { held, isSameName } from './hosts.ts';
import { bodyOf } from './replies.ts';
import { isKind, type Trouble } from './troubles.ts';

/** 401, 403, and what token servers say in place of them, before there is a manifest. */
export function isRefusal(trouble: Trouble): boolean {
  const { failure } = trouble;
  if (isRefusedLater(trouble) || isUnchallenged(trouble)) return false;
  if (isKind(failure, 'unauthorized', 'denied')) return true;
  // ECR Public answers 400 to a stale token, Azure to a password that is none.
  return (
    failure.status === 400 &&
    (failure.hop === 'token' || failure.evidence.authorization !== undefined)
  );
}

/** A token that was good for the manifest is none for its blobs. Without one, as at a mirror, nothing ran out. */
export function isRefusedLater({ failure }: Trouble): boolean {
  const isBlob = failure.phase === 'config' || failure.phase === 'layer';
  const isShown = failure.evidence.authorization !== undefined;
  return isKind(failure, 'unauthorized mid-pull') || (isBlob && failure.status === 401 && isShown);
}

/** Nothing of the pull was told how to sign in, or not where the client looks for it, or not all of it. */
export function isUnchallenged(trouble: Trouble): boolean {
  const { failure, pull } = trouble;
  if (isKind(failure, 'bad-challenge')) return true;
  if (openPing(trouble) !== undefined || isServiceMissed(trouble)) return true;
  const refused = pull.exchanges.filter(({ reply }) => reply.status === 401);
  const isTold = refused.some(({ reply }) => reply.header('WWW-Authenticate') !== undefined);
  return isKind(failure, 'unauthorized') && failure.hop === 'registry' && !isTold;
}

/**
 * The answer to `/v2/` that asked nobody to sign in, where an image is refused then to who has not: clients that sign in by
 * that answer never do.
 */
export function openPing({ failure, pull }: Trouble): TracedExchange | undefined {
  if (failure.hop !== 'registry' || failure.status !== 401) return undefined;
  if (failure.evidence.authorization !== undefined) return undefined;
  return pull.exchanges.findLast(
    ({ phase, hop, host, reply }) =>
      phase === 'ping' &&
      hop === 'registry' &&
      isSameName(host, failure.host) &&
      reply.status !== 401,
  );
}

/** The token server will not do without the service that the challenge does not name. */
function isServiceMissed(trouble: Trouble): boolean {
  const { failure } = trouble;
  if (failure.hop !== 'token' || failure.status !== 400) return false;
  const [challenge] = parseChallenges(lastChallenge(trouble) ?? '');
  if (challenge === undefined || challenge.params.service) return false;
  return !isLoggedIn(trouble) || /\bservice\b/i.test(failure.evidence.body);
}

/** Nothing was shown, since nothing was asked for, and the registry has logins all the same. */
export function isHiddenMaybe({ failure }: Trouble, facts: Facts): boolean {
  return isKind(failure, 'manifest-unknown') && held(facts, 'sign-in', failure.host) === true;
}

/** Of the last 401 of a registry, as it came. */
export function lastChallenge({ pull }: Trouble): string | undefined {
  const refused = pull.exchanges.findLast(
    ({ hop, reply }) => hop !== 'token' && reply.status === 401,
  );
  return refused?.reply.header('WWW-Authenticate');
}

export function credentialsOf({ endpoint }: Trouble): FoundCredentials | undefined {
  return endpoint?.credentials;
}

/** What was found was shown, to the registry or for its token. */
export function isLoggedIn(trouble: Trouble): boolean {
  return credentialsOf(trouble)?.credentials !== undefined;
}

/** The password or identity token is what is refused: at the token server, or by Basic. */
export function isSecretRefused(trouble: Trouble): boolean {
  const { failure } = trouble;
  if (!isRefusal(trouble) || !isLoggedIn(trouble)) return false;
  if (failure.hop === 'token') return failure.status !== 403;
  return failure.status === 401 && schemeOf(trouble) === 'basic';
}

/** Of the challenge, lower case; '' without one. */
export function schemeOf({ failure }: Trouble): string {
  const [first] = parseChallenges(failure.evidence.challenge ?? '');
  return (first?.scheme ?? '').toLowerCase();
}

/** The same request is answered without the credential: nobody needs to be logged in. */
export function isPublicAnyway(facts: Facts, { failure }: Trouble): boolean {
  return held(facts, 'without-credential', failure.host) === true;
}

/** Where it says that what was shown has ended: by its text, or by the date in it. */
export function endedWords(trouble: Trouble, facts: Facts): string | undefined {
  const { startedAtMs } = facts;
  const texts = bodyOf(trouble.failure, facts).split(/["{}[\]]+/);
  const text = texts.find((one) => /\b(?:token|credentials?)\b/i.test(one) && /expired/i.test(one));
  if (text !== undefined) return `the registry says: ${text.trim()}`;
  const endsMs = credentialsOf(trouble)?.endsMs;
  return endsMs !== undefined && endsMs < startedAtMs
    ? `what was found ended at ${new Date(endsMs).toISOString()}`
    : undefined;
}

export function lookedLines({ looked }: Pick<FoundCredentials, 'looked'>): string[] {
  return looked
    .filter(({ state }) => state !== 'passed over')
    .map(
      ({ path, state, holds = [] }) =>
        `${path}: ${state}${holds.length === 0 ? '' : `, has ${holds.join(', ')}`}`,
    );
}

export function credentialLine({ key, written, helper }: FoundCredentials): string {
  const at = written === undefined ? '' : ` of ${writtenText(written)}`;
  const by = helper === undefined ? '' : `, by docker-credential-${helper}`;
  const shown = key === undefined ? 'what was given' : `the entry ${JSON.stringify(key)}`;
  return `shown was ${shown}${at}${by}`;
}
