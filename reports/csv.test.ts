// CSV as a spreadsheet and a data frame read it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../test/lib/read-csv.ts';
import {
  conformSample,
  demoSample,
  doctorSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../test/lib/sample-results.ts';
import { renderAllowList } from './allow-list.ts';
import { renderCsv } from './csv.ts';
import type { Results } from './results.ts';

/** Of doctor there is another. */
const tables = samples.filter(({ verb }) => verb !== 'doctor');

type Row = Record<string, string>;

function rowsOf(results: Results): Row[] {
  const [header = [], ...rows] = readCsv(renderCsv(results));
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, at) => [name, row[at] ?? '']));
  });
}

function figure(rows: readonly Row[], where: Row): number[] {
  const fits = (row: Row) => Object.entries(where).every(([key, value]) => row[key] === value);
  return rows.filter(fits).map(({ value }) => Number(value));
}

describe('CSV', () => {
  test('is one table for every verb', () => {
    const headers = tables.map((sample) => renderCsv(sample).split('\n', 1)[0]);
    expect(new Set(headers).size).toBe(1);
  });

  test('has the figures of a load run, each in a row of its own', () => {
    const rows = rowsOf(loadSample);
    const { load } = loadSample;
    expect(figure(rows, { part: 'pulls', metric: 'failed' })).toEqual([load.pulls.failed]);
    expect(figure(rows, { part: 'pull', metric: 'p95', unit: 'ms' })).toEqual([load.pullMs.p95]);
    expect(figure(rows, { part: 'hop', name: 'edge', metric: 'ttfb p50' })).toEqual([
      load.hops.edge?.ttfb.p50,
    ]);
    expect(figure(rows, { part: 'second', metric: 'pulls' })).toEqual(
      load.timeline.map(({ pulls }) => pulls),
    );
    expect(figure(rows, { part: 'error', metric: 'count' })).toEqual(
      load.errors.map(({ count }) => count),
    );
  });

  test('has a row for each check and finding', () => {
    const parts = (results: Results, part: string) =>
      rowsOf(results).filter((row) => row.part === part);
    expect(parts(conformSample, 'check').map(({ name }) => name)).toEqual(
      conformSample.checks.map(({ id }) => id),
    );
    expect(parts(validateSample, 'finding').map(({ place }) => place)).toEqual([
      'fixtures/manifest.json:12:17',
      'fixtures/manifest.json:17:15',
      'fixtures/manifest.json:18:20',
      'fixtures/config with space.json:1:1',
    ]);
    expect(parts(demoSample, 'check')).not.toHaveLength(0);
  });

  test('of doctor is the list of hosts', () => {
    expect(renderCsv(doctorSample)).toBe(renderAllowList('csv', doctorSample));
    expect(renderCsv(doctorSample)).toContain('cdn01.example.net');
  });

  test('whatever comes, figures are the same, and no text is a formula', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '=HYPERLINK("x")',
        '+1',
        '-1',
        '@SUM(1)',
        '＝1',
        '\t=1',
        '"',
        ',',
        '\r\n=1',
        "'",
      ),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom<Results>(...tables), (text, sample) => {
        const [hostile, tame] = [rowsOf(poisoned(sample, text)), rowsOf(poisoned(sample, 'x'))];
        expect(hostile.map(({ value }) => value)).toEqual(tame.map(({ value }) => value));
        const fields = hostile.flatMap(({ value, ...others }) => Object.values(others));
        expect(fields.filter((one) => /^[\s\0]*[=+\-@＝＋－＠]/.test(one))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
