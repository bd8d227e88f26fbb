// The page of a trend in a real browser: nothing is asked of the network, charts are drawn, everything is reached by
// keyboard, nothing sticks out, and axe-core finds no barrier.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderTrendHtml } from '../../reports/trend/html.ts';
import {
  expectNoBarrier,
  isChromiumThere,
  launchChromium,
  openFile,
  type Scheme,
  sayWithoutChromium,
} from '../lib/chromium.ts';
import { scratch } from '../lib/cli.ts';
import { hostileTrend, trendSample } from '../lib/sample-trends.ts';

let browser: Browser;

function open(trend: typeof trendSample, scheme: Scheme, width: number) {
  const file = join(scratch(), 'trend.html');
  writeFileSync(
    file,
    renderTrendHtml(trend, (path) => encodeURIComponent(path)),
  );
  return openFile(browser, file, scheme, width);
}

sayWithoutChromium();

describe.runIf(isChromiumThere)('in Chromium', () => {
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  test.each([
    ['light', 375],
    ['light', 1440],
    ['dark', 375],
    ['dark', 1440],
  ] as const)(
    'no barrier, nothing sticks out, charts are there: %s, %d px',
    async (scheme, width) => {
      const { page, incidents } = await open(trendSample, scheme, width);
      expect(await page.locator('svg.trend').count()).toBe(4);
      const box = await page.locator('svg.trend .dots').first().boundingBox();
      expect(box?.width).toBeGreaterThan(150);
      await page.locator('summary').click();
      expect(await page.locator('.runs a').first().isVisible()).toBe(true);
      expect(incidents).toEqual([]);
      await expectNoBarrier(page, scheme);
      await page.context().close();
    },
  );

  test('the runs are reached and opened by keyboard', async () => {
    const { page } = await open(trendSample, 'light', 1440);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    const link = page.locator('.runs a').first();
    await link.waitFor();
    for (let step = 0; step < 12; step++) {
      if (await link.evaluate((one) => one === one.ownerDocument.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error('no key leads to the first run');
  });

  test('paper is white and has the charts', async () => {
    const { page } = await open(trendSample, 'dark', 700);
    await page.emulateMedia({ media: 'print' });
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(255, 255, 255)');
    for (const chart of await page.locator('svg.trend').all()) {
      const box = await chart.boundingBox();
      expect((box?.x ?? 0) + (box?.width ?? 9999)).toBeLessThanOrEqual(700);
    }
    await page.context().close();
  });

  test('hostile texts do nothing', async () => {
    const bad = `<script>alert(1)</script><img src=x onerror=alert(1)>"' ${'w'.repeat(300)}`;
    const { page, incidents } = await open(hostileTrend(bad), 'light', 375);
    expect(await page.locator('img').count()).toBe(0);
    expect(incidents).toEqual([]);
    await expectNoBarrier(page, 'hostile');
    await page.context().close();
  });
});
