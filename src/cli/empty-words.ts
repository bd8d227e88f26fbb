// An empty word names nothing: mostly it is a variable of a shell that was never set.
import type { Command } from 'commander';
import { UserError } from '../lib/user-error.ts';

/** @throws UserError `word-empty` (exit 2) for an empty argument, or an empty value of a flag */
export function refuseEmptyWords(command: Command): void {
  const flags: Readonly<Record<string, unknown>> = command.opts();
  const isEmpty = (value: unknown) => [value].flat().includes('');
  const flag = command.options.find((option) => isEmpty(flags[option.attributeName()]));
  if (flag === undefined && !isEmpty(command.args)) return;
  const what = flag === undefined ? `a word after ${command.name()}` : `the value of ${flag.long}`;
  const hint = 'Write it, or leave it out; a variable of the shell may be unset.';
  throw new UserError('word-empty', `${what} is empty`, hint);
}
