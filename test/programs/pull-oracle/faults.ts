// The faults under which clients and their profiles are compared, a row each.
import {
  asRight,
  bends,
  blockPage,
  cuts,
  cutsAll,
  delays,
  drips,
  ends,
  type Fault,
  first,
  redirects,
  redirectsTo,
  refuses,
  registryError,
  replies,
  s3Error,
  twoAuthentications,
  types,
} from './fault.ts';

const tooMany = registryError('TOOMANYREQUESTS', 'rate limit exceeded');
const unavailable = registryError('UNAVAILABLE', 'service unavailable');
const html = (status: number) => `<html><body><h1>${status}</h1></body></html>`;
const soon = { 'retry-after': '1' };

/** What is on the way of every client, and one of them meets it. */
const connections: readonly Fault[] = [
  { id: 'registry-refused', listens: { host: 'registry', as: 'refused' } },
  { id: 'registry-closes', listens: { host: 'registry', as: 'closes' } },
  { id: 'registry-resets', listens: { host: 'registry', as: 'resets' } },
  { id: 'registry-silent', listens: { host: 'registry', as: 'silent' }, hangs: true },
  { id: 'registry-cuts-handshake', listens: { host: 'registry', as: 'cut-handshake' } },
  { id: 'registry-resets-handshake', listens: { host: 'registry', as: 'reset-handshake' } },
  { id: 'registry-plain-http', listens: { host: 'registry', as: 'plain-http' } },
  { id: 'registry-expired', listens: { host: 'registry', as: 'expired' } },
  { id: 'registry-foreign-ca', listens: { host: 'registry', as: 'foreign' } },
  { id: 'registry-wrong-name', listens: { host: 'registry', as: 'wrong-name' } },
  { id: 'token-refused', listens: { host: 'token', as: 'refused' } },
  { id: 'token-foreign-ca', listens: { host: 'token', as: 'foreign' } },
  { id: 'cdn-refused', listens: { host: 'cdn', as: 'refused' } },
  { id: 'cdn-resets', listens: { host: 'cdn', as: 'resets' } },
  { id: 'cdn-closes', listens: { host: 'cdn', as: 'closes' } },
  { id: 'cdn-cuts-handshake', listens: { host: 'cdn', as: 'cut-handshake' } },
  { id: 'cdn-expired', listens: { host: 'cdn', as: 'expired' } },
  { id: 'cdn-wrong-name', listens: { host: 'cdn', as: 'wrong-name' } },
  {
    id: 'cdn-closes-every-third',
    listens: { host: 'cdn', as: 'closes', every: 3 },
    random: true,
    // Others have one connection, or a chance.
    clients: ['containerd'],
  },
];

const pings: readonly Fault[] = [
  { id: 'ping-500', at: ['ping'], does: replies(500, html(500), types.html) },
  { id: 'ping-503-once', at: ['ping'], times: 1, does: replies(503) },
  { id: 'ping-429-once', at: ['ping'], times: 1, does: replies(429, tooMany, types.json, soon) },
  { id: 'ping-404', at: ['ping'], does: replies(404, html(404), types.html) },
  { id: 'ping-reset', at: ['ping'], does: ends('reset') },
  { id: 'ping-closes-once', at: ['ping'], times: 1, does: ends('close') },
  { id: 'ping-without-challenge', at: ['ping'], does: refuses('', false) },
];

