// The real actionlint on our workflows and examples: schema, expressions, and the inputs that they give to our action.
import { copyFileSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { githubWorkflow } from '../../src/run/init/workflows.ts';
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
  const image = 'registry.example/team/app:1.2';
  const jobs = { validate: true, plan: 'p.yaml', conform: 'r.example/ci', doctor: image, image };
  const texts = [
    ...globSync(join(packageRoot, 'examples/github/*.yml')).map(
      (file) => [basename(file), readFileSync(file, 'utf8')] as const,
    ),
    ['init.yml', githubWorkflow(jobs) ?? ''] as const,
  ];
  for (const [name, text] of texts) {
    const local = text.replaceAll(/uses: pullproof\/pullproof@\S+/g, 'uses: ./');
    writeFileSync(join(place, name), change(local));
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
