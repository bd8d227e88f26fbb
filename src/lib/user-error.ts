// The one error class for what a user can mend: wrong input, an unreachable target, a full disk.

/** DESIGN of exit codes: 2 wrong usage or input, 3 target unreachable or set-up failed. */
export class UserError extends Error {
  /** Stable slug, for machines and tests. */
  readonly code: string;
  /** What to do next, one sentence. */
  readonly hint: string;
  readonly exitCode: 2 | 3;

  constructor(code: string, message: string, hint: string, exitCode: 2 | 3 = 2) {
    super(message);
    this.name = 'UserError';
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}
