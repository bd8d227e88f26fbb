// The user's own kubectl as child processes: each call has a time limit and a bound on what it may say.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { programsOnPath } from '../../../../lib/node/programs.ts';
import { shellWord } from '../../../../lib/shell-word.ts';
import { UserError } from '../../../../lib/user-error.ts';
import type { Said } from './said.ts';

interface Asking {
  /** For its standard input: what must stand neither in arguments nor on disk. */
  readonly input?: string | undefined;
  /** Of the whole call. */
  readonly timeoutMs?: number | undefined;
  readonly bytesMax?: number | undefined;
}

const timeoutMsDefault = 20_000;
/** 1000 pods have about 12 MB. */
const bytesMaxDefault = 64 * 1024 * 1024;
const stderrCharsMax = 16_000;
/** As of a program that a signal ended. */
const killedCode = 137;

export class Kubectl {
  readonly #path: string;
  readonly #flags: readonly string[];
  readonly #children = new Set<ChildProcess>();

  private constructor(path: string, flags: readonly string[]) {
    this.#path = path;
    this.#flags = flags;
    process.once('exit', this.#endAll);
  }

  /** @throws UserError `kubectl-missing` (exit 2) */
  static async find(
    variables: Readonly<Record<string, string | undefined>>,
    context: string | undefined,
  ): Promise<Kubectl> {
    const flags = context === undefined ? [] : ['--context', context];
    for await (const path of programsOnPath('kubectl', variables)) return new Kubectl(path, flags);
    throw new UserError(
      'kubectl-missing',
      '--apply works by kubectl, and there is none on the PATH',
      'Install kubectl (https://kubernetes.io/docs/tasks/tools/), or leave out --apply and follow the README.md of the folder elsewhere.',
    );
  }

  /** The same in a namespace. */
  in(namespace: string): Kubectl {
    return new Kubectl(this.#path, [...this.#flags, '--namespace', namespace]);
  }

  /** A command for people to type. */
  typed(...words: readonly string[]): string {
    return ['kubectl', ...this.#flags, ...words].map(shellWord).join(' ');
  }

  /** Resolves however it ends. */
  async run(words: readonly string[], asking: Asking = {}): Promise<Said> {
    const { timeoutMs = timeoutMsDefault, bytesMax = bytesMaxDefault } = asking;
    const chunks: Buffer[] = [];
    let bytes = 0;
    // What goes on for long is one request, too: there the limit of the call has to do.
    const isOne = words[0] === 'exec' || words[0] === 'kustomize';
    const limit = isOne ? [] : [`--request-timeout=${Math.ceil(timeoutMs / 1000)}s`];
    const limited = [...limit, ...words];
    const ended = await this.#spawned(limited, asking.input, timeoutMs + 2000, (chunk) => {
      bytes += chunk.length;
      if (bytes > bytesMax) return `it said more than ${bytesMax} bytes`;
      chunks.push(chunk);
      return undefined;
    });
    return { ...ended, stdout: Buffer.concat(chunks).toString() };
  }

  /** Hands on what it says while it says it, up to `bytesMax`; ended when it has been silent for so long. */
  async stream(
    words: readonly string[],
    into: Writable,
    limits: { readonly bytesMax: number; readonly silentMs: number },
  ): Promise<Said> {
    let bytes = 0;
    const take = (chunk: Buffer, from: Readable) => {
      bytes += chunk.length;
      if (bytes > limits.bytesMax) return `it said more than ${limits.bytesMax} bytes`;
      if (into.destroyed || into.write(chunk)) return undefined;
      from.pause();
      const resume = () => void from.resume();
      into.once('drain', resume).once('close', resume);
      return undefined;
    };
    const ended = await this.#spawned(words, undefined, limits.silentMs, take, true);
    return { ...ended, stdout: '' };
  }

  #spawned(
    words: readonly string[],
    input: string | undefined,
    limitMs: number,
    onChunk: (chunk: Buffer, from: Readable) => string | undefined,
    isSilence = false,
  ): Promise<Omit<Said, 'stdout'>> {
    return new Promise((resolve) => {
      const child = spawn(this.#path, [...this.#flags, ...words], {
        stdio: ['pipe', 'pipe', 'pipe'],
        // A group of its own: Ctrl-C on the terminal is for us alone to act on.
        detached: true,
      });
      this.#children.add(child);
      let stderr = '';
      const end = (why: string) => {
        stderr += `${why}\n`;
        child.kill('SIGKILL');
      };
      const late = isSilence ? 'it said nothing' : 'it did not end';
      const limit = setTimeout(() => end(`${late} within ${limitMs / 1000} s`), limitMs);
      child.stdout.on('data', (chunk: Buffer) => {
        if (isSilence) limit.refresh();
        const refused = onChunk(chunk, child.stdout);
        if (refused !== undefined) end(refused);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        stderr = (stderr + chunk.toString()).slice(-stderrCharsMax);
      });
      const done = (code: number, more = '') => {
        clearTimeout(limit);
        this.#children.delete(child);
        resolve({ code, stderr: stderr + more });
      };
      child.once('error', (error) => done(killedCode, error.message));
      child.once('close', (code) => done(code ?? killedCode));
      child.stdin.on('error', () => undefined);
      child.stdin.end(input ?? '');
    });
  }

  readonly #endAll = (): void => {
    for (const child of this.#children) child.kill('SIGKILL');
  };
}
