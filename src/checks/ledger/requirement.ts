// What an entry of the ledger is: one normative sentence of a spec, in our own words, and what shows that
// it is kept. The tables are beside this file, one for each part of the specs.

/** REQUIRED stands under MUST, RECOMMENDED under SHOULD, OPTIONAL under MAY. */
export const requirementLevels = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'] as const;

export type RequirementLevel = (typeof requirementLevels)[number];

/** How often each level's words stand in a section. */
export type KeywordCounts = Readonly<Partial<Record<RequirementLevel, number>>>;

/** A test that shows that our own client keeps a requirement. */
export interface ClientTest {
  readonly file: string;
  /** As it stands in the file, placeholders of `test.each` included. */
  readonly test: string;
}

/** By checks, by tests of our client, or by both where both are bound; or not at all, for a reason. */
export type Coverage =
  | {
      /** Ids of checks, or globs over ids (`*`: any text). */
      readonly checks: readonly string[];
      readonly client?: readonly ClientTest[];
    }
  | { readonly client: readonly ClientTest[]; readonly checks?: undefined }
  | { readonly unobservable: string };

export type Requirement = Coverage & {
  /** For ever, as ids of checks are. */
  readonly id: string;
  readonly level: RequirementLevel;
  /** How often words of this level stand in the sentence, default 1; 0: it binds without one. */
  readonly keywords?: number;
  readonly binds: 'registry' | 'client' | 'both' | 'token server';
  /** The requirement in our own words. */
  readonly says: string;
};

/** A section of a spec that has normative sentences. */
export interface LedgerSection {
  /** Anchor, as `section` of checks. */
  readonly section: string;
  /** What test/lib/count-keywords.ts counts in the text. */
  readonly keywords: KeywordCounts;
  readonly requirements: readonly Requirement[];
}
