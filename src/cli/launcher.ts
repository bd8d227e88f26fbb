#!/usr/bin/env node
// The first file that runs. It says what is wrong on a Node that is too old for the rest, so it uses
// nothing that an old Node lacks and loads the command line only after looking.
import { wrongNode } from '../lib/node/needed-node.ts';

const wrong = wrongNode(process.versions.node);
if (wrong !== undefined) {
  // pre-commit says of itself that it runs, and takes the program `nodejs`, where there is one, before `node`.
  const hint =
    process.env.PRE_COMMIT === '1'
      ? 'write `language_version: 24.0.0` below `id:` of the hook, which brings that Node; or take the hook …-system, for a pullproof on the PATH'
      : 'install a current Node, or let npm bring one: npx --package node@26 --package pullproof -- pullproof …';
  process.stderr.write(`error: ${wrong} (${process.execPath})\n  hint: ${hint}\n`);
  process.exitCode = 2;
} else {
  // Compiled code is kept from run to run, where nobody else can write.
  const { enableCompileCache } = process.getBuiltinModule('node:module');
  const { cacheFolder } = await import('../lib/node/cache-folder.ts');
  const cache = cacheFolder();
  if (cache !== undefined) enableCompileCache(`${cache}/compiled`);
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
