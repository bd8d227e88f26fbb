// crane pull to a tarball: go-containerregistry 0.22.
import { goError, goValue, jsonError, redirectError, statusLine, urlError } from './go.ts';
import { registryErrors } from './registry-errors.ts';
import {
  expectedBytes,
  hashed,
  hasNoReply,
  isInBody,
  type Situation,
  type Speech,
  wanted,
} from './speech.ts';

export const crane: Speech = (said) => {
  const { phase } = said;
  const words = ofRequest(said);
  if (words === undefined || (phase !== 'config' && phase !== 'layer')) return words;
  const saving = 'saving tarball <file>: ';
  return phase === 'config' ? `${saving}unable to calculate manifest: ${words}` : saving + words;
};

function ofRequest(said: Situation): string | undefined {
  const { class: kind, hop, status, evidence, image, phase } = said;
  const name = `${image.registry}/${image.repository}`;
  if (kind === 'platform-missing') {
    return `no child with platform linux/amd64 in index ${name}:${image.reference}`;
  }
  if (hop === 'token' && kind === 'bad-token') {
    if (!evidence.body.trimStart().startsWith('{')) return jsonError(evidence.body);
    return `no token in bearer response:\n${evidence.body}`;
  }
  const redirect = redirectError(said);
  if (redirect !== undefined) return redirect;
  if (hasNoReply(said)) return urlError(said);
  if (isInBody(said) && kind !== 'long-body') return goError(said);
  const isBlob = phase === 'config' || phase === 'layer';
  if (kind === 'wrong-digest' && isBlob) {
    return `error verifying sha256 checksum after reading ${evidence.bytes} bytes; got "${hashed(said)}", want "${wanted(said)}"`;
  }
  if (kind === 'wrong-digest') {
    return `manifest digest: "${hashed(said)}" does not match requested digest: "${wanted(said)}" for "${name}@${wanted(said)}"`;
  }
  if ((kind === 'short-body' || kind === 'long-body') && isBlob) return lengthWords(said);
  if (kind === 'bad-manifest') return 'unexpected EOF';
  return status >= 300 ? statusWords(said) : undefined;
}

function lengthWords(said: Situation): string {
  const { evidence, image } = said;
  const url = `${image.registryUrl}/v2/${image.repository}/blobs/${wanted(said)}`;
  const came = evidence.bytesAnnounced ?? evidence.bytes;
  return `GET ${url}: Content-Length header ${came} does not match expected size ${expectedBytes(said)}`;
}

/** transport/error.go: every error of the reply, else the reply as it is. */
function statusWords({ status, evidence: { method, url, body } }: Situation): string {
  const errors = registryErrors(body).map(({ code, message, detail }) => {
    const words = `${code}: ${message}`;
    return detail === undefined ? words : `${words}; ${goValue(detail)}`;
  });
  const [first] = errors;
  if (first !== undefined) {
    const all = errors.length === 1 ? first : `multiple errors returned: ${errors.join('; ')}`;
    return `${method} ${url}: ${all}`;
  }
  const more = body === '' ? '' : `: ${body}`;
  return `${method} ${url}: unexpected status code ${statusLine(status)}${more}`;
}
