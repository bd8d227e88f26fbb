// oras copy: oras-go 2.6, whose errors name the step and the side of a copy.
import { goError, goValue, jsonError, redirectError, statusText, urlError } from './go.ts';
import { lowerCode, registryErrors } from './registry-errors.ts';
import {
  expectedBytes,
  hashed,
  hasNoReply,
  imageName,
  isChild,
  isInBody,
  isManifest,
  isOtherType,
  type Situation,
  type Speech,
  wanted,
} from './speech.ts';

export const oras: Speech = (said) => {
  const { class: kind, phase, evidence } = said;
  if (kind === 'platform-missing') {
    return 'failed to perform "MapRoot" on source: no matching platform: not found';
  }
  if (isOtherType(said)) {
    const [type = ''] = evidence.contentType.split(';');
    return `failed to perform "MapRoot" on source: ${hashed(said)}: ${type}: unsupported`;
  }
  if (kind === 'bad-manifest') {
    return `failed to perform "Successors" on source: ${jsonError(evidence.body)}`;
  }
  const isBlob = phase === 'config' || phase === 'layer';
  const ingest = 'failed to perform "Push" on destination: failed to ingest: ';
  if (isBlob && kind === 'wrong-digest') return `${ingest}mismatched digest`;
  if (isBlob && isInBody(said) && kind !== 'long-body') {
    return `${ingest}copy failed: ${goError(said)}`;
  }
  const words = ofRequest(said);
  if (words === undefined) return undefined;
  const fetching = isBlob ? 'Fetch' : 'FetchReference';
  const step = isChild(said) ? 'FindSuccessors' : fetching;
  return `failed to perform "${step}" on source: ${words}`;
};

function ofRequest(said: Situation): string | undefined {
  const { class: kind, hop, status, evidence, image } = said;
  const { method, url, challenged } = evidence;
  if (hop === 'token') {
    const before = challenged === undefined ? '' : `${challenged.method} "${challenged.url}": `;
    return before + ofToken(said);
  }
  const redirect = redirectError(said);
  if (redirect !== undefined) return redirect;
  if (hasNoReply(said)) return urlError(said);
  if (kind === 'wrong-digest') return 'mismatched digest';
  if (isInBody(said) && isManifest(said)) {
    return `read failed: expected content size of ${expectedBytes(said)}, got ${evidence.bytes}, for digest ${wanted(said)}: ${goError(said)}`;
  }
  if (kind === 'short-body' || kind === 'long-body')
    return `${method} "${url}": mismatch Content-Length`;
  if (status === 404) return `${isTop(said) ? imageName(image) : wanted(said)}: not found`;
  return status >= 300 ? statusWords(said) : undefined;
}

function isTop(said: Situation): boolean {
  return isManifest(said) && !isChild(said);
}

function ofToken(said: Situation): string {
  const { class: kind, evidence } = said;
  if (hasNoReply(said)) return urlError(said);
  if (kind !== 'bad-token') return statusWords(said);
  const isEmpty = evidence.body.trimStart().startsWith('{');
  const why = isEmpty
    ? 'empty token returned'
    : `failed to decode response: ${jsonError(evidence.body)}`;
  return `${evidence.method} "${evidence.url}": ${why}`;
}

/** registry/remote/errcode. */
function statusWords({ status, evidence: { method, url, body } }: Situation): string {
  const errors = registryErrors(body).map(({ code, message, detail }) => {
    if (message === '') return lowerCode(code);
    const words = `${lowerCode(code)}: ${message}`;
    return detail === undefined ? words : `${words}: ${goValue(detail)}`;
  });
  const why = errors.length === 0 ? statusText(status) : errors.join('; ');
  return `${method} "${url}": response status code ${status}: ${why}`;
}
