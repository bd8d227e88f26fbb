// Part of the build: other people's packages that we run on are put into dist/, so that installing pullproof installs
// nothing else and asks for no newer Node than we do. Bundled where they are imported; what is loaded when it is
// needed lies in dist/vendor/ as files of its own. Their licences are all in dist/licences.txt.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { OutputChunk } from 'rolldown';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');

/** Packages that are loaded when they are needed; each is one file of CommonJS. */
export const vendoredPackages = ['yaml', 'smol-toml'];
/** Files of packages that are read. */
const vendoredFiles = [
  'spdx-license-ids/index.json',
  'spdx-license-ids/deprecated.json',
  'spdx-exceptions/index.json',
  'uplot/dist/uPlot.min.css',
  'uplot/dist/uPlot.iife.min.js',
];
/** What only those have who use it. */
const optional = ['msw'];

const fileOf = (name: string) => (vendoredPackages.includes(name) ? `${name}.cjs` : name);

/** Writes dist/vendor/. */
export function writeVendored(): void {
  buildSync({
    absWorkingDir: root,
    entryPoints: vendoredPackages,
    outdir: 'dist/vendor',
    outExtension: { '.js': '.cjs' },
    entryNames: '[name]',
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22.18',
    minifyWhitespace: true,
  });
  for (const name of vendoredFiles) {
    const target = join(dist, 'vendor', name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, 'node_modules', name), target);
  }
}

/** Code of a chunk that lies at `path` in dist/, with what it names of packages found in dist/vendor/. */
export function withVendored(code: string, path: string): string {
  const place = (name: string) => {
    const way = posix.relative(posix.dirname(path), `vendor/${fileOf(name)}`);
    return way.startsWith('.') ? way : `./${way}`;
  };
  let mapped = code;
  for (const name of vendoredFiles) mapped = mapped.replaceAll(`"${name}"`, `"${place(name)}"`);
  const names = vendoredPackages.join('|');
  return mapped.replace(
    // The bundler may have given `require` another name.
    new RegExp(`(\\brequire[\\w$]*\\(| from )"(${names})"`, 'g'),
    (_, before: string, name: string) => `${before}"${place(name)}"`,
  );
}

/** @throws Error for a chunk that imports what is not installed with us */
export function refuseBare({ fileName, imports, dynamicImports }: OutputChunk): void {
  const known = [...vendoredPackages, ...optional];
  for (const id of [...imports, ...dynamicImports]) {
    if (id.startsWith('node:') || /^[./]/.test(id) || known.includes(id)) continue;
    if (existsSync(join(root, 'node_modules', id))) {
      throw new Error(`${fileName} imports ${id}, which is not in dist/: see tools/vendored.ts`);
    }
  }
}

/** Writes dist/licences.txt. `modules`: files that were bundled. @throws Error for a package without a licence */
export function writeLicences(modules: Iterable<string>): void {
  const named = [...vendoredPackages, ...vendoredFiles].map((name) => `/node_modules/${name}`);
  const folders = [...modules, ...named].flatMap(
    (id) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? [],
  );
  const texts = [...new Set(folders)].sort().map(licenceOf);
  writeFileSync(join(dist, 'licences.txt'), texts.join('\n'));
}

function licenceOf(name: string): string {
  const folder = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${name} names no licence`);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return `${'='.repeat(72)}\n${name} ${version}, ${license}\n${'='.repeat(72)}\n\n${texts.join('\n\n')}\n`;
}
