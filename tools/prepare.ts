// `npm run prepare`, which npm runs after `npm ci` here, and wherever it makes a package of these sources: an
// install by git URL or of this folder. A package needs the build; somebody who works here needs what is generated.
// The build would take seconds of each `npm ci`, and `npm test` makes it anyway.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { packageRoot } from '../src/run/package-root.ts';

/** Who works here started npm here: INIT_CWD is where. For a package it was started in the folder of its user. */
const startedIn = process.env.INIT_CWD;
const way = relative(packageRoot, startedIn ?? tmpdir());
const isForUse = way.startsWith('..') || isAbsolute(way);
const script = !isForUse ? 'generate' : isBuilt() ? undefined : 'build';
if (script !== undefined) {
  const shell = process.platform === 'win32';
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    cwd: packageRoot,
    stdio: 'inherit',
    shell,
  });
  process.exitCode = status ?? 1;
}

/** npm prepares a package twice: the second time there is nothing to do. */
function isBuilt(): boolean {
  const built = newest(join(packageRoot, 'dist'));
  const sources = ['package.json', 'mocks', 'reports', 'scenarios', 'schemas', 'src', 'tools'];
  return sources.every((path) => newest(join(packageRoot, path)) <= built);
}

/** When the last file of a folder, or a file itself, was written, in ms; 0 where there is none. */
function newest(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() !== true) return stat?.mtimeMs ?? 0;
  return readdirSync(path).reduce((last, name) => Math.max(last, newest(join(path, name))), 0);
}
