// A host of a few files, seen by root, of whom no variables are known: as daemons see it.
import type { HostView } from '../../src/access/host-view.ts';
import { hostWith as hostOfUser } from './host-with.ts';

/** `files`: texts by absolute path. */
export function hostWith(
  files: Readonly<Record<string, string | Buffer>>,
  change: Partial<HostView> = {},
): HostView {
  return hostOfUser(files, { uid: 0, user: 'root', home: '/root', ...change });
}
