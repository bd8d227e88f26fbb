// What people see on standard error: progress that gives way to what comes next, errors with a way out.
import { stripVTControlCharacters } from 'node:util';
import { painter } from '../../reports/text-layout.ts';
import { withoutCommands } from '../../reports/untrusted.ts';
import { UserError } from '../lib/user-error.ts';
import type { View } from '../run/view.ts';
import { LiveBlock } from './live-block.ts';
import { showsUnicode, wantsColor } from './terminal-features.ts';
import { rowsOf, type Screen } from './view-rows.ts';

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

/** Off a terminal a line with the figures comes once in so long. */
const lineMs = 10_000;
/** Ticks come once a second: one that is early by less is the one that is due. */
const slackMs = 500;

/** There is one standard error, so what is shown at its end is known to all who write to it. */
const block = new LiveBlock(process.stderr);

export class Terminal {
  readonly #live: boolean;
  readonly #quiet: boolean;
  #dueMs: number;
  #hasWorked = false;
  #followed = '';

  /** `sinceMs`: since when somebody waits, as Date.now() tells it; since the process started, unless said. */
  constructor(quiet: boolean, sinceMs = performance.timeOrigin) {
    this.#quiet = quiet;
    this.#dueMs = sinceMs + lineMs;
    this.#live = process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !quiet;
  }

  /** What the next one replaces; on a pipe nothing, so that logs stay short. */
  readonly live = (told: string | View): void => {
    if (!this.#live) return;
    const view = typeof told === 'string' ? { title: told, rows: [], line: told } : told;
    block.show(() => rowsOf(view, screenOf(process.stderr), plain));
  };

  /** Progress of something slow: live on a terminal, on a pipe a line now and then. */
  readonly work = (line: string): void => {
    if (this.#live || this.#hasWorked) {
      this.tick(() => line);
      return;
    }
    this.#hasWorked = true;
    this.say(line);
  };

  /** Live on a terminal; on a pipe a line every ten seconds. */
  readonly tick = (tell: () => string | View): void => {
    if (this.#live) {
      this.live(tell());
      return;
    }
    const earlyMs = this.#dueMs - Date.now();
    if (this.#quiet || earlyMs > slackMs) return;
    this.#dueMs += lineMs * Math.max(1, Math.ceil((slackMs - earlyMs) / lineMs));
    const told = tell();
    this.say(typeof told === 'string' ? told : told.line);
  };

  /** Where something is that goes on for long: live on a terminal, on a pipe a line whenever it is another. */
  readonly follow = (view: View): void => {
    if (this.#live) {
      this.live(view);
      return;
    }
    if (view.line !== this.#followed) this.say(view.line);
    this.#followed = view.line;
  };

  /** A line that stays. */
  readonly say = (line: string): void => {
    if (this.#quiet) return;
    const text = `${plain(line)}\n`;
    if (this.#live) block.above(text);
    else process.stderr.write(text);
  };

  clear(): void {
    block.clear();
  }
}

function screenOf({ columns = 0, rows = 0 }: Partial<NodeJS.WriteStream>): Screen {
  const { env, platform } = process;
  return {
    columns: columns || 80,
    rows: rows || 24,
    unicode: showsUnicode(env, platform),
    paint: painter(wantsColor(true, env)),
  };
}

export function printError(error: unknown): void {
  block.clear();
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
