#!/usr/bin/env node
// The first file that runs. It says what is wrong on a Node that is too old for the rest, so it uses
// nothing that an old Node lacks and loads the command line only after looking.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `error: pullproof needs Node 22.18 or newer, this is ${process.version}\n` +
      '  hint: install a current Node, or let npm bring one: npx --package node@26 --package pullproof -- pullproof …\n',
  );
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
