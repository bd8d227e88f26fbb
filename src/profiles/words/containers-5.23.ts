// podman 4 and skopeo 1.9 of Debian 12: containers/image 5.23, built by Go 1.19. What they say otherwise than today's
// (containers.ts), read in its packages docker (docker/errors.go) and copy.
import { containers, schema1Error, storage } from './containers.ts';
import { jsonError, redirectError, statusLine, statusText, urlError } from './go.ts';
import { distributionMessages, distributionWords, registryErrors } from './registry-errors.ts';
import {
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
export const containers523: Speech = (said) =>
  older(said, containers, (digest) => `reading config blob ${digest}: `);

/** podman, whose storage reads the config before it copies. */
export const storage523: Speech = (said) =>
  older(said, storage, () => 'parsing image configuration: ');

function older(
  said: Situation,
  today: Speech,
  ofConfig: (digest: string) => string,
): string | undefined {
  const words = ofRequest(said, ofConfig) ?? today(said);
  // Until Go 1.20 crypto/tls passed on what crypto/x509 says as it is.
  return words?.replace('tls: failed to verify certificate: ', '');
}

/** Undefined: as today. */
function ofRequest(said: Situation, ofConfig: (digest: string) => string): string | undefined {
  const { class: kind, phase, image, hop } = said;
  const name = `docker://${imageName(image)}`;
  const fromList =
    image.resolvesTo === 'manifest' ? '' : 'copying system image from manifest list: ';
  if (kind === 'platform-missing') {
    return `choosing an image from manifest list ${name}: no image found in image index for architecture amd64, variant "", OS linux`;
  }
  if (kind === 'bad-manifest' && !isChild(said)) {
    const words = schema1Error(said) ?? jsonError(said.evidence.body);
    return `initializing image from source ${name}: ${words}`;
  }
  const words = hop === 'token' ? ofToken(said) : ofRegistry(said);
  if (words === undefined) return undefined;
  if (phase === 'config') return fromList + ofConfig(wanted(said)) + words;
  if (phase === 'layer') return `${fromList}reading blob ${wanted(said)}: ${words}`;
  if (isChild(said) && hop !== 'token') {
    return `${fromList}determining manifest MIME type for ${name}: ${words}`;
  }
  return `initializing source ${name}: ${words}`;
}

function ofToken(said: Situation): string | undefined {
  if (hasNoReply(said)) return urlError(said);
  if (said.class === 'bad-token') return jsonError(said.evidence.body);
  const isOauth = said.evidence.method === 'POST';
  return statusWords(said, isOauth ? 'Trying to obtain access token' : 'Requesting bearer token');
}

function ofRegistry(said: Situation): string | undefined {
  const { class: kind, phase, status, image } = said;
  if (phase === 'ping') {
    const why = hasNoReply(said) ? urlError(said) : statusWords(said, '');
    return `pinging container registry ${image.registry}: ${why}`;
  }
  const redirect = redirectError(said);
  if (redirect !== undefined) return redirect;
  if (hasNoReply(said)) return urlError(said);
  if (phase === 'config' && kind === 'wrong-digest') {
    return `Download config.json digest ${hashed(said)} does not match expected ${wanted(said)}`;
  }
  if (isInBody(said) || status < 300) return undefined;
  if (!isManifest(said)) return statusWords(said, 'Error fetching blob');
  return `reading manifest ${wanted(said)} in ${image.registry}/${image.repository}: ${errorWords(said)}`;
}

/** httpResponseToError */
function statusWords(said: Situation, context: string): string {
  const { status } = said;
  if (status === 429) return 'too many requests to registry';
  if (status === 401) {
    return `unable to retrieve auth token: invalid username/password: ${errorWords(said)}`;
  }
  const before = context === '' ? '' : `${context}: `;
  return `${before}invalid status code from registry ${status} (${statusText(status)})`;
}

const bodyShownMax = 50;

/** registryHTTPResponseToError */
function errorWords({ status, evidence: { body, challenge = '' } }: Situation): string {
  if (status < 400 || status >= 500)
    return `received unexpected HTTP status: ${statusLine(status)}`;
  const oauth = /(?:^|,)\s*bearer\b.*error="?(invalid_token|insufficient_scope)/i.exec(challenge);
  const errors = registryErrors(body).map((one) => distributionWords(one, distributionMessages));
  if (oauth !== null) {
    const first =
      oauth[1] === 'invalid_token'
        ? 'unauthorized: authentication required'
        : 'denied: requested access to the resource is denied';
    return several([first, ...errors]);
  }
  if (errors.length > 0) return several(errors);
  if (status === 401) return 'unauthorized: authentication required';
  const shown = body.length > bodyShownMax ? `${body.slice(0, bodyShownMax)}...` : body;
  return `StatusCode: ${status}, ${shown}`;
}

/** errcode.Errors */
function several(errors: readonly string[]): string {
  return errors.length === 1 ? (errors[0] ?? '') : `errors:\n${errors.join('\n')}\n`;
}
