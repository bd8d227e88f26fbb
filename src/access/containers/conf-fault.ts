// What a reader of configuration throws where the real client ends, and what that is for a report.
import type { ConfigProblem, Written } from '../route.ts';

/** A fault at one place; whoever reads the file makes a problem of it. */
export class ConfFault extends Error {
  readonly id: string;
  readonly written: Written;
  readonly hint: string;

  constructor(id: string, written: Written, message: string, hint: string) {
    super(message);
    this.id = id;
    this.written = written;
    this.hint = hint;
  }
}

/** The client ends here. @throws whatever is no fault of configuration */
export function fatalProblem(error: unknown): ConfigProblem {
  if (!(error instanceof ConfFault)) throw error;
  const { id, written, message, hint } = error;
  return { id, written, message, hint, isFatal: true };
}

const shownCharsMax = 100;

/** Quoted and escaped, without what may be a password. */
export function shown(text: string): string {
  const bare = text.replace(/\/\/[^/@]*@/, '//…@');
  return JSON.stringify(bare.length > shownCharsMax ? `${bare.slice(0, shownCharsMax)}…` : bare);
}
