// Lines for squid.conf, to stand above its last `http_access deny`.

import {
  type AllowedHost,
  allowedHosts,
  byPort,
  headLines,
  isAddress,
  isPattern,
} from './allow-list-hosts.ts';
import type { DoctorResult, Results } from './results.ts';

export function squidRules(results: Results, doctor: DoctorResult): string {
  const { hosts, leftOut } = allowedHosts(doctor);
  return [
    ...headLines(results, doctor),
    '# Put it above the last `http_access deny`, or `include` it there. CONNECT to ports other than 443 is mostly',
    '# denied above (SSL_ports).',
    ...leftOut.map((name) => `# Left out, no name: ${name}`),
    ...byPort(hosts).flatMap(([port, ofPort]) => ['', ...portRules(port, ofPort)]),
    '',
  ].join('\n');
}

function portRules(port: number, hosts: readonly AllowedHost[]): string[] {
  const domains = hosts.filter(({ host }) => !isAddress(host) && isDomain(host));
  const kinds = [
    // squid refuses a name beside a domain that has it.
    {
      acl: `pullproof_${port}`,
      type: 'dstdomain',
      hosts: domains.filter(({ host }) => !isCovered(host, domains)),
    },
    {
      acl: `pullproof_${port}_pattern`,
      type: 'dstdom_regex -i',
      hosts: hosts.filter(({ host }) => !isAddress(host) && !isDomain(host)),
    },
    {
      acl: `pullproof_${port}_address`,
      type: 'dst',
      hosts: hosts.filter(({ host }) => isAddress(host)),
    },
  ].filter((kind) => kind.hosts.length > 0);
  return [
    `acl pullproof_port_${port} port ${port}`,
    ...kinds.flatMap(({ acl, type, hosts: ofKind }) => [
      ...ofKind.flatMap(({ host, reason }) => [
        `# ${reason}`,
        `acl ${acl} ${type} ${domainOf(host)}`,
      ]),
      `http_access allow ${acl} pullproof_port_${port}`,
    ]),
  ];
}

/** A name, or one with a star as its first label. */
function isDomain(host: string): boolean {
  return !isPattern(host.replace(/^\*\./, ''));
}

/** By a domain `*.example.com` of the list. */
function isCovered(host: string, domains: readonly AllowedHost[]): boolean {
  return domains.some(
    (one) =>
      one.host.startsWith('*.') &&
      one.host !== host &&
      `.${host.replace(/^\*\./, '')}`.endsWith(one.host.slice(1)),
  );
}

/** `*.example.com` is `.example.com` there, which is the domain itself too. */
function domainOf(host: string): string {
  if (isAddress(host)) return host.replace(/^\[|\]$/g, '');
  if (isDomain(host)) return host.replace(/^\*\./, '.');
  const pattern = host
    .split('.')
    .map((label) =>
      label
        .split('*')
        .join('[a-z0-9_-]*')
        .replace(/^\[a-z0-9_-\]\*$/, '[a-z0-9_-]+'),
    )
    .join('\\.');
  return `^${pattern}$`;
}
