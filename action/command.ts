// The command line that the inputs come to: which of them means what to which verb is one table.
import { UserError } from '../src/lib/user-error.ts';
import type { ActionVerb, Inputs } from './inputs.ts';

type FlagInput = 'config' | 'baseline' | 'expect-hosts';

/** The flag of each verb; `compare`: the action itself compares the run afterwards. */
const flags: Readonly<Record<FlagInput, Partial<Record<ActionVerb, `--${string}` | 'compare'>>>> = {
  config: { validate: '--config', load: '--plan' },
  baseline: { validate: '--baseline', conform: '--baseline', load: 'compare' },
  'expect-hosts': { doctor: '--expect-host', conform: '--allow-host' },
};

/** The words of report that take a folder for what they make. */
const makers: ReadonlySet<string | undefined> = new Set(['compare', 'merge']);

export interface ActionCommand {
  readonly words: readonly string[];
  /** The folder that the run writes, as the command is given it; undefined where it writes none. */
  readonly out: string | undefined;
}

/**
 * `out` is where the run writes unless args say otherwise.
 * @throws UserError `input-useless`, `baseline-several` (exit 2)
 */
export function commandOf(inputs: Inputs, out: string): ActionCommand {
  const { verb, args } = inputs;
  const given: Readonly<Record<FlagInput, readonly string[]>> = {
    config: inputs.config === '' ? [] : [inputs.config],
    baseline: inputs.baseline,
    'expect-hosts': inputs.expectHosts,
  };
  const named = Object.entries(given).flatMap(([name, values]) =>
    flagsOf(verb, name as FlagInput, values),
  );
  const login = inputs.username === '' ? [] : [`--username=${inputs.username}`, '--password-stdin'];
  if (verb === 'report' && login.length > 0) throw useless(verb, 'username');
  const isMade = verb !== 'report' || makers.has(args[0]);
  const folder = isMade && outOf(args) === undefined ? [`--out=${out}`] : [];
  // Words of args may end in `--` and paths, or in a flag that takes several.
  const words =
    verb === 'report' ? [verb, ...args, ...folder] : [verb, ...folder, ...named, ...login, ...args];
  return { words, out: isMade ? (outOf(args) ?? out) : undefined };
}

function flagsOf(verb: ActionVerb, name: FlagInput, values: readonly string[]): string[] {
  const flag = flags[name][verb];
  if (values.length === 0 || flag === 'compare') return [];
  if (flag === undefined) throw useless(verb, name);
  if (name === 'baseline' && values.length > 1) {
    throw new UserError(
      'baseline-several',
      `baseline names ${values.length} files, and ${verb} reads one`,
      'Name one file; several are the earlier runs of load.',
    );
  }
  // One word: a value that begins with a hyphen is no flag of ours.
  return values.map((value) => `${flag}=${value}`);
}

function useless(verb: ActionVerb, name: string): UserError {
  const takers = name === 'username' ? [] : Object.keys(flags[name as FlagInput]);
  const hint = takers.length === 0 ? '' : ` It is for ${takers.join(' and ')}.`;
  return new UserError(
    'input-useless',
    `${verb} does nothing with ${name}`,
    `Leave it out, or write what you mean in args.${hint}`,
  );
}

/** The folder that args themselves name: the last one counts. */
function outOf(args: readonly string[]): string | undefined {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  const at = own.findLastIndex((word) => word === '--out' || word.startsWith('--out='));
  if (at === -1) return undefined;
  const word = own[at] as string;
  return word === '--out' ? own[at + 1] : word.slice('--out='.length);
}
