// Groups of processes in which a node's kubelet sets limits: made below the machine's own, and removed again.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const mountPoint = '/sys/fs/cgroup';
/** Of version 2; in version 1 each is a hierarchy of its own. */
const controllers = ['cpu', 'cpuset', 'io', 'memory', 'pids'] as const;
const removalAttemptsMax = 100;

/** Makes a group in every hierarchy; `path` is relative to their roots. */
export function makeCgroup(path: string): void {
  const parts = path.split('/');
  for (const hierarchy of hierarchies()) {
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = join(hierarchy, ...parts.slice(0, depth));
      mkdirSync(folder, { recursive: true });
      inherit(folder);
    }
  }
}

/** Removes the group and those below it, once the processes in them have gone. @throws Error when some stay */
export async function removeCgroup(path: string): Promise<void> {
  let problem: unknown;
  for (let attempt = 0; attempt < removalAttemptsMax; attempt++) {
    try {
      for (const hierarchy of hierarchies()) removeBelow(join(hierarchy, path));
      return;
    } catch (error) {
      problem = error;
      await sleep(100);
    }
  }
  throw problem;
}

/** Groups at the top whose names begin so. */
export function cgroupsNamed(prefix: string): string[] {
  const names = hierarchies().flatMap((hierarchy) => readdirSync(hierarchy));
  return [...new Set(names.filter((name) => name.startsWith(prefix)))];
}

/** Processes of the group and of those below it, as this machine numbers them. */
export function processesOf(path: string): number[] {
  const all = hierarchies().flatMap((hierarchy) => processesBelow(join(hierarchy, path)));
  return [...new Set(all)];
}

function processesBelow(folder: string): number[] {
  try {
    const own = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    return [...own.map(Number), ...foldersIn(folder).flatMap(processesBelow)];
  } catch {
    // It has just been removed.
    return [];
  }
}

function isUnified(): boolean {
  return existsSync(join(mountPoint, 'cgroup.controllers'));
}

/** Roots of the hierarchies that know groups by their path. */
function hierarchies(): string[] {
  if (isUnified()) return [mountPoint];
  return foldersIn(mountPoint).filter((folder) => existsSync(join(folder, 'cgroup.procs')));
}

/** Version 1 wants the CPUs and memory of a group named; version 2, its controllers enabled by the one above. */
function inherit(folder: string): void {
  const above = join(folder, '..');
  if (isUnified()) {
    for (const name of controllers) {
      const file = join(above, 'cgroup.subtree_control');
      if (!readFileSync(file, 'utf8').split(/\s+/).includes(name)) writeFileSync(file, `+${name}`);
    }
  }
  for (const name of isUnified() ? [] : ['cpuset.cpus', 'cpuset.mems']) {
    if (!existsSync(join(folder, name))) continue;
    writeFileSync(join(folder, name), readFileSync(join(above, name)));
  }
}

function removeBelow(folder: string): void {
  if (!existsSync(folder)) return;
  for (const one of foldersIn(folder)) removeBelow(one);
  rmdirSync(folder);
}

function foldersIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
