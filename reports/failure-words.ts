// What the classes of failures mean, for those who read a report; what to do about one, the results say themselves.

/** By class, as `src/protocol/failure.ts` has them; a test holds the two together. */
export const failureMeanings: Readonly<Record<string, string>> = {
  dns: 'The name of the host could not be resolved to an address.',
  refused: 'No connection came about: nothing listens there, or the way is closed and says so.',
  'dial-timeout': 'No connection came about in time, and nobody said why.',
  proxy: 'The proxy on the way was not reached, or did not connect to the host.',
  tls: 'The TLS handshake failed, or the certificate is not accepted.',
  reset: 'The connection was closed or broken before the whole reply had come.',
  http2: 'The peer ended an HTTP/2 connection or stream (GOAWAY, RST_STREAM).',
  stalled: 'No byte came within the time limit.',
  'short-body': 'The body ended before as many bytes had come as were announced.',
  'long-body': 'More bytes came than the descriptor of the content says.',
  'client-limit': 'This machine had no more files, ports or memory for a connection.',
  'bad-http': 'What answers there does not speak HTTP, or speaks TLS where none was asked for.',
  interrupted: 'It was still under way when the run ended.',
  'wrong-digest': 'The bytes that came do not have the digest by which they were asked for.',
  unauthorized: 'The server wants credentials, or others than were sent (401).',
  denied: 'The server knows who asks, and does not allow it (403).',
  'manifest-unknown': 'The registry has no such manifest or tag (404).',
  'blob-unknown': 'The registry has no such blob, although a manifest names it (404).',
  'rate-limited': 'The server says that too much was asked of it (429).',
  'server-error': 'The server failed by itself (5xx).',
  'unexpected-status': 'The status is none that the protocol has for this request.',
  'bad-manifest': 'A manifest came that cannot be used.',
  'bad-token': 'The token server sent something that is no token.',
  'bad-challenge':
    'A 401 did not say how to authenticate, or named a token server that must not be asked.',
  'platform-missing': 'The image has no variant for the platform that was asked for.',
  'redirect-expired': 'The signed URL of a redirect had run out.',
  'redirect-denied': 'The CDN refused the signed URL of a redirect.',
  'redirect-credentials': 'The CDN wanted credentials, or refused because some were sent.',
  'redirect-invalid': 'A redirect led nowhere, or where a client must not go.',
  'redirect-loop': 'Redirects went on without end.',
  'upload-unknown': 'The registry no longer knew of an upload under way.',
  'upload-invalid': 'The registry refused the bytes of an upload, or their digest.',
  'manifest-invalid': 'The registry refused a manifest that was pushed.',
  'too-large': 'A body was larger than something on the way allows (413).',
  'read-only': 'The registry takes no pushes (405).',
};

export function isFailureClass(name: string): boolean {
  return Object.hasOwn(failureMeanings, name);
}
