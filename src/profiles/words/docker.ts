// Docker Engine with graphdrivers: docker/distribution's client and the daemon around it, which tells some
// errors in words of its own (docs/client-facts.md 3a, "Errors").
import { goError, jsonError, redirectError, statusLine, urlError } from './go.ts';
import { distributionMessages, distributionWords, registryErrors } from './registry-errors.ts';
import { hasNoReply, isInBody, isManifest, type Situation, type Speech, wanted } from './speech.ts';

export const docker: Speech = (said) => {
  const { class: kind, phase, image, status, hop } = said;
  const name = `${image.registry}/${image.repository}`;
  if (kind === 'platform-missing') {
    return 'no matching manifest for linux/amd64 in the manifest list entries';
  }
  if (kind === 'wrong-digest' || kind === 'long-body' || isShortWhole(said)) return ofContent(said);
  const words = ofRequest(said);
  if (words === undefined) return undefined;
  if (phase === 'config') {
    return `error pulling image configuration: download failed after attempts=${attempts(said)}: ${words}`;
  }
  const isRefused = hop === 'registry' && isManifest(said) && (status === 401 || status === 403);
  if (isRefused || isUnknownName(said)) {
    return `pull access denied for ${name}, repository does not exist or may require 'docker login': ${words}`;
  }
  // Of an error document alone; what is none is told as that.
  const isTold = registryErrors(said.evidence.body).length > 0;
  if (status === 404 && isManifest(said) && isTold) {
    return `manifest for ${name}:${image.reference} not found: ${words}`;
  }
  return words;
};

function isUnknownName({ status, evidence }: Situation): boolean {
  return status === 404 && registryErrors(evidence.body)[0]?.code === 'NAME_UNKNOWN';
}

/** A body that ended well, and too early. */
function isShortWhole({ class: kind, evidence }: Situation): boolean {
  return kind === 'short-body' && evidence.words === '';
}

function ofContent(said: Situation): string {
  if (isManifest(said)) return `manifest verification failed for digest ${wanted(said)}`;
  return said.phase === 'config'
    ? `image config verification failed for digest ${wanted(said)}`
    : `filesystem layer verification failed for digest ${wanted(said)}`;
}

/** 5 of what is tried again; the rest once. */
function attempts(said: Situation): number {
  return hasNoReply(said) || isInBody(said) || said.status >= 500 ? 5 : 1;
}

function ofRequest(said: Situation): string | undefined {
  const { class: kind, hop, status, evidence } = said;
  const redirect = redirectError(said);
  if (redirect !== undefined) return redirect;
  if (hasNoReply(said)) return urlError(said);
  if (isInBody(said)) return goError(said);
  if (hop === 'token' && kind === 'bad-token') {
    return evidence.body.trimStart().startsWith('{')
      ? 'authorization server did not include a token in the response'
      : `unable to decode token response: ${jsonError(evidence.body)}`;
  }
  if (kind === 'bad-manifest') return jsonError(evidence.body);
  if (status < 300) return undefined;
  return statusWords(said);
}

/** registry/client/errors.go of docker/distribution 2.8. */
function statusWords({ status, hop, evidence: { body } }: Situation): string {
  if (status < 400 || status >= 500) {
    return `received unexpected HTTP status: ${statusLine(status)}`;
  }
  const [first] = registryErrors(body);
  if (first !== undefined) {
    const words = distributionWords(first, distributionMessages);
    const { code, message } = first;
    return message === distributionMessages[code] && words !== message
      ? `${words}: ${message}`
      : words;
  }
  if (status === 401 && hop !== 'token') return 'unauthorized: authentication required';
  if (status === 429) return `toomanyrequests: ${body}`;
  const why = body === '' ? 'unexpected end of JSON input' : jsonError(body);
  return `error parsing HTTP ${status} response body: ${why}: ${JSON.stringify(body)}`;
}
