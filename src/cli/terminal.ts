// What people see on standard error: progress that gives way to the next line, errors with a way out.
import { stripVTControlCharacters } from 'node:util';
import { withoutCommands } from '../../reports/untrusted.ts';
import { UserError } from '../lib/user-error.ts';

/**
 * Untrusted words (a registry's, a file's) must not steer the terminal, nor turn its text around, nor be
 * commands to what keeps the log.
 */
export function plain(text: string): string {
  const stripped = stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) =>
    /[\n\t]/.test(char) ? char : '',
  );
  return withoutCommands(stripped);
}

/** Silence on a pipe that ticks, once a second, do not let pass: less than 10 s. */
const silenceMsMax = 8_500;

export class Terminal {
  readonly #live: boolean;
  readonly #quiet: boolean;
  #shown = false;
  #spokeAt = Date.now();
  #hasWorked = false;

  constructor(quiet: boolean) {
    this.#quiet = quiet;
    this.#live = process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !quiet;
  }

  /** A line that the next one replaces; on a pipe nothing, so that logs stay short. */
  readonly live = (line: string): void => {
    if (!this.#live) return;
    const width = process.stderr.columns || 80;
    process.stderr.write(
      `\r\u001b[K${plain(line)
        .replace(/\s+/g, ' ')
        .slice(0, width - 1)}`,
    );
    this.#shown = true;
  };

  /** Progress of something slow: live on a terminal, on a pipe a line now and then. */
  readonly work = (line: string): void => {
    if (this.#live || this.#hasWorked) {
      this.tick(line);
      return;
    }
    this.#hasWorked = true;
    this.say(line);
  };

  /** Live on a terminal; on a pipe a line when nothing was said for long. */
  readonly tick = (line: string): void => {
    this.live(line);
    if (!this.#live && Date.now() - this.#spokeAt >= silenceMsMax) this.say(line);
  };

  /** A line that stays. */
  readonly say = (line: string): void => {
    if (this.#quiet) return;
    this.#spokeAt = Date.now();
    this.clear();
    process.stderr.write(`${plain(line)}\n`);
  };

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}

export function printError(error: unknown): void {
  if (error instanceof UserError) {
    process.stderr.write(`error: ${plain(error.message)}\n  hint: ${plain(error.hint)}\n`);
    return;
  }
  const known = error instanceof Error;
  process.stderr.write(
    `error: a defect of pullproof: ${plain(known ? error.message : String(error))}\n` +
      '  hint: please report it, with the output of the same command with PULLPROOF_DEBUG=1.\n',
  );
  if (process.env.PULLPROOF_DEBUG === '1' && known)
    process.stderr.write(`${plain(error.stack ?? '')}\n`);
}
