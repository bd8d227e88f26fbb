// The scripts of `pullproof complete`, driven by the shells that they are for. PowerShell is not to be had here.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { completionsOf } from '../../src/cli/complete-words.ts';
import { completionScripts } from '../../src/cli/completion-scripts.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { shellWord } from '../../src/lib/shell-word.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { runTool, testWith } from '../lib/tools.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-completion-'));
const launcher = join(packageRoot, 'src/cli/launcher.ts');
writeFileSync(
  join(folder, 'pullproof'),
  `#!/bin/sh\nexec ${shellWord(process.execPath)} ${shellWord(launcher)} "$@"\n`,
);
chmodSync(join(folder, 'pullproof'), 0o755);
for (const [shell, script] of Object.entries(completionScripts)) {
  writeFileSync(join(folder, `script.${shell}`), script);
}
mkdirSync(join(folder, 'a folder'));
writeFileSync(join(folder, 'a file.json'), '{}');
const variables = { PATH: [folder, process.env.PATH].join(delimiter), HOME: folder };

/** A line up to the cursor; a word that must be offered; one that must not. */
const lines: readonly (readonly [line: string, wanted: string, unwanted: string])[] = [
  ['pullproof lo', 'load', 'doctor'],
  ['pullproof report co', 'compare', 'merge'],
  ['pullproof load --vu', '--vus', '--client'],
  ['pullproof load --vus 3 --client po', 'podman', 'docker'],
  ['pullproof mock --fault blob-fl', 'blob-flipped-byte', 'load'],
];

/** The words are the program's own, whatever the shell: what comes of them is asked once. */
const asked: readonly (readonly [earlier: string, current: string, wanted: string, not: string])[] =
  [
    ['report compare', '--', '--min-effect', '--slo'],
    ['report merge', '--', '--slo', '--base'],
    ['report RUN', '--', '--verbose', '--base'],
    ['report', '--', '--base', '--nothing'],
    ['conform --section', 'pulling', 'pulling-blobs', 'pushing-blobs'],
    ['doctor --platform', 'linux/arm', 'linux/arm64', 'linux/amd64'],
    ['load', '--platform=linux/amd', '--platform=linux/amd64', '--platform=linux/arm64'],
    ['load --', '--', ':none', '--vus'],
    ['report compare', './', ':files', ':none'],
    ['report compare --base', '', ':folders', ':files'],
    ['validate --out', '', ':folders', ':files'],
  ];

test.each(asked)('after %s, %s is completed by %s and not by %s', async (earlier, ...rest) => {
  const [current, wanted, unwanted] = rest;
  const words = earlier.split(' ');
  const { words: offered, paths } = await completionsOf(verbs, words, current);
  const all = [...offered.map(([word]) => word), `:${paths}`];
  expect(all).toContain(wanted);
  expect(all).not.toContain(unwanted);
});

/** What bash has done when a line has been typed: its words are split as readline splits them. */
const bashDriver = String.raw`
COMP_LINE=$1 COMP_POINT=${'$'}{#1}; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_pullproof; printf '%s\n' "${'$'}{COMPREPLY[@]}"
`;

async function inBash(line: string, words: readonly string[]): Promise<string[]> {
  const script = `cd ${shellWord(folder)}; . ./script.bash; ${bashDriver}`;
  const { output } = await runTool(
    'bash',
    ['--norc', '-c', script, 'bash', line, ...words],
    variables,
  );
  return output.trim().split('\n');
}

testWith('bash')(
  'bash completes verbs, words, flags and names, without the package bash-completion',
  async () => {
    for (const [line, wanted, unwanted] of lines) {
      const offered = await inBash(line, line.split(' '));
      expect(offered, line).toContain(wanted);
      expect(offered, line).not.toContain(unwanted);
    }
    // Split at = and :, as COMP_WORDBREAKS has it; only what follows the last of them is bash's to replace.
    expect(
      await inBash('pullproof load --client=po', ['pullproof', 'load', '--client', '=', 'po']),
    ).toContain('podman');
    const reference = ['pullproof', 'load', 'host', ':', '5000/a', '--shape', 'sp'];
    expect(await inBash('pullproof load host:5000/a --shape sp', reference)).toEqual(['spike']);
    expect(await inBash('pullproof validate a', ['pullproof', 'validate', 'a'])).toEqual(
      expect.arrayContaining(['a file.json', 'a folder']),
    );
    expect(
      await inBash('pullproof validate -- --str', ['pullproof', 'validate', '--', '--str']),
    ).toEqual(['']);
  },
);

testWith('fish')('fish completes the same, with descriptions', async () => {
  for (const [line, wanted, unwanted] of [
    ...lines,
    ['pullproof load --client=po', '--client=podman', '--client=docker'] as const,
  ]) {
    const script = `source ${folder}/script.fish; complete -C${shellWord(line)}`;
    const { output } = await runTool('fish', ['--no-config', '-c', script], variables);
    const offered = output
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0]);
    expect(offered, line).toContain(wanted);
    expect(offered, line).not.toContain(unwanted);
    if (line.endsWith(' lo')) expect(output).toMatch(/load\t.+/);
  }
});

/** A shell in a terminal of its own: the line, a tab, and what the widget had to offer is written to a file. */
const zshDriver = String.raw`
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z 'PS1=; autoload -Uz compinit; compinit -u -D; . ./script.zsh; LISTMAX=1000; echo rea''dy'
zpty -r -m z out '*ready*'
zpty -n -w z "$1"$'\t'$'\t'
local all= i
for i in {1..100}; do
  sleep 0.1
  while zpty -r -t z out; do all+=$out; done
  [[ $all == *$2* ]] && break
done
print -r -- "$all"
zpty -d z
`;

testWith('zsh')(
  'zsh completes in a terminal',
  async () => {
    // A terminal each: verbs, and values of flags.
    for (const [line, wanted] of [lines[0], lines[3]].filter((one) => one !== undefined)) {
      const script = `cd ${shellWord(folder)}; ${zshDriver}`;
      const { output } = await runTool('zsh', ['-f', '-c', script, 'zsh', line, wanted], variables);
      expect(stripVTControlCharacters(output), line).toContain(wanted);
    }
  },
  120_000,
);
