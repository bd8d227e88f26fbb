// Networks and machines on which a pull goes wrong, or might: how each is made, which cause of src/doctor/causes it
// is, and what comes of it for the real clients.
import {
  cdnNames,
  type LabPlan,
  proxyName,
  proxyPort,
  registryName,
  tokenName,
} from '../../lib/lab/plan.ts';
import type { LabClient } from './clients.ts';

export interface Situation {
  readonly id: string;
  readonly plan: LabPlan;
  /** Id of the cause; absent: none, all is well. */
  readonly cause?: string;
  /** What else fits, so that `doctor` may name it beside. */
  readonly also?: readonly string[];
  /** Warnings that `doctor` gives where the pull works; the first is a must. */
  readonly warns?: readonly string[];
  readonly pull: 'works' | 'fails';
  /** Default: the demo image. */
  readonly image?: string;
  /** Clients that are asked; default both. podman tries four times, which may take long, or help. */
  readonly clients?: readonly LabClient[];
  /** containerd and Docker as well, where they run. */
  readonly daemons?: true;
}

const known = [registryName, tokenName];
const everyone = [...known, ...cdnNames];
const each = <T>(names: readonly string[], value: T) =>
  Object.fromEntries(names.map((name) => [name, value]));
const proxyUrl = `http://${proxyName}:${proxyPort}`;
const proxyUnit = `[Service]\nEnvironment="HTTPS_PROXY=${proxyUrl}"\n`;
/** In the shell's environment, and in that of the daemons. */
const withProxy: LabPlan = {
  variables: { HTTPS_PROXY: proxyUrl, https_proxy: proxyUrl },
  files: {
    '/etc/systemd/system/docker.service.d/proxy.conf': proxyUnit,
    '/etc/systemd/system/containerd.service.d/proxy.conf': proxyUnit,
  },
};
/** By the proxy, and by no other way. */
const byProxy = (allows: readonly string[], login?: string): LabPlan => ({
  fence: { allows: [proxyName], else: 'reset' },
  proxy: { allows, ...(login !== undefined && { login }) },
  ...withProxy,
});
const authFile = '/run/user/containers/auth.json';
const loginOf = (text: string, key = registryName) =>
  JSON.stringify({ auths: { [key]: { auth: Buffer.from(text).toString('base64') } } });
const registryError = (code: string, message: string) =>
  JSON.stringify({ errors: [{ code, message }] });
const json = { 'content-type': 'application/json' };

