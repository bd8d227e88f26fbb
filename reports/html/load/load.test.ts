// The chapter of a load test as text: what stands in it for each kind of run. In a browser:
// test/programs/report-page-load.test.ts.

import { describe, expect, test } from 'vitest';
import { hostileText, kneeSample, loadSample, poisoned } from '../../../test/lib/sample-results.ts';
import type { LoadResult } from '../../results.ts';
import { rangesWhere } from '../chart.ts';
import { renderHtml } from '../page.ts';
import { stepsOf } from './course.ts';
import { loadHtml } from './load.ts';

const { load } = loadSample;

function page(change: Partial<LoadResult> = {}): string {
  return loadHtml(loadSample, { ...load, ...change } as LoadResult, 'run-1-load').source;
}

/** Of stock k6, and of earlier versions. */
function withoutCourse(): LoadResult {
  const { course: _, pullSamples: __, ...rest } = load;
  return {
    ...rest,
    slo: load.slo.map(({ expression, observed, held }) => ({ expression, observed, held })),
  };
}

function dataOf(
  html: string,
): { steps: number; series: { values: unknown[] }[]; heat?: unknown }[] {
  return [...html.matchAll(/<script type="application\/json">(.*?)<\/script>/gs)].map(([, text]) =>
    JSON.parse(text ?? ''),
  );
}

describe('the chapter', () => {
  test('draws objectives, pulls, latencies, classes, data and hops', () => {
    const html = page();
    const charts = dataOf(html);
    expect(charts).toHaveLength(8);
    expect(charts.filter(({ heat }) => heat !== undefined)).toHaveLength(1);
    for (const { steps, series } of charts) {
      for (const { values } of series) expect(values).toHaveLength(steps);
    }
    // A class in a legend leads to its entry, and from there to what it means.
    const whole = renderHtml([loadSample]);
    const links = [...html.matchAll(/href="#([^"]+)"/g)];
    expect(links.length).toBeGreaterThan(4);
    for (const [, id] of links) expect(whole).toContain(`id="${id}"`);
  });

  test('without a course the seconds are drawn, and nothing that they do not tell', () => {
    const html = loadHtml(loadSample, withoutCourse(), 'run-1-load').source;
    expect(dataOf(html)).toHaveLength(3);
    expect(html).toContain('Where a pull spends its time');
    expect(html).not.toContain('Single pulls');
  });

  test('without seconds nothing is drawn', () => {
    expect(dataOf(page({ ...withoutCourse(), course: undefined, timeline: [] } as never))).toEqual(
      [],
    );
  });

  test('says bound, observed value and how long an objective held', () => {
    const html = page();
    expect(html).toContain('<dd>0.17 %</dd>');
    expect(html).toContain('<dd>&lt; 0.1 %</dd>');
    expect(html).toMatch(/held in 55 of 60 steps/);
  });

  test('draws each sampled request once, and tells it in figures', () => {
    const html = page();
    const requests = (load.pullSamples ?? []).flatMap((sample) => sample.requests);
    expect(html.match(/class="flow-came"/g)).toHaveLength(requests.length);
    expect(html.match(/↳ config<\/th>/g)).toHaveLength(3);
  });

  test('carries command, plan, digests and seed', () => {
    const html = page();
    for (const part of ['fleet.yaml', 'sha256:4bf5', '20260301', '0123456789ab', 'data-copy']) {
      expect(html).toContain(part);
    }
  });

  test('of a breakpoint run shows its steps', () => {
    expect(loadHtml(kneeSample, kneeSample.load, 'x').source).toContain('<h3>Steps</h3>');
  });

  test('puts no text of others into data', () => {
    const hostile = poisoned(load, hostileText);
    const html = loadHtml(loadSample, hostile, 'x').source;
    expect(dataOf(html).length).toBeGreaterThan(5);
    expect(JSON.stringify(dataOf(html))).not.toContain('pwned');
    expect(html).not.toContain('<script>globalThis');
  });

  test('bears a course whose lists are short, and one of a single class', () => {
    const course = { ...load.course!, pulls: [], p95: [], hops: {}, failedBy: [] };
    expect(dataOf(page({ course })).every(({ steps }) => steps === 60)).toBe(true);
    const latency = { boundsMs: [10], counts: [[0, 3], [], [0, 1]] };
    expect(
      dataOf(page({ course: { ...load.course!, latency } })).filter((one) => one.heat),
    ).toHaveLength(1);
  });
});

test('seconds beyond what is drawn are put together, and none is lost', () => {
  const timeline = Array.from({ length: 3601 }, (_, second) => ({
    ...{ second, pulls: 2, failed: 1, bytes: 10, p95: second === 5 ? 900 : 0 },
  }));
  const steps = stepsOf({ ...withoutCourse(), timeline });
  expect(steps).toMatchObject({ stepSeconds: 7, steps: 515 });
  expect(steps?.pulls.reduce((sum, one) => sum + one, 0)).toBe(7202);
  expect(steps?.p95.slice(0, 2)).toEqual([900, null]);
});

test('ranges put neighbours together', () => {
  expect(rangesWhere(6, (at) => [0, 2, 3, 5].includes(at))).toEqual([
    [0, 1],
    [2, 4],
    [5, 6],
  ]);
});

test.each(['__proto__', 'constructor'])('a hop may be called %s', (name) => {
  const { edge } = loadSample.load.hops;
  const hops = Object.fromEntries([...Object.entries(loadSample.load.hops), [name, edge!]]);
  expect(renderHtml([{ ...loadSample, load: { ...loadSample.load, hops } }])).toContain(name);
});
