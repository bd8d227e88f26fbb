// Names that do not resolve.
import type { Facts } from '../facts.ts';
import type { Lookup } from '../wire.ts';
import type { Cause } from './cause.ts';
import { hostOf, isInnerName, nameOf } from './kit/hosts.ts';
import { atConfig, atFirst } from './kit/says.ts';
import {
  answerOfRegistry,
  exchangeLine,
  isElsewhere,
  isKind,
  isUnnamed,
  metLine,
  ofTroubles,
  type Trouble,
} from './kit/troubles.ts';

function lookupLines(facts: Facts, host: string): string[] {
  return (hostOf(facts, host)?.lookups ?? []).map(
    ({ family, failure, addresses, resolver }) =>
      `${family === 6 ? 'AAAA' : 'A'} of ${nameOf(host)} from ${resolver || 'the resolver'}: ${failure === '' ? addresses.join(', ') : answers[failure]}`,
  );
}

const answers: Readonly<Record<Exclude<Lookup['failure'], ''>, string>> = {
  nxdomain: 'no such name (NXDOMAIN)',
  servfail: 'the resolver failed (SERVFAIL)',
  refused: 'the resolver refuses (REFUSED)',
  'no-answer': 'no answer',
  empty: 'no address of this family',
};

const dnsHidesCdn: Cause = {
  id: 'dns-hides-cdn',
  title: 'The host that the blobs come from has no address here',
  explanation:
    'The registry resolves and answers, and redirects to a host whose name the resolver here does not know, or answers with an address that leads nowhere. A DNS filter with an allow list does that to names of CDNs.',
  says: atConfig('dial tcp: lookup <host>: no such host'),
  decidedBy:
    'The name of the registry resolves, that of the redirect does not: NXDOMAIN, SERVFAIL, REFUSED, no answer, an empty answer for both families, or 0.0.0.0 and its like.',
  remedy: [
    'Ask for the name at another resolver (`dig @9.9.9.9 <host>`): if it is there, have it allowed in the DNS filter here.',
    'A CDN has several names: have every one of the list allowed.',
  ],
  who: 'network team',
  seenIn: ['okengine#556', 'okengine#751', 'chainguard-dev/apko#2250'],
  find: ofTroubles((trouble, facts) => {
    const answer = answerOfRegistry(trouble);
    const { host } = trouble.failure;
    if (!isElsewhere(trouble) || answer === undefined || isInnerName(host)) return undefined;
    if (!isUnnamed(trouble, facts)) return undefined;
    return {
      at: host,
      certainty: 'certain',
      evidence: [exchangeLine(answer), metLine(trouble.failure), ...lookupLines(facts, host)],
    };
  }),
};

/** The registry's, a mirror's, or that of a token server beside it. */
function isFirstName(trouble: Trouble, facts: Facts): boolean {
  return trouble.failure.hop === 'registry' && isUnnamed(trouble, facts);
}

/** The resolver gave no answer to go by. */
function isResolverBroken({ failure }: Trouble, facts: Facts): boolean {
  const lookups = hostOf(facts, failure.host)?.lookups ?? [];
  if (lookups.length === 0) return isKind(failure, 'dns servfail', 'dns no-answer');
  return lookups.every((one) => /^(?:servfail|no-answer|refused)$/.test(one.failure));
}

const registryNameUnknown: Cause = {
  id: 'registry-name-unknown',
  title: 'The resolver knows no address of the registry',
  explanation:
    'The resolver answers, and has no address for the name of the registry. It is misspelt, it is known only in another network (VPN), or a filter hides it.',
  says: atFirst('dial tcp: lookup <host>: no such host'),
  decidedBy:
    'NXDOMAIN, an empty answer for both families, or an address that leads nowhere, from a resolver that works.',
  remedy: [
    'Check the spelling of the name.',
    'A name of a company network needs its resolver: connect the VPN, or look at /etc/resolv.conf of the machine that pulls.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    if (!isFirstName(trouble, facts) || isResolverBroken(trouble, facts)) return undefined;
    const { host } = trouble.failure;
    return {
      at: host,
      certainty: 'certain',
      evidence: [metLine(trouble.failure), ...lookupLines(facts, host)],
    };
  }),
};

const resolverFails: Cause = {
  id: 'resolver-fails',
  title: 'The resolver of this machine does not work',
  explanation:
    'The resolver that this machine is told to use is silent, refuses, or fails at the name of the registry. No name is wrong; nobody answers for it.',
  says: atFirst('dial tcp: lookup <host>: <server misbehaving|i/o timeout>'),
  decidedBy: 'SERVFAIL, REFUSED or no answer for every question about the registry.',
  remedy: [
    'Look at /etc/resolv.conf of the machine that pulls: is this resolver the right one, and does port 53 get through to it?',
    'After SERVFAIL, look at the upstreams of the resolver, and at DNSSEC of the zone.',
  ],
  who: 'host administrator',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    if (!isFirstName(trouble, facts) || !isResolverBroken(trouble, facts)) return undefined;
    const { host } = trouble.failure;
    const resolver = hostOf(facts, host)?.lookups.find((one) => one.resolver !== '')?.resolver;
    return {
      at: resolver ?? host,
      certainty: 'certain',
      evidence: [metLine(trouble.failure), ...lookupLines(facts, host)],
    };
  }),
};

export const dns = [dnsHidesCdn, registryNameUnknown, resolverFails];