const tokens: readonly Fault[] = [
  { id: 'token-slow', at: ['token'], does: delays(1500) },
  { id: 'token-silent', at: ['token'], does: ends('stall'), hangs: true },
  { id: 'token-500', at: ['token'], does: replies(500, html(500), types.html) },
  { id: 'token-500-once', at: ['token'], times: 1, does: replies(500) },
  { id: 'token-503-once', at: ['token'], times: 1, does: replies(503, unavailable) },
  { id: 'token-429-once', at: ['token'], times: 1, does: replies(429, tooMany, types.json, soon) },
  { id: 'token-html', at: ['token'], does: replies(200, html(200), types.html) },
  { id: 'token-empty', at: ['token'], does: replies(200, '{}') },
  { id: 'token-401', at: ['token'], does: replies(401, registryError('UNAUTHORIZED', 'no')) },
  { id: 'token-403', at: ['token'], does: replies(403, registryError('DENIED', 'no access')) },
  { id: 'token-reset', at: ['token'], does: ends('reset') },
  { id: 'token-closes-once', at: ['token'], times: 1, does: ends('close') },
  {
    id: 'token-redirected',
    at: ['token'],
    times: 1,
    does: redirectsTo(({ rig, request }) => `${rig.origin('token')}${request.url}&again=1`),
  },
  { id: 'password-right', login: true },
  { id: 'password-wrong', login: true, wrongPassword: true },
  { id: 'password-post-404', login: true, at: ['token'], times: 1, does: postsGet(404) },
];

/** The form is refused with this status; a GET is answered. */
function postsGet(status: number): NonNullable<Fault['does']> {
  return (met) => (met.request.method === 'POST' ? replies(status)(met) : asRight(met));
}

const manifests: readonly Fault[] = [
  { id: 'tag-reset', at: ['tag'], does: ends('reset') },
  { id: 'tag-reset-once', at: ['tag'], times: 1, does: ends('reset') },
  { id: 'tag-closes', at: ['tag'], does: ends('close') },
  { id: 'tag-closes-once', at: ['tag'], times: 1, does: ends('close') },
  { id: 'tag-goaway-once', at: ['tag'], times: 1, does: ends('goaway') },
  { id: 'tag-goaway-error', at: ['tag'], does: ends('goaway-error') },
  { id: 'tag-refused-stream-once', at: ['tag'], times: 1, does: ends('refused-stream') },
  { id: 'tag-internal-error', at: ['tag'], does: ends('internal-error') },
  { id: 'tag-silent', at: ['tag'], does: ends('stall'), hangs: true },
  { id: 'tag-500', at: ['tag'], does: replies(500, html(500), types.html) },
  { id: 'tag-500-once', at: ['tag'], times: 1, does: replies(500) },
  { id: 'tag-502', at: ['tag'], does: replies(502, html(502), types.html) },
  { id: 'tag-502-once', at: ['tag'], times: 1, does: replies(502, html(502), types.html) },
  { id: 'tag-503-once', at: ['tag'], times: 1, does: replies(503, unavailable) },
  { id: 'tag-503-twice', at: ['tag'], times: 2, does: replies(503, unavailable) },
  { id: 'tag-504', at: ['tag'], does: replies(504) },
  { id: 'tag-429-once', at: ['tag'], times: 1, does: replies(429, tooMany, types.json, soon) },
  { id: 'tag-429-once-date', at: ['tag'], times: 1, does: dated },
  { id: 'tag-400', at: ['tag'], does: replies(400, registryError('UNSUPPORTED', 'no')) },
  {
    id: 'tag-403',
    at: ['tag'],
    does: replies(403, registryError('DENIED', 'requested access to the resource is denied')),
  },
  { id: 'tag-403-html', at: ['tag'], does: replies(403, blockPage, types.html) },
  {
    id: 'tag-404',
    at: ['tag'],
    does: replies(404, registryError('MANIFEST_UNKNOWN', 'manifest unknown')),
  },
  { id: 'tag-404-html', at: ['tag'], does: replies(404, html(404), types.html) },
  {
    id: 'tag-405-head',
    at: ['tag'],
    does: (met) => (met.request.method === 'HEAD' ? replies(405)(met) : asRight(met)),
  },
  { id: 'tag-418', at: ['tag'], does: replies(418) },
  {
    id: 'tag-bad-json',
    at: ['tag', 'index'],
    does: bends((reply) => {
      reply.body = reply.body.subarray(0, -20);
      reply.headers['content-length'] = String(reply.body.length);
      delete reply.headers['docker-content-digest'];
    }),
  },
  {
    id: 'tag-wrong-type',
    at: ['tag', 'index'],
    does: bends((reply) => {
      reply.headers['content-type'] = types.html;
    }),
  },
  {
    id: 'tag-redirected',
    at: ['tag'],
    times: 1,
    does: redirectsTo(({ rig, request }) => `${rig.origin('registry')}${request.url}?again=1`),
  },
  {
    id: 'child-404',
    at: ['child'],
    does: replies(404, registryError('MANIFEST_UNKNOWN', 'manifest unknown')),
  },
  { id: 'child-500-once', at: ['child'], times: 1, does: replies(500) },
  { id: 'child-reset', at: ['child'], does: ends('reset') },
  { id: 'child-cut', at: ['child'], does: cuts('close') },
  {
    id: 'child-wrong-digest',
    at: ['child'],
    does: bends((reply) => {
      reply.body[10] = 120;
    }),
  },
  { id: 'child-401', at: ['child'], does: refuses(',error="invalid_token"') },
];

