// The tools of test/tools (crane, regctl, oras, the registries of distribution v3 and of olareg, and the official
// conformance suite), pinned there by go.mod and go.sum. Built once into the user's cache, under a name made
// from what is pinned: by `node test/lib/go-tools.ts`, never by a test.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../src/run/package-root.ts';

const module = join(packageRoot, 'test', 'tools');
const packages = {
  crane: 'github.com/google/go-containerregistry/cmd/crane',
  regctl: 'github.com/regclient/regclient/cmd/regctl',
  oras: 'oras.land/oras/cmd/oras',
  registry: 'github.com/distribution/distribution/v3/cmd/registry',
  olareg: 'github.com/olareg/olareg/cmd/olareg',
  conformance: 'github.com/opencontainers/distribution-spec/conformance',
} as const;

const buildMsMax = 900_000;

/** Where the program is, or will be once it is built; undefined for what is not one of ours. */
export function goToolPath(name: string): string | undefined {
  return Object.hasOwn(packages, name) ? join(cacheFolder(), name) : undefined;
}

function cacheFolder(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(module, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'pullproof', `test-tools-${hash.digest('hex').slice(0, 16)}`);
}

/** Builds beside the place and renames, so that nobody ever sees half of it. */
function build(): void {
  const folder = cacheFolder();
  if (existsSync(folder)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}.`);
  try {
    const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
    const words = ['build', ...flags, '-o', `${temporary}/`, ...Object.values(packages)];
    const { status, error } = spawnSync('go', words, {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off' },
      stdio: 'inherit',
      timeout: buildMsMax,
    });
    if (status !== 0) throw error ?? new Error(`go build ended with ${status}`);
    renameSync(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  build();
  console.log(cacheFolder());
}
