// regctl: regclient 0.11.
import { goError, jsonError, redirectError, statusText, urlError } from './go.ts';
import {
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

export const regclient: Speech = (said) => {
  const { class: kind, phase, evidence, image } = said;
  const name = `${image.registry}/${image.repository}`;
  const isBlob = phase === 'config' || phase === 'layer';
  if (kind === 'platform-missing') return 'platform not found';
  if (isOtherType(said)) {
    const [type = ''] = evidence.contentType.split(';');
    return `unsupported media type: "${type}"`;
  }
  if (kind === 'bad-manifest') {
    return `error unmarshaling manifest for ${imageName(image)}: ${jsonError(evidence.body)}`;
  }
  if (kind === 'wrong-digest') {
    return isBlob
      ? `digest mismatch [expected ${wanted(said)}, calculated ${hashed(said)}]: EOF`
      : `manifest digest mismatch, expected ${wanted(said)}, computed ${hashed(said)}`;
  }
  const asked = isChild(said) ? `${name}@${wanted(said)}` : imageName(image);
  const { resumed } = evidence;
  const isOver = kind === 'short-body' || said.status === 416;
  if (resumed !== undefined && isOver) {
    return isBlob ? resumed.words : `error reading manifest for ${asked}: ${resumed.words}`;
  }
  if (isInBody(said) && kind !== 'long-body') {
    return isManifest(said)
      ? `error reading manifest for ${asked}: ${goError(said)}`
      : goError(said);
  }
  const words = ofRequest(said);
  if (words === undefined) return undefined;
  if (isBlob) {
    return `failed to get blob, digest ${wanted(said)}, ref ${imageName(image)}@<digest>: ${words}`;
  }
  return `failed to get manifest ${asked}: ${words}`;
};

function ofRequest(said: Situation): string | undefined {
  const { class: kind, hop, status, evidence } = said;
  if (hop === 'token') return ofToken(said);
  const redirect = redirectError(said);
  if (redirect !== undefined) return plainRedirect(said) ?? redirect;
  if (hasNoReply(said)) return urlError(said);
  if (kind === 'short-body' || kind === 'long-body') return 'retry limit exceeded';
  // Tries of a host add up over what is asked of it side by side.
  if (status === 429 && said.phase === 'layer' && hop === 'registry') return 'retry limit exceeded';
  if (status === 401) {
    return evidence.challenge === undefined ? 'empty challenge header' : 'unauthorized';
  }
  if (status < 300) return undefined;
  return `request failed: ${statusKind(status)} [http ${status}]: ${evidence.body}`;
}

/** From https it follows redirects to https alone. */
function plainRedirect(said: Situation): string | undefined {
  const { url, location = '' } = said.evidence;
  if (!url.startsWith('https:') || location === '' || location.startsWith('https:'))
    return undefined;
  const at = { ...said, evidence: { ...said.evidence, url: location } };
  return urlError(at, `redirect from an https to non-https server is not allowed (${location})`);
}

function statusKind(status: number): string {
  if (status === 403) return 'unauthorized';
  if (status === 404) return 'not found';
  if (status === 429) return 'rate limit exceeded';
  return `unexpected http status code: ${statusText(status)}`;
}

/** Whatever status the token server has, it is taken for a refusal. */
function ofToken(said: Situation): string {
  const { class: kind, evidence } = said;
  const asking = `failed to request auth token (${evidence.method.toLowerCase()}): `;
  if (hasNoReply(said)) return asking + urlError(said);
  const isNoJson = kind === 'bad-token' && !evidence.body.trimStart().startsWith('{');
  return isNoJson ? asking + jsonError(evidence.body) : 'unauthorized';
}
