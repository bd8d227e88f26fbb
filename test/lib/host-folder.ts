// A host whose files lie in a new folder, for lookups that read the configuration of one.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostView } from '../../src/access/host-view.ts';

/** Absolute paths on that host → text; what holds secrets is 0600. */
export function hostWith(
  files: Readonly<Record<string, string>>,
  more: Partial<HostView> = {},
): HostView {
  const root = mkdtempSync(join(tmpdir(), 'pullproof-host-'));
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
    chmodSync(place, 0o600);
  }
  return {
    root,
    variables: {},
    home: '/home/user',
    uid: 1000,
    user: 'user',
    platform: 'linux',
    isTerminal: false,
    ...more,
  };
}

/** The `auth` of an entry. */
export function authOf(user: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') };
}

/** A config.json in which each key has itself as password. */
export function loginsFor(...keys: string[]): string {
  return JSON.stringify({
    auths: Object.fromEntries(keys.map((key) => [key, authOf('u', key)])),
  });
}
