// URIs by RFC 3986: parsing, resolution, origins, and the query encoding of Go's clients. Hosts and
// schemes are compared in lower case; nothing else is normalised, so a signed URL stays as signed.
import { keep, remember } from '../../lib/remember.ts';

export interface Uri {
  /** Lower case, without the colon; '' for a relative reference. */
  readonly scheme: string;
  /** `[userinfo@]host[:port]` as written; undefined when there is no `//`. */
  readonly authority: string | undefined;
  readonly path: string;
  /** Without `?`; undefined when there is none. */
  readonly query: string | undefined;
  /** Without `#`; undefined when there is none. */
  readonly fragment: string | undefined;
}

/** Signed URLs reach some kilobytes; longer ones than this are refused. */
const uriCharsMax = 32_768;
const portMax = 65_535;
const queryPairsMax = 1_000;

/**
 * Controls, blanks and backslashes: no URI holds them, and parsers disagree about them (WHATWG
 * reads `\` as `/`, so the host that we check would not be the host that is asked).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be refused
const forbidden = /[\u0000-\u0020\u007f\\]/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const userinfo = /^[A-Za-z0-9._~!$&'()*+,;=:%-]*$/;
const hostPattern = /^(?:\[[A-Fa-f0-9:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)$/;
const portPattern = /^[0-9]*$/;
/** Scheme and authority of a URL that can be asked. */
const httpPrefix = /^https?:\/\/[^/?#]*/i;

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
]);

