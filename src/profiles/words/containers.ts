// podman, skopeo, buildah and CRI-O: go.podman.io/image 5.42 and what its callers put before it.
import { kindOfMediaType, parseContentType } from '../../protocol/grammar/media-type.ts';
import { goError, jsonError, redirectError, statusLine, urlError } from './go.ts';
import { distributionMessages, distributionWords, registryErrors } from './registry-errors.ts';
import {
  bytesSoFar,
  hashed,
  hasNoReply,
  imageName,
  isChild,
  isInBody,
  isManifest,
  type Situation,
  type Speech,
  wanted,
} from './speech.ts';

/** skopeo, which copies to wherever it is told. */
export const containers: Speech = (said) =>
  spoken(said, (digest) => `reading config blob ${digest}: `);

/** podman and CRI-O, whose storage reads the config before it copies. */
export const storage: Speech = (said) => spoken(said, () => 'parsing image configuration: ');

/** What stands before a failure of the config. */
type ConfigWords = (digest: string) => string;

function spoken(said: Situation, ofConfig: ConfigWords): string | undefined {
  const { class: kind, phase, image } = said;
  const name = `docker://${imageName(image)}`;
  if (kind === 'platform-missing')
    return `choosing an image from manifest list ${name}: ${noImage}`;
  if (phase === 'config' || phase === 'layer') {
    const blob = ofBlob(said, ofConfig);
    const list = image.resolvesTo === 'manifest' ? '' : 'copying system image from manifest list: ';
    return blob === undefined ? undefined : list + blob;
  }
  if (isChild(said)) {
    const child = ofManifest(said);
    const before = `copying system image from manifest list: determining manifest MIME type for ${name}: `;
    return child === undefined ? undefined : before + child;
  }
  if (kind === 'bad-manifest') return ofBadManifest(said, name);
  const start = isManifest(said) || isRefusedAtOnce(said) ? ofManifest(said) : ofStart(said);
  return start === undefined ? undefined : `initializing source ${name}: ${start}`;
}

const noImage = 'no image found in image index for architecture "amd64", variant "", OS "linux"';

/** By Basic, without a login: these clients ask for the manifest all the same, and are refused there. */
function isRefusedAtOnce({ phase, class: kind }: Situation): boolean {
  return phase === 'ping' && kind === 'unauthorized';
}

/** What happens before there is a manifest: ping and token. */
function ofStart(said: Situation): string | undefined {
  const { image, phase, hop, status, class: kind, evidence } = said;
  const fetching = `fetching manifest ${image.reference} in ${repositoryName(said)}: `;
  const isPing = phase === 'ping';
  if (isPing) {
    const ping = `${fetching}pinging container registry ${image.registry}: `;
    return ping + (hasNoReply(said) ? urlError(said) : statusWords(said));
  }
  if (hop !== 'token') return undefined;
  if (hasNoReply(said)) return fetching + urlError(said);
  if (kind === 'bad-token') return fetching + badToken(said);
  if (status === 401) {
    return `${fetching}unable to retrieve auth token: invalid username/password: ${errorWords(said, true)}`;
  }
  if (status === 429) return `${fetching}too many requests to registry`;
  const line = statusLine(status);
  return `${fetching}Requesting bearer token: received unexpected HTTP status: ${line}${evidence.words}`;
}

/** An empty token is sent all the same, and refused. */
function badToken({ evidence: { url, body } }: Situation): string {
  const start = body.slice(0, 2000);
  return `decoding bearer token (last URL "${url}", body start ${JSON.stringify(start)}): ${jsonError(body)}`;
}

function ofManifest(said: Situation): string | undefined {
  const { class: kind } = said;
  const at = `${wanted(said)} in ${repositoryName(said)}: `;
  if (kind === 'wrong-digest')
    return `Manifest does not match provided manifest digest ${wanted(said)}`;
  const redirect = redirectError(said);
  if (redirect !== undefined) return `fetching manifest ${at}${redirect}`;
  if (hasNoReply(said)) return `fetching manifest ${at}${urlError(said)}`;
  if (isInBody(said)) return `reading manifest body ${at}${goError(said)}`;
  return said.status >= 300 ? `reading manifest ${at}${statusWords(said)}` : undefined;
}

/** What does not come as a manifest or an index is schema 1 to the library: its reader's words; undefined for the others. */
export function schema1Error({ evidence: { body, contentType } }: Situation): string | undefined {
  const kind = kindOfMediaType(parseContentType(contentType)?.type ?? '');
  if (kind !== undefined) return undefined;
  const version = /"schemaVersion"\s*:\s*(\d+)/.exec(body)?.[1];
  return version === undefined ? jsonError(body) : `unsupported schema version ${version}`;
}

