// The examples of docs/mocks.md, checked by TypeScript and run by Node against the built package, in a
// folder that has it as a dependency.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { runTool } from '../lib/tools.ts';

const modules = join(packageRoot, 'node_modules');
const page = readFileSync(join(packageRoot, 'docs', 'mocks.md'), 'utf8');
const examples = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);
const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
};

let folder = '';
beforeAll(() => {
  folder = scratch();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageRoot, join(folder, 'node_modules', 'pullproof'));
  for (const name of ['msw', '@types'])
    symlinkSync(join(modules, name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  for (const [index, code] of examples.entries()) {
    writeFileSync(join(folder, `example-${index}.test.ts`), code);
  }
  writeFileSync(
    join(folder, 'wrong.ts'),
    "import { createRegistry } from 'pullproof/mocks';\n// @ts-expect-error\ncreateRegistry({ auth: 'magic' });\n// @ts-expect-error\ncreateRegistry().images.nothing;\n",
  );
});

test('the examples and the types of the package fit', async () => {
  expect(examples.length).toBeGreaterThan(1);
  const { code, output } = await runTool(process.execPath, [
    join(modules, 'typescript', 'bin', 'tsc'),
    ...['-p', folder],
  ]);
  expect(code, output).toBe(0);
});

test.each([...examples.keys()])('example %i runs', async (index) => {
  const script = `process.chdir(${JSON.stringify(folder)}); await import('./example-${index}.test.ts');`;
  const file = join(folder, `run-${index}.mjs`);
  writeFileSync(file, script);
  const { code, output } = await runTool(process.execPath, [file]);
  expect(code, output).toBe(0);
});
