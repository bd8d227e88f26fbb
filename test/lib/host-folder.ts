// A host of a few files, below a folder of its own, for tests of what is read on it.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostView } from '../../src/access/host-view.ts';

/** `files`: texts by absolute path. Root looks, of whom no variables are known. */
export function hostWith(
  files: Readonly<Record<string, string>>,
  more: Partial<HostView> = {},
): HostView {
  const root = mkdtempSync(join(tmpdir(), 'pullproof-host-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return {
    root,
    variables: {},
    home: '/root',
    uid: 0,
    user: 'root',
    platform: 'linux',
    isTerminal: false,
    ...more,
  };
}
