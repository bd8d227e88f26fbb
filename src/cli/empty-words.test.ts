// The rule of empty words, over every flag and argument that there is.
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { describeVerb } from './describe.ts';
import { refuseEmptyWords } from './empty-words.ts';
import { verbs } from './verbs.ts';

/** Parses and refuses as the command line does. */
async function parsed(name: string, words: readonly string[]): Promise<void> {
  const command = new Command(name).exitOverride().configureOutput({ writeErr: () => undefined });
  const verb = await verbs[name]?.load();
  verb?.declare(command);
  command.action(() => {
    if (verb?.takesEmptyWords !== true) refuseEmptyWords(command);
  });
  await command.parseAsync([...words], { from: 'user' });
}

describe.each(Object.keys(verbs).filter((name) => name !== 'complete'))('%s', (name) => {
  test('takes no empty word, and no empty value of a flag', async () => {
    const { flags, arguments: args } = (await describeVerb(verbs, name)) ?? { flags: [] };
    const given = flags.filter(({ value }) => value !== undefined).map(({ long }) => `${long}=`);
    // Where an argument has to be.
    const needed = args?.filter(({ isRequired }) => isRequired).map(() => 'x') ?? [];
    for (const words of [...given.map((flag) => [...needed, flag]), ['']]) {
      await expect(parsed(name, words), words.join(' ')).rejects.toThrow(/./);
    }
    await expect(parsed(name, needed)).resolves.toBeUndefined();
  });
});

test('at the cursor there may be nothing yet', async () => {
  await expect(parsed('complete', ['--current=', '--', 'load', ''])).resolves.toBeUndefined();
});
