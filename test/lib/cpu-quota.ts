// Programs that may use only a part of a processor, as in a container with a limit: in a cgroup of either version.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const periodUs = 100_000;
const removalAttemptsMax = 50;
const [v1, v2] = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup'];

/** Where groups with a quota can be made here; undefined without the right to, or where that was not handed down. */
function hierarchy(): { readonly root: string; readonly isV1: boolean } | undefined {
  const isV1 = existsSync(join(v1, 'cpu.cfs_quota_us'));
  const root = isV1 ? v1 : v2;
  try {
    accessSync(root, constants.W_OK);
    if (isV1) return { root, isV1 };
    const handedDown = readFileSync(join(root, 'cgroup.subtree_control'), 'utf8');
    return handedDown.split(/\s/).includes('cpu') ? { root, isV1 } : undefined;
  } catch {
    return undefined;
  }
}

export const canLimitCpu = hierarchy() !== undefined;

/** Hands `work` what runs a program with so many processors, as `CliOptions.by` takes it. */
export async function withCpuQuota<T>(
  cores: number,
  work: (by: (program: string, words: readonly string[]) => [string, string[]]) => Promise<T>,
): Promise<T> {
  const { root, isV1 } = hierarchy() ?? {};
  if (root === undefined) throw new Error('no cgroup can be made here');
  const group = join(root, `pullproof-test-${process.pid}`);
  mkdirSync(group);
  try {
    const quotaUs = Math.round(cores * periodUs);
    if (isV1 === true) writeFileSync(join(group, 'cpu.cfs_quota_us'), `${quotaUs}`);
    else writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${periodUs}`);
    const entering = `echo $$ > ${group}/cgroup.procs && exec "$@"`;
    return await work((program, words) => ['sh', ['-c', entering, 'sh', program, ...words]]);
  } finally {
    await remove(group);
  }
}

/** Its processes have ended, or are about to. */
async function remove(group: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      rmdirSync(group);
      return;
    } catch (error) {
      if (attempt === removalAttemptsMax) throw error;
      await sleep(100);
    }
  }
}
