// Rows about TLS and clocks.
import { endpoint, routeOver, soundHosts } from '../lib/doctor-world.ts';
import { at443, type CauseCase, hosts, on, replyOf, saying } from './case.ts';

const day = 24 * 3600 * 1000;
const proxy = { scheme: 'http', host: 'proxy.test', port: 3128, username: '', password: '' };
const proxied = routeOver([
  endpoint({ proxy: { proxy, written: { in: '$HTTPS_PROXY', line: 0 } } }),
]);
const intercepts = (root: string) => ({
  route: proxied,
  world: { hosts: soundHosts, proxies: { 'proxy.test:3128': { intercepts: root } } },
});
const privateCa = hosts({ 'registry.test': at443({ tls: { root: 'our' } }) });

export const certificates: readonly CauseCase[] = [
  {
    cause: 'tls-intercepted',
    what: 'a product that names itself',
    situation: intercepts('Zscaler'),
  },
  {
    cause: 'tls-intercepted',
    what: 'the host of the blobs alone',
    situation: hosts({ 'cdn.test': at443({ tls: { root: 'FortiGate CA' } }) }),
  },
  {
    cause: 'tls-intercepted',
    what: 'a public registry',
    situation: {
      route: routeOver([endpoint({ url: 'https://quay.io', registry: 'quay.io' })]),
      world: { hosts: { 'quay.io': at443({ tls: { root: 'our' } }) } },
    },
  },
  {
    cause: 'tls-intercepted',
    what: 'hosts of two owners with one unknown issuer',
    certainty: 'possible',
    situation: {
      route: routeOver([
        endpoint({ role: 'mirror', url: 'https://mirror.example', registry: 'mirror.example' }),
        endpoint(),
      ]),
      world: {
        hosts: {
          'mirror.example': at443({ tls: { root: 'our' } }),
          'registry.test': at443({ tls: { root: 'our' } }),
        },
      },
    },
    also: { 'ca-untrusted': 'a private CA that signs for both looks the same' },
  },
  {
    cause: 'ca-wrong-folder',
    what: 'a folder with a port that the image has not',
    clients: ['podman', 'docker'],
    situation: on(
      {
        files: {
          '/etc/docker/certs.d/registry.test:443/ca.crt': '-----BEGIN CERTIFICATE-----\nour',
        },
      },
      privateCa,
    ),
  },
  {
    cause: 'ca-wrong-folder',
    what: 'another ending than is read',
    clients: ['podman', 'docker'],
    situation: on(
      { files: { '/etc/docker/certs.d/registry.test/ca.pem': '-----BEGIN CERTIFICATE-----\nour' } },
      privateCa,
    ),
  },
  {
    cause: 'certificate-without-san',
    what: 'a name in the CN alone',
    situation: hosts({ 'registry.test': at443({ tls: { leaf: { names: [] } } }) }),
  },
  {
    cause: 'intermediate-missing',
    what: 'the leaf alone, and its issuer can be had',
    situation: hosts({
      'registry.test': at443({ tls: { incomplete: true } }),
      'public.example': {},
    }),
  },
  {
    cause: 'intermediate-missing',
    what: 'the leaf alone, and nothing more can be had',
    certainty: 'possible',
    situation: hosts({ 'registry.test': at443({ tls: { incomplete: true } }) }),
    also: { 'ca-untrusted': 'a private CA that signs directly looks the same' },
  },
  {
    cause: 'ca-store-old',
    what: 'a system without the roots of today',
    situation: { world: { systemRoots: [] } },
  },
  { cause: 'ca-untrusted', what: 'a private CA', situation: privateCa },
  {
    cause: 'certificate-for-other-name',
    what: 'names of somebody else',
    situation: hosts({ 'registry.test': at443({ tls: { leaf: { names: ['other.test'] } } }) }),
  },
  {
    cause: 'certificate-expired',
    what: 'at the CDN, by a clock that the registry shares',
    situation: hosts({ 'cdn.test': at443({ tls: { leaf: { notAfterMs: Date.now() - day } } }) }),
  },
  {
    cause: 'certificate-expired',
    what: 'by its own clock',
    situation: hosts({
      'registry.test': at443({ tls: { leaf: { notAfterMs: Date.now() - day } } }),
    }),
  },
  {
    cause: 'certificate-expired',
    what: 'where nobody tells the time',
    certainty: 'possible',
    situation: hosts({
      'registry.test': at443({
        tls: { leaf: { notAfterMs: Date.now() - day } },
        perform: async () => replyOf({ failure: 'reset', words: 'read ECONNRESET' }),
      }),
    }),
    also: { 'clock-wrong': 'a clock that is ahead looks the same' },
  },
  {
    cause: 'clock-wrong',
    what: 'a year ahead, and the registry has a certificate for long',
    situation: {
      world: {
        hosts: {
          ...soundHosts,
          'registry.test': at443({ tls: { leaf: { notAfterMs: Date.now() + 900 * day } } }),
          'auth.test': at443({ tls: { leaf: { notAfterMs: Date.now() + 900 * day } } }),
        },
        clockAheadMs: 365 * day,
      },
    },
  },
  {
    cause: 'clock-wrong',
    what: 'so far ahead that no certificate holds',
    situation: { world: { clockAheadMs: 3650 * day } },
  },
  {
    cause: 'clock-wrong',
    what: 'ten minutes behind, and the pull works',
    isHarmless: true,
    situation: { world: { clockAheadMs: -600_000 } },
  },
  {
    cause: 'client-certificate-wanted',
    what: 'mutual TLS',
    situation: hosts({ 'registry.test': at443({ tls: { wantsCertificate: true } }) }),
  },
  {
    cause: 'client-certificate-wanted',
    what: 'a server that says so by 400',
    situation: hosts({
      'registry.test': saying({
        status: 400,
        lines: [['Content-Type', 'text/html']],
        text: '<html><title>400 No required SSL certificate was sent</title></html>',
      }),
    }),
  },
  {
    cause: 'tls-version',
    what: 'nothing in common',
    situation: hosts({
      'registry.test': at443({ tls: { failure: { failure: 'tls', reason: 'protocol' } } }),
    }),
  },
];
