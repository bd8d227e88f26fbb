// What `pullproof --help` says besides its verbs.
import { exitCodes } from './exit-codes.ts';

export const programAbout = 'Proves that a container registry serves pulls correctly and fast.';

export const programHelp = `
Examples:
  $ pullproof demo                                        everything once, against the mock
  $ pullproof validate manifest.json 'blobs/*.json'       a gate for CI
  $ pullproof conform http://127.0.0.1:5000/demo/app      what does this registry break?
  $ pullproof load registry.example/team/app:1.2 --vus 50 --duration 1m
  $ pullproof doctor registry.example/team/app:1.2        why does the pull fail here?

${exitCodeLines()}`;

function exitCodeLines(): string {
  return `Exit codes:\n${exitCodes.map(([code, meaning]) => `  ${String(code).padEnd(5)}${meaning}\n`).join('')}`;
}
