// What the view of a run of the checks holds, from its set-up to its clean-up.
import { expect, test } from 'vitest';
import type { CheckResult } from '../../../reports/results.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import { ConformProgress } from './progress.ts';

let nowMs = 0;
const progressOf = (total = 40) => {
  nowMs = 0;
  const isExpected = (id: string) => id === 'known';
  return new ConformProgress({ target: 'registry.example/team', total, isExpected }, () => nowMs);
};
const rowsOf = (progress: ConformProgress) =>
  Object.fromEntries(progress.view().rows.map(({ label, text }) => [label, text]));
const ended = (id: string, verdict: CheckResult['verdict']) => ({ id, verdict }) as CheckResult;
const answered = (status: number) =>
  ({ request: {}, reply: { status, failure: '' } }) as unknown as Exchange;

test('tells the set-up, how far the checks are and what is left, and the clean-up', () => {
  const progress = progressOf();
  expect(progress.view().place).toEqual({ share: 0, words: '0 of 40 checks, setting up, 0 s' });
  nowMs = 1000;
  for (let at = 0; at < 40; at++) {
    progress.begin(`check-${at}`);
    nowMs += 1000;
    if (at === 9) expect(rowsOf(progress).now).toBe('check-9');
    progress.end(ended(`check-${at}`, 'pass'));
    if (at === 9) progress.begin('other');
    if (at === 9)
      expect(progress.view().place?.words).toContain('10 of 40 checks, 11 s, about 30 s');
    if (at === 9) progress.end(ended('other', 'pass'));
  }
  expect(progress.view().place?.words).toContain('cleaning up');
});

test('names what fails and what warns, the latest first, and not what is expected', () => {
  const progress = progressOf();
  for (const id of ['a', 'known', 'b', 'c', 'd', 'e']) progress.end(ended(id, 'fail'));
  progress.end(ended('w', 'warn'));
  progress.end(ended('broken', 'harness-error'));
  expect(rowsOf(progress).failed).toBe('6: broken, e, d, c, …');
  expect(rowsOf(progress).warnings).toBe('1: w');
  expect(progress.view().line).toMatch(/6 failed \(broken\), 1 warning/);
});

test('counts what came in passing, and says what is waited for', () => {
  const progress = progressOf();
  expect(rowsOf(progress)).not.toHaveProperty('stumbles');
  for (const status of [200, 503, 502, 501, 429]) progress.note(answered(status));
  nowMs += 5000;
  expect(rowsOf(progress).stumbles).toContain('2 times');
  expect(rowsOf(progress).limits).toContain('1 time ');
  expect(rowsOf(progress).now).toContain('waiting for 5 s');
  progress.note(answered(200));
  expect(rowsOf(progress).now).not.toContain('waiting');
});
