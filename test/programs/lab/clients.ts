// Debian's podman and skopeo, as they pull on the client's machine of a lab.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab, Ran, RunLimits } from '../../lib/lab/lab.ts';

export type LabClient = 'podman' | 'skopeo';

/** The profile of each. */
export const profileOf: Readonly<Record<LabClient, string>> = {
  podman: 'podman@4.3',
  skopeo: 'skopeo@1.9',
};

/** One pull from nothing. */
export function pullBy(
  client: LabClient,
  lab: Lab,
  image: string,
  limits: RunLimits = {},
): Promise<Ran> {
  const folder = mkdtempSync(join(lab.folder, 'pull-'));
  const target = `oci:${join(folder, 'image')}:pulled`;
  if (client === 'skopeo') return lab.run('skopeo', ['copy', `docker://${image}`, target], limits);
  const storage = ['--root', join(folder, 'root'), '--runroot', '/run/podman'];
  const bare = ['--storage-driver', 'vfs', '--events-backend', 'none'];
  return lab.run('podman', [...storage, ...bare, 'pull', image], limits);
}
