// Checks, faults and client profiles as pages, each from its catalogue.

import type { CatalogueFault } from '../../../mocks/faults/index.ts';
import { specUrl } from '../../../reports/spec-url.ts';
import type { CatalogueCheck } from '../../../src/checks/catalogue.ts';
import { needWords } from '../../../src/checks/check.ts';
import type { ClientProfile } from '../../../src/protocol/client.ts';
import { cell, code, pageOf, table } from './markdown.ts';

const needsSentence = Object.entries(needWords)
  .map(([need, words]) => `*${need}*, ${words}`)
  .join('; ');

export function checksPage(checks: readonly CatalogueCheck[]): string {
  const rooms = Map.groupBy(checks, ({ room }) => room);
  return pageOf(
    'Checks',
    `${checks.length} checks of \`pullproof conform\`, by room. MUST and SHOULD are those of the spec; COMPAT is what clients rely on. Those that need *push* are left out by \`--read-only\`. \`pullproof explain ID\` says why a check matters, and which faults prove it; the sentences of the specs behind them: [requirements.md](../requirements.md).`,
    `A check says something only where what it needs is so: ${needsSentence}.`,
    ...[...rooms].flatMap(([room, members]) => [
      `## ${room}`,
      table(
        ['check', 'level', 'requirement', 'needs'],
        members.map(({ id, level, requirement, section, needs }) => {
          const url = specUrl(section);
          const shown = cell(requirement);
          return [
            code(id),
            level,
            url === undefined ? shown : `${shown} [§](${url})`,
            needs.join(', '),
          ];
        }),
      ),
    ]),
  );
}

export function faultsPage(faults: readonly CatalogueFault[]): string {
  const files = Map.groupBy(faults, ({ file }) => file.replace(/^mocks\/faults\/|\.ts$/g, ''));
  return pageOf(
    'Faults of the mock',
    `${faults.length} ways of being wrong, for \`pullproof mock --fault ID\` and \`createRegistry({ faults: ['ID'] })\`. \`pullproof explain ID\` says where each was seen in the wild; which checks notice it: [kill-matrix.md](../kill-matrix.md). Those that are *legal* break no spec.`,
    ...[...files].flatMap(([file, members]) => [
      `## ${file}`,
      table(
        ['fault', 'what is wrong', 'where'],
        members.map(({ id, title, layer, legal }) => [
          code(id),
          cell(title) + (legal === undefined ? '' : ' (legal)'),
          layer,
        ]),
      ),
    ]),
  );
}

/** Every value of every profile, a row for each field, with dots where fields are within fields. */
export function profilesPage(profiles: Readonly<Record<string, ClientProfile>>): string {
  return pageOf(
    'Client profiles, value by value',
    'What `pullproof load --client NAME` does on the wire. Names of fields end in their unit (`Ms`: milliseconds; `Bytes`; `Max`: a count); what each means is told in `src/protocol/client.ts`, where each value comes from in [client-facts.md](../client-facts.md), and what sets the clients apart in [profiles.md](../profiles.md).',
    ...Object.entries(profiles).flatMap(([name, profile]) => {
      const { name: _, title, ...fields } = profile;
      return [`## ${name}`, `${title}.`, table(['field', 'value'], rowsOfValue(fields, ''))];
    }),
  );
}

function rowsOfValue(value: object, path: string): string[][] {
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (member === undefined) return [];
    const isNested = typeof member === 'object' && member !== null && !Array.isArray(member);
    return isNested ? rowsOfValue(member, at) : [[code(at), code(shown(member))]];
  });
}

function shown(member: unknown): string {
  if (typeof member === 'string') return member === '' ? '(empty)' : member;
  if (!Array.isArray(member)) return String(member);
  return member.map((one) => (Array.isArray(one) ? one.join(': ') : String(one))).join('; ');
}