/** A date two seconds from now. */
function dated(met: Parameters<NonNullable<Fault['does']>>[0]): void | Promise<void> {
  const date = new Date(Date.now() + 2000).toUTCString();
  return replies(429, tooMany, types.json, { 'retry-after': date })(met);
}

const blobs: readonly Fault[] = [
  {
    id: 'config-404',
    at: ['config'],
    does: replies(404, registryError('BLOB_UNKNOWN', 'blob unknown to registry')),
  },
  { id: 'config-500', at: ['config'], does: replies(500) },
  {
    id: 'config-wrong-digest',
    at: ['cdn-config'],
    does: bends((reply) => {
      reply.body[10] = 120;
    }),
  },
  {
    id: 'layer-404',
    at: ['layer'],
    does: replies(404, registryError('BLOB_UNKNOWN', 'blob unknown to registry')),
  },
  {
    id: 'layer-403',
    at: ['layer'],
    does: replies(403, registryError('DENIED', 'requested access to the resource is denied')),
  },
  { id: 'layer-500', at: ['layer'], does: replies(500) },
  { id: 'layer-500-once', at: ['layer'], times: 1, does: replies(500) },
  { id: 'layer-500-twice', at: ['layer'], times: 2, does: replies(500) },
  { id: 'layer-502-once', at: ['layer'], times: 1, does: replies(502) },
  { id: 'layer-503', at: ['layer'], does: replies(503, unavailable) },
  { id: 'layer-504-once', at: ['layer'], times: 1, does: replies(504) },
  { id: 'layer-429-once', at: ['layer'], times: 1, does: replies(429, tooMany, types.json, soon) },
  { id: 'layer-429', at: ['layer'], does: replies(429, tooMany, types.json, soon) },
  { id: 'layer-401', at: ['layer'], does: refuses(',error="invalid_token"') },
  { id: 'layer-401-once', at: ['layer'], times: 1, does: refuses(',error="invalid_token"') },
  { id: 'layer-401-plain', at: ['layer'], does: refuses() },
  { id: 'layer-401-plain-once', at: ['layer'], times: 1, does: refuses() },
  {
    id: 'layer-401-scope-once',
    at: ['layer'],
    times: 1,
    does: refuses(',error="insufficient_scope"'),
  },
  { id: 'layer-401-without-challenge', at: ['layer'], does: refuses('', false) },
  { id: 'layer-reset', at: ['layer'], does: ends('reset') },
  { id: 'layer-reset-once', at: ['layer'], times: 1, does: ends('reset') },
  { id: 'layer-closes', at: ['layer'], does: ends('close') },
  { id: 'layer-closes-once', at: ['layer'], times: 1, does: ends('close') },
  // Go's HTTP/2 asks again by itself, for a minute.
  {
    id: 'layer-refused-stream',
    at: ['layer'],
    does: ends('refused-stream'),
    clients: ['crane', 'oras', 'regclient'],
    random: true,
    hangs: true,
  },
  { id: 'layer-refused-stream-once', at: ['layer'], times: 1, does: ends('refused-stream') },
  { id: 'layer-internal-error-once', at: ['layer'], times: 1, does: ends('internal-error') },
  { id: 'layer-goaway-once', at: ['layer'], times: 1, does: ends('goaway') },
];

