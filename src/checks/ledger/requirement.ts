// What an entry of the ledger is: one normative sentence of a spec, in our own words, and what shows that
// it is kept. The tables are beside this file, one for each part of the specs.

import type { ClientTest, KeywordCounts, RequirementWords } from '../../lib/requirement.ts';

/** By checks, by tests of our client, or by both where both are bound; or not at all, for a reason. */
export type Coverage =
  | {
      /** Ids of checks, or globs over ids (`*`: any text). */
      readonly checks: readonly string[];
      readonly client?: readonly ClientTest[];
    }
  | { readonly client: readonly ClientTest[]; readonly checks?: undefined }
  | { readonly unobservable: string };

export type Requirement = Coverage &
  RequirementWords & {
    readonly binds: 'registry' | 'client' | 'both' | 'token server';
  };

/** A section of a spec that has normative sentences. */
export interface LedgerSection {
  /** Anchor, as `section` of checks. */
  readonly section: string;
  /** What test/lib/count-keywords.ts counts in the text. */
  readonly keywords: KeywordCounts;
  readonly requirements: readonly Requirement[];
}
