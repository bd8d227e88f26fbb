// What all allow lists are made of: hosts whose names can stand in a configuration, each once, and the lines above.

import { moment } from './figures.ts';
import type { DoctorResult, Results } from './results.ts';
import { oneLine, withoutCommands } from './untrusted.ts';

export interface AllowedHost {
  /** A name, a pattern or an address, IPv6 in brackets; nothing in it means anything to a configuration. */
  readonly host: string;
  readonly port: number;
  /** One line, harmless in a comment. */
  readonly reason: string;
}

const nameText = /^[a-z0-9_*](?:[a-z0-9_*.-]{0,251}[a-z0-9_*])?$/;
const addressText = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]{2,45}\])$/;

/** Redirects name hosts: what is no name is told apart, and stands in no configuration. */
export function allowedHosts({ hostList }: DoctorResult): {
  hosts: AllowedHost[];
  leftOut: string[];
} {
  const hosts = new Map<string, AllowedHost>();
  const leftOut: string[] = [];
  for (const { host, port, reason, documented, allow } of hostList) {
    if (!allow) continue;
    const name = host.toLowerCase();
    if (!nameText.test(name) && !addressText.test(name)) {
      leftOut.push(comment(host));
      continue;
    }
    const date = documented?.date === '' ? 'undated' : documented?.date;
    const by = documented === null ? '' : `; documented by ${documented.source}, ${date}`;
    const one = { host: name, port, reason: comment(reason + by) };
    if (!hosts.has(namePort(one))) hosts.set(namePort(one), one);
  }
  return { hosts: [...hosts.values()], leftOut };
}

/** Letters that no form of comment takes for anything else. */
function comment(text: string): string {
  return withoutCommands(oneLine(text, 240)).replace(/[^\p{L}\p{N}\p{P}\p{Zs}+=~^|$]/gu, '?');
}

export function namePort({ host, port }: Pick<AllowedHost, 'host' | 'port'>): string {
  return `${host}:${port}`;
}

export function isPattern(host: string): boolean {
  return host.includes('*');
}

export function isAddress(host: string): boolean {
  return addressText.test(host);
}

/** Ports in order, with their hosts. */
export function byPort(hosts: readonly AllowedHost[]): [port: number, hosts: AllowedHost[]][] {
  const ports = [...new Set(hosts.map(({ port }) => port))].sort((a, b) => a - b);
  return ports.map((port) => [port, hosts.filter((one) => one.port === port)]);
}

/** What the list is, and what it is not. */
export function headLines(results: Results, doctor: DoctorResult, mark = '#'): string[] {
  const { client, name, image } = doctor;
  const what = comment(`${client} pulling ${name || image}`);
  return [
    `${mark} Hosts of ${what}, ${comment(moment(results.startedAt))}, by pullproof doctor.`,
    `${mark} Other pulls may be sent to other names: look again when one fails, and with --expect-host in CI.`,
  ];
}
