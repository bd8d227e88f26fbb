// What the cluster runs, as images of the names that manifests call them by, from programs of this machine: nothing
// is pulled from elsewhere.
import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { goToolPath } from '../go-tools.ts';
import { type LayerEntry, layerOf } from './layer.ts';
import { type ImageRecipe, writeLayout } from './layout.ts';
import { findProgram } from './needs.ts';
import { imageNames } from './plan.ts';

/** The user of k6/Dockerfile. */
const k6User = 12345;
const variables = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
const users = 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n';
const groups = 'root:x:0:\nnobody:x:65534:\n';

/** Writes them all into a new layout. `k6` is the path of our k6. */
export function writeClusterImages(folder: string, k6: string): void {
  writeLayout(folder, recipes(k6));
}

function recipes(k6: string): ImageRecipe[] {
  const base = layerOf(baseEntries());
  return [
    {
      name: imageNames.pause,
      config: { User: '65535:65535', Entrypoint: ['/pause'] },
      layers: [layerOf([{ name: 'tmp/', mode: 0o1777 }, tool('pause', 'pause')])],
    },
    { name: imageNames.busybox, config: { Env: variables, Cmd: ['sh'] }, layers: [base] },
    {
      name: imageNames.operator,
      config: { User: '65532:65532', WorkingDir: '/', Entrypoint: ['/manager'] },
      layers: [layerOf([tool('manager', 'k6-operator')])],
    },
    {
      name: imageNames.starter,
      config: { Env: variables, User: '65532:65532', Entrypoint: ['/bin/sh'] },
      layers: [base, layerOf(withLibraries(findProgram('curl')))],
    },
    {
      name: imageNames.k6,
      config: { Env: variables, User: `${k6User}`, WorkingDir: '/home/k6', Entrypoint: ['k6'] },
      layers: [base, layerOf(userEntries()), layerOf([file('usr/bin/k6', k6)])],
    },
  ];
}

/** A small system: busybox as each of its programs. */
function baseEntries(): LayerEntry[] {
  const busybox = findProgram('busybox');
  const list = execFileSync(busybox, ['--list'], { encoding: 'utf8' });
  const names = list.trim().split('\n');
  const links = names
    .filter((name) => name !== 'busybox')
    .map((name) => ({ name: `bin/${name}`, link: '/bin/busybox' }));
  return [
    ...['bin/', 'etc/', 'home/', 'root/', 'usr/', 'usr/bin/'].map((name) => ({ name })),
    { name: 'tmp/', mode: 0o1777 },
    file('bin/busybox', busybox),
    ...links,
    text('etc/passwd', users),
    text('etc/group', groups),
  ];
}

/** As adduser(8) of the Dockerfile leaves it. */
function userEntries(): LayerEntry[] {
  return [
    text('etc/passwd', `${users}k6:x:${k6User}:${k6User}:k6:/home/k6:/bin/sh\n`),
    text('etc/group', `${groups}k6:x:${k6User}:\n`),
    { name: 'home/k6/', owner: k6User },
  ];
}

/** A program with the libraries that its loader finds for it here, each in its place. */
function withLibraries(program: string): LayerEntry[] {
  const said = execFileSync('ldd', [program], { encoding: 'utf8' });
  const libraries = [...said.matchAll(/(\/\S+) \(/g)].map(([, path = '']) => path);
  return [
    file(program.slice(1), program),
    ...libraries.map((path) => file(path.slice(1), realpathSync(path))),
  ];
}

function tool(name: string, built: string): LayerEntry {
  return file(name, goToolPath(built) ?? '');
}

function file(name: string, from: string): LayerEntry {
  return { name, content: readFileSync(from) };
}

function text(name: string, content: string): LayerEntry {
  return { name, mode: 0o644, content: Buffer.from(content) };
}
