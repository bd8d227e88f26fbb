// Debian's podman, skopeo, containerd (by CRI, as kubelet has it) and Docker, as they pull on the client's machine of
// a lab.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServing, pullImage } from '../../lib/cri.ts';
import { configureContainerd, configureDockerd } from '../../lib/daemons.ts';
import type { Lab, RunLimits } from '../../lib/lab/lab.ts';

export type LabClient = 'podman' | 'skopeo' | 'containerd' | 'docker';

/** The profile of each. */
export const profileOf: Readonly<Record<LabClient, string>> = {
  podman: 'podman@4.3',
  skopeo: 'skopeo@1.9',
  containerd: 'containerd@1.6',
  docker: 'docker@20.10',
};

/** Of a pull that fails. That of containerd is ours: a call has none. */
export const exitCodeOf: Readonly<Record<LabClient, number>> = {
  podman: 125,
  skopeo: 1,
  containerd: 1,
  docker: 1,
};

export interface Pulled {
  readonly code: number;
  readonly stderr: string;
}

/** One pull from nothing. */
export async function pullBy(
  client: LabClient,
  lab: Lab,
  image: string,
  limits: RunLimits = {},
): Promise<Pulled> {
  const folder = mkdtempSync(join(lab.folder, 'pull-'));
  if (client === 'containerd') return await byContainerd(lab, folder, image);
  if (client === 'docker') return await byDocker(lab, folder, image, limits);
  if (client === 'skopeo') {
    const target = `oci:${join(folder, 'image')}:pulled`;
    return await lab.run('skopeo', ['copy', `docker://${image}`, target], limits);
  }
  const storage = ['--root', join(folder, 'root'), '--runroot', '/run/podman'];
  const bare = ['--storage-driver', 'vfs', '--events-backend', 'none'];
  return await lab.run('podman', [...storage, ...bare, 'pull', image], limits);
}

async function byContainerd(lab: Lab, folder: string, image: string): Promise<Pulled> {
  const socket = await startContainerd(lab, folder);
  return await pullImage(socket, image).then(
    () => ({ code: 0, stderr: '' }),
    (error: Error) => ({ code: 1, stderr: error.message }),
  );
}

async function byDocker(
  lab: Lab,
  folder: string,
  image: string,
  limits: RunLimits,
): Promise<Pulled> {
  const containerd = await startContainerd(lab, folder);
  const own = join(folder, 'docker');
  mkdirSync(own);
  const { file, socket } = configureDockerd(own, containerd);
  const docker = (words: readonly string[], more: RunLimits = {}) =>
    lab.run('docker', ['--host', socket, ...words], more);
  stay(lab, 'dockerd', ['--config-file', file, '--host', socket]);
  await until(async () => (await docker(['version'])).code === 0);
  return await docker(['pull', image], limits);
}

async function startContainerd(lab: Lab, folder: string): Promise<string> {
  const { file, socket } = configureContainerd(folder);
  stay(lab, 'containerd', ['--config', file]);
  await until(() => isServing(socket));
  return socket;
}

const daemonMsMax = 120_000;

/** Ends with the lab. */
function stay(lab: Lab, program: string, words: readonly string[]): void {
  void lab.run(program, words, { timeoutMs: daemonMsMax });
}

const attemptsMax = 300;

async function until(isUp: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (await isUp()) return;
    await sleep(100);
  }
  throw new Error('a daemon did not start');
}
