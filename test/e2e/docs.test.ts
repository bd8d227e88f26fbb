// Every command in the docs, run as it stands there: each page in a shell and a folder of its own.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { type Block, type Command, commandsOf } from '../lib/docs/blocks.ts';
import { isShown } from '../lib/docs/output.ts';
import { docPages } from '../lib/docs/pages.ts';
import { rewritten, Session } from '../lib/docs/session.ts';
import { type DocWorld, startDocWorld } from '../lib/docs/world.ts';
import { runTool, testWith } from '../lib/tools.ts';

let world: DocWorld;
beforeAll(async () => {
  world = await startDocWorld();
});
afterAll(async () => await world?.close());

const isRun = ({ language, info }: Block) => language === 'console' && info.norun === undefined;

describe.each(docPages.filter(({ blocks }) => blocks.some(isRun)))('$page', ({ blocks }) => {
  testWith('k6')('its commands do what it says', async () => {
    const folder = world.sandbox();
    const starts = blocks.some(({ text }) => /^\$ .*pullproof mock\b/m.test(text));
    const session = new Session(world, folder, starts ? await freePort() : undefined);
    try {
      for (const block of blocks) await runBlock(block, folder, session);
    } finally {
      session.close();
    }
  });
});

/** `exit=1` is of the last command, `exit=0,1` where chance decides; those before end with 0. */
async function runBlock(block: Block, folder: string, session: Session): Promise<void> {
  const { info, text } = block;
  if (info.file !== undefined) {
    const path = join(folder, info.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, rewritten(text));
  }
  if (!isRun(block)) return;
  const commands = commandsOf(block);
  for (const [index, command] of commands.entries()) {
    const isLast = index === commands.length - 1;
    const codes = isLast && info.exit !== undefined ? info.exit.split(',').map(Number) : [0];
    await runCommand(command, codes, block.page, session);
  }
}

/** `codes`: of which its exit code is one. */
async function runCommand(
  { line, text, output }: Command,
  codes: readonly number[],
  page: string,
  session: Session,
): Promise<void> {
  const ran = await session.run(text);
  const told = `${page}:${line}: ${text}\n${ran.printed}`;
  expect(codes, told).toContain(ran.code);
  expect(isShown(output, ran.printed), `${told}\nis not what the page shows:\n${output}`).toBe(
    true,
  );
}

/** Their examples have tests of their own: mocks-package.test.ts, library.test.ts. */
const heldElsewhere: ReadonlySet<string> = new Set(['docs/mocks.md', 'docs/validate.md']);

describe('examples in TypeScript', () => {
  const examples = docPages
    .flatMap(({ blocks }) => blocks)
    .filter(({ page, language, info }) => {
      const isElsewhere = ['from', 'norun', 'file'].some((key) => info[key] !== undefined);
      return language === 'ts' && !isElsewhere && !heldElsewhere.has(page);
    })
    .map((block, index) => ({ ...block, file: `example-${index}.ts` }));
  const modules = join(packageRoot, 'node_modules');
  let folder = '';
  beforeAll(() => {
    folder = scratch();
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(packageRoot, join(folder, 'node_modules', 'pullproof'));
    for (const name of ['msw', '@types'])
      symlinkSync(join(modules, name), join(folder, 'node_modules', name));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    for (const { file, text } of examples) writeFileSync(join(folder, file), text);
  });

  test('are as the types of the package say', async () => {
    expect(examples.length).toBeGreaterThan(0);
    const words = [join(modules, 'typescript', 'bin', 'tsc'), '-p', folder];
    const { code, output } = await runTool(process.execPath, words);
    expect(code, output).toBe(0);
  });

  test.each(examples)('$page:$line runs', async ({ file }) => {
    const { code, output } = await runTool(process.execPath, [join(folder, file)]);
    expect(code, output).toBe(0);
  });
});

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
