// `pullproof complete SHELL` prints a script for that shell, which asks `pullproof complete --current=WORD -- WORDS…`
// for what may stand at the cursor. Of our own: a library would have every verb loaded and declared again to it.
import { Argument } from 'commander';
import { UserError } from '../lib/user-error.ts';
import { completionsOf } from './complete-words.ts';
import { completionScripts } from './completion-scripts.ts';
import type { Verb, Verbs } from './verb.ts';

const shells = Object.keys(completionScripts);

export const complete: Verb = {
  declare(command) {
    command
      .addArgument(
        new Argument('[word...]', `${shells.join(', ')}; or with --current the words before it`),
      )
      .option('--current <word>', 'for the scripts: tell what may stand at the cursor')
      .addHelpText('after', help);
  },
  // At the cursor there may be nothing yet.
  takesEmptyWords: true,
  async run(words, { current }, { verbs }) {
    if (typeof current === 'string') {
      process.stdout.write(await linesOf(verbs, words, current));
      return 0;
    }
    const [shell = '', ...more] = words;
    const script = Object.hasOwn(completionScripts, shell) ? completionScripts[shell] : undefined;
    if (script === undefined || more.length > 0) {
      const said =
        words.length === 0
          ? 'no shell is named'
          : `${JSON.stringify(words.join(' '))} is no shell that is known`;
      throw new UserError('shell-unknown', said, `Name one of ${shells.join(', ')}.`);
    }
    process.stdout.write(script);
    return 0;
  },
};

/** A word, a tab and what it is for in each line; last what the shell adds: `:none`, `:files`, `:folders`. */
async function linesOf(verbs: Verbs, earlier: readonly string[], current: string): Promise<string> {
  const { words, paths } = await completionsOf(verbs, earlier, current);
  const lines = words.map(([word, description]) => `${word}\t${description}\n`);
  return `${lines.join('')}:${paths}\n`;
}

const help = `
Once, for each shell (make the folder first where there is none, by mkdir -p):
  bash        pullproof complete bash > ~/.local/share/bash-completion/completions/pullproof
              (without the package bash-completion: write it to a file that ~/.bashrc sources)
  zsh         pullproof complete zsh > DIR/_pullproof, for a DIR of $fpath, before compinit
  fish        pullproof complete fish > ~/.config/fish/completions/pullproof.fish
  powershell  pullproof complete powershell >> $PROFILE
`;
