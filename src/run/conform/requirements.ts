// What the requirement ledger comes to: which checks its globs mean, and how much of it is covered how.
import { ledger } from '../../checks/ledger/ledger.ts';
import {
  type LedgerSection,
  type Requirement,
  type RequirementLevel,
  requirementLevels,
} from '../../checks/ledger/requirement.ts';
import { matchesAny } from '../../lib/globs.ts';

/** Where checks and tests of the client cover a requirement together, checks it is. */
export const coverageKinds = ['checks', 'client', 'unobservable'] as const;

export type CoverageKind = (typeof coverageKinds)[number];

export interface RequirementTotals {
  readonly level: RequirementLevel | 'all';
  /** Entries of the ledger. */
  readonly requirements: number;
  /** Words of the level in the texts. */
  readonly keywords: number;
  readonly by: Readonly<Record<CoverageKind, number>>;
}

export function coverageKindOf(requirement: Requirement): CoverageKind {
  if ('unobservable' in requirement) return 'unobservable';
  return requirement.checks === undefined ? 'client' : 'checks';
}

/** The checks that cover a requirement, of those given, in their order. */
export function checksOf(requirement: Requirement, ids: readonly string[]): string[] {
  if ('unobservable' in requirement || requirement.checks === undefined) return [];
  const { checks } = requirement;
  return ids.filter((id) => matchesAny(checks, id));
}

/** In one line: ids and globs of checks, tests, or the reason. */
export function coverageOf(requirement: Requirement): string {
  if ('unobservable' in requirement) return `unobservable: ${requirement.unobservable}`;
  const { checks = [], client = [] } = requirement;
  const parts = [
    checks.length === 0 ? '' : `checks: ${checks.join(', ')}`,
    client.length === 0 ? '' : `client: ${client.map(nameOf).join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function nameOf({ file, test }: { file: string; test: string }): string {
  return `${file} "${test}"`;
}

/** A row for each level, then one for all; of the sections given. */
export function requirementTotals(
  sections: readonly LedgerSection[] = ledger,
): RequirementTotals[] {
  const requirements = sections.flatMap((section) => section.requirements);
  return [...requirementLevels, 'all' as const].map((level) => {
    const those = requirements.filter((each) => level === 'all' || each.level === level);
    const count = (kind: CoverageKind) =>
      those.filter((requirement) => coverageKindOf(requirement) === kind).length;
    return {
      level,
      requirements: those.length,
      keywords: those.reduce((sum, { keywords = 1 }) => sum + keywords, 0),
      by: { checks: count('checks'), client: count('client'), unobservable: count('unobservable') },
    };
  });
}
