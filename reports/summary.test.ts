import { describe, expect, test } from 'vitest';
import {
  conformPassSample,
  conformSample,
  demoSample,
  emptySample,
  interruptedSample,
  loadSample,
  validateSample,
} from '../test/lib/sample-results.ts';
import { inPullOrder, limitSentence } from './load-words.ts';
import type { Results } from './results.ts';
import { attention, countVerdicts, parts, sectionTitle, sentence } from './summary.ts';

test('every check is counted once', () => {
  const counts = countVerdicts(conformSample.checks);
  const total = Object.values(counts).reduce((sum, one) => sum + one, 0);
  expect(total).toBe(conformSample.checks.length);
  expect(counts).toMatchObject({ pass: 12, fail: 1, warn: 1, unsupported: 1, void: 1 });
});

test('what needs attention is told, the gravest first; what is unsupported is not', () => {
  const verdicts = attention(conformSample.checks).map((check) => check.verdict);
  expect(verdicts).toEqual(['fail', 'harness-error', 'harness-error', 'warn']);
});

describe('the sentence of a run', () => {
  test.each([
    [conformSample, '12 of 17 checks hold; 1 fails; 1 warns; 2 met a defect of pullproof'],
    [conformPassSample, '18 of 18 checks hold'],
    [validateSample, '1 of 3 documents is invalid: 1 error, 1 warning'],
    [loadSample, '20 of 11,560 failed'],
    [loadSample, '1 objective missed'],
    [demoSample, 'none failed'],
    [emptySample, 'Everything held'],
    [interruptedSample, 'Interrupted by Ctrl-C after 31 of 60 seconds. 192 pulls'],
    [{ ...conformSample, checks: [] }, 'No check was run'],
    [{ ...validateSample, documents: [] }, 'No document was validated'],
    [
      { ...validateSample, documents: validateSample.documents.filter(({ valid }) => !valid) },
      'The document is invalid: 1 error',
    ],
    [{ ...emptySample, verdict: 'error' as const }, 'could not be carried out'],
  ] satisfies [Results, string][])('%# says %s', (results, part) => {
    expect(sentence(results)).toContain(part);
  });
});

describe('the tone of a part', () => {
  const toneOf = (results: Results) => parts(results).map((part) => part.tone);

  test.each([
    ['a failing check', conformSample, ['bad']],
    ['checks that hold', conformPassSample, ['good']],
    [
      'a warning',
      { ...conformSample, checks: conformSample.checks.filter((one) => one.verdict === 'warn') },
      ['warn'],
    ],
    ['an invalid document', validateSample, ['bad']],
    ['a missed objective', loadSample, ['bad']],
    ['a run with three parts', demoSample, ['good', 'good', 'good']],
    [
      'failed pulls that the objectives allow',
      { ...loadSample, verdict: 'pass' as const },
      ['warn'],
    ],
  ] satisfies [string, Results, string[]][])('%s', (_why, results, tones) => {
    expect(toneOf(results)).toEqual(tones);
  });
});

test('a section becomes a title', () => {
  expect(sectionTitle('distribution-spec/spec.md#pulling-blobs')).toBe('Pulling blobs');
  expect(sectionTitle('distribution-spec/content-negotiation.md')).toBe('Content negotiation');
  expect(sectionTitle('distribution-spec/spec.md#api')).toBe('API');
  expect(sectionTitle('token.md')).toBe('Token');
  expect(sectionTitle('')).toBe('');
});

test('a run in which nothing came through says nothing of the registry', () => {
  const { load } = loadSample;
  if (load === undefined) throw new Error('the sample has a load');
  const { pushes: _pushes, ...pulling } = load;
  const none = { ...pulling, bottleneck: 'none', pulls: { ...load.pulls, ok: 0 } } as const;
  const some = { ...none, pulls: { ...load.pulls, ok: 1 } };
  expect(limitSentence(none)).not.toBe(limitSentence(some));
});

test('phases are told in the order of a pull, others after them', () => {
  const named = { layer: 1, foreign: 2, ping: 3, 'manifest-put': 4, edge: 5, token: 6 };
  const names = inPullOrder(named).map(([name]) => name);
  expect(names).toEqual(['ping', 'token', 'layer', 'edge', 'manifest-put', 'foreign']);
});
