// Before all tests: one folder takes all temporary files, so that none is left behind. Logins that clients keep in the
// folder for this session are found there too: of none.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
  process.env.XDG_RUNTIME_DIR = join(folder, 'run');
  mkdirSync(process.env.XDG_RUNTIME_DIR, { mode: 0o700 });
  return () => {
    // Folders that podman unpacked are read-only, which is nothing to root and keeps others from emptying them.
    spawnSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
}
