// The direction of imports: what each folder may know. A new arrow is a decision, made here.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/run/package-root.ts';

/** Folder → what its files may import besides their own folder; test files are free. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/lib': [],
  'src/protocol': ['src/lib'],
  'src/formats': ['src/lib', 'src/protocol'],
  'src/profiles': ['src/lib', 'src/protocol'],
  'src/checks': ['src/lib', 'src/protocol', 'src/profiles', 'reports/results.ts'],
  'src/validate': [
    'src/lib',
    'src/protocol',
    'src/formats',
    'src/access/auth-grammar.ts',
    'reports/results.ts',
  ],
  'src/access': ['src/lib', 'src/protocol'],
  'src/drivers': ['src/lib', 'src/protocol', 'reports/results.ts'],
  'src/run': [
    'src/lib',
    'src/protocol',
    'src/formats',
    'src/profiles',
    'src/checks',
    'src/validate',
    'src/access',
    'src/drivers',
    'reports/results.ts',
    'scenarios/lib/plan.ts',
    'mocks',
  ],
  'src/cli': ['src', 'reports', 'mocks', 'scenarios/lib/plan.ts'],
  reports: [],
  mocks: ['src/lib', 'src/protocol', 'src/formats'],
  scenarios: ['src/lib', 'src/protocol', 'src/profiles'],
};

const files = ['src', 'mocks', 'reports', 'scenarios'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter(
      (file) => file.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$|\/generate(?:d\/|\.ts$)/.test(file),
    ),
);

function folderOf(file: string): string {
  return Object.keys(mayImport).find((folder) => file.startsWith(`${folder}/`)) ?? '';
}

test.each(files)('%s imports only what its folder may know', (file) => {
  const folder = folderOf(file);
  expect(folder, 'a folder with rules').not.toBe('');
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );
  const allowed = [folder, ...(mayImport[folder] ?? [])];
  const forbidden = imports.filter(
    (path) => !allowed.some((root) => path === root || path.startsWith(`${root}/`)),
  );
  expect(forbidden).toEqual([]);
});
