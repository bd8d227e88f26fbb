// Dates are read by a grammar of ours, never by V8's guesses: `Date.parse` takes "soon 12 GMT" for one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/run/package-root.ts';

/** A `Date` of milliseconds is fine. */
const guesses = /\bDate\.parse\b|\bnew Date\(\s*(?:['"`]|asString|String\()/;

const files = ['src', 'scenarios', 'mocks'].flatMap((folder) =>
  readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file}`)
    .filter((file) => file.endsWith('.ts')),
);

test('no date is guessed', () => {
  const guessing = files.filter((file) =>
    guesses.test(readFileSync(join(packageRoot, file), 'utf8')),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(guessing).toEqual([]);
});
