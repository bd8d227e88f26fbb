// The page of a trend in a real browser: nothing is asked of the network, charts are drawn, nothing sticks out,
// and axe-core finds no barrier.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderTrendHtml } from '../../reports/trend/html.ts';
import { scratch } from '../lib/cli.ts';
import { hostileTrend, trendSample } from '../lib/sample-trends.ts';

const executablePath = '/usr/bin/chromium';
const usable = existsSync(executablePath) || process.env.PULLPROOF_REQUIRE_TOOLS === '1';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe.runIf(usable)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  });
  afterAll(() => browser?.close());

  async function open(trend: typeof trendSample, colorScheme: 'light' | 'dark', width: number) {
    const file = join(scratch(), 'trend.html');
    writeFileSync(
      file,
      renderTrendHtml(trend, (path) => encodeURIComponent(path)),
    );
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const incidents: string[] = [];
    const url = pathToFileURL(file).href;
    page.on('console', (message) => incidents.push(message.text()));
    page.on('pageerror', (error) => incidents.push(String(error)));
    page.on('dialog', (dialog) => incidents.push(dialog.message()));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        incidents.push(request.url());
    });
    await page.goto(url);
    return { page, incidents };
  }

  test.each([
    ['light', 375],
    ['light', 1440],
    ['dark', 375],
    ['dark', 1440],
  ] as const)(
    '%s, %d px: no barrier, nothing sticks out, charts are there',
    async (scheme, width) => {
      const { page, incidents } = await open(trendSample, scheme, width);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide).toBeLessThanOrEqual(width);
      expect(await page.locator('svg.trend').count()).toBe(4);
      const box = await page.locator('svg.trend .dots').first().boundingBox();
      expect(box?.width).toBeGreaterThan(150);
      await page.locator('summary').click();
      expect(await page.locator('.runs a').first().isVisible()).toBe(true);
      expect(incidents).toEqual([]);
      // Its own script may not run under the policy of the page.
      const violations = await page.evaluate(
        `(() => { ${axe}; return axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes[0].html)); })()`,
      );
      expect(violations).toEqual([]);
      await page.context().close();
    },
  );

  test('hostile texts do nothing', async () => {
    const bad = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'';
    const { page, incidents } = await open(hostileTrend(bad), 'light', 1000);
    expect(await page.locator('img').count()).toBe(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });
});
