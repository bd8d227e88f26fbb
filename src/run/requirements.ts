// What the ledgers of requirements come to: which checks and rules their globs mean, and how much of them is
// covered how.
import { ledger } from '../checks/ledger/ledger.ts';
import type { LedgerSection, Requirement } from '../checks/ledger/requirement.ts';
import { matchesAny } from '../lib/globs.ts';
import { type RequirementLevel, requirementLevels } from '../lib/requirement.ts';
import { documentLedger } from '../validate/ledger/ledger.ts';
import type { DocumentRequirement, DocumentSection } from '../validate/ledger/requirement.ts';

/** An entry of either ledger. */
export type AnyRequirement = Requirement | DocumentRequirement;
export type AnySection = LedgerSection | DocumentSection;

/** That of registries, whose specs conform checks, and that of documents, which validate judges. */
export const allSections: readonly (AnySection & { readonly file: string })[] = [
  ...ledger,
  ...documentLedger,
];

/** Where checks and tests of the client cover a requirement together, checks it is. */
export const coverageKinds = ['checks', 'rules', 'client', 'unobservable'] as const;

export type CoverageKind = (typeof coverageKinds)[number];

export interface RequirementTotals {
  readonly level: RequirementLevel | 'all';
  /** Entries of the ledger. */
  readonly requirements: number;
  /** Words of the level in the texts. */
  readonly keywords: number;
  readonly by: Readonly<Record<CoverageKind, number>>;
}

export function coverageKindOf(requirement: AnyRequirement): CoverageKind {
  if ('unobservable' in requirement) return 'unobservable';
  if ('rules' in requirement) return 'rules';
  return 'checks' in requirement && requirement.checks !== undefined ? 'checks' : 'client';
}

/** The ids and globs of checks or rules that cover a requirement. */
export function patternsOf(requirement: AnyRequirement): readonly string[] {
  if ('rules' in requirement) return requirement.rules;
  return ('checks' in requirement ? requirement.checks : undefined) ?? [];
}

/** The checks or rules that cover a requirement, of those given, in their order. */
export function coveringIds(requirement: AnyRequirement, ids: readonly string[]): string[] {
  const patterns = patternsOf(requirement);
  return ids.filter((id) => matchesAny(patterns, id));
}

/** In one line: ids and globs, tests, or the reason. */
export function coverageOf(requirement: AnyRequirement): string {
  if ('unobservable' in requirement) return `unobservable: ${requirement.unobservable}`;
  const patterns = patternsOf(requirement);
  const client = 'client' in requirement ? (requirement.client ?? []) : [];
  const parts = [
    patterns.length === 0 ? '' : `${coverageKindOf(requirement)}: ${patterns.join(', ')}`,
    client.length === 0 ? '' : `client: ${client.map(nameOf).join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function nameOf({ file, test }: { file: string; test: string }): string {
  return `${file} "${test}"`;
}

/** A row for each level, then one for all; of the sections given. */
export function requirementTotals(
  sections: readonly AnySection[] = allSections,
): RequirementTotals[] {
  const requirements = sections.flatMap(
    (section): readonly AnyRequirement[] => section.requirements,
  );
  return [...requirementLevels, 'all' as const].map((level) => {
    const those = requirements.filter((each) => level === 'all' || each.level === level);
    const count = (kind: CoverageKind) =>
      those.filter((requirement) => coverageKindOf(requirement) === kind).length;
    return {
      level,
      requirements: those.length,
      keywords: those.reduce((sum, { keywords = 1 }) => sum + keywords, 0),
      by: {
        checks: count('checks'),
        rules: count('rules'),
        client: count('client'),
        unobservable: count('unobservable'),
      },
    };
  });
}
