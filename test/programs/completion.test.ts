// The scripts of `pullproof complete`, driven by the shells that they are for. PowerShell is not to be had here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
/** The built one: a shell waits for it at every tab. */
const launcher = join(packageRoot, 'dist/src/cli/launcher.js');
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
writeFileSync(join(folder, 'b:c.json'), '{}');
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

/** A letter of the keyboard: back by one, complete, and (bound here) show the line and empty it. */
const keys = { left: '\x02', tab: '\t', show: '\x18\x10', clear: '\x18\x0c' };
// All that there is, at the first tab. What is typed while bash runs a command is no line to the terminal.
const bashStart = String.raw`
bind 'set enable-bracketed-paste off'; bind 'set completion-query-items 0'; bind 'set page-completions off'
bind 'set show-all-if-ambiguous on'
bind -x '"\C-x\C-p": printf "\nLINE<%s>\nEN''D\n" "$READLINE_LINE"'
bind -x '"\C-x\C-l": READLINE_LINE=; READLINE_POINT=0; printf "\nEMP''TY\n"'
stty columns 200 -icanon; . ./script.bash
echo rea''dy
`.trim();

/** Lines, with their tabs, in one bash at a terminal: what the line is then, and all that was shown. */
async function inBash(typed: readonly string[]): Promise<{ line: string; shown: string }[]> {
  const bash = spawn('script', ['-qefc', 'exec bash --norc --noprofile -i', '/dev/null'], {
    cwd: folder,
    env: { ...process.env, ...variables, TERM: 'dumb', PS1: '$ ', INPUTRC: '/dev/null' },
  });
  let shown = '';
  let wake = () => {};
  bash.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    wake();
  });
  const until = async (end: string) => {
    while (!shown.includes(end)) await new Promise<void>((resolve) => (wake = resolve));
    const all = shown.replaceAll('\r', '');
    shown = '';
    return all;
  };
  const seen: { line: string; shown: string }[] = [];
  bash.stdin.write(`${bashStart.replaceAll('\n', '; ')}\n`);
  await until('ready\r\n');
  for (const one of typed) {
    bash.stdin.write(`${one}${keys.show}`);
    const all = await until('\nEND');
    seen.push({ line: /LINE<(.*)>/.exec(all)?.[1] ?? '', shown: all });
    bash.stdin.write(keys.clear);
    // The line may be shown again before.
    await until('\nEMPTY');
  }
  bash.stdin.end('exit\n');
  await once(bash, 'close');
  return seen;
}

/** What is typed, and what becomes of it. */
const bashLines: readonly (readonly [typed: string, line: string])[] = [
  ['pullproof load "--client=apple', 'pullproof load "--client=apple-container" '],
  ["pullproof load --client 'apple", "pullproof load --client 'apple-container' "],
  ['pullproof load --client="apple', 'pullproof load --client="apple-container" '],
  ['pullproof load host:5000/re --shape=sp', 'pullproof load host:5000/re --shape=spike '],
  ['pullproof load host:5000/re', 'pullproof load host:5000/re'],
  [`pullproof load --shape=spx r${keys.left.repeat(3)}`, 'pullproof load --shape=spikex r'],
  ['pullproof "load" \'a b\' --shape sp', 'pullproof "load" \'a b\' --shape spike '],
  ['pullproof -V lo', 'pullproof -V load '],
  ['pullproof help lo', 'pullproof help load '],
  ['pullproof validate a\\ fi', 'pullproof validate a\\ file.json '],
  ['pullproof validate -- "a fi', 'pullproof validate -- "a file.json" '],
  ['pullproof validate -- --str', 'pullproof validate -- --str'],
  ['pullproof validate b:', 'pullproof validate b:c.json '],
  ['pullproof load --plan=b:', 'pullproof load --plan=b:c.json '],
  ['pullproof load "--plan=b', 'pullproof load "--plan=b:c.json" '],
  ['pullproof list >b', 'pullproof list >b\\:c.json '],
  ['pullproof list 2> x --fo', 'pullproof list 2> x --format '],
];

testWith('bash', 'script')(
  'bash completes verbs, words, flags and names, without the package bash-completion',
  async () => {
    const typed = [...lines, ...bashLines].map(([line]) => `${line}${keys.tab}`);
    const seen = await inBash(typed);
    for (const [index, [line, wanted, unwanted]] of lines.entries()) {
      const { shown = '', line: completed = '' } = seen[index] ?? {};
      const words = new Set(`${shown} ${completed}`.split(/\s+/));
      expect(words, line).toContain(wanted);
      expect(words, line).not.toContain(unwanted);
    }
    const ends = seen.slice(lines.length).map(({ line }) => line);
    expect(ends).toEqual(bashLines.map(([, line]) => line));
  },
  120_000,
);

testWith('fish')('fish completes the same, with descriptions', async () => {
  for (const [line, wanted, unwanted] of [
    ...lines,
    ['pullproof load --client=po', '--client=podman', '--client=docker'] as const,
    ['pullproof load "--client=po', '--client=podman', '--client=docker'] as const,
    ['pullproof validate a\\ f', 'a file.json', 'a'] as const,
    ['pullproof load --plan="a f', '--plan=a file.json', 'a file.json'] as const,
  ]) {
    const script = `cd ${folder}; source ${folder}/script.fish; complete -C${shellWord(line)}`;
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
