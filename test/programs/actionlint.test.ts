// The real actionlint on our workflows and examples: schema, expressions, and the inputs that they give to our action.
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const testLint = testWith('actionlint');

/** A repository in which our action is a local one: of those actionlint knows the inputs. */
function repository(change: (text: string) => string = (text) => text): string[] {
  const folder = scratch();
  mkdirSync(join(folder, '.git'));
  copyFileSync(join(packageRoot, 'action.yml'), join(folder, 'action.yml'));
  cpSync(join(packageRoot, '.github'), join(folder, '.github'), { recursive: true });
  const place = join(folder, '.github', 'workflows');
  for (const file of globSync(join(packageRoot, 'examples/github/*.yml'))) {
    const text = readFileSync(file, 'utf8').replaceAll(
      /uses: pullproof\/pullproof@\S+/g,
      'uses: ./',
    );
    writeFileSync(join(place, basename(file)), change(text));
  }
  return globSync(join(place, '*.yml'));
}

testLint('workflows and examples are as GitHub wants them', async () => {
  const { code, output } = await runTool('actionlint', ['-no-color', ...repository()]);
  expect(code, output).toBe(0);
});

testLint('an input that the action has not is noticed', async () => {
  const files = repository((text) => text.replace('verb:', 'verbs:'));
  const { code, output } = await runTool('actionlint', ['-no-color', ...files]);
  expect(code, output).toBe(1);
  expect(output).toContain('verbs');
});
