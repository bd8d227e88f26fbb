import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import { applyBaseline, readBaseline, strayEntries, writeBaseline } from './expected-failures.ts';

const result = (id: string, verdict: Verdict): CheckResult => ({
  id,
  verdict,
  level: 'MUST',
  section: 's',
  requirement: 'r',
  expected: 'e',
  actual: 'a: "b"',
  why: 'w',
  evidence: [],
  durationMs: 1,
});

const apply = (text: string, results: readonly CheckResult[]) =>
  applyBaseline(readBaseline('b.yaml', text), results);

describe('a run held against a baseline', () => {
  test('expected, new, mended and not judged', () => {
    const results = [
      result('known', 'fail'),
      result('new', 'warn'),
      result('mended', 'pass'),
      result('unreached', 'void'),
      result('fine', 'pass'),
    ];
    const text = 'expected:\n  known: why\n  mended: why\n  unreached: why\n  absent: why\n';
    expect(apply(text, results)).toEqual({
      file: 'b.yaml',
      expected: ['known'],
      unexpected: ['new'],
      fixed: ['mended'],
      unjudged: ['unreached', 'absent'],
    });
    expect(results.map(({ expectedFailure }) => expectedFailure)).toEqual([
      'why',
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('entries that name no check are told, with the one that is meant', () => {
    const text =
      'expected: { tags-ordr: why, "tags-*": why, "tags-order@team/app:1": why, x9: why }';
    const warnings = strayEntries(readBaseline('b.yaml', text), ['tags-order', 'ping']);
    expect(warnings).toEqual([
      expect.stringMatching(/b\.yaml.*"tags-ordr".*tags-order/),
      expect.stringContaining('"x9"'),
    ]);
    expect(strayEntries(undefined, [])).toEqual([]);
  });

  test('a glob covers its failures, and is mended when none is left', () => {
    const text = 'expected: { "tag-*": why }';
    const some = [result('tag-a', 'fail'), result('tag-b', 'pass')];
    expect(apply(text, some)).toMatchObject({ expected: ['tag-a'], fixed: [] });
    expect(apply(text, [result('tag-b', 'pass')])).toMatchObject({
      expected: [],
      fixed: ['tag-*'],
    });
  });

  test('another verdict than the expected one is new', () => {
    const text = 'expected: { a: { reason: why, verdict: warn } }';
    expect(apply(text, [result('a', 'fail')])).toMatchObject({ unexpected: ['a'], fixed: ['a'] });
  });

  test('what fails sometimes only is never mended', () => {
    const text = 'expected: { a: { reason: why, sometimes: true } }';
    expect(apply(text, [result('a', 'pass')])).toMatchObject({ fixed: [], unjudged: [] });
  });

  test('a defect of ours cannot be expected', () => {
    const ours = result('a', 'harness-error');
    apply('expected: { a: why }', [ours]);
    expect(ours.expectedFailure).toBeUndefined();
  });
});

test('what is written is read again, and covers just these failures', () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}(@[a-z/]+:[a-z]+)?$/));
  fc.assert(
    fc.property(ids, (names) => {
      const verdicts = ['pass', 'fail', 'warn', 'void'] as const;
      const results = names.map((id, i) => result(id, verdicts[i % 4] as Verdict));
      const summary = apply(writeBaseline(results), results);
      expect(summary).toMatchObject({ unexpected: [], fixed: [], unjudged: [] });
      expect(summary.expected).toHaveLength(
        results.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn').length,
      );
    }),
  );
});

test('reasons of an earlier baseline are kept', () => {
  const earlier = readBaseline('b', 'expected: { a: the proxy }');
  const again = readBaseline('b', writeBaseline([result('a', 'fail')], earlier));
  expect(again.expected.get('a')?.reason).toBe('the proxy');
});

test.each([
  ['expected:\n  a: x\n  a: y\n', 'b: it is neither YAML nor JSON at 3:3: '],
  ['expected:\n  a: [\n', 'b: it is neither YAML nor JSON at 3:1: '],
])('%j is refused with its place', (text, message) => {
  expect(() => readBaseline('b', text)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message) }),
  );
});

test.each([
  '',
  'expected: []',
  'expected: { a: "" }',
  'a: b',
  'expected: { a: { verdict: pass, reason: x } }',
  '{',
  'expected: &a { a: *a }',
])('%j is no baseline', (text) => {
  expect(() => readBaseline('b', text)).toThrow(
    expect.objectContaining({ code: 'baseline-unusable', exitCode: 2 }),
  );
});