export const situations: readonly Situation[] = [
  { id: 'sound', plan: {}, pull: 'works', daemons: true },
  { id: 'sound by IPv6', plan: { overIpv6: everyone }, pull: 'works' },
  { id: 'sound by proxy', plan: byProxy(everyone), pull: 'works' },
  {
    id: 'blob hosts refused',
    plan: { fence: { allows: known, else: 'reset' } },
    cause: 'blob-host-blocked',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'blob hosts dropped',
    plan: { fence: { allows: known, else: 'drop' }, synRetries: 1 },
    cause: 'blob-host-blocked',
    pull: 'fails',
  },
  {
    id: 'blob hosts prohibited',
    plan: { blocks: [{ hosts: cdnNames, how: 'prohibited' }] },
    cause: 'blob-host-blocked',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'one edge of four refused',
    plan: { blocks: [{ hosts: cdnNames.slice(2, 3), how: 'reset' }] },
    cause: 'blob-host-blocked',
    pull: 'fails',
    clients: ['skopeo'],
  },
  {
    id: 'blob hosts refused by the proxy',
    plan: byProxy(known),
    cause: 'blob-host-blocked',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'registry refused',
    plan: { fence: { allows: [], else: 'reset' } },
    cause: 'registry-host-blocked',
    also: ['nothing-listens'],
    pull: 'fails',
  },
  {
    id: 'CDN names do not exist',
    plan: { dns: each(cdnNames, 'nxdomain') },
    cause: 'dns-hides-cdn',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'CDN names: server failure',
    plan: { dns: each(cdnNames, 'servfail') },
    cause: 'dns-hides-cdn',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'CDN names: no answer',
    plan: { dns: each(cdnNames, 'silent') },
    cause: 'dns-hides-cdn',
    pull: 'fails',
    clients: ['skopeo'],
  },
  {
    id: 'CDN names: no address',
    plan: { dns: each(cdnNames, 'empty') },
    cause: 'dns-hides-cdn',
    pull: 'fails',
  },
  {
    id: 'registry name does not exist',
    plan: { dns: each([registryName], 'nxdomain') },
    cause: 'registry-name-unknown',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'TLS intercepted everywhere',
    plan: { shows: each(everyone, 'intercepted') },
    cause: 'tls-intercepted',
    pull: 'fails',
  },
  {
    id: 'TLS of the CDN intercepted',
    plan: { shows: each(cdnNames, 'intercepted') },
    cause: 'tls-intercepted',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'certificate without names',
    plan: { shows: each([registryName], 'without-names') },
    cause: 'certificate-without-san',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'certificate of another name',
    plan: { shows: each([registryName], 'wrong-name') },
    cause: 'certificate-for-other-name',
    pull: 'fails',
  },
  {
    id: 'intermediate of the registry missing',
    plan: { shows: each([registryName], 'incomplete') },
    cause: 'intermediate-missing',
    also: ['ca-untrusted'],
    pull: 'fails',
  },
  {
    id: 'intermediate of the CDN missing',
    plan: { shows: each(cdnNames, 'incomplete') },
    cause: 'intermediate-missing',
    also: ['ca-untrusted'],
    pull: 'fails',
  },
  {
    id: 'certificate expired',
    plan: { shows: each([registryName], 'expired') },
    cause: 'certificate-expired',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'our clock is behind',
    plan: { aheadDays: 400 },
    cause: 'clock-wrong',
    pull: 'fails',
  },
  {
    id: 'our clock is ahead',
    plan: { aheadDays: -400 },
    cause: 'clock-wrong',
    pull: 'fails',
  },
  {
    id: 'proxy is dead',
    plan: withProxy,
    cause: 'proxy-dead',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'proxy wants a login',
    plan: byProxy(everyone, 'corp:secret'),
    cause: 'proxy-wants-login',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'proxy refuses the registry',
    plan: { ...byProxy(cdnNames), fence: { allows: [proxyName, ...everyone], else: 'reset' } },
    cause: 'no-proxy-misses',
    pull: 'fails',
  },
  { id: 'proxy refuses everything', plan: byProxy([]), cause: 'proxy-refuses', pull: 'fails' },
  {
    id: 'CA in certs.d',
    plan: { rootAt: `/etc/containers/certs.d/${registryName}/ca.crt` },
    pull: 'works',
  },
  {
    id: 'CA in certs.d, with the port that nobody writes',
    plan: { rootAt: `/etc/containers/certs.d/${registryName}:443/ca.crt` },
    cause: 'ca-wrong-folder',
    pull: 'fails',
  },
  {
    id: 'IPv6 dropped, IPv4 sound',
    plan: { overIpv6: everyone, blocks: [{ hosts: everyone, how: 'drop', family: 6 }] },
    warns: ['ipv6-black-hole'],
    pull: 'works',
  },
  {
    id: 'IPv6 loses large packets',
    plan: {
      overIpv6: everyone,
      blocks: [{ hosts: cdnNames, how: 'large', family: 6 }],
    },
    cause: 'ipv6-black-hole',
    pull: 'fails',
    clients: ['skopeo'],
  },
  {
    id: 'large packets of the CDN lost',
    plan: { blocks: [{ hosts: cdnNames, how: 'large' }] },
    cause: 'mtu',
    also: ['server-silent'],
    pull: 'fails',
    clients: ['skopeo'],
  },
  {
    id: 'stale login, public image',
    plan: { files: { [authFile]: loginOf('somebody:wrong') } },
    cause: 'stale-login',
    pull: 'fails',
  },
  {
    id: 'login expired',
    plan: {
      files: { [authFile]: loginOf('AWS:old') },
      replies: [
        {
          host: tokenName,
          path: '^/token',
          authorization: 'Basic',
          status: 403,
          headers: json,
          body: registryError(
            'DENIED',
            'Your authorization token has expired. Reauthenticate and try again.',
          ),
        },
      ],
    },
    cause: 'token-expired',
    pull: 'fails',
  },
  {
    id: 'private or absent',
    plan: {},
    image: `${registryName}/nobody/knows:1.0`,
    cause: 'repository-missing',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'rate limit',
    plan: {
      replies: [
        {
          host: registryName,
          path: '/manifests/',
          status: 429,
          headers: {
            ...json,
            'retry-after': '1',
            'ratelimit-limit': '100;w=21600',
            'ratelimit-remaining': '0;w=21600',
            'docker-ratelimit-source': '10.77.1.1',
          },
          body: registryError('TOOMANYREQUESTS', 'You have reached your pull rate limit.'),
        },
      ],
    },
    cause: 'rate-limit',
    pull: 'fails',
  },
  {
    id: 'plain HTTP where TLS is due',
    plan: { shows: each([registryName], 'plain-http') },
    cause: 'http-for-https',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'provider refuses this address',
    plan: {
      replies: [
        {
          host: registryName,
          path: '^/',
          status: 403,
          headers: { 'content-type': 'text/html', server: 'CloudFront' },
          body: '<html><body><h1>403 ERROR</h1>The request could not be satisfied.</body></html>',
        },
      ],
    },
    cause: 'address-blocked',
    pull: 'fails',
    daemons: true,
  },
  {
    id: 'HTML where JSON is due',
    plan: {
      replies: [
        {
          host: registryName,
          path: '^/v2/.+/manifests',
          status: 200,
          headers: { 'content-type': 'text/html' },
          body: '<html><body>Please sign in to the network</body></html>',
        },
      ],
    },
    cause: 'page-in-place',
    pull: 'fails',
  },
  {
    id: 'mirror is dead, fallback is sound',
    plan: {
      files: {
        '/etc/containers/registries.conf': `[[registry]]\nlocation = "${registryName}"\n[[registry.mirror]]\nlocation = "${proxyName}"\n`,
      },
      blocks: [{ hosts: [proxyName], how: 'reset' }],
    },
    warns: ['mirror-fallback', 'registry-host-blocked', 'nothing-listens'],
    pull: 'works',
  },
  {
    id: 'registry is blocked by registries.conf',
    plan: {
      files: {
        '/etc/containers/registries.conf': `[[registry]]\nlocation = "${registryName}"\nblocked = true\n`,
      },
    },
    cause: 'registry-blocked-here',
    pull: 'fails',
  },
  {
    id: 'registries.conf of version 1',
    plan: {
      files: {
        '/etc/containers/registries.conf': `[registries.search]\nregistries = ["${registryName}"]\n[registries.insecure]\nregistries = []\n`,
      },
    },
    pull: 'works',
  },
  {
    id: 'short name, nothing to search',
    plan: { files: { '/etc/containers/registries.conf': 'unqualified-search-registries = []\n' } },
    image: 'demo/app:latest',
    cause: 'short-name',
    pull: 'fails',
    clients: ['podman'],
  },
  {
    id: 'short name, several to search and nobody to ask',
    plan: {
      files: {
        '/etc/containers/registries.conf':
          'unqualified-search-registries = ["one.test", "other.test"]\nshort-name-mode = "enforcing"\n',
      },
    },
    image: 'demo/app:latest',
    cause: 'short-name',
    pull: 'fails',
    clients: ['podman'],
  },
  {
    id: 'policy refuses',
    plan: { files: { '/etc/containers/policy.json': '{"default":[{"type":"reject"}]}' } },
    cause: 'signature-policy',
    pull: 'fails',
  },
  {
    id: 'policy wants a signature',
    plan: {
      files: {
        '/etc/containers/policy.json':
          '{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/etc/pki/missing.gpg"}]}',
      },
    },
    cause: 'signature-policy',
    pull: 'fails',
  },
  {
    id: 'credential helper missing',
    plan: {
      files: { [authFile]: JSON.stringify({ credHelpers: { [registryName]: 'nowhere' } }) },
    },
    cause: 'credential-helper',
    pull: 'fails',
  },
];
