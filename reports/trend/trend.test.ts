import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { hostileTrend, trendSample } from '../../test/lib/sample-trends.ts';
import { rangeOf } from './chart.ts';
import { renderTrendHtml } from './html.ts';
import { renderTrendText } from './text.ts';
import { trendSentence } from './words.ts';

const terminal = { color: false, width: 100 };
const link = (path: string) => `../${path}/report.html`;

test('the schema knows every trend, and refuses what nobody knows', () => {
  const file = new URL('../../schemas/trend.schema.json', import.meta.url);
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false });
  ajvFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
  for (const trend of [trendSample, hostileTrend('<x>')]) {
    expect(validate(trend), JSON.stringify(validate.errors)).toBe(true);
  }
  expect(validate({ ...trendSample, colour: 'red' })).toBe(false);
  expect(validate({ ...trendSample, seriesAlpha: 0 })).toBe(false);
});

test('text and page name the change, and link each run that has a report', () => {
  const text = renderTrendText(trendSample, terminal);
  expect(text).toContain('2026-02-21');
  expect(text).toContain('180 ms → 234 ms');
  const page = renderTrendHtml(trendSample, link);
  expect(page).toContain('href="../night-5/report.html"');
  expect(page).not.toContain('href="../night-3/report.html"');
  expect(page.match(/class="mark bad"/g)).toHaveLength(2);
  expect(page).toContain('old/broken');
});

test('too few runs are told as such, not as no change', () => {
  const few = trendSample.groups.map((group) => ({
    ...group,
    runs: group.runs.slice(0, 5),
    series: group.series.map((one) => ({ ...one, values: one.values.slice(0, 5), changes: [] })),
  }));
  for (const groups of [few, few.slice(0, 1)]) {
    expect(trendSentence({ ...trendSample, groups })).toContain(`${trendSample.runsMin}`);
  }
  expect(trendSentence(trendSample)).not.toContain('too few');
});

test('a chart has a dot for every value, and none where there is none', () => {
  const [first = ''] = renderTrendHtml(trendSample, link).match(/class="dots" d="[^"]*"/) ?? [];
  expect(first.match(/M/g)).toHaveLength(29);
  expect(first).not.toContain('NaN');
});

test.each([[[100, 101, 99]], [[0, 0, 5]], [[7]], [[0.001, 1000]]])(
  'what is drawn of %j lies within its axis',
  (values) => {
    const { low, high } = rangeOf({ values, unit: 'ms', metric: 'x', worse: 'more', changes: [] });
    expect(low).toBeLessThanOrEqual(Math.min(...values));
    expect(high).toBeGreaterThanOrEqual(Math.max(...values));
    expect(high).toBeGreaterThan(low);
  },
);

test('hostile texts stay text', () => {
  const trend = hostileTrend('<img src=x onerror=alert(1)>"\'\u001b[31m\u202e');
  const page = renderTrendHtml(trend, link);
  expect(page).not.toContain('<img');
  for (const view of [page, renderTrendText(trend, terminal)]) {
    expect(view).not.toContain('\u001b');
    expect(view).not.toContain('\u202e');
  }
});
