// What a reply is by its text: an error document of a registry, a page, the error of a store.
import type { Endpoint } from '../../../access/route.ts';
import { registryErrors } from '../../../profiles/words/registry-errors.ts';
import type { PullFailure } from '../../../protocol/failure.ts';
import type { Facts, ProbeId } from '../../facts.ts';
import { probesOf } from './hosts.ts';
import type { Trouble } from './troubles.ts';

/** Codes of the error document, upper case; of a HEAD, whose reply has none, those of the GET in its place. */
export function codesOf(failure: PullFailure, facts: Facts): string[] {
  const own = registryErrors(bodyOf(failure, facts));
  return own.length > 0
    ? own.map(({ code }) => code.toUpperCase())
    : codesOfTagList(failure, facts);
}

/** Of the list of tags: where there is no repository it is refused as the manifest is, or says so alone. */
export function codesOfTagList(failure: PullFailure, facts: Facts): string[] {
  const all = probeTexts('other-tag', failure, facts).flatMap(registryErrors);
  return all.map(({ code }) => code.toUpperCase());
}

/** Of a HEAD, whose reply has no body, that of the GET in its place. */
export function bodyOf(failure: PullFailure, facts: Facts): string {
  const { body } = failure.evidence;
  return body === '' ? (probeTexts('head', failure, facts)[0] ?? '') : body;
}

function probeTexts(id: ProbeId, { host }: PullFailure, facts: Facts): string[] {
  return probesOf(facts, id, host).flatMap(({ reply }) => (reply?.text ? [reply.text] : []));
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

/** A redirect that cannot be followed. */
export function isRedirectStatus({ status }: PullFailure): boolean {
  return status >= 300 && status < 400;
}

/** nginx and others take the request, and say in a page what they miss of the handshake. */
export function wantsCertificate(failure: PullFailure, facts: Facts): boolean {
  return failure.status === 400 && /\bSSL certificate\b/i.test(bodyOf(failure, facts));
}

/** `/v2/` stands in the path of this endpoint twice. */
export function hasPathTwice({ apiPath, repository }: Endpoint): boolean {
  return /\/v2\/(?:.*\/)?v2\//.test(`${apiPath}/${repository}/`);
}

/** `isAnswered`: the same under another path, where that was tried. */
export function isWrongPath(endpoint: Endpoint, isAnswered: boolean | undefined): boolean {
  return isAnswered === true || hasPathTwice(endpoint);
}
