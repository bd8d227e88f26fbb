// A kubectl that answers by a script, for what no cluster can be made to say at will. It keeps what it was asked.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { scratch } from './cli.ts';

export interface Answer {
  /** Fits the words, joined by blanks, without what is the same for all. */
  readonly asked: RegExp;
  /** The nth asking gets the nth, the last for ever after. */
  readonly replies: readonly Reply[];
}

export interface Reply {
  readonly stdout?: string;
  /** Of a file, as it is. */
  readonly file?: string;
  readonly stderr?: string;
  readonly code?: number;
  /** Before it ends. */
  readonly afterMs?: number;
}

interface Asked {
  readonly words: string;
  readonly stdin: string;
}

export interface ScriptedKubectl {
  /** With it in front. */
  readonly env: { readonly PATH: string; readonly KUBECONFIG: string };
  asked(): readonly Asked[];
}

/** Words that fit no answer get an empty one. */
export function scriptedKubectl(answers: readonly Answer[]): ScriptedKubectl {
  const folder = scratch();
  const log = join(folder, 'asked.ndjson');
  const counts = join(folder, 'counts');
  mkdirSync(counts);
  const script = answers.map(({ asked, replies }) => ({ asked: asked.source, replies }));
  writeFileSync(join(folder, 'script.json'), JSON.stringify(script));
  const program = join(folder, 'kubectl');
  writeFileSync(program, `#!${process.execPath}\n${source}`);
  chmodSync(program, 0o755);
  return {
    env: {
      PATH: [folder, process.env.PATH ?? ''].join(delimiter),
      KUBECONFIG: join(folder, 'none'),
    },
    asked: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [],
  };
}

/** Runs from a file without an ending, which Node takes for CommonJS. */
const source = `
const { appendFileSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const folder = dirname(process.argv[1]);
const words = process.argv.slice(2).filter((word) => !word.startsWith('--request-timeout')).join(' ');
const stdin = / -f -( |$)/.test(words) ? readFileSync(0, 'utf8') : '';
appendFileSync(join(folder, 'asked.ndjson'), JSON.stringify({ words, stdin }) + '\\n');
const script = JSON.parse(readFileSync(join(folder, 'script.json'), 'utf8'));
const at = script.findIndex(({ asked }) => new RegExp(asked).test(words));
const counts = join(folder, 'counts');
const nth = readdirSync(counts).filter((name) => name.startsWith(at + '-')).length;
writeFileSync(join(counts, at + '-' + process.pid), '');
const { replies } = script[at] ?? { replies: [{}] };
const { stdout = '', file, stderr = '', code = 0, afterMs = 0 } = replies[Math.min(nth, replies.length - 1)];
process.stdout.write(file === undefined ? stdout : readFileSync(file));
process.stderr.write(stderr);
process.exitCode = code;
setTimeout(() => undefined, afterMs);
`;
