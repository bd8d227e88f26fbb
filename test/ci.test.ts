// What CI installs is what the tests need: on the machine of a developer there is more.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/run/package-root.ts';
import { debianPackages } from './lib/tools.ts';

test('.ci/run installs the package of each tool that tests need, and no other', () => {
  const script = readFileSync(join(packageRoot, '.ci/run'), 'utf8');
  const installed = [...script.matchAll(/\bpackages\+?=\(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(/\s+/),
  );
  expect(new Set(installed)).toEqual(new Set(Object.values(debianPackages)));
});
