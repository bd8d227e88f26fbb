// Each file of the ladder in scenarios/ runs by plain `k6 run` with the built binary.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { findK6 } from '../../src/run/load/k6/find.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

const test = testWith('k6');
const folder = join(packageRoot, 'scenarios');
const steps = readdirSync(folder).filter((file) => /^\d\d-.*\.ts$/.test(file));

test.each(steps)('%s', async (file) => {
  const { path } = await findK6('built', { variables: process.env, progress: () => undefined });
  const mock = await startMock();
  const summary = join(scratch(), 'summary.json');
  try {
    const image = ['-e', `IMAGE=http://${mock.images[0]}`, '-e', 'NODES=5', '-e', 'RATE=5'];
    // Shorter than what the file says, where it says a time.
    const scenario = readFileSync(join(folder, file), 'utf8');
    const short = /\n {2}duration:/.test(scenario) ? ['--vus', '1', '--duration', '1s'] : [];
    const stages = scenario.includes('  stages:') ? ['--stage', '1s:2'] : [];
    const words = ['run', '--quiet', '--address', '', '--summary-export', summary];
    const { code, output } = await runTool(
      path,
      [...words, ...short, ...stages, ...image, join(folder, file)],
      // Latencies are no matter of this test.
      { K6_NO_THRESHOLDS: 'true' },
    );
    expect(code, output).toBe(0);
    const { metrics } = JSON.parse(readFileSync(summary, 'utf8'));
    expect(metrics.pull_ok?.count, output).toBeGreaterThan(0);
    expect(metrics.pull_failed?.count ?? 0, output).toBe(0);
    expect(scenario.split('\n').length).toBeLessThanOrEqual(40);
  } finally {
    await mock.close();
  }
});

test('without an image the scenarios say what they need', async () => {
  const { path } = await findK6('built', { variables: process.env, progress: () => undefined });
  const { code, output } = await runTool(path, ['run', '--quiet', join(folder, '01-smoke.ts')]);
  expect(code).not.toBe(0);
  expect(output).toContain('IMAGE');
});
