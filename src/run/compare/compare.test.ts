import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadSample, validateSample } from '../../../test/lib/sample-results.ts';
import { compareRuns } from './compare.ts';

test('what is not known of a run of a later version is a warning', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-compare-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [base, later] = [join(folder, 'base.json'), join(folder, 'later.json')];
  writeFileSync(base, JSON.stringify(validateSample));
  const tool = { name: 'pullproof', version: '9.9.9' };
  writeFileSync(later, JSON.stringify({ ...validateSample, tool, novel: 1 }));
  const { warnings } = await compareRuns({
    ...{ base: [base], with: [later], minEffect: 0.1, floorMs: 0, level: 'all', seed: 1 },
    progress: () => {},
  });
  const found = warnings.find(({ id }) => id === 'later-version');
  expect(found?.message).toMatch(/9\.9\.9.*novel/);
});

test.each([
  ['another part of the processors than', 0.62, 1],
  ['about as much of them as', 0.3, 0],
])('a run whose machine gave to others %s the base', async (_how, busy, warned) => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-compare-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const runs = [0.2, busy].map((all, at) => {
    const path = join(folder, `${at}.json`);
    const load = { ...loadSample.load, processors: { busy: all, own: 0.1 } };
    writeFileSync(path, JSON.stringify({ ...loadSample, load }));
    return path;
  });
  const { warnings } = await compareRuns({
    ...{ base: runs.slice(0, 1), with: runs.slice(1), minEffect: 0.1, floorMs: 0 },
    ...{ level: 'all', seed: 1, progress: () => {} },
  });
  expect(warnings.filter(({ id }) => id === 'busy-machine')).toHaveLength(warned);
});
