// What a reply is by its text: an error document of a registry, a page, the error of a store.
import { registryErrors } from '../../../profiles/words/registry-errors.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import type { Facts } from '../../facts.ts';
import { isSameName, probesOf } from './hosts.ts';
import type { Trouble } from './troubles.ts';

/** Codes of the error document, upper case; of a HEAD, whose reply has none, those of the GET in its place. */
export function codesOf({ evidence, host }: PullFailure, facts: Facts): string[] {
  const own = registryErrors(evidence.body).map(({ code }) => code.toUpperCase());
  if (own.length > 0) return own;
  return probesOf(facts, 'head')
    .filter((one) => isSameName(one.host, host))
    .flatMap(({ reply }) => registryErrors(reply?.text ?? ''))
    .map(({ code }) => code.toUpperCase());
}

export function isPage({ evidence: { contentType, body } }: PullFailure): boolean {
  return /^text\/html\b/i.test(contentType) || /^\s*<(?:!doctype html|html)\b/i.test(body);
}

/** S3, CloudFront, Google and Azure say in XML why they refuse a signed URL. */
export function storeCode({ evidence: { body } }: PullFailure): string | undefined {
  return /<Code>(\w{1,60})<\/Code>/.exec(body)?.[1];
}

/** Products that show pages in place of what they filter, as they name themselves. */
const filters =
  /zscaler|netskope|fortiguard|fortinet|palo alto networks|blue ?coat|cisco umbrella|sophos|forcepoint|websense|mcafee web gateway|barracuda|watchguard|sonicwall|squid|web filter|url filter|captive portal/i;

export function filterIn({ evidence: { body } }: PullFailure): string | undefined {
  return filters.exec(body)?.[0];
}

/** Refused before anybody was asked who they are, in no words of a registry. */
export function isBlockedEarly({ failure, pull }: Trouble): boolean {
  const isAsked = pull.exchanges.some(({ reply }) => reply.status === 401);
  const isAnonymous = failure.evidence.authorization === undefined;
  const isDocument = failure.evidence.body.trimStart().startsWith('{') && !isPage(failure);
  return (
    failure.status === 403 && failure.hop === 'registry' && !isAsked && isAnonymous && !isDocument
  );
}
