// Build step (`npm run build`): the command line in few files in place of the hundreds that tsc writes, since
// each costs a start half a millisecond. Packages stay outside. Not part of the tool at run time.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../', import.meta.url));
const outdir = 'dist/src/cli';

rmSync(`${root}${outdir}/parts`, { recursive: true, force: true });
buildSync({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/cli/launcher.ts', out: 'launcher' },
    // The mock starts it by its name, beside the part that holds mocks/workers/pool.ts.
    { in: 'mocks/workers/worker.ts', out: 'parts/worker' },
  ],
  outdir,
  bundle: true,
  splitting: true,
  chunkNames: 'parts/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  packages: 'external',
  minifyWhitespace: true,
  banner: { js: '// pullproof, Apache-2.0: a part of the command line, bundled.' },
});
