// The chapter of a load test in a real browser: its charts are drawn in both themes and on paper, share their cursor, and
// are cleared away when a live page replaces them; nothing scrolls sideways; axe-core finds no barrier.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../reports/html/page.ts';
import type { Results } from '../../reports/results.ts';
import {
  expectNoBarrier,
  isChromiumThere,
  launchChromium,
  type Opened,
  openFile,
  type Scheme,
  sayWithoutChromium,
} from '../lib/chromium.ts';
import { hostileSample, kneeSample, loadSample } from '../lib/sample-results.ts';

/** As stock k6 leaves it: seconds, and no course. */
function stock(): Results {
  const { course: _, pullSamples: __, servers: ___, ...load } = loadSample.load;
  const slo = load.slo.map(({ course: ____, ...one }) => one);
  return { ...loadSample, load: { ...load, slo, engine: 'stock' } };
}

const pages: Record<string, Results> = {
  load: loadSample,
  knee: kneeSample,
  stock: stock(),
  hostile: hostileSample,
};

/** Charts of each: objectives, pulls, latencies, two of classes, data, hops. */
const chartsOf: Record<string, number> = { load: 8, knee: 8, stock: 3, hostile: 8 };

/** Of each canvas how many colours it has, of those that are opaque. */
const colorsDrawn = `[...document.querySelectorAll('.chart canvas')].map((canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200) seen.add(data[at] + ',' + data[at + 1] + ',' + data[at + 2]);
  }
  return seen.size;
})`;

/** Colours of the heat map's levels that are in its picture. */
const heatLevels = `(() => {
  const canvas = document.querySelector('[data-chart="heat"] canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let at = 0; at < data.length; at += 4) {
    seen.add('#' + [0, 1, 2].map((part) => data[at + part].toString(16).padStart(2, '0')).join(''));
  }
  const style = getComputedStyle(document.documentElement);
  return [1, 2, 3, 4, 5, 6, 7].filter((level) => seen.has(style.getPropertyValue('--heat-' + level).trim()));
})()`;

let browser: Browser;
let folder: string;

const open = (name: string, scheme: Scheme = 'light', width = 1440): Promise<Opened> =>
  openFile(browser, join(folder, `${name}.html`), scheme, width);

sayWithoutChromium();

describe.runIf(isChromiumThere)('in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pullproof-load-page-'));
    for (const [name, run] of Object.entries(pages)) {
      writeFileSync(join(folder, `${name}.html`), renderHtml([run]));
    }
    // As a live page has it, which wires what it puts in.
    const open = renderHtml([loadSample])
      .replace(/<meta http-equiv[^>]*>/, '')
      .replace('wire(document);', 'wire(document);\nglobalThis.wire = wire;');
    writeFileSync(join(folder, 'replaced.html'), open);
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test.each(
    (['light', 'dark'] as const).flatMap((scheme) =>
      Object.keys(pages).map((name) => [name, scheme] as const),
    ),
  )('%s: charts are drawn in silence, %s', async (name, scheme) => {
    const { page, incidents } = await open(name, scheme);
    const drawn = (await page.evaluate(colorsDrawn)) as number[];
    expect(drawn).toHaveLength(chartsOf[name] ?? 0);
    for (const colors of drawn) expect(colors).toBeGreaterThan(2);
    expect(incidents).toEqual([]);
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('the heat map has several levels, %s', async (scheme) => {
    const { page } = await open('load', scheme);
    expect(((await page.evaluate(heatLevels)) as number[]).length).toBeGreaterThan(3);
    await page.context().close();
  });

  test('all charts tell of the second below the pointer, the heat map of its cell', async () => {
    const { page } = await open('load');
    const readouts = page.locator('[data-readout]');
    const resting = await readouts.allTextContents();
    const over = page.locator('[data-chart="heat"] .u-over');
    await over.scrollIntoViewIfNeeded();
    const box = (await over.boundingBox())!;
    // At 40 s the pulls took 300 to 500 ms.
    await page.mouse.move(box.x + (box.width * 40.5) / 60, box.y + box.height * 0.3);
    const told = await readouts.allTextContents();
    for (const one of told) expect(one).toMatch(/^at 40 s: /);
    expect(told.join()).toMatch(/here \d+ pulls of 300 ms to 500 ms/);
    await page.mouse.move(0, 0);
    expect(await readouts.allTextContents()).toEqual(resting);
    await page.context().close();
  });

  test('a pull is drawn request by request, each beginning after the one before', async () => {
    const { page } = await open('load');
    const pull = page.locator('.pull.typical');
    expect(await pull.locator('.flow-rows li:not(.flow-axis)').count()).toBe(8);
    const lefts = (await pull
      .locator('rect.wait')
      .evaluateAll((rects) => rects.map((rect) => rect.getBoundingClientRect().left))) as number[];
    expect(lefts).toHaveLength(8);
    expect(lefts).toEqual([...lefts].sort((a, b) => a - b));
    await pull.getByText('In figures').click();
    expect(await pull.locator('table').isVisible()).toBe(true);
    expect(await pull.locator('tbody tr').count()).toBe(8);
    await page.context().close();
  });

  test('charts that a live page replaces are drawn anew, and the old ones are cleared away', async () => {
    const { page, incidents } = await open('replaced');
    const told = await page.evaluate(`(() => {
      const drawn = () => [document.querySelectorAll('.uplot').length, uPlot.sync('run-1-load').plots.length];
      const before = drawn();
      for (let time = 0; time < 3; time++) {
        const part = document.getElementById('run-1-load-time');
        const fresh = part.cloneNode(true);
        for (const plot of fresh.querySelectorAll('.plot')) plot.replaceChildren();
        part.replaceWith(fresh);
        wire(fresh);
        wire(fresh);
      }
      return [before, drawn()];
    })()`);
    expect(told).toEqual([
      [8, 8],
      [8, 8],
    ]);
    const drawn = (await page.evaluate(colorsDrawn)) as number[];
    for (const colors of drawn) expect(colors).toBeGreaterThan(2);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test.each([
    ['light', 375, Object.keys(pages)],
    ['dark', 375, ['load']],
    ['light', 1440, ['load']],
    ['dark', 1440, ['load']],
  ] as const)('no barrier and no sideways scrolling, %s at %i px', async (scheme, width, names) => {
    for (const name of names) {
      const { page } = await open(name, scheme, width);
      await expectNoBarrier(page, name);
      await page.context().close();
    }
  });

  test.each([
    [1440, 900],
    [375, 900],
  ])('what happened is told on the first screen, %i px', async (width, height) => {
    const { page } = await open('load', 'light', width);
    const wanted =
      width > 1000 ? ['What happened', 'What limited', 'What to do'] : ['What happened'];
    for (const title of wanted) {
      const box = await page.getByRole('heading', { name: title }).boundingBox();
      expect(box!.y + box!.height, title).toBeLessThan(height);
    }
    await page.context().close();
  });

  test('on paper charts are light, and as wide as it', async () => {
    const { page } = await open('load', 'dark', 1440);
    await page.setViewportSize({ width: 700, height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await page.waitForTimeout(100);
    const beyond =
      (await page.evaluate(`[...document.querySelectorAll('.chart canvas')].map((canvas) => {
      const chart = canvas.closest('.chart').getBoundingClientRect();
      return canvas.getBoundingClientRect().right - chart.right;
    })`)) as number[];
    expect(beyond).toHaveLength(8);
    for (const one of beyond) expect(one).toBeLessThanOrEqual(0);
    expect(((await page.evaluate(heatLevels)) as number[]).length).toBeGreaterThan(3);
    await page.context().close();
  });
});
