// The words of Go's own libraries, which all clients written in it pass on.
import { asObject } from '../../lib/json.ts';
import type { Situation } from './speech.ts';

/** net/http, StatusText; what is missing here has none. */
const statusTexts: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Requested Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  425: 'Too Early',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  511: 'Network Authentication Required',
};

export function statusText(status: number): string {
  return statusTexts[status] ?? '';
}

/** `503 Service Unavailable`. */
export function statusLine(status: number): string {
  return `${status} ${statusText(status)}`;
}

/** Of failures that no Go program met: a set-up by another driver, a test. A is an address, H a host name. */
const byClass: Readonly<Record<string, string>> = {
  dns: 'dial tcp: lookup H: no such host',
  'dns servfail': 'dial tcp: lookup H: server misbehaving',
  'dns no-answer': 'dial tcp: lookup H: i/o timeout',
  refused: 'dial tcp A: connect: connection refused',
  'refused unreachable': 'dial tcp A: connect: no route to host',
  'client-limit': 'dial tcp A: socket: too many open files',
  'dial-timeout': 'dial tcp A: i/o timeout',
  tls: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
  'tls expired':
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time <time> is after <time>',
  'tls not-yet-valid':
    'tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time <time> is before <time>',
  'tls wrong-name':
    'tls: failed to verify certificate: x509: certificate is valid for other names, not H',
  'tls cut': 'EOF',
  'tls client-certificate': 'remote error: tls: certificate required',
  'tls protocol': 'remote error: tls: protocol version not supported',
  'proxy proxy-auth': 'Proxy Authentication Required',
  'proxy proxy-unreachable': 'proxyconnect tcp: dial tcp A: connect: connection refused',
  'bad-http': 'http: server gave HTTP response to HTTPS client',
  reset: 'read tcp A: read: connection reset by peer',
  'reset eof': 'EOF',
  'reset idle-closed': 'http: server closed idle connection',
  'short-body': 'unexpected EOF',
  stalled: 'net/http: timeout awaiting response headers',
  'stalled no-progress': 'context deadline exceeded',
};

/** Go's error for what failed below HTTP, without the request in front of it. */
export function goError({ class: kind, reason, host, evidence }: Situation): string {
  // net/http puts it so where the first bytes are those of HTTP.
  if (kind === 'bad-http' && evidence.words.startsWith('tls: first record'))
    return byClass[kind] ?? '';
  if (isOfGo(evidence.words)) return evidence.words;
  const name = host.replace(/:\d+$/, '');
  const told = toldByOthers(evidence.words, name);
  if (told !== undefined) return told;
  const words = byClass[`${kind} ${reason}`] ?? byClass[kind] ?? evidence.words;
  const address = evidence.address === '' ? host : evidence.address;
  return words.replaceAll(/\b[AH]\b/g, (letter) => (letter === 'H' ? name : address));
}

const namesShownMax = 10;

/** What crypto/tls calls an alert, where OpenSSL calls it otherwise. */
const alerts: Readonly<Record<string, string>> = {
  'protocol version': 'protocol version not supported',
  'insufficient security': 'insufficient security level',
  'unknown ca': 'unknown certificate authority',
  'certificate unknown': 'unknown certificate',
  'certificate expired': 'expired certificate',
  'certificate revoked': 'revoked certificate',
};

/** What our own driver's words say more of than the class. */
function toldByOthers(words: string, host: string): string | undefined {
  const alert = /^(?:ssl\/tls|sslv3|tlsv1\d?) (?:alert )?([a-z][a-z ]+)$/.exec(words)?.[1];
  if (alert !== undefined) return `remote error: tls: ${alerts[alert] ?? alert}`;
  // net/http has it from the reply to CONNECT.
  const connect = /answers CONNECT by \d{3} ?(.*)$/.exec(words);
  if (connect !== null) return connect[1] || 'unknown status code';
  const names = /altnames: (.+)$/.exec(words)?.[1]?.match(/(?<=DNS:|IP Address:)[^\s,]+/g);
  if (names === undefined || names === null) return undefined;
  const shown = names.slice(0, namesShownMax).join(', ');
  return `tls: failed to verify certificate: x509: certificate is valid for ${shown}, not ${host}`;
}

/** How errors of Go's network packages begin or end. */
function isOfGo(words: string): boolean {
  return /^(?:dial|read|write|proxyconnect|lookup) (?:tcp|udp)|^(?:tls|x509|remote error|local error|http2?|net\/http|stream error|malformed HTTP)\b|EOF$/.test(
    words,
  );
}

/** `Get "https://host/path": error`, as http.Client says it of every transport error. */
export function urlError(said: Situation, error = goError(said)): string {
  const { method, url } = said.evidence;
  return `${titled(method)} "${url}": ${error}`;
}

/** Redirects without end, and to what is no HTTP, end in http.Client too. */
export function redirectError(said: Situation): string | undefined {
  const { class: kind, evidence } = said;
  if (kind === 'redirect-loop') return urlError(said, 'stopped after 10 redirects');
  const location = evidence.location ?? '';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(location)?.[1];
  if (kind !== 'redirect-invalid' || scheme === undefined) return undefined;
  // What is wrong with an address of HTTP is said by whoever dials it.
  if (/^https?$/i.test(scheme)) return undefined;
  return urlError(
    { ...said, evidence: { ...evidence, url: location } },
    `unsupported protocol scheme "${scheme}"`,
  );
}

function titled(method: string): string {
  return method.slice(0, 1) + method.slice(1).toLowerCase();
}

export const brokenOff = 'unexpected end of JSON input';

/** What encoding/json says of a text that is no JSON. */
export function jsonError(text: string): string {
  const first = text.trimStart().slice(0, 1);
  if (first === '' || first === '{' || first === '[') return brokenOff;
  return `invalid character ${quoted(first)} looking for beginning of value`;
}

function quoted(character: string): string {
  return character === "'" ? `'\\''` : `'${character}'`;
}

/** A decoded JSON value as fmt prints it by %v. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  const object = asObject(value);
  if (object === undefined) return String(value);
  const pairs = Object.keys(object)
    .sort()
    .map((key) => `${key}:${goValue(object[key])}`);
  return `map[${pairs.join(' ')}]`;
}
