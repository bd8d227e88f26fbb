// `node tools/k6-packages.ts FOLDER [SYSTEM-PROCESSOR …]`: makes the packages of a release, packed: our k6 for each
// platform, and the main package that knows their sums and wants them. Says size and sha256 of each binary.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { goProcessors, goSystems } from '../src/run/load/k6/package.ts';
import { packageRoot } from '../src/run/package-root.ts';
import { packMain } from './k6-packages/main-package.ts';
import { type Platform, packK6 } from './k6-packages/platform-package.ts';
import { run } from './k6-packages/run.ts';

const platforms: readonly Platform[] = Object.keys(goSystems).flatMap((system) =>
  Object.keys(goProcessors).map((processor) => ({ system, processor })),
);

const [folder, ...wanted] = process.argv.slice(2);
const nameOf = ({ system, processor }: Platform) => `${system}-${processor}`;
const unknown = wanted.filter((name) => !platforms.some((platform) => nameOf(platform) === name));
if (folder === undefined || unknown.length > 0) {
  console.error(`usage: node tools/k6-packages.ts FOLDER [${platforms.map(nameOf).join('|')} …]`);
  if (unknown.length > 0) console.error(`there is no platform ${unknown.join(', ')}`);
  process.exitCode = 2;
} else {
  const chosen = platforms.filter(
    (platform) => wanted.length === 0 || wanted.includes(nameOf(platform)),
  );
  if (wanted.length === 0) refuseChanges();
  const work = mkdtempSync(join(tmpdir(), 'pullproof-packages-'));
  try {
    const sums: Record<string, string> = {};
    for (const platform of chosen) {
      const { name, sha256, bytes } = await packK6(platform, work, resolve(folder));
      sums[name] = sha256;
      console.log(`${name} ${(bytes / 1e6).toFixed(1)} MB sha256:${sha256}`);
    }
    console.log(await packMain(sums, work, resolve(folder)));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Of a release, the sources must be those of its commit; trials of some platforms are of whatever there is. */
function refuseChanges(): void {
  const changes = run('git', ['status', '--porcelain'], packageRoot).trimEnd();
  if (changes === '') return;
  console.error(`a release is made of a commit, but there are changes:\n${changes}`);
  process.exit(2);
}
