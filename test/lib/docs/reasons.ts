// Why a command in the docs is not run by test/e2e/docs.test.ts: a closed list, with what stands in for it.

/** By the word of `norun=`: what is in the way, and what holds the command all the same. */
export const norunReasons: Readonly<Record<string, string>> = {
  internet: 'asks a server of somebody else; the same verb is run beside it against the mock',
  install:
    'changes the machine: packages, an image, a folder of modules; test/e2e has the package installed',
  kubernetes: 'needs a cluster; what it applies is made by a command that is run',
  'container-engine': 'needs a container engine that may pull and build',
  root: 'needs root, and changes the machine',
  ci: 'runs inside a CI service, on its variables',
  long: 'takes minutes: CI runs it by itself (.ci/run)',
  checkout: 'writes into a checkout, or is about one; test/long/new.test.ts and npm test run these',
  'other-test': 'is run, as it stands, by a test of its own',
  'own-host': 'is about files, programs or servers that only the reader has',
};
