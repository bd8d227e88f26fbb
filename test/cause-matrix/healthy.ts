// Pulls that work, of several kinds: nothing is to be said of them.
import { endpoint, routeOver, soundHosts } from '../lib/doctor-world.ts';
import { at443, type CauseCase, errorOf, hosts, loginFiles, on, replyOf } from './case.ts';

const proxy = { scheme: 'http', host: 'proxy.test', port: 3128, username: '', password: '' };

export const healthy: readonly CauseCase[] = [
  { cause: '', what: 'anonymous', situation: {} },
  { cause: '', what: 'without authentication', situation: { mock: { auth: 'none' } } },
  { cause: '', what: 'without a redirect', situation: { mock: { redirect: 'none' } } },
  {
    cause: '',
    what: 'by a proxy',
    situation: {
      route: routeOver([endpoint({ proxy: { proxy, written: { in: '$HTTPS_PROXY', line: 0 } } })]),
      world: {
        hosts: { 'registry.test': {}, 'auth.test': {}, 'cdn.test': {} },
        proxies: { 'proxy.test:3128': {} },
      },
    },
  },
  {
    cause: '',
    what: 'by a mirror',
    situation: {
      route: routeOver([
        endpoint({ role: 'mirror' }),
        endpoint({ url: 'https://upstream.test', registry: 'upstream.test' }),
      ]),
      world: { hosts: { ...soundHosts, 'upstream.test': {} } },
    },
  },
  {
    cause: '',
    what: 'logged in',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on(
      { files: loginFiles('registry.test', 'demo:secret') },
      { mock: { password: 'secret', permissions: ['anonymous:demo/app=none'] } },
    ),
  },
  {
    cause: '',
    what: 'with Basic',
    clients: ['podman', 'docker', 'kubelet-containerd'],
    situation: on(
      { files: loginFiles('registry.test', 'demo:secret') },
      { mock: { auth: 'basic', password: 'secret' } },
    ),
  },
  {
    cause: '',
    what: 'of a host without IPv6, of names that have it',
    situation: hosts({
      'cdn.test': { aaaa: ['2001:db8::7'], addresses: { '2001:db8::7': 'unreachable' } },
      'registry.test': { aaaa: ['2001:db8::8'], addresses: { '2001:db8::8': 'unreachable' } },
    }),
  },
  {
    cause: '',
    what: 'over both families',
    situation: hosts({
      'cdn.test': { aaaa: ['2001:db8::7'] },
      'registry.test': { aaaa: ['2001:db8::8'] },
    }),
  },
  {
    cause: '',
    what: 'with a private CA that is where it belongs',
    clients: ['podman', 'docker'],
    situation: on(
      { files: { '/etc/docker/certs.d/registry.test/ca.crt': '-----BEGIN CERTIFICATE-----\nour' } },
      hosts({ 'registry.test': at443({ tls: { root: 'our' } }) }),
    ),
  },
  {
    cause: '',
    what: 'under a policy that takes everything',
    situation: {
      settings: {
        policy: {
          kind: 'insecureAcceptAnything',
          scope: '',
          written: { in: '/etc/containers/policy.json', line: 3 },
          keys: [],
        },
      },
    },
  },
  {
    cause: '',
    what: 'by a list of registries, of which the second has it',
    clients: ['podman'],
    situation: on(
      {
        text: 'demo/app',
        files: {
          '/etc/containers/registries.conf':
            'unqualified-search-registries = ["other.test", "registry.test"]\n',
        },
      },
      hosts({
        'other.test': at443({
          perform: async ({ url }) =>
            replyOf(
              url.endsWith('/v2/')
                ? { status: 200 }
                : { status: 404, ...errorOf('NAME_UNKNOWN', 'repository name not known') },
            ),
        }),
      }),
    ),
  },
];
