// Real programs that some tests need. Absent, the test is skipped with a word; where the environment
// requires them (CI), it fails instead.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'vitest';

/** `k6` stands for our build of it. */
function isInstalled(tool: string): boolean {
  if (tool === 'k6') return process.env.PULLPROOF_TEST_NO_K6 !== '1';
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.some((folder) => existsSync(join(folder, tool)));
}

/** `test` when all tools are there; else a test that skips, or fails under PULLPROOF_REQUIRE_TOOLS=1. */
export function testWith(...tools: string[]): typeof test {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) return test;
  if (process.env.PULLPROOF_REQUIRE_TOOLS !== '1') return test.skip as unknown as typeof test;
  return ((name: string) =>
    test(name, () => {
      throw new Error(`needs ${missing.join(' and ')}, which PULLPROOF_REQUIRE_TOOLS=1 requires`);
    })) as unknown as typeof test;
}

/** Runs a program to its end; stdout and stderr as text. Servers of this process go on meanwhile. */
export function runTool(
  tool: string,
  words: readonly string[],
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, words, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000 });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

export function hasTools(...tools: string[]): boolean {
  return tools.every(isInstalled);
}
