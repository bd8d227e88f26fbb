// Sets and rules for nftables. It knows addresses alone: the sets are filled by whoever resolves the names, best by
// dnsmasq, whose lines for that are given.

import {
  type AllowedHost,
  allowedHosts,
  byPort,
  headLines,
  isAddress,
  isPattern,
} from './allow-list-hosts.ts';
import type { DoctorResult, Results } from './results.ts';

const families = [
  { name: 'v4', type: 'ipv4_addr', match: 'ip' },
  { name: 'v6', type: 'ipv6_addr', match: 'ip6' },
] as const;

export function nftablesRules(results: Results, doctor: DoctorResult): string {
  const { hosts, leftOut } = allowedHosts(doctor);
  const ports = byPort(hosts);
  return [
    ...headLines(results, doctor),
    '#',
    '# nftables filters addresses, not names, and the addresses of a CDN change by the minute. So the sets below are',
    '# empty: let the resolver that this host (or network) asks fill them. With dnsmasq 2.87 or newer:',
    '#',
    ...ports.flatMap(([port, ofPort]) => ofPort.flatMap((one) => dnsmasqLine(one, port))),
    '#',
    '# Nothing is let through until a chain of yours jumps here, above what drops:',
    '#   nft add rule inet filter output jump pullproof',
    ...leftOut.map((name) => `# Left out, no name: ${name}`),
    '',
    'table inet filter {',
    ...ports.flatMap(([port, ofPort]) => setLines(port, ofPort)),
    '\tchain pullproof {',
    ...ports.flatMap(([port]) =>
      families.map(
        ({ name, match }) =>
          `\t\t${match} daddr @pullproof_${port}_${name} tcp dport ${port} accept`,
      ),
    ),
    '\t}',
    '}',
    '',
  ].join('\n');
}

/** `nftset=/domain/…` is that domain and all below it; stars elsewhere it does not know. */
function dnsmasqLine({ host, reason }: AllowedHost, port: number): string[] {
  if (isAddress(host)) return [];
  const domain = host.replace(/^\*\./, '');
  if (isPattern(domain)) return [`#   (${host}: ${reason}; no pattern for dnsmasq)`];
  const sets = families.map(({ name }) => `${name.slice(1)}#inet#filter#pullproof_${port}_${name}`);
  return [`#   # ${reason}`, `#   nftset=/${domain}/${sets.join(',')}`];
}

function setLines(port: number, hosts: readonly AllowedHost[]): string[] {
  return families.flatMap(({ name, type }) => {
    const own = hosts
      .filter(({ host }) => isAddress(host) && host.startsWith('[') === (name === 'v6'))
      .map(({ host }) => host.replace(/^\[|\]$/g, ''));
    return [
      ...hosts
        .filter(({ host }) => !isAddress(host))
        .map((one) => `\t# ${one.host}: ${one.reason}`),
      `\tset pullproof_${port}_${name} {`,
      `\t\ttype ${type}`,
      ...(own.length === 0 ? [] : [`\t\telements = { ${own.join(', ')} }`]),
      '\t}',
    ];
  });
}
