// The container image, built by buildah from the Dockerfile as it stands. Nothing is pulled: the base image is this Node with its
// libraries, and the package and k6 are those of this checkout, in the place of the stages that build them.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from './cli.ts';
import { runTool } from './tools.ts';

export interface ContainerImage {
  /** Folder of an OCI layout with the image. */
  readonly layout: string;
  /** Runs the image's own command in its root, as the user `uid:gid`, on this machine's network. */
  run(user: string, words: readonly string[]): Promise<{ code: number; output: string }>;
}

const name = 'localhost/pullproof';
const baseName = 'localhost/base';
const commandMsMax = 120_000;

/** @throws Error with what buildah said */
export async function buildContainerImage(): Promise<ContainerImage> {
  const home = scratch();
  const storage = ['--root', join(home, 'store'), '--runroot', join(home, 'run')];
  const store = [...storage, '--storage-driver', 'vfs'];
  const buildah = (words: readonly string[]) =>
    execFileSync('buildah', [...store, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandMsMax,
    }).trim();
  const base = join(home, 'base');
  execFileSync(process.execPath, [join(packageRoot, 'tools/image-root.ts'), base]);
  const empty = buildah(['from', 'scratch']);
  buildah(['copy', '-q', empty, `${base}/.`, '/']);
  buildah(['config', '--env', 'PATH=/usr/local/bin', empty]);
  buildah(['commit', '-q', '--rm', '--disable-compression', empty, baseName]);
  const app = packageFolder(join(home, 'app'));
  const k6 = await findK6('built', { variables: process.env, progress: () => undefined });
  mkdirSync(join(home, 'k6/opt'), { recursive: true });
  cpSync(k6.path, join(home, 'k6/opt/k6'));
  buildah([
    ...['bud', '-q', '--isolation', 'chroot', '--pull=never', '--timestamp', '1700000000'],
    ...['--build-arg', `NODE_IMAGE=${baseName}`, '-t', name],
    ...['--build-context', `app-build=${app}`, '--build-context', `k6-build=${join(home, 'k6')}`],
    packageRoot,
  ]);
  const layout = join(home, 'layout');
  buildah(['push', '-q', '--disable-compression', name, `oci:${layout}:pullproof`]);
  const entry = JSON.parse(buildah(['inspect', '--type', 'image', name])).OCIv1.config.Entrypoint;
  const container = buildah(['from', '--pull-never', name]);
  return {
    layout,
    run: (user, words) => {
      const how = ['run', '--isolation', 'chroot', '--user', user, container, '--'];
      return runTool('buildah', [...store, ...how, ...entry, ...words]);
    },
  };
}

/** The package, as the Dockerfile's own stage makes it: below `opt/pullproof`. */
function packageFolder(folder: string): string {
  const target = join(folder, 'opt/pullproof');
  mkdirSync(target, { recursive: true });
  const npm = (words: readonly string[]) =>
    execFileSync('npm', words, { cwd: packageRoot, encoding: 'utf8', timeout: commandMsMax });
  const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--dry-run']));
  for (const { path } of packed.files as { path: string }[]) {
    cpSync(join(packageRoot, path), join(target, path));
  }
  return folder;
}

/** The Dockerfile, for what is said of it. */
export function dockerfile(): string {
  return readFileSync(join(packageRoot, 'Dockerfile'), 'utf8');
}
