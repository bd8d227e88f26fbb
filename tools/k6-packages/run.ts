// A program of the release, run to its end.
import { spawnSync } from 'node:child_process';

/** A first build for a platform takes minutes; on a machine with much else to do, more than half an hour. */
const msMax = 2 * 3_600_000;
const outputBytesMax = 64 << 20;

/** What it wrote to stdout. @throws Error with what it wrote to stderr, when it fails */
export function run(
  program: string,
  words: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd,
    env: { ...process.env, ...variables },
    encoding: 'utf8',
    timeout: msMax,
    maxBuffer: outputBytesMax,
  });
  if (status === 0) return stdout;
  const why = error?.message ?? stderr.trim().slice(-2000);
  throw new Error(`\`${program} ${words.join(' ')}\` in ${cwd} failed: ${why}`);
}
