// What every ledger of requirements is made of: levels, counts of the words that set them, and the tests that
// show that pullproof itself keeps one.

/** REQUIRED stands under MUST, RECOMMENDED under SHOULD, OPTIONAL under MAY. */
export const requirementLevels = ['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY'] as const;

export type RequirementLevel = (typeof requirementLevels)[number];

/** How often each level's words stand in a section. */
export type KeywordCounts = Readonly<Partial<Record<RequirementLevel, number>>>;

/** A test that shows that pullproof itself, as a client, keeps a requirement. */
export interface ClientTest {
  readonly file: string;
  /** As it stands in the file, placeholders of `test.each` included. */
  readonly test: string;
}

/** One normative sentence of a spec, in our own words. */
export interface RequirementWords {
  /** For ever, as ids of checks are. */
  readonly id: string;
  readonly level: RequirementLevel;
  /** How often words of this level stand in the sentence, default 1; 0: it binds without one. */
  readonly keywords?: number;
  /** The requirement in our own words. */
  readonly says: string;
}
