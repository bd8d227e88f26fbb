// Build step (`npm run build`): the command line in few files in place of the hundreds that tsc writes, since
// each costs a start a millisecond; and the library, apart. Packages are in it (vendored.ts). Not part of the tool at
// run time.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { type CodeSplittingOptions, type Plugin, rolldown } from 'rolldown';
import {
  refuseBare,
  vendoredPackages,
  withVendored,
  writeLicences,
  writeVendored,
} from './vendored.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
/** What every run of `validate FILE` needs is one file. */
const startModules = ['src/cli/main.ts', 'src/cli/validate.ts'];

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

interface Bundle {
  /** In dist/. */
  readonly folder: string;
  /** Name of the file in it → the source that it is made of. */
  readonly input: Readonly<Record<string, string>>;
  readonly plugins: readonly Plugin[];
  readonly codeSplitting?: CodeSplittingOptions;
}

/** @returns the files that went into it */
async function write({ folder, input, plugins, codeSplitting }: Bundle): Promise<string[]> {
  const bundle = await rolldown({
    cwd: root,
    input: { ...input },
    platform: 'node',
    external: (id, importer) =>
      !startsPrograms(id, importer) && (id.startsWith('node:') || vendoredPackages.includes(id)),
    transform: { target: 'node22.18' },
    // hdr-histogram-js has an eval where it packs histograms, which is not done here.
    checks: { ineffectiveDynamicImport: false, eval: false },
    plugins: [...plugins],
  });
  const { output } = await bundle.generate({
    format: 'esm',
    chunkFileNames: 'parts/[name]-[hash].js',
    ...(codeSplitting !== undefined && { codeSplitting }),
  });
  await bundle.close();
  rmSync(`${root}dist/${folder}`, { recursive: true, force: true });
  const chunks = output.filter((file) => file.type === 'chunk');
  for (const chunk of chunks) {
    refuseBare(chunk);
    const path = `${folder}/${chunk.fileName}`;
    mkdirSync(dirname(`${root}dist/${path}`), { recursive: true });
    writeFileSync(`${root}dist/${path}`, written(withVendored(chunk.code, path)));
  }
  return chunks.flatMap(({ moduleIds }) => moduleIds);
}

function written(code: string): string {
  const banner = '// pullproof, Apache-2.0, bundled; parts of others: dist/licences.txt.\n';
  const [first = ''] = /^#!.*\n/.exec(code) ?? [];
  const { code: small } = transformSync(builtinsByName(code.slice(first.length)), {
    minifyWhitespace: true,
    // V8 reads text of one byte a character quicker.
    charset: 'ascii',
    target: 'node22.18',
  });
  return `${first}${banner}${small}`;
}

const ofCommandLine = await write({
  folder: 'src/cli',
  input: {
    launcher: 'src/cli/launcher.ts',
    // The mock starts it by its name, beside the part that holds mocks/workers/pool.ts.
    'parts/worker': 'mocks/workers/worker.ts',
    // As does join.ts beside it.
    'parts/join-worker': 'src/run/load/timeline/join-worker.ts',
  },
  plugins: [plugin],
  codeSplitting: { groups: [{ name: 'start', test: (id) => start.has(id) }] },
});
const ofLibrary = await write({
  folder: 'library',
  input: {
    index: 'src/run/library.ts',
    mocks: 'mocks/index.ts',
    protocol: 'src/run/protocol-library.ts',
    validate: 'src/run/validate/library.ts',
  },
  plugins: [],
  // Apart, it is evaluated before all other parts.
  codeSplitting: { groups: [{ name: 'refuse-old-node', test: /refuse-old-node|needed-node/ }] },
});
writeVendored();
writeLicences([...ofCommandLine, ...ofLibrary]);
