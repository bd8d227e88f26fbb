// What of this host its configuration depends on. A test, or a pod that looks at its node, gives another one.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { homeFolder } from '../lib/node/cache-folder.ts';

export interface HostView {
  /** Put before every absolute path that is read; '' for the host itself. */
  readonly root: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Absolute, without `root`; '' for none. */
  readonly home: string;
  readonly uid: number;
  readonly user: string;
  readonly platform: NodeJS.Platform;
  /** Whether a client started here could ask a person. */
  readonly isTerminal: boolean;
}

/** The host that this program runs on, or the one whose files lie below `root`. */
export function thisHost(root = ''): HostView {
  return {
    root,
    variables: process.env,
    ...whoRuns(),
    platform: process.platform,
    isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
  };
}

/** In a container, the user may be one that no file of it knows: such a user has a number alone. */
function whoRuns(): Pick<HostView, 'home' | 'uid' | 'user'> {
  const home = process.env.HOME ?? homeFolder();
  try {
    const { uid, username } = userInfo();
    return { home, uid, user: username };
  } catch {
    const uid = process.getuid?.() ?? -1;
    return { home, uid, user: `${uid}` };
  }
}

/** Where a path of that host is for us. */
export function pathOn({ root }: HostView, path: string): string {
  return root === '' ? path : join(root, path);
}

/** The host as a daemon of the system sees it: root's home, nobody to ask, and not what a shell has set. */
export function asDaemon(host: HostView): HostView {
  const { PATH } = host.variables;
  const root = { home: '/root', uid: 0, user: 'root', variables: { PATH } };
  return { ...host, ...root, isTerminal: false };
}
