// Maps what Node, OpenSSL and undici call an error to the protocol's transport failures and their reasons.
import type { FailureReason, TransportFailure } from '../protocol/talk.ts';
import { ConnectFailure, codeOf, rootOf } from './network/connect-failure.ts';

/** What a driver says of a failure. */
export interface Failure {
  readonly failure: TransportFailure;
  readonly reason?: FailureReason | undefined;
  readonly message: string;
}

type Kind = TransportFailure | readonly [TransportFailure, FailureReason];

const byCode: Readonly<Record<string, Kind>> = {
  ENOTFOUND: ['dns', 'nxdomain'],
  EAI_AGAIN: ['dns', 'servfail'],
  EAI_FAIL: ['dns', 'servfail'],
  EAI_NODATA: ['dns', 'nxdomain'],
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: ['refused', 'unreachable'],
  ENETUNREACH: ['refused', 'unreachable'],
  EACCES: ['refused', 'unreachable'],
  EADDRNOTAVAIL: 'client-limit',
  EMFILE: 'client-limit',
  ENFILE: 'client-limit',
  ENOBUFS: 'client-limit',
  ETIMEDOUT: 'dial-timeout',
  ECONNRESET: ['reset', 'rst'],
  EPIPE: ['reset', 'rst'],
  EPROTO: 'tls',
  ERR_SSL_WRONG_VERSION_NUMBER: ['bad-http', 'http-to-https-client'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['bad-http', 'http-to-https-client'],
  ERR_SSL_HTTP_REQUEST: ['bad-http', 'http-to-https-client'],
  UND_ERR_DESTROYED: 'interrupted',
  UND_ERR_CLOSED: 'interrupted',
  UND_ERR_HEADERS_TIMEOUT: ['stalled', 'no-head'],
  UND_ERR_BODY_TIMEOUT: ['stalled', 'no-progress'],
  UND_ERR_HEADERS_OVERFLOW: 'bad-http',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'short-body',
};

/** First what a code says exactly, then what its kind is. */
const byPattern: readonly (readonly [RegExp, Kind])[] = [
  [/^CERT_HAS_EXPIRED$/, ['tls', 'expired']],
  [/^CERT_NOT_YET_VALID$/, ['tls', 'not-yet-valid']],
  [/ALTNAME_INVALID$|^HOSTNAME_|UNRECOGNIZED_NAME$/, ['tls', 'wrong-name']],
  [/^UNABLE_TO_|SELF_SIGNED|^CERT_UNTRUSTED$|^INVALID_CA$/, ['tls', 'unknown-ca']],
  [/ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA)$/, ['tls', 'client-certificate']],
  [/PROTOCOL|VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|CIPHER|FALLBACK/, ['tls', 'protocol']],
];
const certificateCodes = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_)/;

/** `started`: the reply's head had come when the error struck. */
export function classify(error: unknown, started: boolean): Failure {
  const cause = rootOf(error);
  const code = codeOf(cause);
  const message = messageOf(cause, code);
  const found =
    ofConnecting(cause) ??
    byCode[code] ??
    ofTls(code) ??
    ofHttp2(cause, code) ??
    ofHttp(cause, code, started);
  const [failure, reason] = typeof found === 'string' ? [found, undefined] : found;
  return { failure, reason, message };
}

function ofConnecting(cause: Error): Kind | undefined {
  if (!(cause instanceof ConnectFailure)) return undefined;
  return cause.reason === undefined ? cause.failure : [cause.failure, cause.reason];
}

function ofTls(code: string): Kind | undefined {
  if (
    !certificateCodes.test(code) &&
    !/^(?:UNABLE_TO_|SELF_SIGNED_|HOSTNAME_|INVALID_CA)/.test(code)
  )
    return undefined;
  return byPattern.find(([pattern]) => pattern.test(code))?.[1] ?? 'tls';
}

/** A session that the peer ended with a code was ended by GOAWAY; undici has words of its own for some. */
function ofHttp2(cause: Error, code: string): Kind | undefined {
  const isGoAway = code === 'ERR_HTTP2_SESSION_ERROR' || code === 'ERR_HTTP2_GOAWAY_SESSION';
  if (isGoAway || /\bGOAWAY\b/.test(cause.message)) return ['http2', 'goaway'];
  if (code === 'ERR_HTTP2_STREAM_ERROR') {
    return ['http2', cause.message.includes('REFUSED_STREAM') ? 'refused-stream' : 'stream'];
  }
  return code.startsWith('ERR_HTTP2_') ? 'http2' : undefined;
}

function ofHttp(cause: Error, code: string, started: boolean): Kind {
  if (isTlsAlert(cause)) return ['bad-http', 'https-to-http-client'];
  if (code.startsWith('HPE_')) {
    // The parser meets the end of the connection in the middle of a body as an invalid EOF.
    return started && code === 'HPE_INVALID_EOF_STATE' ? 'short-body' : 'bad-http';
  }
  if (code === 'UND_ERR_SOCKET') return started ? 'short-body' : ['reset', 'eof'];
  return started ? 'short-body' : 'bad-http';
}

/** How a server that speaks TLS answers plain HTTP. undici keeps what its parser could not read. */
function isTlsAlert(cause: Error): boolean {
  const { data } = cause as { data?: unknown };
  return typeof data === 'string' && data.startsWith('\x15\x03');
}

/** For what undici names in its own words. */
const plainWords: Readonly<Record<string, string>> = {
  UND_ERR_HEADERS_TIMEOUT: 'no reply began within the time limit',
  UND_ERR_BODY_TIMEOUT: 'no more of the reply came within the time limit',
};

function messageOf(cause: Error, code: string): string {
  const plain = plainWords[code];
  if (plain !== undefined) return plain;
  const first = cause.message.split('\n', 1)[0] ?? '';
  // OpenSSL's line is THREAD:error:NUMBER:LIBRARY:FUNCTION:REASON:FILE:LINE; people need the reason.
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(first)?.[1];
  if (code.startsWith('ERR_SSL_') && byCode[code] !== undefined) {
    return `the peer does not speak TLS (${reason ?? first})`;
  }
  // The platform gives advice about its own flags, which are not ours.
  const words = reason ?? first.replace(/;[^;]*\bNode\.js\b.*$/, '');
  return words === '' ? code || cause.name : words;
}
