// Runs the built command line on a terminal of its own (`script` of util-linux) and keeps what its screen shows.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, scratch } from './cli.ts';
import { TestScreen } from './screen.ts';

export interface PtyRun {
  readonly code: number;
  readonly screen: TestScreen;
  /** What was written to the terminal. */
  readonly written: string;
}

export interface Pty {
  readonly screen: TestScreen;
  readonly child: ChildProcess;
  /** Sends a signal to the command itself, as Ctrl-C does. */
  signal(name: NodeJS.Signals): void;
  resize(columns: number): void;
}

export interface PtyOptions {
  readonly columns: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told each time that something was written. */
  readonly onWritten?: (pty: Pty) => void;
}

/** For `by` of `cli`: the words go through a shell, which is why they may hold no quotes. */
export async function onTerminal(words: readonly string[], options: PtyOptions): Promise<PtyRun> {
  const screen = new TestScreen(options.columns);
  const note = join(scratch(), 'terminal');
  let written = '';
  const { code } = await cli(words, {
    env: { NO_COLOR: undefined, TERM: 'xterm', LC_ALL: 'C.UTF-8', ...options.env },
    by: (program, all) => {
      const command = [program, ...all].map((word) => `'${word}'`).join(' ');
      const before = `stty rows 30 cols ${options.columns}; echo $$ $(tty) > ${note}`;
      return ['script', ['-qefc', `${before}; exec ${command}`, '/dev/null']];
    },
    onStart: (child) => {
      const told = () => (existsSync(note) ? readFileSync(note, 'utf8').trim().split(' ') : []);
      const pty: Pty = {
        screen,
        child,
        signal: (name) => void process.kill(Number(told()[0]), name),
        resize: (columns) => {
          screen.columns = columns;
          execFileSync('stty', ['-F', told()[1] ?? '', 'cols', String(columns)]);
        },
      };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        written += text;
        screen.write(text);
        options.onWritten?.(pty);
      });
    },
  });
  return { code, screen, written };
}
