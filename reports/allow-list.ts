// Names to let through, in forms to paste: for people and programs, squid, nftables, Cilium and harden-runner. Names are
// written, never what they resolve to; each with its reason where the form has comments.

import { ciliumPolicy } from './allow-list-cilium.ts';
import {
  type AllowedHost,
  allowedHosts,
  headLines,
  isPattern,
  namePort,
} from './allow-list-hosts.ts';
import { nftablesRules } from './allow-list-nftables.ts';
import { squidRules } from './allow-list-squid.ts';
import { csvText } from './csv-text.ts';
import { hostColumns } from './doctor-words.ts';
import type { DoctorResult, Results } from './results.ts';

/** What `--format` of `doctor` takes besides the formats of reports. */
export const allowListFormats = {
  csv,
  squid: squidRules,
  nftables: nftablesRules,
  cilium: ciliumPolicy,
  'harden-runner': hardenRunner,
} satisfies Record<string, (results: Results, doctor: DoctorResult) => string>;

type AllowListFormat = keyof typeof allowListFormats;

/** '' for a run that is no diagnosis, and for a name that is none of these. */
export function renderAllowList(name: string, results: Results): string {
  const { doctor } = results;
  if (doctor === undefined || !Object.hasOwn(allowListFormats, name)) return '';
  return allowListFormats[name as AllowListFormat](results, doctor);
}

const fieldCharsMax = 1_000;

/** All columns, so that a spreadsheet can sort; `--expect-host` reads it back. */
function csv(_: Results, { hostList }: DoctorResult): string {
  const rows = hostList
    .filter(({ allow }) => allow)
    .map((row) => {
      const { observed, documented, expected } = hostColumns(row);
      const source = row.documented?.source ?? '';
      return [row.host, String(row.port), row.reason, observed, documented, source, expected];
    });
  const head = ['host', 'port', 'reason', 'observed', 'documented', 'source', 'expected'];
  return [head, ...rows]
    .map((cells) => `${cells.map((text) => csvText(text, fieldCharsMax)).join(',')}\n`)
    .join('');
}

/** The input `allowed-endpoints` of step-security/harden-runner: hosts with ports, a star in front at most. */
function hardenRunner(results: Results, doctor: DoctorResult): string {
  const { hosts, leftOut } = allowedHosts(doctor);
  const fits = ({ host }: AllowedHost) => !isPattern(host.replace(/^\*\./, ''));
  const written = hosts.filter(fits);
  const more = hosts.filter((one) => !fits(one)).map(namePort);
  const reasons = written.map((one) => `#   ${namePort(one)}: ${one.reason}`);
  return [
    ...headLines(results, doctor),
    '# For `with:` of step-security/harden-runner, with egress-policy: block.',
    ...reasons,
    ...more.map((name) => `# Left out, stars are taken in front alone: ${name}`),
    ...leftOut.map((name) => `# Left out, no name: ${name}`),
    'allowed-endpoints: >',
    ...written.map((one) => `  ${namePort(one)}`),
    '',
  ].join('\n');
}