/** Splits a URI or relative reference; undefined when it is not one. */
export function parseUri(text: string): Uri | undefined {
  if (text.length > uriCharsMax || forbidden.test(text)) {
    return undefined;
  }
  const hash = text.indexOf('#');
  const fragment = hash < 0 ? undefined : text.slice(hash + 1);
  let rest = hash < 0 ? text : text.slice(0, hash);
  const mark = rest.indexOf('?');
  const query = mark < 0 ? undefined : rest.slice(mark + 1);
  if (mark >= 0) {
    rest = rest.slice(0, mark);
  }
  let scheme = '';
  const colon = rest.indexOf(':');
  if (colon >= 0 && !rest.slice(0, colon).includes('/')) {
    // A colon in the first segment ends a scheme or nothing (RFC 3986 4.2, path-noscheme).
    if (!schemePattern.test(rest.slice(0, colon))) {
      return undefined;
    }
    scheme = rest.slice(0, colon).toLowerCase();
    rest = rest.slice(colon + 1);
  }
  if (!rest.startsWith('//')) {
    return { scheme, authority: undefined, path: rest, query, fragment };
  }
  const slash = rest.indexOf('/', 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  if (splitAuthority(authority) === undefined) {
    return undefined;
  }
  return { scheme, authority, path: slash < 0 ? '' : rest.slice(slash), query, fragment };
}

/** RFC 3986 section 5.3. */
export function formatUri(uri: Uri): string {
  return (
    (uri.scheme === '' ? '' : `${uri.scheme}:`) +
    (uri.authority === undefined ? '' : `//${uri.authority}`) +
    uri.path +
    (uri.query === undefined ? '' : `?${uri.query}`) +
    (uri.fragment === undefined ? '' : `#${uri.fragment}`)
  );
}

/**
 * The target of `reference` (a Location, a Link) seen from the absolute URL `base`, by RFC 3986
 * section 5.2 in its strict form. Undefined when `reference` cannot be parsed, or is relative to
 * something that is not absolute.
 */
export function resolveUri(base: string, reference: string): string | undefined {
  if (plainOriginOf(reference) !== '') {
    return reference;
  }
  const to = parseUri(reference);
  if (to === undefined) {
    return undefined;
  }
  if (to.scheme !== '') {
    const path = removeDotSegments(to.path);
    // Most redirects end here. The rest of the text is what formatUri would put together again.
    return path === to.path && reference.startsWith(to.scheme)
      ? reference
      : formatUri({ ...to, path });
  }
  const from = parseUri(base);
  if (from === undefined || from.scheme === '') {
    return undefined;
  }
  if (to.authority !== undefined) {
    return formatUri({ ...to, scheme: from.scheme, path: removeDotSegments(to.path) });
  }
  const { scheme, authority } = from;
  const { fragment } = to;
  if (to.path === '') {
    return formatUri({
      scheme,
      authority,
      path: from.path,
      query: to.query ?? from.query,
      fragment,
    });
  }
  const path = removeDotSegments(to.path.startsWith('/') ? to.path : mergePaths(from, to.path));
  return formatUri({ scheme, authority, path, query: to.query, fragment });
}

/**
 * The origin of an http(s) URL that resolves to itself, what nearly every redirect of a CDN is; '' of any
 * other text. Cheap on purpose, for the hot path of load tests; what it does not see through goes the long way.
 */
export function plainOriginOf(text: string): string {
  return text.length <= plainCharsMax ? knownPlain(text) : '';
}

/** Signed URLs are long and change each second, but come again at once for the same blob. */
const urlsRememberedMax = 32;
/** Longer ones are not worth remembering. */
const plainCharsMax = 2_048;
const knownPlain = remember((text): string => {
  const origin = text.startsWith('http') ? originOf(text) : '';
  const isPlain =
    // Dot segments, fragments and forbidden characters; the quoted form shows controls, \ and ".
    !text.includes('/.') &&
    !text.includes('#') &&
    !text.includes(' ') &&
    !text.includes('\u007f') &&
    JSON.stringify(text).length === text.length + 2;
  return isPlain ? origin : '';
}, urlsRememberedMax);

/** The same few origins are asked for at every hop of a load test. */
const rememberedOrigins = new Map<string, string>();

/**
 * `scheme://host:port` with the default port filled in and the host in lower case, for comparing;
 * '' when the text is not an absolute http or https URL. What follows the host is not looked at.
 * Two that are '' are not the same origin.
 */
export function originOf(url: string): string {
  // A slash past the scheme mostly ends the authority: then the text before it is known already.
  const slash = url.indexOf('/', 'https://'.length);
  const known = slash < 0 ? undefined : rememberedOrigins.get(url.slice(0, slash));
  if (known !== undefined && url.length <= uriCharsMax) {
    return known;
  }
  const prefix = url.length > uriCharsMax ? '' : (httpPrefix.exec(url)?.[0] ?? '');
  let origin = rememberedOrigins.get(prefix);
  if (origin === undefined) {
    origin = readOrigin(prefix);
    keep(rememberedOrigins, prefix, origin);
  }
  return origin;
}

/**
 * Path and query of a URL of this origin, however its scheme, host and port are written (RFC 9110 4.2.3);
 * undefined of any other. Without the fragment, which is no part of what is asked.
 */
export function pathAt(origin: string, url: string): string | undefined {
  const there = originOf(url);
  if (there === '' || there !== originOf(origin)) return undefined;
  const [path = ''] = url.replace(httpPrefix, '').split('#', 1);
  return path.startsWith('/') ? path : `/${path}`;
}

/**
 * `host[:port]` of an http or https URL, in lower case and without the usual port of its scheme, however it is
 * written; '' when it has none.
 */
export function hostOf(url: string): string {
  return originOf(url).replace(/^http:\/\/(.*):80$|^https:\/\/(.*):443$|^https?:\/\//, '$1$2');
}

function readOrigin(prefix: string): string {
  const colon = prefix.indexOf(':');
  const scheme = prefix.slice(0, colon).toLowerCase();
  const parts = splitAuthority(prefix.slice(colon + 3));
  if (parts === undefined || parts.host === '') {
    return '';
  }
  const port = parts.port === '' ? defaultPorts.get(scheme) : Number(parts.port);
  return `${scheme}://${parts.host.toLowerCase()}:${port}`;
}

/** The text without the `user:password@` of its authority, for logs; for malformed URLs too. */
export function withoutUserinfo(url: string): string {
  const start = url.indexOf('//') + 2;
  if (start < 2) {
    return url;
  }
  const length = url.slice(start).search(/[/?#]/);
  const end = length < 0 ? url.length : start + length;
  const at = url.slice(start, end).lastIndexOf('@');
  return at < 0 ? url : url.slice(0, start) + url.slice(start + at + 1);
}

/** What encodeURIComponent leaves alone and Go does not. */
const goAlsoEncodes = "!'()*";

/** Exactly Go's url.QueryEscape: a blank becomes `+`, and only `A-Za-z0-9-_.~` stay. */
export function encodeQueryComponent(text: string): string {
  return text.replace(/[^A-Za-z0-9._~-]+/g, encodeRun);
}

function encodeRun(run: string): string {
  let encoded = '';
  for (const char of run) {
    const code = char.charCodeAt(0);
    if (char === ' ') {
      encoded += '+';
    } else if (char.length === 1 && code >= 0xd800 && code <= 0xdfff) {
      // Half of a surrogate pair has no UTF-8; Go's strings hold U+FFFD in its place.
      encoded += '%EF%BF%BD';
    } else if (goAlsoEncodes.includes(char)) {
      encoded += `%${code.toString(16).toUpperCase()}`;
    } else {
      encoded += encodeURIComponent(char);
    }
  }
  return encoded;
}

/**
 * Name and value pairs of a query (without `?`), decoded as HTML forms are; at most 1,000. A piece
 * whose percent signs make no sense stays as it is.
 */
export function parseQuery(query: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (const piece of query.split('&', queryPairsMax)) {
    if (piece !== '') {
      const equals = piece.indexOf('=');
      const name = equals < 0 ? piece : piece.slice(0, equals);
      const value = equals < 0 ? '' : piece.slice(equals + 1);
      pairs.push([decodeQueryComponent(name), decodeQueryComponent(value)]);
    }
  }
  return pairs;
}

function decodeQueryComponent(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** Undefined when a part has chars that RFC 3986 3.2 does not allow, or the port is too high. */
function splitAuthority(authority: string): { host: string; port: string } | undefined {
  const at = authority.lastIndexOf('@');
  const hostAndPort = authority.slice(at + 1);
  const colon = hostAndPort.indexOf(':', hostAndPort.lastIndexOf(']') + 1);
  const host = colon < 0 ? hostAndPort : hostAndPort.slice(0, colon);
  const port = colon < 0 ? '' : hostAndPort.slice(colon + 1);
  const isValid =
    (at < 0 || userinfo.test(authority.slice(0, at))) &&
    hostPattern.test(host) &&
    portPattern.test(port) &&
    Number(port) <= portMax;
  return isValid ? { host, port } : undefined;
}

/** RFC 3986 section 5.2.3. */
function mergePaths(base: Uri, path: string): string {
  if (base.authority !== undefined && base.path === '') {
    return `/${path}`;
  }
  return base.path.slice(0, base.path.lastIndexOf('/') + 1) + path;
}

/** RFC 3986 section 5.2.4, by segments: each is looked at once. */
function removeDotSegments(path: string): string {
  if (!path.includes('.')) {
    return path;
  }
  const isAbsolute = path.startsWith('/');
  const segments = (isAbsolute ? path.slice(1) : path).split('/');
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') {
      kept.pop();
    }
    if (segment !== '.' && segment !== '..') {
      kept.push(segment);
    } else if (isLast) {
      kept.push('');
    }
  }
  return (isAbsolute ? '/' : '') + kept.join('/');
}