function ofBadManifest(said: Situation, name: string): string {
  const unread = schema1Error(said);
  if (unread !== undefined) return `initializing image from source ${name}: ${unread}`;
  const { body } = said.evidence;
  const shown = JSON.stringify(body);
  return `parsing primary manifest as list for ${name}: unmarshaling OCI1Index ${shown}: ${jsonError(body)}`;
}

function ofBlob(said: Situation, ofConfig: ConfigWords): string | undefined {
  const { class: kind, phase, evidence } = said;
  if (phase === 'config') {
    const words = ofConfigBlob(said);
    return words === undefined ? undefined : ofConfig(wanted(said)) + words;
  }
  const isWrong = kind === 'wrong-digest' || kind === 'long-body' || kind === 'short-body';
  if (evidence.resumed !== undefined && isResumeRefused(said)) {
    return `writing blob: ${afterCut(said)}`;
  }
  if (isInBody(said) && kind !== 'long-body') {
    return `writing blob: happened during read: ${tuned(said)}`;
  }
  if (isWrong) {
    return `writing blob: happened during read: Digest did not match, expected ${wanted(said)}, got ${hashed(said)}`;
  }
  const words = ofRequest(said);
  return words === undefined ? undefined : `reading blob ${wanted(said)}: ${words}`;
}

/** The config is read whole before it is looked at. */
function ofConfigBlob(said: Situation): string | undefined {
  const { class: kind } = said;
  if (isInBody(said) && kind !== 'long-body') return tuned(said);
  if (kind === 'wrong-digest' || kind === 'long-body' || kind === 'short-body') {
    return `config validation failed: blob digest ${hashed(said)} does not match expected ${wanted(said)}`;
  }
  return ofRequest(said);
}

function ofRequest(said: Situation): string | undefined {
  const redirect = redirectError(said);
  if (redirect !== undefined) return redirect;
  if (hasNoReply(said)) return urlError(said);
  return said.status >= 300 ? `fetching blob: ${statusWords(said)}` : undefined;
}

/** The request for the rest of a body came to nothing. */
function isResumeRefused(said: Situation): boolean {
  return said.reason === 'range-ignored' || hasNoReply(said) || said.status >= 300;
}

function afterCut(said: Situation): string {
  const { status, evidence, reason } = said;
  const cut = evidence.resumed?.words ?? '';
  if (reason === 'range-ignored' && status === 200) {
    return `happened during read: ${cut} (after reconnecting, server did not process a Range: header, status 200)`;
  }
  const why = hasNoReply(said) ? urlError(said) : `fetching blob: ${statusWords(said)}`;
  return `happened during read: ${cut} (after reconnecting, ${why})`;
}

/** A second cut, too soon after the first for another try. */
function tuned(said: Situation): string {
  const { resumed } = said.evidence;
  if (resumed === undefined) return goError(said);
  const times = ['total', 'last retry'].map((what, at) => {
    return `${what} ${at === 0 ? bytesSoFar(said) : resumed.from} @<time> ms`;
  });
  return `(heuristic tuning data: ${times.join(', ')}, last progress @ <time> ms): ${goError(said)}`;
}

function repositoryName({ image: { registry, repository } }: Situation): string {
  return `${registry}/${repository}`;
}

/** docker/errors.go and docker/distribution_error.go. */
function statusWords(said: Situation): string {
  const { status } = said;
  if (status >= 400 && status < 500) return errorWords(said, false);
  return `received unexpected HTTP status: ${statusLine(status)}`;
}

const bodyShownMax = 50;
const authenticationRequired = 'authentication required';
const accessDenied = 'requested access to the resource is denied';

function errorWords(
  { status, evidence: { body, challenge = '' } }: Situation,
  isToken: boolean,
): string {
  const oauth = /(?:^|,)\s*bearer\b.*error="?(invalid_token|insufficient_scope)/i.exec(challenge);
  if (status === 401 && oauth !== null) {
    return oauth[1] === 'invalid_token' ? authenticationRequired : accessDenied;
  }
  const [first] = registryErrors(body);
  if (first !== undefined) {
    const isPlain = first.message === distributionMessages[first.code];
    return isPlain && first.detail !== undefined
      ? first.message
      : distributionWords(first, distributionMessages);
  }
  if (status === 401)
    return isToken ? `unauthorized: ${authenticationRequired}` : authenticationRequired;
  const shown = body.length > bodyShownMax ? `${body.slice(0, bodyShownMax)}...` : body;
  return `StatusCode: ${status}, ${JSON.stringify(shown)}`;
}
