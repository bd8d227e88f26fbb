// How the tests run: projects, by what they need and how long they take.
import { defineConfig } from 'vitest/config';

const ci = process.env.CI !== undefined;
/** Of a run that comes after the one that is counted: `rest`, `all`, or `cluster`. */
const more = process.env.PULLPROOF_TEST;
const jsonName = more === undefined ? 'vitest' : more === 'cluster' ? more : 'rest';

const common = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: 'test/setup/temporary-folder.ts',
  setupFiles: 'test/setup/property-seed.ts',
};
/** With programs in processes of their own, which take their time where the machine is busy. */
const withK6 = {
  ...common,
  testTimeout: 180_000,
  hookTimeout: 300_000,
  globalSetup: [common.globalSetup, 'test/setup/k6.ts'],
};

const onCluster = {
  ...common,
  name: 'cluster',
  include: ['test/cluster/*.test.ts'],
  globalSetup: [common.globalSetup, 'test/setup/cluster.ts'],
  fileParallelism: false,
  testTimeout: 300_000,
};

export default defineConfig({
  test: {
    projects: [
      // Beside the code, and about the code: `npm run test:unit`. In one worker the files share modules.
      {
        test: {
          ...common,
          name: 'unit',
          isolate: false,
          include: ['{action,src,mocks,reports,tools,bench}/**/*.test.ts', 'test/*.test.ts'],
        },
      },
      // Faults against checks. In one worker the files share what the sound mock was asked.
      {
        test: {
          ...common,
          name: 'matrix',
          include: ['test/kill-matrix/*.test.ts'],
          isolate: false,
        },
      },
      // The built command line with real k6, against the mock.
      { test: { ...withK6, name: 'e2e', include: ['test/e2e/*.test.ts'] } },
      // The same, where it takes long: hostile registries, many processes, minutes of load. Left as well.
      { test: { ...withK6, name: 'long', include: ['test/long/*.test.ts'] } },
      // Programs of other people: registries, clients, validators. Left to `npm run test:rest`.
      { test: { ...withK6, name: 'programs', include: ['test/programs/**/*.test.ts'] } },
      // On a Kubernetes of its own, which all files share: `npm run test:cluster`.
      { test: onCluster },
    ],
    // One a core: much of the time is waiting for programs.
    maxWorkers: '100%',
    // A worker that is told to end may be in the middle of something where the machine is busy.
    teardownTimeout: 120_000,
    reporters: ci
      ? ['default', ['json', { outputFile: `coverage/${jsonName}.json` }]]
      : ['default'],
    // What runs in child processes (the built CLI, k6) is not counted.
    coverage: {
      enabled: ci && more === undefined,
      provider: 'v8',
      include: ['{src,mocks,reports}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/generated/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 80 },
    },
  },
});
