// Talks to the runner of GitHub Actions: its files for outputs and summaries, its commands on standard output.
import { randomUUID } from 'node:crypto';
import { appendFileSync, writeSync } from 'node:fs';
import type { Variables } from './inputs.ts';

/** What the runner takes of the summary of a step. */
export const summaryBytesMax = 1024 * 1024;

/** A line of an output may say anything: what ends it cannot be guessed. */
export function setOutputs(values: Readonly<Record<string, string>>, variables: Variables): void {
  const text = Object.entries(values).map(([name, value]) => {
    const end = `end-${randomUUID()}`;
    return `${name}<<${end}\n${value}\n${end}\n`;
  });
  appendToFile(variables.GITHUB_OUTPUT, text.join(''));
}

export function addSummary(markdown: string, variables: Variables): void {
  appendToFile(variables.GITHUB_STEP_SUMMARY, markdown);
}

function appendToFile(path: string | undefined, text: string): void {
  if (path !== undefined && path !== '') appendFileSync(path, text);
}

/** `title` and `message` are escaped as the runner decodes them. */
export function annotate(kind: 'error' | 'warning' | 'notice', title: string, message: string) {
  say(
    `::${kind} title=${escaped(title).replaceAll(':', '%3A').replaceAll(',', '%2C')}::${escaped(message)}`,
  );
}

function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A secret of ours is shown as *** in the log from now on. */
export function mask(secret: string): void {
  for (const line of secret.split(/\r?\n/).filter((one) => one !== ''))
    say(`::add-mask::${escaped(line)}`);
}

export function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** What is written meanwhile is no command to the runner, whatever it looks like. */
export async function withoutCommands<T>(action: () => Promise<T>): Promise<T> {
  const token = randomUUID();
  say(`::stop-commands::${token}`);
  try {
    return await action();
  } finally {
    // The last line of a program may have no end.
    say(`\n::${token}::`);
  }
}
