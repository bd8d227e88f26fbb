// Maps what Node, OpenSSL and undici call an error to the protocol's transport failures.
import type { TransportFailure } from '../protocol/talk.ts';

const byCode: Readonly<Record<string, TransportFailure>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EACCES: 'refused',
  EADDRNOTAVAIL: 'client-limit',
  EMFILE: 'client-limit',
  ENFILE: 'client-limit',
  ENOBUFS: 'client-limit',
  ETIMEDOUT: 'dial-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'dial-timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  EPROTO: 'tls',
  ERR_SSL_WRONG_VERSION_NUMBER: 'bad-http',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'bad-http',
  ERR_SSL_HTTP_REQUEST: 'bad-http',
  UND_ERR_DESTROYED: 'interrupted',
  UND_ERR_CLOSED: 'interrupted',
  UND_ERR_HEADERS_TIMEOUT: 'stalled',
  UND_ERR_BODY_TIMEOUT: 'stalled',
  UND_ERR_HEADERS_OVERFLOW: 'bad-http',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'short-body',
};

const certificateCodes =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_)/;

/** `started`: the reply's head had come when the error struck. */
export function classify(
  error: unknown,
  started: boolean,
): { failure: TransportFailure; message: string } {
  const cause = rootOf(error);
  const code = String((cause as { code?: unknown }).code ?? '');
  const message = messageOf(cause, code);
  const known = byCode[code];
  if (known !== undefined) return { failure: known, message };
  if (certificateCodes.test(code)) return { failure: 'tls', message };
  if (code.startsWith('HPE_')) {
    // The parser meets the end of the connection in the middle of a body as an invalid EOF.
    return {
      failure: started && code === 'HPE_INVALID_EOF_STATE' ? 'short-body' : 'bad-http',
      message,
    };
  }
  if (code === 'UND_ERR_SOCKET') return { failure: started ? 'short-body' : 'reset', message };
  return { failure: started ? 'short-body' : 'bad-http', message };
}

/** The innermost cause: connection attempts to several addresses come as one AggregateError. */
function rootOf(error: unknown): Error {
  let cause = error;
  for (let depth = 0; depth < 5; depth++) {
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    else break;
  }
  return cause instanceof Error ? cause : new Error(String(cause));
}

function messageOf(cause: Error, code: string): string {
  const first = cause.message.split('\n', 1)[0] ?? '';
  // OpenSSL's line is THREAD:error:NUMBER:LIBRARY:FUNCTION:REASON:FILE:LINE; people need the reason.
  const reason = /:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(first)?.[1];
  if (byCode[code] === 'bad-http') return `the peer does not speak TLS (${reason ?? first})`;
  return reason ?? (first === '' ? code || cause.name : first);
}
