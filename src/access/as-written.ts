// The route of a reference where no configuration says anything: the registry that it names, by the client's own rules.

import { UserError } from '../lib/user-error.ts';
import { formatReference, parseReference, type Reference } from '../protocol/grammar/reference.ts';
import type { PlainCandidate, PlainEndpoint, PlainRoute, Written } from './route.ts';
import { byDefault } from './written.ts';

/** What a user asks for. */
export interface AskedImage {
  /** As given. */
  readonly text: string;
  /** Without a scheme in front. */
  readonly bare: string;
  readonly reference: Reference;
  /** Whether the reference names its registry; else the client says which one is meant. */
  readonly isFull: boolean;
  /** What `http://` or `https://` in front, or `--plain-http`, says. */
  readonly scheme?: undefined | { readonly name: 'http' | 'https'; readonly written: Written };
}

/** The URL of a registry, without its scheme; by itself, clients take it for a short name. */
const hostAlone = /^(?:localhost|\[[^\]]*\]|[^/@:]*\.[^/@:]*)(?::\d+)?$/i;

/** What a browser, curl or a log has of an image: `/v2/NAME/manifests/REFERENCE`. */
const apiUrl = /^([^/]+)\/v2\/(.+)\/(?:manifests\/([^/]+)|blobs\/[^/]+|tags\/list)$/;

/** @throws UserError (exit 2) for what is no image reference, and for credentials in front of the host */
export function readImage(text: string, plainHttp: boolean): AskedImage {
  const match = /^(https?):\/\//i.exec(text);
  const rest = match === null ? text : text.slice(match[0].length).replace(/\/+$/, '');
  if (/^[^/]*@(?!sha(?:256|512):)/i.test(rest)) {
    throw new UserError(
      'target-credentials',
      'the image holds credentials, which would end up in process lists and shell histories',
      'Leave out what stands before the @ and give --username NAME --password-stdin, or --authfile FILE.',
    );
  }
  if (match !== null) refuseApiUrl(rest, match[0]);
  const reference = parseReference(match !== null && hostAlone.test(rest) ? `${rest}/` : rest);
  const image = { text, bare: rest, reference, isFull: rest.startsWith(`${reference.registry}/`) };
  if (match !== null) {
    const name = match[1]?.toLowerCase() === 'http' ? 'http' : 'https';
    return { ...image, scheme: { name, written: { in: `${name}://`, line: 0 } } };
  }
  if (!plainHttp) return image;
  return { ...image, scheme: { name: 'http', written: { in: '--plain-http', line: 0 } } };
}

function refuseApiUrl(rest: string, scheme: string): void {
  const [, host, repository, reference] = apiUrl.exec(rest.replace(/[?#].*$/s, '')) ?? [];
  if (host === undefined) return;
  const end = reference === undefined ? '' : `${reference.includes(':') ? '@' : ':'}${reference}`;
  throw new UserError(
    'target-api-url',
    'the URL of a request to the registry is no image',
    `Write ${scheme}${host}/${repository}${end}.`,
  );
}

/** The registry itself, as the reference names it. */
export function plainRouteAsWritten(image: AskedImage, client: string): PlainRoute {
  const endpoints = [withHabits(registryEndpoint(image), client)];
  return {
    client,
    text: image.text,
    candidates: [candidateOf(image, endpoints)],
    files: [],
    problems: [],
  };
}

/** The one name that it stands for, for clients that know no short names but those of Docker Hub. */
export function candidateOf(
  { reference, isFull }: AskedImage,
  endpoints: readonly PlainEndpoint[],
): PlainCandidate {
  const how = isFull ? 'as written' : 'docker.io';
  return { name: formatReference(reference), how, written: byDefault, endpoints };
}

/** Registries to which some clients speak HTTP unasked: for Go's crane where HTTPS fails, for others at once. */
const habits: Readonly<Record<string, { names: RegExp; plainHttp: 'fallback' | 'only' }>> = {
  // go-containerregistry, pkg/name/registry.go (Scheme).
  crane: {
    names:
      /^(?:localhost:|127\.0\.0\.1|\[?::1\]?|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|\.local(?:host)?(?::\d+)?$/,
    plainHttp: 'fallback',
  },
  // oras, cmd/oras/internal/option/remote.go (isPlainHttp).
  oras: { names: /^localhost(?::\d+)?$/, plainHttp: 'only' },
};

function withHabits(endpoint: PlainEndpoint, client: string): PlainEndpoint {
  const habit = habits[client];
  const isOdd = endpoint.plainHttp === 'never' && habit?.names.test(endpoint.registry) === true;
  if (!isOdd) return endpoint;
  return asHttp(endpoint, habit.plainHttp, byDefault);
}

/** Speaks HTTP, at once or where HTTPS fails. */
export function asHttp(
  endpoint: PlainEndpoint,
  plainHttp: 'fallback' | 'only',
  insecure: Written,
): PlainEndpoint {
  const url = plainHttp === 'only' ? endpoint.url.replace(/^https:/, 'http:') : endpoint.url;
  return { ...endpoint, url, plainHttp, insecure };
}

/** Docker Hub answers under another name than it is called by. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}

export function registryEndpoint({ reference, scheme }: AskedImage): PlainEndpoint {
  const { registry, repository, tag, digest } = reference;
  const isHttp = scheme?.name === 'http';
  return {
    role: 'registry',
    url: `${isHttp ? 'http' : 'https'}://${apiHost(registry)}`,
    registry,
    repository,
    reference: digest ?? tag ?? 'latest',
    apiPath: '/v2',
    headers: [],
    resolves: true,
    pulls: true,
    plainHttp: isHttp ? 'only' : 'never',
    ...(isHttp && { insecure: scheme.written }),
    written: byDefault,
  };
}
