// The direction of imports: what each folder may know. A new arrow is a decision, made here.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/run/package-root.ts';

const ground = ['src/lib'];
const pure = [...ground, 'src/protocol', 'src/profiles'];
const checkRooms = [
  'auth',
  'deletes',
  'manifests',
  'pull',
  'referrers',
  'replies',
  'tags',
  'upload',
];
/** What checks of one room may use; nothing of another room. */
const ofCheckRoom = [
  ...pure,
  'src/checks/cells.ts',
  'src/checks/check.ts',
  'src/checks/kit',
  'src/checks/setup',
  'reports/results.ts',
];
const ofFaultRoom = [
  ...ground,
  'src/protocol',
  'mocks/faults/fault.ts',
  'mocks/faults/kit',
  ...['bytes', 'call', 'images', 'range', 'site', 'store'].map((file) => `mocks/${file}.ts`),
  ...['cdn', 'images', 'registry', 'tokens'].map((folder) => `mocks/${folder}`),
];
const ofRun = [
  ...pure,
  'src/formats',
  'src/checks',
  'src/validate',
  'src/access',
  'src/drivers',
  'src/doctor',
  'src/compare',
  'src/run',
  'reports/comparison.ts',
  'reports/place.ts',
  'reports/results.ts',
  'reports/trend.ts',
  'scenarios/lib/plan.ts',
];
const rooms = (parent: string, names: readonly string[], may: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`${parent}/${name}`, may]));

/**
 * Folder, or file, → what its files may import besides the files beside them; the longest that fits counts.
 * Test files are free.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'src/lib': [],
  'src/protocol': [...ground, 'src/protocol/grammar', 'src/protocol/talks/token.ts'],
  'src/protocol/grammar': ground,
  'src/protocol/talks': [...ground, 'src/protocol'],
  'src/formats': [...ground, 'src/protocol', 'src/formats'],
  'src/compare': ground,
  'src/profiles': [...ground, 'src/protocol'],
  'src/checks': [...pure, 'src/checks', 'reports/results.ts'],
  'src/checks/kit': [...pure, 'src/checks/check.ts'],
  'src/checks/setup': [...pure, 'src/checks/check.ts', 'src/checks/kit'],
  'src/checks/ledger': ground,
  ...rooms('src/checks', checkRooms, ofCheckRoom),
  'src/validate': [
    ...ground,
    'src/protocol',
    'src/formats',
    'src/validate',
    'src/access/credentials/auth-grammar.ts',
    'reports/results.ts',
  ],
  'src/validate/ledger': ground,
  'src/access': [...ground, 'src/protocol', 'src/formats', 'src/access'],
  'src/drivers': [
    ...ground,
    'src/protocol',
    'src/access',
    'src/drivers/network',
    'reports/results.ts',
  ],
  'src/drivers/network': [...ground, 'src/protocol', 'src/access'],
  'src/doctor': [...pure, 'src/access', 'src/drivers', 'src/doctor', 'reports/results.ts'],
  'src/run': ofRun,
  'src/run/demo.ts': [...ofRun, 'mocks/server.ts'],
  // Runs from a checkout without node_modules.
  action: [...ground, 'reports/results.ts'],
  'src/cli': ['src', 'reports', 'mocks', 'scenarios/lib/plan.ts'],
  reports: ['reports'],
  'reports/results.ts': [],
  mocks: [...ground, 'src/protocol', 'src/formats', 'mocks'],
  'mocks/http': [
    ...ground,
    'src/protocol',
    ...['body', 'bytes', 'call', 'mock', 'random'].map((file) => `mocks/${file}.ts`),
  ],
  ...rooms('mocks/faults', [...checkRooms, 'kit'], ofFaultRoom),
  scenarios: [...pure, 'scenarios/lib'],
};

/** A verb's engine takes nothing of another's; the demo runs them all, and a comparison reads what all wrote. */
const apart = ['src/run/conform', 'src/run/load', 'src/run/validate'];
/** What is made of runs of all of them; `init` finds documents as `validate` does. */
const above = ['src/run/compare', 'src/run/init', 'src/run/trend'];
/** Made of several engines: the demo, and the library. */
const wholes: ReadonlySet<string> = new Set(['src/run/demo.ts', 'src/run/library.ts']);

const files = ['action', 'src', 'mocks', 'reports', 'scenarios'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter(
      (file) => file.endsWith('.ts') && !/\.test\.ts$|\.d\.ts$|\/generate(?:d\/|\.ts$)/.test(file),
    ),
);

/** The longest entry of the table that the file is, or is in. */
function ruleOf(file: string): string {
  const fitting = Object.keys(mayImport).filter((one) => isIn(file, one));
  return fitting.toSorted((a, b) => b.length - a.length)[0] ?? '';
}

function isIn(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

test.each(files)('%s imports only what its folder may know', (file) => {
  const rule = ruleOf(file);
  expect(rule, 'a folder with rules').not.toBe('');
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    normalize(join(dirname(file), match[1] ?? '')),
  );
  const allowed = mayImport[rule] ?? [];
  const forbidden = imports.filter((path) => {
    const isOther = apart.some(
      (one) => isIn(path, one) && !isIn(file, one) && isIn(file, 'src/run'),
    );
    const isAllowed = dirname(path) === dirname(file) || allowed.some((root) => isIn(path, root));
    const isAbove = wholes.has(file) || above.some((one) => isIn(file, one));
    return !isAllowed || (isOther && !isAbove);
  });
  const hint = `${file} may not import these (test/architecture.test.ts, ${rule}): move the piece that both need down.`;
  expect(forbidden, hint).toEqual([]);
});
