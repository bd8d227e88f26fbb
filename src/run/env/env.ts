// What of this machine matters to pullproof, in a form that can be copied into a bug report: nothing secret is in it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir, release } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, type Variables } from '../../lib/node/cache-folder.ts';
import { version } from '../version.ts';

/** What `pullproof env --format json` prints. */
export interface Environment {
  readonly pullproof: string;
  readonly node: string;
  readonly os: string;
  readonly arch: string;
  /** Whether this seems to be a container. */
  readonly container: boolean;
  /** In the order in which `load` looks; the first that is usable would be used. */
  readonly k6: readonly PlaceOfK6[];
  readonly caches: readonly CacheFolder[];
  readonly programs: readonly Program[];
  /** Configuration of clients that is there; only paths. */
  readonly files: readonly string[];
  /** Without user names and passwords. */
  readonly variables: Readonly<Record<string, string>>;
}

interface PlaceOfK6 {
  readonly place: string;
  readonly path?: string;
  readonly version?: string;
  readonly engine?: string;
  /** Why nothing there can be used. */
  readonly problem?: string;
}

/** `placesOfK6` of the engine of load. */
type LookForK6 = (variables: Variables, secondsMax: number) => Promise<readonly PlaceOfK6[]>;

interface CacheFolder {
  readonly path: string;
  readonly bytes: number;
  /** Whether there was more than is counted. */
  readonly cut: boolean;
}

interface Program {
  readonly name: string;
  /** First line of what it says of its version; undefined where it is not there. */
  readonly version?: string;
  /** Why it did not say. */
  readonly problem?: string;
}

const programSecondsMax = 2;
const versionCharsMax = 120;
const cacheEntriesMax = 10_000;

/** How each is asked for its version. */
const programs: Readonly<Record<string, readonly string[]>> = {
  podman: ['--version'],
  docker: ['--version'],
  skopeo: ['--version'],
  buildah: ['--version'],
  containerd: ['--version'],
  crictl: ['--version'],
  crane: ['version'],
  oras: ['version'],
  regctl: ['version', '--format', '{{.VCSTag}}'],
  go: ['version'],
};

/** What clients read; `~` stands for the home of the user. */
const clientFiles: readonly string[] = [
  '/etc/containers/registries.conf',
  '/etc/containers/registries.conf.d',
  '/etc/containers/certs.d',
  '/etc/containers/policy.json',
  '/etc/containerd/config.toml',
  '/etc/containerd/certs.d',
  '/etc/crio/crio.conf',
  '/etc/docker/daemon.json',
  '/etc/docker/certs.d',
  '~/.config/containers/registries.conf',
  '~/.config/containers/auth.json',
  '~/.docker/config.json',
];

const variableNames: readonly string[] = [
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA'],
  ...['REGISTRY_AUTH_FILE', 'DOCKER_CONFIG', 'XDG_CACHE_HOME', 'PULLPROOF_K6', 'CI'],
];

/** Takes no longer than the slowest program may; rejects for nothing that is missing. */
export async function readEnvironment(
  variables: Variables,
  lookForK6: LookForK6,
): Promise<Environment> {
  const cache = cacheFolder(variables);
  const [k6, said, caches] = await Promise.all([
    lookForK6(variables, programSecondsMax),
    Promise.all(Object.entries(programs).map(([name, words]) => askVersion(name, words))),
    cache === undefined ? [] : sizeOf(cache).then((found) => [found]),
  ]);
  return {
    pullproof: version,
    node: process.versions.node,
    os: `${process.platform} ${release()}`,
    arch: process.arch,
    container: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    k6,
    caches,
    programs: said,
    files: clientFiles.filter((file) => existsSync(file.replace(/^~/, homedir()))),
    variables: Object.fromEntries(
      variableNames.flatMap((name) => {
        const value = variables[name];
        return value === undefined || value === '' ? [] : [[name, withoutUserinfo(value)]];
      }),
    ),
  };
}

/** Proxies are written with and without a scheme; a password may hold anything but the last @. */
export function withoutUserinfo(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

function askVersion(name: string, words: readonly string[]): Promise<Program> {
  const limits = { timeout: programSecondsMax * 1000, killSignal: 'SIGKILL' as const };
  return new Promise((resolve) => {
    execFile(name, words, { ...limits, maxBuffer: 65_536 }, (error, stdout) => {
      if (error === null) {
        const [line = ''] = stdout.trim().split('\n');
        resolve({ name, version: line.slice(0, versionCharsMax) });
      } else if ('code' in error && error.code === 'ENOENT') resolve({ name });
      else if (error.killed) resolve({ name, problem: `no answer in ${programSecondsMax} s` });
      else resolve({ name, problem: `ends with ${error.code ?? error.signal}` });
    });
  });
}

async function sizeOf(folder: string): Promise<CacheFolder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).slice(0, cacheEntriesMax);
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const found = await stat(join(parentPath, name)).catch(() => undefined);
      return found?.size ?? 0;
    }),
  );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return { path: folder, bytes, cut: entries.length > cacheEntriesMax };
}
