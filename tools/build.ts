// `npm run build`: everything in dist/, anew. The command line and the library as bundles, scenarios for k6, and types.
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../', import.meta.url));
const types = join(root, 'dist', 'types');
const generated = 'src/validate/generated';

rmSync(join(root, 'dist'), { recursive: true, force: true });
declare('tsconfig.build.json');
declare('scenarios/tsconfig.build.json');
cpSync(join(root, generated), join(root, 'dist', generated), { recursive: true });
cpSync(join(root, generated), join(types, generated), { recursive: true });
keepTypes(entries());
await import('./bundle-scenarios.ts');
await import('./bundle-cli.ts');
await import('./completion-words.ts');

/** Writes declarations. */
function declare(project: string): void {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`tsc -p ${project} failed`);
}

/** The files of declarations that package.json names. */
function entries(): string[] {
  return Object.values(manifest.exports).flatMap((entry) => {
    if (entry === null || typeof entry === 'string') return [];
    const path = join(root, entry.types);
    if (!path.includes('*')) return [path];
    const folder = join(types, 'scenarios');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files.filter((name) => name.endsWith('.d.ts')).map((name) => join(folder, name));
  });
}

/** Declarations that the entries reach, with the names that a package has for its files; no others. */
function keepTypes(from: readonly string[]): void {
  const kept = new Set(from);
  for (const path of kept) {
    const text = readFileSync(path, 'utf8').replace(
      /((?:from|import) ?\(?["'])(\.[^"']*)\.(?:ts|js)(?=["'])/g,
      (_, before: string, name: string) => {
        kept.add(resolve(dirname(path), `${name}.d.ts`));
        return `${before}${name}.js`;
      },
    );
    // Who has not installed these compiles against the rest all the same.
    const foreign = /^(?=.*(?:from |import\()["'](?:msw|undici)["'])/gm;
    writeFileSync(path, text.replace(foreign, '/** @ts-ignore */\n'));
  }
  for (const name of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    const path = join(types, name);
    if (/\.[jt]s$/.test(name) && !kept.has(path)) rmSync(path);
  }
}
