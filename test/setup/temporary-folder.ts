// Before all tests: one folder takes all temporary files, so that none is left behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const mark = 'PULLPROOF_TEST_FOLDER';

export default function setup(): (() => void) | undefined {
  // Each project of a run comes here.
  if (process.env[mark] !== undefined) return undefined;
  // Short: podman takes 50 characters at most.
  const folder = mkdtempSync(join(tmpdir(), 'pp-'));
  process.env[mark] = folder;
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
