// containerd and dockerd on top of it, running for all tests of a file, where they can run here.
import { afterAll, beforeAll } from 'vitest';
import {
  type Containerd,
  type Daemon,
  reasonForNoDaemons,
  startContainerd,
  startDockerd,
} from './daemons.ts';
import { hasTools } from './tools.ts';

export const containerdTools: readonly string[] = ['unshare', 'containerd'];
export const dockerTools: readonly string[] = [...containerdTools, 'dockerd', 'docker'];

export interface BothDaemons {
  /** Why there are none, besides tools that are missing. */
  reason?: string | undefined;
  containerd?: Containerd;
  dockerd?: Daemon;
}

/** To be called once, where a file's tests are declared; filled in before the first of them. */
export function bothDaemons(): BothDaemons {
  const both: BothDaemons = {};
  beforeAll(async () => {
    if (!hasTools(...containerdTools)) return;
    both.reason = await reasonForNoDaemons();
    if (both.reason !== undefined) return;
    both.containerd = await startContainerd();
    if (hasTools(...dockerTools)) both.dockerd = await startDockerd(both.containerd.socket);
  });
  afterAll(async () => {
    await both.dockerd?.stop();
    await both.containerd?.stop();
  });
  return both;
}
