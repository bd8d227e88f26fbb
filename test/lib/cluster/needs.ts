// What a machine needs to run the cluster. By itself it prints the packages of Debian, where all else is built already:
// `.ci/run` then runs the tests on a cluster too.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { goToolPath } from '../go-tools.ts';

/** File of a program, or of a plugin of networks → the package of Debian that has it. */
const packages: Readonly<Record<string, string>> = {
  busybox: 'busybox-static',
  containerd: 'containerd',
  curl: 'curl',
  ip: 'iproute2',
  nft: 'nftables',
  ptp: 'containernetworking-plugins',
  runc: 'runc',
};
export const pluginFolder = '/usr/lib/cni';

/** Modules of test/tools, and what is built of them. */
export const clusterModules = ['kubernetes', 'k6-operator'] as const;
const built = ['kubernetes', 'pause', 'k6-operator'] as const;

export function systemPath(): string {
  return [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);
}

/** @throws Error when it is not there */
export function findProgram(name: string): string {
  const path = whereIs(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

function whereIs(name: string): string | undefined {
  const folders = [...systemPath().split(delimiter), pluginFolder];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Whether the programs of `clusterModules` are built. */
export function isBuilt(): boolean {
  return built.every((name) => existsSync(goToolPath(name) ?? ''));
}

/** Sentences that say what is missing and where it comes from; none: all is there. */
export function lacking(): string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') return ['A cluster needs Linux.'];
  if (process.getuid?.() !== 0) missing.push('The user must be root.');
  else if (spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', 'true']).status !== 0) {
    missing.push('Namespaces of network, mounts and processes cannot be had here.');
  }
  const absent = Object.entries(packages).filter(([name]) => whereIs(name) === undefined);
  if (absent.length > 0) {
    const names = absent.map(([, name]) => name).join(' ');
    missing.push(`Packages are missing: apt-get install --no-install-recommends ${names} (Debian)`);
  }
  if (spawnSync('go', ['version']).status !== 0) missing.push('Go is not installed.');
  return missing;
}

if (import.meta.main && isBuilt()) console.log(Object.values(packages).join(' '));
