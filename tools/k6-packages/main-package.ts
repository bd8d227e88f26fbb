// The main package as it is released: as `npm pack` makes it, with the sums of the platform packages in it, and with
// them among its optional dependencies. A checkout has neither: npm could not find there what is not published yet.
// What a checkout alone needs is left out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksumsFile, type K6Checksums } from '../../src/run/load/k6/package.ts';
import { sourcesDigest } from '../../src/run/load/k6/sources.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { run } from './run.ts';

/** Members of package.json for who works on pullproof. npm would warn its users of scripts that never run for them. */
const ofCheckouts: readonly string[] = ['scripts', 'allowScripts', 'devDependencies'];

/** Needs a build (`npm run build`). @returns the file that it wrote */
export async function packMain(
  sums: Readonly<Record<string, string>>,
  work: string,
  target: string,
): Promise<string> {
  const packed = pack(packageRoot, work);
  const folder = join(work, 'main');
  mkdirSync(folder);
  run('tar', ['xzf', join(work, packed), '-C', folder, '--strip-components=1'], work);
  const path = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  const { version } = manifest as { version: string };
  const optionalDependencies = Object.fromEntries(Object.keys(sums).map((name) => [name, version]));
  const released = { ...without(ofCheckouts, manifest), optionalDependencies };
  writeFileSync(path, `${JSON.stringify(released, undefined, 2)}\n`);
  const sources = await sourcesDigest(join(packageRoot, 'k6'));
  const checksums: K6Checksums = { sources, version, packages: sums };
  writeFileSync(join(folder, checksumsFile), `${JSON.stringify(checksums, undefined, 2)}\n`);
  mkdirSync(target, { recursive: true });
  return join(target, pack(folder, target));
}

function without(names: readonly string[], manifest: object): object {
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !names.includes(name)));
}

/** Without scripts: those of the copy would build what it has not. */
function pack(folder: string, target: string): string {
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', target];
  const [{ filename }] = JSON.parse(run('npm', words, folder)) as [{ filename: string }];
  return filename;
}
