// Build step (`npm run build`): each scenario that `load` runs as one file, which saves each virtual user
// memory and lets k6 run it where this package is not; and all of them with their parts, for programs that import
// them by name. Not part of the tool at run time.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));

buildSync({
  absWorkingDir: root,
  entryPoints: ['scenarios/pull.ts', 'scenarios/pull-stock.ts', 'scenarios/replay.ts'],
  outdir: 'dist/bundles',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  // What k6 brings itself.
  external: ['k6', 'k6/*'],
  banner: { js: '// pullproof, Apache-2.0: a scenario for k6, bundled into one file.' },
});

const isSource = (name: string) => name.endsWith('.ts') && !/\.(?:d|test)\.ts$/.test(name);
const sources = readdirSync(`${root}scenarios`, { recursive: true, encoding: 'utf8' });
buildSync({
  absWorkingDir: root,
  entryPoints: sources.filter(isSource).map((name) => `scenarios/${name}`),
  outdir: 'dist/scenarios',
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  target: 'es2022',
  external: ['k6', 'k6/*'],
});
