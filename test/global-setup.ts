// Before all tests: our k6 is found or built, so that no test waits for a compiler; and one folder
// takes all temporary files, so that none is left behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findK6 } from '../src/run/load/k6/find.ts';

export default async function setup(): Promise<() => void> {
  // Short: podman takes 50 characters at most.
  const folder = mkdtempSync(join(tmpdir(), 'pp-'));
  let told = false;
  await findK6('built', {
    variables: process.env,
    progress: (message) => {
      if (!told) console.error(message);
      told = true;
    },
  }).catch((error: Error) => {
    if (process.env.PULLPROOF_REQUIRE_TOOLS === '1') throw error;
    console.error(`tests that need our k6 are skipped: ${error.message}`);
    process.env.PULLPROOF_TEST_NO_K6 = '1';
  });
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