const edges: readonly Fault[] = [
  {
    id: 'cdn-403-xml',
    at: ['cdn-layer'],
    does: replies(403, s3Error('AccessDenied', 'Access Denied'), types.xml),
  },
  {
    id: 'cdn-403-expired',
    at: ['cdn-layer'],
    does: replies(403, s3Error('AccessDenied', 'Request has expired'), types.xml),
  },
  {
    id: 'cdn-400-expired',
    at: ['cdn-layer'],
    does: replies(400, s3Error('ExpiredToken', 'The provided token has expired.'), types.xml),
  },
  {
    id: 'cdn-401',
    at: ['cdn-layer'],
    does: replies(401, s3Error('AuthenticationRequired', 'Authentication required.'), types.xml),
  },
  { id: 'cdn-403-html', at: ['cdn-layer'], does: replies(403, blockPage, types.html) },
  { id: 'cdn-403-empty', at: ['cdn-layer'], does: replies(403) },
  {
    id: 'cdn-403-once',
    at: ['cdn-layer'],
    times: 1,
    does: replies(403, s3Error('AccessDenied', 'Access Denied'), types.xml),
  },
  {
    id: 'cdn-404',
    at: ['cdn-layer'],
    does: replies(404, s3Error('NoSuchKey', 'The specified key does not exist.'), types.xml),
  },
  { id: 'cdn-429-once', at: ['cdn-layer'], times: 1, does: replies(429, '', types.text, soon) },
  {
    id: 'cdn-500',
    at: ['cdn-layer'],
    does: replies(
      500,
      s3Error('InternalError', 'We encountered an internal error. Please try again.'),
      types.xml,
    ),
  },
  { id: 'cdn-500-once', at: ['cdn-layer'], times: 1, does: replies(500) },
  { id: 'cdn-502-once', at: ['cdn-layer'], times: 1, does: replies(502, html(502), types.html) },
  {
    id: 'cdn-503-once',
    at: ['cdn-layer'],
    times: 1,
    does: replies(503, s3Error('SlowDown', 'Please reduce your request rate.'), types.xml),
  },
  {
    id: 'cdn-503',
    at: ['cdn-layer'],
    does: replies(503, s3Error('SlowDown', 'Please reduce your request rate.'), types.xml),
  },
  { id: 'cdn-reset', at: ['cdn-layer'], does: ends('reset') },
  { id: 'cdn-reset-once', at: ['cdn-layer'], times: 1, does: ends('reset') },
  { id: 'cdn-closes-once', at: ['cdn-layer'], times: 1, does: ends('close') },
  { id: 'cdn-silent', at: ['cdn-layer'], does: ends('stall'), hangs: true },
  { id: 'cdn-body-silent', at: ['cdn-layer'], does: cuts('stall'), hangs: true },
  { id: 'cdn-drips', at: ['cdn-layer'], does: drips(20, 150) },
  { id: 'cdn-cut', at: ['cdn-layer'], times: 1, does: cuts('close') },
  { id: 'cdn-cut-reset', at: ['cdn-layer'], times: 1, does: cuts('reset') },
  { id: 'cdn-cut-stream-error', at: ['cdn-layer'], times: 1, does: cuts('internal-error') },
  { id: 'cdn-cut-range-ignored', at: ['cdn-layer'], does: cuts('close', 'ignored') },
  { id: 'cdn-cut-range-refused', at: ['cdn-layer'], does: cuts('close', 'refused') },
  { id: 'cdn-cut-always', at: ['cdn-layer'], does: cutsAll('close') },
  { id: 'cdn-cut-reset-always', at: ['cdn-layer'], does: cutsAll('reset') },
  {
    id: 'cdn-body-short',
    at: ['cdn-layer'],
    does: bends((reply) => {
      reply.body = reply.body.subarray(0, -100);
      reply.headers['content-length'] = String(reply.body.length);
    }),
  },
  {
    id: 'cdn-body-long',
    at: ['cdn-layer'],
    does: bends((reply) => {
      reply.body = Buffer.concat([reply.body, Buffer.alloc(100)]);
      reply.headers['content-length'] = String(reply.body.length);
    }),
  },
  {
    id: 'cdn-wrong-digest',
    at: ['cdn-layer'],
    does: bends((reply) => {
      reply.body[1000] = (reply.body[1000] ?? 0) ^ 255;
    }),
  },
];

