// What a renderer may be told besides the results document: the terminal, the checkout, examples of rules.
// All of it has a default, so that every view stays a pure function.

/** The terminal that `text` is written to. */
export interface TextOptions {
  /** Emit colours (ANSI SGR sequences). */
  color: boolean;
  /** Columns of the terminal; less than 40 is taken as 40. */
  width: number;
  /** Name every document, not only those with findings. */
  verbose?: boolean;
  /** Emit hyperlinks (OSC 8): the file: URL of a file, undefined where there is none to open. */
  fileUrl?: (file: string) => string | undefined;
}

/** The folder that annotations and code scanning name files from. */
export interface Checkout {
  /** The file: URL of its root, with a slash at its end. */
  readonly url?: string;
  /** The path from the root, slashes between its parts; undefined for a file that lies elsewhere. */
  pathOf(file: string): string | undefined;
}

/** A document that breaks a rule, and one that comes close and is right, line by line. */
export interface RuleExample {
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

export interface RenderOptions extends TextOptions {
  readonly checkout: Checkout;
  /** By rule id. */
  readonly examples: ReadonlyMap<string, RuleExample>;
}

/** Text for a pipe, in a folder that is the root of its checkout. */
export const defaultOptions: RenderOptions = {
  color: false,
  width: 100,
  checkout: { pathOf: relativeAsGiven },
  examples: new Map(),
};

function relativeAsGiven(file: string): string | undefined {
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/+)+/, '');
  return path.startsWith('/') || /^[A-Za-z]:\//.test(path) || /(?:^|\/)\.\.(?:\/|$)/.test(path)
    ? undefined
    : path;
}
