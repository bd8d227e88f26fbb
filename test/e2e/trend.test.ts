// `report trend` of the built command line, over folders of earlier runs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cli, scratch } from '../lib/cli.ts';
import { conformSample } from '../lib/sample-results.ts';

function runsBelow(folder: string, days: number): void {
  for (let day = 0; day < days; day++) {
    const run = join(folder, `night ${day}`);
    mkdirSync(run, { recursive: true });
    const startedAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
    writeFileSync(join(run, 'results.json'), JSON.stringify({ ...conformSample, startedAt }));
    writeFileSync(join(run, 'report.html'), '<!doctype html>');
  }
}

test('one page with links to the runs, text or JSON on standard output, what is broken on the other', async () => {
  const folder = scratch();
  runsBelow(join(folder, 'runs'), 4);
  mkdirSync(join(folder, 'runs/cut'));
  writeFileSync(join(folder, 'runs/cut/results.json'), '{"schema":');
  const told = await cli(['report', 'trend', 'runs'], { cwd: folder });
  expect(told.code).toBe(0);
  expect(told.stdout).toContain('4 runs');
  expect(told.stderr).toContain('left out: cut');
  expect(readFileSync(join(folder, 'runs/trend.html'), 'utf8')).toContain(
    'href="night%203/report.html"',
  );
  const words = ['report', 'trend', 'runs', '--html', 'page.html', '--format', 'json'];
  const json = await cli(words, { cwd: folder });
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 'pullproof/trend/v1',
    groups: [{ of: 'conform' }],
    leftOut: [{ path: 'cut' }],
  });
  expect(readFileSync(join(folder, 'page.html'), 'utf8')).toContain(
    'href="runs/night%203/report.html"',
  );
});

test.each([
  [['report', 'trend', '.']],
  [['report', 'trend', 'nowhere']],
  [['report', 'trend']],
  [['report', 'trend', '.', '..']],
  [['report', 'trend', '.', '--format', 'junit']],
  [['report', 'trend', '.', '--floor', '5ms']],
])('%j is wrong input', async (words) => {
  expect((await cli(words)).code).toBe(2);
});
