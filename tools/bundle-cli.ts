// Build step (`npm run build`): the command line in few files in place of the hundreds that tsc writes, since
// each costs a start a millisecond. Packages stay outside, but commander. Not part of the tool at run time.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { type Plugin, rolldown } from 'rolldown';
import manifest from '../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../', import.meta.url));
const outdir = `${root}dist/src/cli`;

/** What every run of `validate FILE` needs is one file. */
const startModules = ['src/cli/main.ts', 'src/cli/validate.ts'];

const packages = new Set(Object.keys(manifest.dependencies));

function isOutside(id: string): boolean {
  return (
    id.startsWith('node:') || packages.has(id.split('/', id.startsWith('@') ? 2 : 1).join('/'))
  );
}

/** Commander can start a program for a verb; our verbs are no programs. */
function startsPrograms(id: string, importer: string | undefined): boolean {
  return id === 'node:child_process' && importer?.includes('/commander/') === true;
}

/**
 * Node makes a module of each builtin that is imported, and for it asks every getter of what it exports: for
 * node:process that opens the standard streams. Asked for by name, a builtin is only itself.
 */
function builtinsByName(code: string): string {
  return code.replaceAll(
    /^import (?:\* as )?([\w$]+)?(?:, )?(\{.*?\})? from "(node:[\w/]+)";$/gm,
    (_, whole: string | undefined, names: string | undefined, from: string) => {
      const builtin = `process.getBuiltinModule("${from}")`;
      if (names !== undefined && from === functionsOnly) return calledLate(names, builtin);
      return [whole, names?.replaceAll(' as ', ': ')]
        .filter((name) => name !== undefined)
        .map((name) => `const ${name} = ${builtin};`)
        .join('\n');
    },
  );
}

/** Large, and used by every verb somewhere, but not by a run over files. */
const functionsOnly = 'node:fs/promises';

/** Each function asks for its builtin when it is called. */
function calledLate(names: string, builtin: string): string {
  return [...names.matchAll(/([\w$]+)(?: as ([\w$]+))?/g)]
    .map(([, name, as = name]) => `const ${as} = (...words) => ${builtin}.${name}(...words);`)
    .join('\n');
}

let start: ReadonlySet<string> = new Set();

const plugin: Plugin = {
  name: 'quick-start',
  resolveId: (id, importer) => (startsPrograms(id, importer) ? '\0no-child-process' : null),
  load: (id) => (id === '\0no-child-process' ? 'export default {};' : null),
  buildEnd() {
    const paths = startModules.map((path) => `${root}${path}`);
    start = closure(paths, (id) => this.getModuleInfo(id)?.importedIds ?? []);
  },
};

/** All that these modules import, and what that imports. */
function closure(
  ids: readonly string[],
  importsOf: (id: string) => readonly string[],
): ReadonlySet<string> {
  const all = new Set(ids);
  for (const id of all) for (const imported of importsOf(id)) all.add(imported);
  return all;
}

rmSync(outdir, { recursive: true, force: true });
const bundle = await rolldown({
  cwd: root,
  input: {
    launcher: 'src/cli/launcher.ts',
    // The mock starts it by its name, beside the part that holds mocks/workers/pool.ts.
    'parts/worker': 'mocks/workers/worker.ts',
  },
  platform: 'node',
  external: (id, importer) => !startsPrograms(id, importer) && isOutside(id),
  transform: { target: 'node22.18' },
  checks: { ineffectiveDynamicImport: false },
  plugins: [plugin],
});
const { output } = await bundle.generate({
  format: 'esm',
  chunkFileNames: 'parts/[name]-[hash].js',
  codeSplitting: {
    groups: [{ name: 'start', test: (id) => start.has(id) }],
  },
});
await bundle.close();

mkdirSync(`${outdir}/parts`, { recursive: true });
for (const file of output) {
  if (file.type === 'chunk') writeFileSync(`${outdir}/${file.fileName}`, written(file.code));
}
copyFileSync(`${root}node_modules/commander/LICENSE`, `${outdir}/parts/commander-license.txt`);

function written(code: string): string {
  const banner = '// pullproof, Apache-2.0: a part of the command line, bundled.\n';
  const [first = ''] = /^#!.*\n/.exec(code) ?? [];
  const { code: small } = transformSync(builtinsByName(code.slice(first.length)), {
    minifyWhitespace: true,
    // V8 reads text of one byte a character quicker.
    charset: 'ascii',
    target: 'node22.18',
  });
  return `${first}${banner}${small}`;
}
