// Our k6 as a platform package of npm, `@pullproof/k6-linux-x64` and its like: where it lies, and that it is the
// one that this pullproof was released with.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';

/** What the main package of a release has in `k6/checksums.json`; a checkout has no such file. */
export interface K6Checksums {
  /** `sourcesDigest` of the k6/ folder that was built. */
  readonly sources: string;
  /** Of all packages. */
  readonly version: string;
  /** Name of a package → sha256 of its binary, hex. */
  readonly packages: Readonly<Record<string, string>>;
}

export const checksumsFile = 'k6/checksums.json';

/** Go's names of the systems and processors that there are packages for, by Node's. */
export const goSystems: Readonly<Record<string, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};
export const goProcessors: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Undefined where there is none for that system. */
export function k6PackageName(system: string, processor: string): string | undefined {
  if (!Object.hasOwn(goSystems, system) || !Object.hasOwn(goProcessors, processor))
    return undefined;
  return `@pullproof/k6-${system}-${processor}`;
}

export function k6FileName(system: string): string {
  return system === 'win32' ? 'k6.exe' : 'k6';
}

/** Where the main package lies, and what it runs on. */
export interface K6PackagePlace {
  readonly root: string;
  readonly system: string;
  readonly processor: string;
}

/** A binary whose sum was checked, or why there is none; both undefined in a checkout, which has no packages. */
export interface PackagedK6 {
  readonly path?: string;
  readonly problem?: string;
}

/** @throws UserError `k6-package-broken` (exit 3) for a binary that is not the one that was released */
export async function packagedK6(place: K6PackagePlace): Promise<PackagedK6> {
  const checksums = readChecksums(place.root);
  if (checksums === undefined) return {};
  const { system, processor } = place;
  const name = k6PackageName(system, processor);
  const expected = name === undefined ? undefined : checksums.packages[name];
  if (name === undefined || expected === undefined) {
    return { problem: `there is no package of our k6 for ${system}-${processor}` };
  }
  const folder = folderOf(name, place.root);
  if (folder === undefined) {
    return { problem: `the package ${name}@${checksums.version} is not installed` };
  }
  const path = join(folder, 'bin', k6FileName(system));
  const found = await sha256Of(path).catch((error: Error) => error);
  if (found === expected) return { path };
  const what = found instanceof Error ? `cannot be read (${found.message})` : `has sha256 ${found}`;
  throw new UserError(
    'k6-package-broken',
    `${path} of ${name} ${what}, but this pullproof was released with ${expected}: it was changed or cut short, or is of another version`,
    `Install it again: npm install --force ${name}@${checksums.version}; or name another k6 in PULLPROOF_K6.`,
    3,
  );
}

/** @throws UserError for a file that is not what the release wrote */
function readChecksums(root: string): K6Checksums | undefined {
  const path = join(root, checksumsFile);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    const checksums = JSON.parse(text) as K6Checksums;
    if (typeof checksums.packages === 'object') return checksums;
  } catch {
    // Said below.
  }
  throw new UserError(
    'k6-package-broken',
    `${path} does not hold the sums that pullproof was released with: it was changed or cut short`,
    'Install pullproof again: npm install --force pullproof; or name a k6 in PULLPROOF_K6.',
    3,
  );
}

/** The package as Node finds it from the main one: beside it, or below. */
function folderOf(name: string, root: string): string | undefined {
  try {
    return dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

const pieceBytes = 256 * 1024;

/** Hex. All pieces go through one buffer: memory of its own for each costs a multiple of the sum. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const piece = Buffer.allocUnsafe(pieceBytes);
    // Ends with the file.
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
