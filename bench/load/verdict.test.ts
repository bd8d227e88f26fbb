import { expect, test } from 'vitest';
import { renderVerdicts } from '../figures.ts';
import type { Measured } from './contestants.ts';
import { type Comparison, judge, renderComparison } from './verdict.ts';

function measured(requestsPerSecond: number, megabytesPerSecond: number, peakMegabytes: number) {
  const measured: Measured = {
    pulls: 100,
    requests: requestsPerSecond * 10,
    bytes: megabytesPerSecond * 10e6,
    seconds: 10,
    peakBytes: peakMegabytes * 1e6,
    cpuSeconds: 5,
  };
  return measured;
}

function comparison(overrides: Partial<Comparison>): Comparison {
  const pairs = [[measured(1000, 100, 20), measured(750, 100, 150)]] as const;
  return { image: 'small', requestsPerPull: 13, vus: 20, seconds: 10, pairs, ...overrides };
}

test('small images are judged by requests and large ones by bytes', () => {
  const pairs = [[measured(1000, 100, 20), measured(800, 99, 70)]] as const;
  const [small] = judge([comparison({ image: 'small', pairs })]);
  const [large] = judge([comparison({ image: 'large', pairs })]);
  expect(small).toMatchObject({ observed: 0.8, held: true });
  expect(large).toMatchObject({ observed: 0.99, held: false });
});

test('a target is held by the very figure it names, and missed just beyond', () => {
  expect(judge([comparison({})]).map(({ held }) => held)).toEqual([true, true]);
  const pairs = [[measured(1000, 100, 20), measured(749, 100, 150.1)]] as const;
  expect(judge([comparison({ pairs })]).map(({ held }) => held)).toEqual([false, false]);
});

test('the ratio is the median of the pairs, the memory the most of any', () => {
  const pairs = [
    [measured(1000, 100, 20), measured(700, 100, 60)],
    [measured(500, 100, 20), measured(450, 100, 90)],
    [measured(1000, 100, 20), measured(100, 100, 70)],
  ] as const;
  const [ratio, memory] = judge([comparison({ pairs })]);
  expect(ratio?.observed).toBe(0.7);
  expect(memory?.observed).toBe(90);
});

test('more virtual users may take more memory, and beyond the last target nothing is claimed', () => {
  const [, memory] = judge([comparison({ vus: 500 })]);
  expect(memory).toMatchObject({ target: 400, held: true });
  expect(judge([comparison({ vus: 501 })])).toHaveLength(1);
});

test('a missed target stands out, and the figures are named after who made them', () => {
  const pairs = [[measured(1000, 100, 20), measured(100, 100, 60)]] as const;
  const verdicts = renderVerdicts(judge([comparison({ pairs })]))
    .trim()
    .split('\n');
  expect(verdicts[0]).toMatch(/^MISSED .*0\.10/);
  expect(verdicts[1]).toMatch(/^held .*60\.00/);
  const run = () => Promise.reject(new Error('not run'));
  const table = renderComparison(comparison({ pairs }), [
    { name: 'one', run },
    { name: 'other', run },
  ]).split('\n');
  expect(table.find((line) => line.startsWith('one '))).toMatch(/1,000 .* 20\.0$/);
  expect(table.find((line) => line.startsWith('other '))).toMatch(/ 100 .* 60\.0$/);
});
