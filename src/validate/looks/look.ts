// What a file is that is no document that we judge, and what to do with it: for a finding that helps.
// Only asked where there is a finding.

export interface Look {
  /** One sentence without its full stop. */
  readonly detail: string;
  /** What to do, one sentence or two. */
  readonly fix: string;
}

/** Of something that has a name. */
export function looksLike(what: string, fix: string): Look {
  return { detail: `this is ${what}`, fix };
}

/** Texts show what they are within so many characters. */
export const lookedAtChars = 65_536;
