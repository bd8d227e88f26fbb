// What of this machine matters to pullproof, in a form that can be copied into a bug report: nothing secret is in it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { homedir, release } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { cacheFolder, type Variables } from '../../lib/node/cache-folder.ts';
import { version } from '../version.ts';

/** What `pullproof env --format json` prints; schemas/environment.schema.json. */
export interface Environment {
  readonly schema: 'pullproof/environment/v1';
  readonly pullproof: string;
  readonly node: string;
  readonly os: string;
  readonly arch: string;
  /** Whether this seems to be a container. */
  readonly container: boolean;
  /** In the order in which `load` looks; the first that is usable would be used. */
  readonly k6: readonly PlaceOfK6[];
  readonly caches: readonly CacheFolder[];
  /** Where runs are written to that do not name a folder. */
  readonly results: ResultsFolder;
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
  /** What is to be known of it otherwise. */
  readonly note?: string;
}

interface ResultsFolder {
  readonly path: string;
  readonly exists: boolean;
}

/** `placesOfK6` of the engine of load. */
type LookForK6 = (variables: Variables, secondsMax: number) => Promise<readonly PlaceOfK6[]>;

interface CacheFolder {
  readonly path: string;
  /** Of its files, as far as they were counted. */
  readonly bytes: number;
  /** Whether there may be more than was counted, for want of time or by the named maximum of files. */
  readonly cut: boolean;
}

interface Program {
  readonly name: string;
  /** First line of what it says of its version; undefined where it is not there. */
  readonly version?: string;
  /** Why it did not say. */
  readonly problem?: string;
}

const programSecondsMax = 5;
const versionCharsMax = 120;
const cacheEntriesMax = 10_000;
/** A busy machine takes its time to hash the binary of a package. */
const k6SecondsMax = 8;
/** For all of it together: what has not answered by then is told as such. */
const wholeSecondsMax = 10;

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

/** Takes no longer than `secondsMax`; rejects for nothing that is missing. `results`: folder of runs. */
export async function readEnvironment(
  variables: Variables,
  lookForK6: LookForK6,
  results: string,
  secondsMax = wholeSecondsMax,
): Promise<Environment> {
  const cache = cacheFolder(variables);
  const end = Date.now() + secondsMax * 1000;
  const late = `no answer in ${secondsMax} s`;
  const [k6, said, caches] = await Promise.all([
    by(end, lookForK6(variables, k6SecondsMax), [{ place: 'anywhere', problem: late }]),
    Promise.all(
      Object.entries(programs).map(([name, words]) =>
        by(end, askVersion(name, words), { name, problem: late }),
      ),
    ),
    cache === undefined
      ? []
      : by(end, sizeOf(cache, end), { path: cache, bytes: 0, cut: true }).then((one) => [one]),
  ]);
  const resultsPath = resolve(results);
  return {
    schema: 'pullproof/environment/v1',
    pullproof: version,
    node: process.versions.node,
    os: `${process.platform} ${release()}`,
    arch: process.arch,
    container: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
    k6,
    caches,
    results: { path: resultsPath, exists: existsSync(resultsPath) },
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

/** What is found, or what stands in for it at `end`, a time of Date.now. */
async function by<T>(end: number, found: Promise<T>, otherwise: T): Promise<T> {
  const stop = new AbortController();
  const late = after(Math.max(0, end - Date.now()), otherwise, { signal: stop.signal, ref: false });
  // Whichever comes second has nobody who waits for it.
  late.catch(() => undefined);
  return await Promise.race([found, late]).finally(() => stop.abort());
}

/**
 * Proxies are written with and without a scheme. A password may hold anything, what looks like the next entry of a
 * list too: all before the last @ goes.
 */
export function withoutUserinfo(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, '$1***@');
}

function askVersion(name: string, words: readonly string[]): Promise<Program> {
  const limits = { timeout: programSecondsMax * 1000, killSignal: 'SIGKILL' as const };
  return new Promise((resolve) => {
    execFile(name, words, { ...limits, maxBuffer: 65_536 }, (error, stdout) => {
      if (error === null) {
        const [line = ''] = stdout.trim().split('\n');
        resolve(
          line === ''
            ? { name, problem: 'says nothing' }
            : { name, version: line.slice(0, versionCharsMax) },
        );
      } else if ('code' in error && error.code === 'ENOENT') resolve({ name });
      else if (error.killed) resolve({ name, problem: `no answer in ${programSecondsMax} s` });
      else resolve({ name, problem: `ends with ${error.code ?? error.signal}` });
    });
  });
}

/** Counts until `end`, and no more than `cacheEntriesMax` entries. */
async function sizeOf(folder: string, end: number): Promise<CacheFolder> {
  let [bytes, entries] = [0, 0];
  const told = (cut: boolean) => ({ path: folder, bytes, cut });
  const listing = await opendir(folder, { recursive: true }).catch(() => undefined);
  if (listing === undefined) return told(false);
  try {
    for await (const entry of listing) {
      entries++;
      if (entries > cacheEntriesMax || Date.now() > end) return told(true);
      if (!entry.isFile()) continue;
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
    }
    return told(false);
  } catch {
    // A folder in it that may not be read, or went away meanwhile.
    return told(true);
  }
}
