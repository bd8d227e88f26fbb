// Rows about the way to hosts: names, firewalls, proxies, address families, packets.
import { endpoint, routeOver, soundHosts } from '../lib/doctor-world.ts';
import { at443, type CauseCase, hosts, replyOf, saying } from './case.ts';

const proxy = { scheme: 'http', host: 'proxy.test', port: 3128, username: '', password: '' };
const written = { in: '$HTTPS_PROXY', line: 0 };
const proxied = routeOver([endpoint({ proxy: { proxy, written } })]);
const leftByProxy = (host: string) => ({
  route: proxied,
  world: {
    hosts: { 'proxy.test': { ports: { 3128: {} } } },
    proxies: { 'proxy.test:3128': { leaves: [host], hosts: soundHosts } },
  },
});
const sinkhole = 'dns-hides-cdn';

export const network: readonly CauseCase[] = [
  {
    cause: 'blob-host-blocked',
    what: 'refused',
    situation: hosts({ 'cdn.test': at443({ state: 'refused' }) }),
  },
  {
    cause: 'blob-host-blocked',
    what: 'dropped',
    situation: hosts({ 'cdn.test': at443({ state: 'dropped' }) }),
  },
  {
    cause: 'blob-host-blocked',
    what: 'no route',
    situation: hosts({ 'cdn.test': at443({ state: 'unreachable' }) }),
  },
  {
    cause: 'blob-host-blocked',
    what: 'both families dropped',
    situation: hosts({
      'cdn.test': { aaaa: ['2001:db8::7'], ports: { 443: { state: 'dropped' } } },
    }),
  },
  {
    cause: 'blob-host-blocked',
    what: 'a proxy whose list has the registry alone',
    situation: {
      route: proxied,
      world: {
        hosts: {},
        proxies: {
          'proxy.test:3128': { allows: ['registry.test', 'auth.test'], hosts: soundHosts },
        },
      },
    },
  },
  {
    cause: 'blob-host-internal',
    what: 'a private address behind a public registry',
    situation: hosts({ 'cdn.test': { a: ['10.9.8.7'], ports: { 443: { state: 'dropped' } } } }),
  },
  {
    cause: 'blob-host-internal',
    what: 'a name of a cluster',
    situation: { mock: { origins: { cdn: 'https://minio.storage.svc' } } },
  },
  {
    cause: sinkhole,
    what: 'no such name',
    situation: { world: { hosts: { 'registry.test': {}, 'auth.test': {} } } },
  },
  {
    cause: sinkhole,
    what: 'SERVFAIL',
    situation: hosts({ 'cdn.test': { a: 'servfail', aaaa: 'servfail' } }),
  },
  {
    cause: sinkhole,
    what: 'no address at all',
    situation: hosts({ 'cdn.test': { a: 'empty', aaaa: 'empty' } }),
  },
  {
    cause: sinkhole,
    what: 'no answer',
    situation: hosts({ 'cdn.test': { a: 'no-answer', aaaa: 'no-answer' } }),
  },
  {
    cause: sinkhole,
    what: 'a filter that answers 0.0.0.0',
    situation: hosts({ 'cdn.test': { a: ['0.0.0.0'], ports: {} } }),
  },
  { cause: 'registry-name-unknown', what: 'no such name', situation: { world: { hosts: {} } } },
  {
    cause: 'resolver-fails',
    what: 'SERVFAIL',
    situation: hosts({ 'registry.test': { a: 'servfail', aaaa: 'servfail' } }),
  },
  {
    cause: 'resolver-fails',
    what: 'no answer',
    situation: hosts({ 'registry.test': { a: 'no-answer', aaaa: 'no-answer' } }),
  },
  {
    cause: 'token-host-blocked',
    what: 'dropped',
    situation: hosts({ 'auth.test': at443({ state: 'dropped' }) }),
  },
  {
    cause: 'token-host-blocked',
    what: 'refused',
    situation: hosts({ 'auth.test': at443({ state: 'refused' }) }),
  },
  {
    cause: 'token-host-blocked',
    what: 'no such name',
    situation: { world: { hosts: { 'registry.test': {}, 'cdn.test': {} } } },
  },
  {
    cause: 'registry-host-blocked',
    what: 'dropped',
    situation: hosts({ 'registry.test': at443({ state: 'dropped' }) }),
  },
  {
    cause: 'registry-host-blocked',
    what: 'no route',
    situation: hosts({ 'registry.test': at443({ state: 'unreachable' }) }),
  },
  {
    cause: 'nothing-listens',
    what: 'on this machine',
    situation: {
      route: routeOver([endpoint({ url: 'https://127.0.0.1:5001', registry: '127.0.0.1:5001' })]),
      world: { hosts: { '127.0.0.1': { ports: {} } } },
    },
  },
  {
    cause: 'nothing-listens',
    what: 'elsewhere',
    certainty: 'possible',
    situation: hosts({ 'registry.test': at443({ state: 'refused' }) }),
    also: {
      'registry-host-blocked':
        'a firewall can refuse in the name of the host, and nobody here can tell',
    },
  },
  {
    cause: 'proxy-not-for-daemon',
    what: 'the shell has one, the daemon not',
    situation: {
      world: {
        hosts: { 'registry.test': at443({ state: 'dropped' }), 'auth.test': {}, 'cdn.test': {} },
        proxies: { 'proxy.test:3128': { hosts: soundHosts } },
      },
      options: { shellProxyFor: () => ({ proxy, written }) },
    },
  },
  { cause: 'proxy-dead', what: 'nothing listens', situation: { route: proxied } },
  {
    cause: 'proxy-dead',
    what: 'it hangs up',
    certainty: 'possible',
    situation: leftByProxy('registry.test'),
    also: { 'proxy-refuses': 'it may hang up at this host alone, and no other was asked for' },
  },
  {
    cause: 'blob-host-blocked',
    what: 'the proxy hangs up at the CDN',
    situation: leftByProxy('cdn.test'),
  },
  {
    cause: 'token-host-blocked',
    what: 'the proxy hangs up at the token server',
    situation: leftByProxy('auth.test'),
  },
  {
    cause: 'proxy-wants-login',
    what: '407',
    situation: {
      route: proxied,
      world: { hosts: {}, proxies: { 'proxy.test:3128': { wantsLogin: true } } },
    },
  },
  {
    cause: 'proxy-wants-login',
    what: '407 where no proxy is configured',
    situation: hosts({ 'registry.test': saying({ status: 407 }) }),
  },
  {
    cause: 'proxy-refuses',
    what: 'a list without the registry, and no way around it',
    situation: {
      route: proxied,
      world: {
        hosts: { 'registry.test': at443({ state: 'dropped' }) },
        proxies: { 'proxy.test:3128': { allows: [] } },
      },
    },
  },
  {
    cause: 'no-proxy-misses',
    what: 'the proxy refuses, and the registry answers without it',
    situation: {
      route: proxied,
      world: { hosts: soundHosts, proxies: { 'proxy.test:3128': { allows: [] } } },
    },
  },
  {
    cause: 'ipv6-black-hole',
    what: 'clients fall back to IPv4',
    isHarmless: true,
    situation: hosts({
      'cdn.test': { aaaa: ['2001:db8::7'], addresses: { '2001:db8::7': 'dropped' } },
    }),
  },
  {
    cause: 'ipv6-black-hole',
    what: 'beside a certificate that ends the pull over IPv4',
    isHarmless: true,
    situation: hosts({
      'cdn.test': {
        aaaa: ['2001:db8::7'],
        addresses: { '2001:db8::7': 'dropped' },
        ports: { 443: { tls: { leaf: { notAfterMs: 0 } } } },
      },
    }),
    also: { 'certificate-expired': 'it is what the pull fails by' },
  },
  {
    cause: 'mtu',
    what: 'the blob stalls after its first bytes',
    situation: hosts({ 'cdn.test': at443({ stallsAfter: 3500 }) }),
  },
  {
    cause: 'mtu',
    what: 'TLS stalls',
    certainty: 'possible',
    situation: hosts({ 'cdn.test': at443({ stallsAfter: 1000 }) }),
    also: { 'server-silent': 'a filter that drops what it does not know looks the same' },
  },
  {
    cause: 'server-silent',
    what: 'blobs that stop in the middle',
    situation: hosts({
      'cdn.test': saying({
        status: 200,
        text: 'x',
        failure: 'stalled',
        reason: 'no-progress',
        words: 'no more of the reply came within the time limit',
      }),
    }),
  },
  {
    cause: 'handshake-cut',
    what: 'at the name of the CDN',
    situation: hosts({
      'cdn.test': at443({ tls: { failure: { failure: 'tls', reason: 'cut' } } }),
    }),
  },
  {
    cause: 'handshake-cut',
    what: 'at the name of the registry',
    situation: hosts({
      'registry.test': at443({ tls: { failure: { failure: 'tls', reason: 'cut' } } }),
    }),
  },
  ...['tlsv1 unrecognized name', 'tlsv1 alert internal error', 'tlsv1 alert access denied'].map(
    (words): CauseCase => ({
      cause: 'handshake-cut',
      what: words,
      situation: hosts({
        'cdn.test': saying({
          failure: 'tls',
          ...(words.endsWith('name') && { reason: 'wrong-name' }),
          words,
        }),
      }),
    }),
  ),
  {
    cause: 'handshake-cut',
    what: 'or nothing in common: the alert does not say',
    situation: hosts({
      'cdn.test': saying({
        failure: 'tls',
        reason: 'protocol',
        words: 'ssl/tls alert handshake failure',
      }),
    }),
    certainty: 'possible',
    also: { 'tls-version': 'the same alert' },
  },
  {
    cause: 'connection-broken',
    what: 'the CDN closes before the head',
    situation: hosts({
      'cdn.test': saying({ failure: 'reset', reason: 'eof', words: 'other side closed' }),
    }),
  },
  {
    cause: 'client-limit',
    what: 'no more sockets',
    situation: {
      world: { perform: async () => replyOf({ failure: 'client-limit', words: 'connect EMFILE' }) },
    },
  },
];
