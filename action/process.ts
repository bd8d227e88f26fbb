// Runs a program to its end, its words shown as it says them and its last ones kept; a cancelled job reaches it.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Variables } from './inputs.ts';
import type { Program } from './install.ts';

export interface Ended {
  readonly code: number;
  /** What it wrote to standard output, where that was kept; else ''. */
  readonly output: string;
  /** The end of what it wrote to standard error. */
  readonly said: string;
}

export interface RunOptions {
  readonly variables: Variables;
  /** For standard input, which is empty otherwise. */
  readonly input?: string;
  /** Standard output is kept, not shown; a cancelled job waits for the end. */
  readonly isKept?: boolean;
  /** Default none: what is run has limits of its own. */
  readonly msMax?: number;
}

const saidCharsMax = 8 * 1024;
const outputCharsMax = 256 * 1024 * 1024;
/** What the runner sends when a job is cancelled. */
const endings = ['SIGINT', 'SIGTERM'] as const;
export const interruptedCode = 130;
/** A program that was ended by something else: a defect, as pullproof counts. */
const endedBySignal = 4;

let cancelledBy: NodeJS.Signals | undefined;
let current: ChildProcess | undefined;

/** From now on a cancelled job ends what is running, and nothing that is not kept begins. */
export function watchCancel(): void {
  for (const name of endings) {
    process.on(name, (signal) => {
      cancelledBy ??= signal;
      current?.kill(signal);
    });
  }
}

export function isCancelled(): boolean {
  return cancelledBy !== undefined;
}

/** Never rejects for what the program does. @throws the system's error, where it cannot be started */
export function run(program: Program, cwd: string, options: RunOptions): Promise<Ended> {
  const isKept = options.isKept === true;
  if (isCancelled() && !isKept) {
    return Promise.resolve({ code: interruptedCode, output: '', said: 'the job was cancelled' });
  }
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const child = spawn(program.file, program.words, {
    cwd,
    env: cleaned(options.variables),
    stdio: ['pipe', isKept ? 'pipe' : 'inherit', 'pipe'],
    ...(options.msMax !== undefined && { timeout: options.msMax }),
  });
  if (!isKept) current = child;
  let [output, said] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    if (output.length < outputCharsMax) output += text;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    said = (said + chunk.toString()).slice(-saidCharsMax);
  });
  child.once('error', reject);
  child.once('close', (code, signal) => {
    current = undefined;
    if (signal !== null) said += `\nended by ${signal}`;
    const codeOfSignal = isCancelled() ? interruptedCode : endedBySignal;
    resolve({ code: code ?? codeOfSignal, output, said });
  });
  // A program that ends early reads no more.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  return promise;
}

/** Without the inputs: secrets are among them. */
function cleaned(variables: Variables): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !/^INPUT_/i.test(name)));
}
