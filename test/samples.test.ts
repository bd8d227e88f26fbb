// The samples of reports: all there, listed, of bounded size, and nothing in them of the machine that made them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/run/package-root.ts';
import { pictureFile, samplesPage } from '../tools/samples/page.ts';
import { pictures, samples, samplesFolder } from '../tools/samples/samples.ts';

const folder = join(packageRoot, samplesFolder);
const bytesMax = 6_000_000;

const expected = [
  'README.md',
  ...samples.flatMap(({ files }) => Object.values(files)),
  ...pictures.map(({ of, scheme }) => pictureFile(of, scheme)),
];

test('are there, and no others', () => {
  const hint = 'npm run samples writes docs/samples';
  expect(readdirSync(folder).sort(), hint).toEqual(expected.toSorted());
  const bytes = expected.map((file) => statSync(join(folder, file)).size);
  expect(Math.min(...bytes)).toBeGreaterThan(200);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(bytesMax);
});

test('are listed on their page', () => {
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe(samplesPage());
});

test.each(expected.filter((file) => /\.(?:html|json|xml)$/.test(file)))(
  '%s names no machine',
  (file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text.match(/\/(?:root|home\/\w+|work|builds?)\/[\w./-]*/g)).toBeNull();
  },
);
