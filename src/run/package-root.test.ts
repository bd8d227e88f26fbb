import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from './package-root.ts';
import { version } from './version.ts';

test.each(['package.json', 'scenarios/pull.ts', 'scenarios/pull-stock.ts', 'k6/go.mod'])(
  'what is read at run time lies there: %s',
  (file) => {
    expect(existsSync(join(packageRoot, file))).toBe(true);
  },
);

test('the version is one', () => {
  expect(version).toMatch(/^\d+\.\d+\.\d+/);
});
