// One platform package: our k6 as Go builds it for that system, its licences, and where its sources are.
import { cpSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  goProcessors,
  goSystems,
  k6FileName,
  k6PackageName,
  sha256Of,
} from '../../src/run/load/k6/package.ts';
import {
  buildVariables,
  buildWords,
  sourcesDigest,
  sourcesOf,
} from '../../src/run/load/k6/sources.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { type GoModule, linkedModules, noticesOf } from './notices.ts';
import { run } from './run.ts';

/** By Node's names. */
export interface Platform {
  readonly system: string;
  readonly processor: string;
}

interface PackedK6 {
  readonly name: string;
  /** Of the binary, hex. */
  readonly sha256: string;
  readonly bytes: number;
}

const k6Folder = join(packageRoot, 'k6');
const k6Module = 'go.k6.io/k6/v2';

/** @throws Error where Go or npm fails */
export async function packK6(platform: Platform, work: string, target: string): Promise<PackedK6> {
  const { system, processor } = platform;
  const name = k6PackageName(system, processor);
  if (name === undefined) throw new Error(`there is no package for ${system}-${processor}`);
  const folder = join(work, `${system}-${processor}`);
  const binary = join(folder, 'bin', k6FileName(system));
  mkdirSync(dirname(binary), { recursive: true });
  const variables = {
    ...buildVariables,
    GOOS: goSystems[system] ?? system,
    GOARCH: goProcessors[processor] ?? processor,
  };
  run('go', buildWords(binary), k6Folder, variables);
  const modules = linkedModules(k6Folder, variables);
  const k6 = modules.find(({ path }) => path === k6Module);
  if (k6 === undefined) throw new Error(`${k6Module} is not among the modules that are linked`);
  for (const file of await sourcesOf(k6Folder)) {
    cpSync(join(k6Folder, file), join(folder, 'source', file));
  }
  const { version, repository } = mainPackage();
  const texts: Readonly<Record<string, string>> = {
    'package.json': manifestOf(platform, name, version, repository),
    'README.md': readmeOf(name, version),
    'SOURCE.md': await sourceOf(k6, variables, repository.url),
    LICENSE: readFileSync(join(k6.folder, 'LICENSE.md'), 'utf8'),
    'LICENSE-pullproof': readFileSync(join(packageRoot, 'LICENSE'), 'utf8'),
    'NOTICES.txt': noticesOf(modules),
  };
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(folder, file), text);
  mkdirSync(target, { recursive: true });
  run('npm', ['pack', '--ignore-scripts', '--pack-destination', target], folder);
  return { name, sha256: await sha256Of(binary), bytes: statSync(binary).size };
}

interface MainPackage {
  readonly version: string;
  readonly repository: { readonly type: string; readonly url: string };
}

function mainPackage(): MainPackage {
  return JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
}

function manifestOf(
  { system, processor }: Platform,
  name: string,
  version: string,
  repository: MainPackage['repository'],
): string {
  const manifest = {
    name,
    version,
    description: `k6 with the extension of pullproof, for ${system} on ${processor}`,
    // The whole is k6's: our part is Apache-2.0, which may be joined to it.
    license: 'AGPL-3.0-only',
    repository,
    preferUnplugged: true,
    os: [system],
    cpu: [processor],
    files: ['bin', 'source', 'SOURCE.md', 'LICENSE-pullproof', 'NOTICES.txt'],
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

function readmeOf(name: string, version: string): string {
  return `# ${name}

[k6](https://github.com/grafana/k6) with the extension of [pullproof](https://www.npmjs.com/package/pullproof) ${version}, which installs this package by itself
where it fits. Not k6 as Grafana Labs publishes it.

The binary is under the AGPL-3.0 (LICENSE), as k6 is. The extension in it is under the Apache-2.0 (LICENSE-pullproof); other parts: NOTICES.txt. Where its
sources are and how it is built again: SOURCE.md.
`;
}

async function sourceOf(
  k6: GoModule,
  variables: Readonly<Record<string, string>>,
  repository: string,
): Promise<string> {
  const git = (...words: string[]) => run('git', words, packageRoot).trim();
  const changed = git('status', '--porcelain', '--', 'k6') !== '';
  const commit = `${git('rev-parse', 'HEAD')}${changed ? ', with changes that are in source/ alone' : ''}`;
  const settings = Object.entries(variables).map((pair) => pair.join('='));
  return `# Sources of this binary

| part | where |
|---|---|
| k6 ${k6.version} | https://github.com/grafana/k6, tag ${k6.version}; Go module ${k6.path}@${k6.version} |
| the extension | the folder source/ of this package, whole; ${repository}, folder k6/, commit ${commit} |
| all other modules | source/go.mod and source/go.sum name version and hash of each; proxy.golang.org has them |

sha256 of the files that are built (pullproof's k6/checksums.json, \`sources\`): ${await sourcesDigest(k6Folder)}

To build the same bytes, with ${run('go', ['env', 'GOVERSION'], k6Folder).trim()}, in source/:

    ${settings.join(' ')} go ${buildWords('k6')
      .map((word) => (word.includes(' ') ? `'${word}'` : word))
      .join(' ')}
`;
}