const redirected: readonly Fault[] = [
  { id: 'redirect-port', hosts: ['port'], at: ['layer'], does: redirects('port') },
  { id: 'redirect-subdomain', hosts: ['subdomain'], at: ['layer'], does: redirects('subdomain') },
  { id: 'redirect-parent', hosts: ['parent'], at: ['layer'], does: redirects('parent') },
  { id: 'redirect-other', hosts: ['other'], at: ['layer'], does: redirects('other', 302) },
  {
    id: 'redirect-port-two-authentications',
    hosts: ['port'],
    at: ['layer', 'cdn-layer'],
    does: (met) => (met.host === 'port' ? twoAuthentications(met) : redirects('port')(met)),
  },
  {
    id: 'redirect-subdomain-two-authentications',
    hosts: ['subdomain'],
    at: ['layer', 'cdn-layer'],
    does: (met) =>
      met.host === 'subdomain' ? twoAuthentications(met) : redirects('subdomain')(met),
  },
  {
    id: 'redirect-back',
    hosts: ['other', 'port'],
    at: ['layer', 'cdn-layer'],
    does: (met) =>
      met.host === 'registry'
        ? redirects('other')(met)
        : met.host === 'other'
          ? redirects('port')(met)
          : asRight(met),
  },
  { id: 'redirect-plain', hosts: ['plain'], at: ['layer'], does: redirects('plain') },
  // Longer than any limit; crane has none.
  {
    id: 'redirect-loop',
    hosts: ['other'],
    at: ['layer', 'cdn-layer'],
    does: (met) => (met.count <= 60 ? redirects('other')(met) : asRight(met)),
  },
  {
    id: 'redirect-chain',
    hosts: ['other'],
    at: ['layer', 'cdn-layer'],
    does: (met) => (met.count <= 10 ? redirects('other')(met) : asRight(met)),
  },
  {
    id: 'redirect-chain-too-long',
    hosts: ['other'],
    at: ['layer', 'cdn-layer'],
    does: (met) => (met.count <= 11 ? redirects('other')(met) : asRight(met)),
  },
  { id: 'redirect-without-location', at: ['layer'], does: replies(307) },
  { id: 'redirect-nowhere', at: ['layer'], does: redirectsTo(() => 'ftp://storage.test/x') },
  {
    id: 'redirect-refused',
    hosts: ['other'],
    at: ['layer', 'cdn-layer'],
    times: 2,
    does: first(redirects('other'), replies(503)),
  },
];

export const faults: readonly Fault[] = [
  // The longest first: podman waits 2, 4, 8, 16 s.
  { id: 'tag-429', at: ['tag'], does: replies(429, html(429), types.html) },
  { id: 'none' },
  ...connections,
  ...pings,
  ...tokens,
  ...manifests,
  ...blobs,
  ...edges,
  ...redirected,
];
