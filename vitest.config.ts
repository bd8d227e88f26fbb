// Which tests there are, how long they may take, and what is counted as covered.
import { defineConfig } from 'vitest/config';

const ci = process.env.CI !== undefined;

export default defineConfig({
  test: {
    include: ['{src,mocks,reports,test,bench}/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    // One a core: much of the time is waiting for programs.
    maxWorkers: '100%',
    setupFiles: 'test/property-seed.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ci ? ['default', ['json', { outputFile: 'coverage/vitest.json' }]] : ['default'],
    // What runs in child processes (the built CLI, k6) is not counted.
    coverage: {
      enabled: ci,
      provider: 'v8',
      include: ['src/**', 'mocks/**', 'reports/**'],
      exclude: ['**/*.test.ts', '**/generated/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 80 },
    },
  },
});
