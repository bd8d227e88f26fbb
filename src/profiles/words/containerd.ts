// containerd and all that pulls with it: core/remotes/docker and core/content of 2.4.2.
import { goError, jsonError, redirectError, statusLine, urlError } from './go.ts';
import { distributionWords, generalMessages, registryErrors } from './registry-errors.ts';
import {
  bytesSoFar,
  expectedBytes,
  hashed,
  hasNoReply,
  imageName,
  isInBody,
  isManifest,
  type Situation,
  type Speech,
  wanted,
} from './speech.ts';

export const containerd: Speech = (said) => {
  const { class: kind, image } = said;
  if (kind === 'platform-missing') return 'no match for platform in manifest: not found';
  const content = ofContent(said);
  if (content !== undefined) return content;
  const open = ofRequest(said);
  if (open === undefined) return undefined;
  return isResolving(said)
    ? `failed to resolve reference "${imageName(image)}": ${open}`
    : `failed to copy: httpReadSeeker: failed open: ${open}`;
};

/** Requests by tag, and the HEAD by digest, are the resolver's; so is the token that was fetched for one. */
function isResolving(said: Situation): boolean {
  const { challenged, method } = said.evidence;
  if (challenged !== undefined) return challenged.method === 'HEAD';
  return method === 'HEAD' || (isManifest(said) && !wanted(said).includes(':'));
}

/** What is wrong with bytes that came. */
function ofContent(said: Situation): string | undefined {
  const { class: kind, reason, evidence } = said;
  if (kind === 'long-body') {
    return `failed to copy: httpReadSeeker: read past expected size ${expectedBytes(said)}: failed precondition`;
  }
  const isCut = kind === 'short-body' || (evidence.resumed !== undefined && said.status === 416);
  if (isCut && (isInBody(said) || evidence.words === '' || reason === 'range-ignored')) {
    const came = said.status === 416 ? (evidence.resumed?.from ?? 0) : bytesSoFar(said);
    return `short read: expected ${expectedBytes(said)} bytes but got ${came}: unexpected EOF`;
  }
  if (kind === 'wrong-digest') {
    const ref = `${said.phase}-${wanted(said)}`;
    return `failed commit on ref "${ref}": unexpected commit digest ${hashed(said)}, expected ${wanted(said)}: failed precondition`;
  }
  return isInBody(said) ? `failed to copy: ${goError(said)}` : undefined;
}

function ofRequest(said: Situation): string | undefined {
  const { class: kind, hop, status, evidence, image } = said;
  if (hop === 'token') return `failed to authorize: ${ofToken(said)}`;
  const redirect = redirectError(said);
  if (redirect !== undefined) return `failed to do request: ${redirect}`;
  if (hasNoReply(said)) return `failed to do request: ${urlError(said)}`;
  if (status === 404) return notFound(said);
  const error = /error="?([a-z_]+)/.exec(evidence.challenge ?? '')?.[1];
  if (status === 401 && error !== undefined && hop === 'registry') {
    return `server message: ${error}: authorization failed`;
  }
  if (kind === 'bad-challenge' || status >= 300) return unexpectedStatus(said);
  return kind === 'bad-manifest' ? `${imageName(image)}: ${jsonError(evidence.body)}` : undefined;
}

function notFound(said: Situation): string {
  const { evidence, image } = said;
  if (evidence.method === 'HEAD') return `${imageName(image)}: not found`;
  if (isManifest(said)) return `content at ${evidence.url} not found: not found`;
  const [type] = (evidence.accept ?? '').split(',');
  return `could not fetch content descriptor ${wanted(said)} (${type}) from remote: not found`;
}

/** With the errors of the reply on lines below; the resolver asks by GET for those of a HEAD alone. */
function unexpectedStatus(said: Situation): string {
  const { status, evidence } = said;
  const { url, body } = evidence;
  const method = isManifest(said) && isResolving(said) ? 'HEAD' : evidence.method;
  const first = `unexpected status from ${method} request to ${url}: ${statusLine(status)}`;
  const errors = registryErrors(body).map((one) => distributionWords(one, generalMessages));
  if (errors.length === 0) return first;
  return `${first}\n${errors.length === 1 ? errors[0] : `errors:\n${errors.join('\n')}\n`}`;
}

function ofToken(said: Situation): string {
  const { class: kind, evidence } = said;
  const isNamed = evidence.method === 'POST' || evidence.authorization === 'Basic';
  const who = isNamed ? 'failed to fetch oauth token' : 'failed to fetch anonymous token';
  if (hasNoReply(said)) return `${who}: ${urlError(said)}`;
  if (kind !== 'bad-token') {
    const { method, url } = evidence;
    return `${who}: unexpected status from ${method} request to ${url}: ${statusLine(said.status)}`;
  }
  if (evidence.body.trimStart().startsWith('{')) {
    return `${who}: authorization server did not include a token in the response`;
  }
  return `${who}: unable to decode token response: ${jsonError(evidence.body)}`;
}
