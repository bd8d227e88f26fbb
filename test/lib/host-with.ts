// A host of its own, made of files: what configuration is looked up on.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostView } from '../../src/access/host-view.ts';

/** The home of its user. */
export const home = '/home/u';

/** A Linux host with these files, by absolute paths, seen by user 1000 without a terminal. */
export function hostWith(
  files: Readonly<Record<string, string | Buffer>>,
  change: Partial<HostView> = {},
): HostView {
  const root = mkdtempSync(join(tmpdir(), 'pullproof-host-'));
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  const user = { variables: {}, home, uid: 1000, user: 'u', platform: 'linux' as const };
  return { root, ...user, isTerminal: false, ...change };
}
