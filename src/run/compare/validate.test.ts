import { expect, test } from 'vitest';
import type { DocumentResult, Finding } from '../../../reports/results.ts';
import { compareDocuments } from './validate.ts';

const finding: Finding = {
  ...{ ruleId: 'descriptor-size', level: 'error', pointer: '/layers/0/size', line: 9, column: 15 },
  ...{ message: 'size is -12', spec: 'image-spec/descriptor.md#properties' },
};

function run(findings: readonly Partial<Finding>[], path = 'a.json'): readonly DocumentResult[] {
  const all = findings.map((one) => ({ ...finding, ...one }));
  return [{ path, kind: 'manifest', valid: all.length === 0, findings: all }];
}

function counts(base: readonly DocumentResult[], now: readonly DocumentResult[]) {
  const { appeared, gone, same } = compareDocuments([base], [now], 'all');
  return [appeared.length, gone.length, same];
}

test('a finding is known again where its line moved, and where its entry did', () => {
  expect(counts(run([{}]), run([{ line: 40 }]))).toEqual([0, 0, 1]);
  expect(counts(run([{}]), run([{ pointer: '/layers/3/size' }]))).toEqual([0, 0, 1]);
  expect(counts(run([{}]), run([{}], './a.json'))).toEqual([0, 0, 1]);
});

test('another rule, place or document is another finding', () => {
  expect(counts(run([{}]), run([{}, { pointer: '/config/size' }]))).toEqual([1, 0, 1]);
  expect(counts(run([{}]), run([{ ruleId: 'digest-length' }]))).toEqual([1, 1, 0]);
  expect(counts(run([{}]), run([{}], 'b.json'))).toEqual([1, 1, 0]);
  expect(counts(run([{}]), run([{}, {}]))).toEqual([1, 0, 1]);
});

test('new notes and accepted findings are no regressions, warnings only where all is wanted', () => {
  const regressions = (one: Partial<Finding>, level: 'all' | 'must') =>
    compareDocuments([run([])], [run([one])], level).appeared.map(({ regression }) => regression);
  expect(regressions({}, 'must')).toEqual([true]);
  expect(regressions({ level: 'warning' }, 'all')).toEqual([true]);
  expect(regressions({ level: 'warning' }, 'must')).toEqual([false]);
  expect(regressions({ level: 'note' }, 'all')).toEqual([false]);
  expect(regressions({ accepted: true }, 'all')).toEqual([false]);
});

test('of several runs a side all findings count, each once', () => {
  const { appeared, gone, same } = compareDocuments([run([{}]), run([{}])], [run([{}])], 'all');
  expect([appeared.length, gone.length, same]).toEqual([0, 0, 1]);
});

test('however many findings there are, alike ones among them', () => {
  const many = (count: number) =>
    run(Array.from({ length: count }, (_, at) => ({ pointer: `/${at % 1000}` })));
  expect(counts(many(150_000), many(300_000))).toEqual([150_000, 0, 150_000]);
});
