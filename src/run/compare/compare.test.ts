import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { validateSample } from '../../../test/lib/sample-results.ts';
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
