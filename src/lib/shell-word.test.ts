// A real shell gives back what was quoted.

import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test.each([
  'pull.p95<2s',
  "it's",
  '',
  'a b',
  '$HOME',
  '*',
  '--rate',
  '30/s',
  'edge=30ms±10ms',
  '!x',
  '~',
])('a shell takes %s as it is', (word) => {
  const told = execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' });
  expect(told).toBe(word);
});

test('what needs no quotes has none, what has specials is one quoted word', () => {
  expect(shellWord('http://127.0.0.1:5000/demo/app:latest')).toBe(
    'http://127.0.0.1:5000/demo/app:latest',
  );
  fc.assert(
    fc.property(fc.string(), (word) => {
      const told = shellWord(word);
      expect(told === word || /^'(?:[^']|'\\'')*'$/.test(told)).toBe(true);
    }),
  );
});
