// What an entry of the ledger of documents is: one normative sentence of image-spec, or one statement of a
// manual of the clients, and the rules that hold documents to it. The tables are beside this file.
import type { ClientTest, KeywordCounts, RequirementWords } from '../../lib/requirement.ts';

/** By rules over documents, by tests of pullproof itself; or not at all, for a reason. */
type Coverage =
  | {
      /** Ids of rules, or globs over ids (`*`: any text). */
      readonly rules: readonly string[];
    }
  | { readonly client: readonly ClientTest[] }
  | { readonly unobservable: string };

export type DocumentRequirement = Coverage &
  RequirementWords & {
    /** A document, layer, layout or file of a client; a program; or another specification. */
    readonly binds: 'document' | 'program' | 'specification';
  };

/** A section of a text that has normative sentences. */
export interface DocumentSection {
  /** Anchor, as `spec` of rules. */
  readonly section: string;
  /** What test/lib/count-keywords.ts counts in the text. */
  readonly keywords: KeywordCounts;
  readonly requirements: readonly DocumentRequirement[];
}
