// The Go side: vet and unit tests of the k6 module, so that one command tests everything.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { testWith } from '../lib/tools.ts';

const minutes = 60_000;

function go(...words: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', words, {
      cwd: join(packageRoot, 'k6'),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

// Without the profile: it makes another build of all of k6 for what is only tested.
testWith('go')('the k6 module: go vet and go test', { timeout: 15 * minutes }, async () => {
  const vetted = await go('vet', '-pgo=off', './...');
  expect(vetted.code, vetted.output).toBe(0);
  const tested = await go('test', '-pgo=off', './...');
  expect(tested.code, tested.output).toBe(0);
});
