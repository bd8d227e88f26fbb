// A shell in which the commands of one page are run, one after the other, as a reader types them.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeless } from '../cli.ts';
import type { DocWorld } from './world.ts';

export interface Ran {
  readonly code: number;
  /** Both streams. */
  readonly printed: string;
}

/** What is run in place of what is written: shorter, or where a reader's own things would be. */
const rewrites: readonly [RegExp, string][] = [
  [/\bnpx (?:--yes |-y )?pullproof\b/g, 'pullproof'],
  [/\bnpm run (?:-s |--silent )?pullproof --/g, 'pullproof'],
  [/\bsudo /g, ''],
  // A load that says nothing of its length, nor by what else it ends.
  [/^(pullproof load)(?!.* --(?:duration|iterations|shape|trace|plan)\b)/gm, '$1 --duration 300ms'],
  [/--duration \S+/g, '--duration 300ms'],
  [/--calibrate \d+/g, '--calibrate 2'],
  [/^(?<key> *duration: )\S+$/gm, '$<key>300ms'],
  [/\bIMAGE\b(?!=)/g, 'registry.example/team/app:1.2'],
];

const commandMsMax = 120_000;
const mockMsMax = 20_000;
const end = '<end-of-command>';

export class Session {
  readonly #shell: ChildProcess;
  readonly #port: number;
  #text = '';
  #ended = false;

  /** `ports`: for the mocks that the page starts. */
  constructor(world: DocWorld, folder: string, ownPort: number | undefined) {
    this.#port = ownPort ?? world.port;
    this.#shell = spawn('bash', ['--noprofile', '--norc'], {
      cwd: folder,
      detached: true,
      env: { ...process.env, ...homeless(), ...world.variables, NO_COLOR: '1' },
    });
    const keep = (chunk: Buffer) => {
      this.#text += chunk.toString();
    };
    this.#shell.stdout?.on('data', keep);
    this.#shell.stdin?.on('error', () => undefined);
    // In one pipe: what comes through two is not read in the order in which it is written.
    this.#shell.stdin?.write('exec 2>&1\n');
    this.#shell.once('close', () => {
      this.#ended = true;
    });
  }

  /** As it is run; what it prints names 127.0.0.1:5000 again. */
  async run(text: string): Promise<Ran> {
    const isMock = /^pullproof mock\b(?!.*--help)/.test(rewritten(text));
    const words = this.#placed(rewritten(text));
    if (isMock) return await this.#mock(words.replace(/\s*&\s*$/, ''));
    return await this.#ask(words);
  }

  /** A server goes on behind the next commands, until another takes its place. */
  async #mock(words: string): Promise<Ran> {
    const ended = await this.#ask('test -z "$mock" || { kill "$mock"; wait "$mock"; }');
    if (ended.code !== 0) throw new Error(`the mock before ended with ${ended.code}`);
    const started = await this.#ask(`${words} & mock=$!`);
    const url = `http://127.0.0.1:${this.#port}/v2/`;
    for (let ms = 0; ms < mockMsMax; ms += 100) {
      const isUp = await fetch(url).then(
        () => true,
        (error) => /certificate|wrong version|other side|socket/.test(String(error.cause)),
      );
      if (isUp) return started;
      const { code } = await this.#ask('kill -0 "$mock"');
      if (code !== 0) break;
      await sleep(100);
    }
    const { printed } = await this.#ask('wait "$mock"; mock=');
    return { code: 1, printed: `the mock does not answer at ${url}\n${started.printed}${printed}` };
  }

  async #ask(words: string): Promise<Ran> {
    this.#text = '';
    this.#shell.stdin?.write(`{\n${words}\n} </dev/null\necho "${end} $?"\n`);
    const closing = new RegExp(`^((?:.|\\n)*?)${end} (\\d+)\\n`);
    for (let ms = 0; ms < commandMsMax && !this.#ended; ms += 20) {
      const [, printed, code] = closing.exec(this.#text) ?? [];
      if (printed !== undefined) return { code: Number(code), printed: this.#written(printed) };
      await sleep(20);
    }
    throw new Error(`${words}\ndid not end; until then it printed:\n${this.#text}`);
  }

  #placed(text: string): string {
    const ports = `--port ${this.#port} --cdn-port 0 `;
    return text
      .replace(/^(pullproof mock )(?!.*--port)/, `$1${ports}`)
      .replace(/^(pullproof mock)$/, `$1 ${ports}`)
      .replaceAll(/(127\.0\.0\.1|localhost):5000\b/g, `$1:${this.#port}`);
  }

  #written(text: string): string {
    return text.replaceAll(`127.0.0.1:${this.#port}`, '127.0.0.1:5000');
  }

  close(): void {
    const { pid } = this.#shell;
    if (pid === undefined || this.#ended) return;
    try {
      process.kill(-pid, 'SIGTERM');
    } catch {
      // All of it is over.
    }
  }
}

/** Also for files that a page shows and its commands read. */
export function rewritten(text: string): string {
  return rewrites.reduce((all, [pattern, by]) => all.replaceAll(pattern, by), text);
}
